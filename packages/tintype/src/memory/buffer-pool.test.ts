// In a process of its own: it measures the memory of its process.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBufferPool } from './buffer-pool.ts'

const mebibyte = 1024 * 1024

test('a buffer grows in place: what it held stays, and old views see it', () => {
  const buffer = createBufferPool({ largest: mebibyte }).take(10)
  buffer.bytes.write('tintype')
  const view = buffer.bytes.subarray(0, 7)
  buffer.growTo(mebibyte)
  assert.equal(buffer.bytes.length, mebibyte)
  assert.equal(buffer.bytes.toString('utf8', 0, 7), 'tintype')
  buffer.bytes.write('T')
  assert.equal(view.toString(), 'Tintype')
})

test('memory that is freed is back at the operating system at once', () => {
  const bufferPool = createBufferPool({ largest: 32 * mebibyte })
  const before = process.memoryUsage.rss()
  const held = Array.from({ length: 8 }, () => bufferPool.take(32 * mebibyte))
  for (const buffer of held) buffer.bytes.fill(1)
  const full = process.memoryUsage.rss()
  const view = held[0]?.bytes
  for (const buffer of held) buffer.free()
  const after = process.memoryUsage.rss()
  assert.ok(full - before > 200 * mebibyte, `${full - before} bytes were used`)
  assert.ok(full - after > 200 * mebibyte, `${full - after} bytes came back`)
  assert.equal(view?.length, 0)
})

test('what was never written costs nothing to give back', () => {
  const bufferPool = createBufferPool({ largest: 32 * mebibyte })
  const faults = (work: () => void) => {
    const before = process.resourceUsage().minorPageFault
    work()
    return process.resourceUsage().minorPageFault - before
  }
  const freed = bufferPool.take(32 * mebibyte)
  const shrunk = bufferPool.take(32 * mebibyte)
  shrunk.bytes.write('tintype')
  const pages = faults(() => {
    freed.free()
    shrunk.shrinkTo(7)
  })
  assert.equal(shrunk.bytes.toString(), 'tintype')
  // Of 16,384 that both have.
  assert.ok(pages < 1000, `${pages} pages were touched`)
})

test('small buffers are used again, up to what may be kept; freeing twice frees once', () => {
  const bufferPool = createBufferPool({ largest: mebibyte, keep: 1000 })
  const [first, second] = [bufferPool.take(800), bufferPool.take(800)]
  first.bytes.fill(7)
  first.free()
  first.free()
  second.free()
  const again = bufferPool.take(10)
  assert.deepEqual([again.bytes.length, again.bytes[0]], [800, 7])
  assert.equal(bufferPool.take(10).bytes.length, 10)
})
