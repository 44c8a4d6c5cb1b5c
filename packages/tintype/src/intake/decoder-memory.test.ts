import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createTestClock } from '../clock.ts'
import { childBytes, connectionBytes, createBudget, divideMemory, videoReaders } from './budget.ts'
import { createDecoderMemory } from './decoder-memory.ts'

const never = new AbortController().signal
const create = () => {
  const clock = createTestClock()
  const uploads = createBudget({ bytes: 100, wait: 1000, queue: 10, clock })
  return { clock, uploads, memory: createDecoderMemory({ bytes: 50, uploads }) }
}

/** Work that goes on until it is told to end. */
function job() {
  const { promise, resolve } = Promise.withResolvers<void>()
  const state = { begun: false, end: resolve }
  const work = () => {
    state.begun = true
    return promise
  }
  return Object.assign(state, { work })
}

test('a picture that is larger than the decoders’ share takes the rest from the uploads, and gives it back', async () => {
  const { memory, uploads } = create()
  const upload = await uploads.reserve(90, never)
  const [large, small] = [job(), job()]
  const decoding = memory.within(80, never, large.work)
  await setImmediate()
  assert.equal(large.begun, false)
  const other = memory.within(50, never, small.work)
  await setImmediate()
  assert.equal(small.begun, true, 'others are not held up by who waits in the line of the uploads')
  small.end()
  await other
  upload.release()
  await setImmediate()
  assert.deepEqual([large.begun, uploads.used], [true, 30])
  large.end()
  await decoding
  assert.equal(uploads.used, 0)
})

test('one that can never fit is refused, one that would have to wait too long is 503, and memory stays counted', async () => {
  const { memory, uploads, clock } = create()
  await assert.rejects(memory.within(151, never, assert.fail), { code: 'too_many_pixels' })
  await uploads.reserve(100, never)
  const waiting = memory.within(60, never, assert.fail)
  await setImmediate()
  clock.advance(1000)
  await assert.rejects(waiting, { code: 'overloaded' })
  assert.equal(uploads.used, 100)
})

test('the shares add up to no more than there is, from 440 MiB on', () => {
  const mebibyte = 1024 * 1024
  for (const all of [440, 512, 4096]) {
    const { uploads, queue, children, decoders, pictures } = divideMemory(all * mebibyte)
    assert.ok(uploads + queue * connectionBytes + children <= all * mebibyte)
    assert.ok(pictures + (decoders + videoReaders) * childBytes <= children)
    assert.ok(uploads >= (all * mebibyte) / 3)
  }
})
