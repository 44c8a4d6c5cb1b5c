import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from './support/until.ts'

test('what is waited for in vain ends the test, which says what it saw', async () => {
  let looks = 0
  assert.equal(
    await until(
      () => ++looks,
      (seen) => seen === 3,
      { every: 0 },
    ),
    3,
  )
  await assert.rejects(
    until(
      () => 'nothing',
      (seen) => seen === 'all',
      { seconds: 0 },
    ),
    {
      message: "Not within 0 seconds: (seen) => seen === 'all'. Seen last: 'nothing'",
    },
  )
})
