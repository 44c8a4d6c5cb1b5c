import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJobMemory } from './job-memory.ts'

const megabyte = 1024 * 1024

test('the memory of a body is taken for the next one, wiped', () => {
  const memory = createJobMemory()
  const first = memory.take(3 * megabyte)
  first.fill(7)
  memory.free(first)
  const second = memory.take(2 * megabyte)
  assert.equal(second.buffer, first.buffer)
  assert.equal(second.length, 2 * megabyte)
  assert.ok(second.every((byte) => byte === 0))
})

test('what is too small for a body is freed at once', () => {
  const memory = createJobMemory()
  const small = memory.take(1)
  memory.free(small)
  const large = memory.take(5 * megabyte)
  assert.equal(small.buffer.byteLength, 0)
  assert.equal(large.length, 5 * megabyte)
})

test('that of a body of more than 8 MB is freed with it, and the kept one stays', () => {
  const memory = createJobMemory()
  const kept = memory.take(megabyte)
  memory.free(kept)
  const large = memory.take(8 * megabyte + 1)
  memory.free(large)
  assert.equal(large.buffer.byteLength, 0)
  assert.equal(memory.take(10).buffer, kept.buffer)
})
