import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkError } from './errors.ts'
import { parseRetryAfter, withRetries } from './retry.ts'

test('Retry-After is read as seconds or as a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  assert.equal(parseRetryAfter('120', now), 120_000)
  assert.equal(parseRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now), 30_000)
  assert.equal(parseRetryAfter('Thu, 01 Jan 2025 00:00:30 GMT', now), 0)
  for (const nothing of [null, '', 'soon']) assert.equal(parseRetryAfter(nothing, now), undefined)
})

test('pauses grow to a minute and not beyond', async () => {
  const pauses: number[] = []
  const sleep = async (ms: number) => void pauses.push(ms)
  const failing = () => Promise.reject(networkError())
  await assert.rejects(withRetries(failing, { retries: 9, sleep, random: () => 1 }))
  assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
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
