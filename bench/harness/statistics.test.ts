import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, percentile, ratios } from './statistics.ts'

test('the median is the middle one, whatever the order', () => {
  assert.equal(median([9, 1, 5]), 5)
  assert.throws(() => median([]), RangeError)
})

test('p99 of a hundred is the worst', () => {
  assert.equal(
    percentile(
      Array.from({ length: 100 }, (_, i) => i),
      0.99,
    ),
    99,
  )
})

test('ratios are taken round by round, so that a slow round disturbs both alike', () => {
  assert.deepEqual(ratios([10, 40, 20], [20, 80, 40]), { median: 0.5, least: 0.5, most: 0.5 })
})
