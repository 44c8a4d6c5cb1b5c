import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSlabs } from './slabs.ts'

const mebibyte = 1024 * 1024

test('a slab grows in place: what it held stays, and old views see it', () => {
  const slab = createSlabs({ largest: mebibyte }).take(10)
  slab.bytes.write('tintype')
  const view = slab.bytes.subarray(0, 7)
  slab.growTo(mebibyte)
  assert.equal(slab.bytes.length, mebibyte)
  assert.equal(slab.bytes.toString('utf8', 0, 7), 'tintype')
  slab.bytes.write('T')
  assert.equal(view.toString(), 'Tintype')
})

test('memory that is freed is back at the operating system at once', () => {
  const slabs = createSlabs({ largest: 32 * mebibyte })
  const before = process.memoryUsage.rss()
  const held = Array.from({ length: 8 }, () => slabs.take(32 * mebibyte))
  for (const slab of held) slab.bytes.fill(1)
  const full = process.memoryUsage.rss()
  const view = held[0]?.bytes
  for (const slab of held) slab.free()
  const after = process.memoryUsage.rss()
  assert.ok(full - before > 200 * mebibyte, `${full - before} bytes were used`)
  assert.ok(full - after > 200 * mebibyte, `${full - after} bytes came back`)
  assert.equal(view?.length, 0)
})

test('small slabs are used again, up to what may be kept; freeing twice frees once', () => {
  const slabs = createSlabs({ largest: mebibyte, keep: 1000 })
  const [first, second] = [slabs.take(800), slabs.take(800)]
  first.bytes.fill(7)
  first.free()
  first.free()
  second.free()
  const again = slabs.take(10)
  assert.deepEqual([again.bytes.length, again.bytes[0]], [800, 7])
  assert.equal(slabs.take(10).bytes.length, 10)
})
