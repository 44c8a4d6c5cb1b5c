import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkError, UploadError } from './errors.ts'
import { parseRetryAfter, withRetries } from './retry.ts'

test('Retry-After is read as seconds or as a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  assert.equal(parseRetryAfter('120', now), 120_000)
  assert.equal(parseRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now), 30_000)
  assert.equal(parseRetryAfter('Thu, 01 Jan 2025 00:00:30 GMT', now), 0)
  for (const nothing of [null, '', 'soon']) assert.equal(parseRetryAfter(nothing, now), undefined)
})

/** The pauses of a call that always fails, chance always saying the most. */
async function pausesOf(error: UploadError, retries: number): Promise<number[]> {
  const pauses: number[] = []
  const sleep = async (ms: number) => void pauses.push(ms)
  const failing = () => Promise.reject(error)
  await assert.rejects(withRetries(failing, { retries, sleep, random: () => 1 }), error)
  return pauses
}

test('pauses grow to a minute and not beyond', async () => {
  const busy = new UploadError('overloaded', 'Full.', { status: 503, retryable: true })
  const pauses = [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]
  assert.deepEqual(await pausesOf(busy, 9), pauses)
})

test('a lost connection is tried each second for half a minute first', async () => {
  const pauses = await pausesOf(networkError(), 3)
  assert.deepEqual(pauses.slice(0, 30), Array(30).fill(1000))
  assert.deepEqual(pauses.slice(30), [500, 1000, 2000])
})

test('no retries means none, whatever it is', async () => {
  assert.deepEqual(await pausesOf(networkError(), 0), [])
})

test('while the browser knows that it is offline no try counts', async (t) => {
  let online = false
  Object.defineProperty(globalThis.navigator, 'onLine', { get: () => online, configurable: true })
  t.after(() => Reflect.deleteProperty(globalThis.navigator, 'onLine'))
  let pauses = 0
  const sleep = async () => {
    if (++pauses === 100) online = true
  }
  const attempt = async () => {
    if (!online) throw networkError()
    return 'back'
  }
  assert.equal(await withRetries(attempt, { retries: 1, sleep }), 'back')
})

test('an error that is not of an upload is not retried', async () => {
  let tries = 0
  const bug = () => {
    tries++
    return Promise.reject(new TypeError('a bug'))
  }
  await assert.rejects(withRetries(bug, {}), TypeError)
  assert.equal(tries, 1)
})

test('an abort ends the pause at once', async () => {
  const controller = new AbortController()
  const waiting = withRetries(() => Promise.reject(networkError()), {
    signal: controller.signal,
    random: () => {
      setImmediate(() => controller.abort(new Error('enough')))
      return 1
    },
  })
  await assert.rejects(waiting, /enough/)
})
