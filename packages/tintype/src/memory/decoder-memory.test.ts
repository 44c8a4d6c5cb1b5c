import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createTestClock } from '../clock.ts'
import { noRequester } from '../workers/queue.ts'
import { childBytes, connectionBytes, createBudget, divideMemory, videoReaders } from './budget.ts'
import { createDecoderMemory, type DecoderShare } from './decoder-memory.ts'

const never = new AbortController().signal
/** The decoders have 50 bytes, of which one picture gets half; the uploads 100. */
const create = () => {
  const clock = createTestClock()
  const uploads = createBudget({ bytes: 100, wait: 1000, queue: 10, clock })
  return { clock, uploads, memory: createDecoderMemory({ bytes: 50, uploads, clock }) }
}

const need = (bytes: number, least = bytes) => ({ bytes, least })
const fail = () => assert.fail('It was done.')

/** Work that goes on until it is told to end. */
function job() {
  const { promise, resolve } = Promise.withResolvers<void>()
  const state = { begun: undefined as DecoderShare | undefined, end: resolve }
  const work = (share: DecoderShare) => {
    state.begun = share
    return promise
  }
  return Object.assign(state, { work })
}

test('a picture that is larger than the decoders’ share takes the rest from the uploads, and gives it back', async () => {
  const { memory, uploads } = create()
  const upload = await uploads.reserve(90, never)
  const [large, small] = [job(), job()]
  const decoding = memory.within(need(80), noRequester, large.work)
  await setImmediate()
  assert.equal(large.begun, undefined)
  const other = memory.within(need(25), noRequester, small.work)
  assert.deepEqual(
    small.begun,
    { memory: 25, isUrgent: false },
    'others are not held up by one that waits for the uploads',
  )
  small.end()
  await other
  upload.release()
  await setImmediate()
  assert.deepEqual([large.begun, uploads.used], [{ memory: 25, isUrgent: true }, 55])
  large.end()
  await decoding
  assert.equal(uploads.used, 0)
})

test('one of them at a time: an upload never waits for more than one', async () => {
  const { memory, uploads } = create()
  const [first, second] = [job(), job()]
  const all = [
    memory.within(need(120), noRequester, first.work),
    memory.within(need(120), noRequester, second.work),
  ]
  await setImmediate()
  assert.equal(memory.waiting, 1)
  const upload = uploads.reserve(20, never)
  first.end()
  await all[0]
  const reservation = await upload
  await setImmediate()
  assert.equal(second.begun, undefined)
  reservation.release()
  await setImmediate()
  assert.deepEqual([second, memory.waiting], [{ ...second, begun: { memory: 25, isUrgent: true } }, 0])
  second.end()
  await Promise.all(all)
})

test('while it waits for the uploads’ memory, it holds up no upload', async () => {
  const { memory, uploads } = create()
  const first = await uploads.reserve(60, never)
  const large = job()
  const decoding = memory.within(need(120), noRequester, large.work)
  await setImmediate()
  const second = await uploads.reserve(40, never)
  assert.deepEqual([large.begun, uploads.isContested], [undefined, false])
  first.release()
  await setImmediate()
  assert.equal(large.begun, undefined)
  second.release()
  await setImmediate()
  assert.deepEqual([large, uploads.used], [{ ...large, begun: { memory: 25, isUrgent: true } }, 95])
  large.end()
  await decoding
})

test('one that takes nearly all there is takes more of the decoders’ share; one that can never fit is refused', async () => {
  const { memory, uploads } = create()
  const upload = await uploads.reserve(10, never)
  const sender = { ...noRequester, holds: 10 }
  const largest = job()
  const decoding = memory.within(need(140), sender, largest.work)
  await setImmediate()
  assert.deepEqual([largest.begun?.memory, uploads.used], [50, 100])
  largest.end()
  await decoding
  upload.release()
  await assert.rejects(memory.within(need(141), sender, fail), {
    code: 'too_many_pixels',
    limit: 140,
    message: /memory budget leaves for one picture \(140 bytes\).*MEMORY_BUDGET/,
  })
})

test('what is decodable, but not with what is made of it, takes all there is, alone', async () => {
  const { memory, uploads } = create()
  const [whole, next] = [job(), job()]
  const all = [
    memory.within(need(400, 150), noRequester, whole.work),
    memory.within(need(30), noRequester, next.work),
  ]
  await setImmediate()
  assert.deepEqual([whole.begun, uploads.used, memory.waiting], [{ memory: 50, isUrgent: true }, 100, 1])
  whole.end()
  await setImmediate()
  assert.deepEqual(next.begun, { memory: 25, isUrgent: true })
  next.end()
  await Promise.all(all)
  assert.equal(uploads.used, 0)
})

test('one that would have to wait too long is 503, one whose sender goes leaves, and memory stays counted', async () => {
  const { memory, uploads, clock } = create()
  await uploads.reserve(100, never)
  const waiting = memory.within(need(60), noRequester, fail)
  await setImmediate()
  clock.advance(1000)
  await assert.rejects(waiting, { code: 'overloaded' })
  const gone = new AbortController()
  const leaving = memory.within(need(60), { ...noRequester, signal: gone.signal }, fail)
  await setImmediate()
  gone.abort(new Error('gone'))
  await assert.rejects(leaving, /gone/)
  assert.deepEqual([uploads.used, uploads.waiting, memory.waiting], [100, 0, 0])
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
