import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBytes, formatTime } from './format.ts'

test('bytes are told in the unit that keeps them short, as the language writes them', () => {
  const told = [0, 999, 1000, 3_440_000, 5e12].map((bytes) => formatBytes(bytes, 'en'))
  assert.deepEqual(told, ['0 bytes', '999 bytes', '1 kB', '3.4 MB', '5,000 GB'])
  assert.equal(formatBytes(3_440_000, 'de'), '3,4 MB')
})

test('time left is in words that fit', () => {
  const told = [0, 3, 42, 55, 61, 240, 3600, 3900].map(formatTime)
  assert.deepEqual(told, ['1 s', '5 s', '45 s', '1 min', '2 min', '4 min', '1 h 0 min', '1 h 5 min'])
})
