import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { compareInOrder, dateOf, monthOf, titleOf } from './days.ts'

let made = 0
const media = (takenAt?: string, createdAt = '2024-05-01T12:00:00.000Z') =>
  ({ id: String(made++), createdAt, ...(takenAt === undefined ? {} : { takenAt }) }) as Media

test('a photo belongs to the day that clocks showed where it was taken', () => {
  assert.equal(dateOf(media('2024-01-31T23:30:00+09:00')), '2024-01-31')
  assert.equal(dateOf(media('2024-02-01T00:30:00-08:00')), '2024-02-01')
  assert.equal(dateOf(media('2024-01-31T23:59:59')), '2024-01-31')
  // Only the instant is known: this device's day.
  assert.equal(dateOf(media('2024-01-31T12:00:00Z')), '2024-01-31')
  assert.equal(dateOf(media(undefined)), '2024-05-01')
})

test('of one time, what was created later comes first', () => {
  const early = media('2024-01-31T14:00:00', '2024-05-01T12:00:00.000Z')
  const late = media('2024-01-31T14:00:00', '2024-05-01T12:00:00.001Z')
  assert.deepEqual([early, late].sort(compareInOrder), [late, early])
})

test('days have titles in the language of the reader', () => {
  assert.equal(titleOf('2024-10-12', '2024-10-12', 'en'), 'Today')
  assert.equal(titleOf('2024-02-29', '2024-03-01', 'en'), 'Yesterday')
  assert.equal(titleOf('2024-02-29', '2024-03-01', 'de'), 'Gestern')
  assert.match(titleOf('2024-10-12', '2024-10-14', 'en-GB'), /^Sat,? 12 Oct$/)
  assert.match(titleOf('2023-10-12', '2024-10-14', 'en-GB'), /^Thu,? 12 Oct 2023$/)
  assert.equal(titleOf('2024-10-12', '2024-10-14', 'en-US'), 'Sat, Oct 12')
  assert.equal(titleOf('2024-10-12', '2025-10-14', 'ja'), '2024年10月12日(土)')
  assert.equal(titleOf('2024-10-13', '2024-10-12', 'en'), 'Sun, Oct 13')
  assert.equal(monthOf('2024-10-12', 'de'), 'Oktober 2024')
  assert.equal(titleOf('0099-01-01', '2024-10-12', 'en').includes('99'), true)
})
