import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestClock } from '../../clock.ts'
import { createBudget } from '../../memory/budget.ts'
import { createBufferPool } from '../../memory/buffer-pool.ts'
import { createKeptParts } from './kept-parts.ts'

const tail = [{ key: 'a', bytes: 10 }]

function setting(bytes = 100) {
  const clock = createTestClock()
  const budget = createBudget({ bytes, wait: 1000, queue: 10, clock })
  const pool = createBufferPool({ largest: 1000 })
  const parts = createKeptParts({ budget, clock })
  const part = (size = 10) => ({ buffer: pool.take(size), size, from: 0, checksum: 0 })
  return { clock, budget, parts, part }
}

test('a part is there for the next request, once, and counts as memory until then', () => {
  const { budget, parts, part } = setting()
  parts.keep('one', tail, part())
  assert.equal(budget.used, 10)
  assert.equal(parts.take('one', [...tail])?.size, 10)
  assert.equal(budget.used, 0)
  assert.equal(parts.take('one', tail), undefined)
})

test('where another process has gone on, it is of no use', () => {
  const { budget, parts, part } = setting()
  const kept = part()
  parts.keep('one', tail, kept)
  assert.equal(parts.take('one', [...tail, { key: 'b', bytes: 1 }]), undefined)
  assert.equal(kept.buffer.bytes.length, 0)
  assert.equal(budget.used, 0)
})

test('it gives way to an upload, the oldest first, and is not kept where there is no room', async () => {
  const { budget, parts, part } = setting(25)
  parts.keep('one', tail, part())
  parts.keep('two', tail, part())
  const third = part()
  parts.keep('three', tail, third)
  assert.equal(third.buffer.bytes.length, 0)
  const upload = await budget.reserve(15, new AbortController().signal)
  assert.equal(budget.used, 25)
  assert.equal(parts.take('one', tail), undefined)
  assert.equal(parts.take('two', tail)?.size, 10)
  upload.release()
  assert.equal(budget.used, 0)
})

test('it is given up after a minute, and when the server ends', () => {
  const { clock, budget, parts, part } = setting()
  parts.keep('one', tail, part())
  clock.advance(60_000)
  assert.equal(budget.used, 0)
  parts.keep('two', tail, part())
  parts.clear()
  assert.equal(budget.used, 0)
})
