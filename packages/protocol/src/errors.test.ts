import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRetryable } from './errors.ts'

test('what is worth repeating is what the server or its load had to do with, not what was refused', () => {
  for (const code of ['overloaded', 'too_many_requests', 'too_slow', 'idempotency_in_flight', 'internal'])
    assert.equal(isRetryable(code), true, code)
  // The last two are an app's own, by refuse().
  for (const code of ['too_large', 'conflict', 'not_found', 'too_many_photos', 'toString'])
    assert.equal(isRetryable(code), false, code)
})
