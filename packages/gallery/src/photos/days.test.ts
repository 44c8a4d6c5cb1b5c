import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { dateOf, inOrder, titleOf, toDays } from './days.ts'

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

test('the latest first, as the server lists; each day once, also where zones change', () => {
  const bare = media('2024-01-31T14:00:00')
  const tokyo = media('2024-02-01T08:00:00+09:00')
  const angeles = media('2024-01-31T20:00:00-08:00')
  const undated = media(undefined)
  const days = toDays(inOrder([bare, angeles, tokyo, undated]))
  assert.deepEqual(
    days.map(({ date, media }) => [date, media.map(({ id }) => id)]),
    [
      ['2024-05-01', [undated.id]],
      ['2024-02-01', [tokyo.id]],
      ['2024-01-31', [angeles.id, bare.id]],
    ],
  )
})

test('of one time, what was created later comes first', () => {
  const early = media('2024-01-31T14:00:00', '2024-05-01T12:00:00.000Z')
  const late = media('2024-01-31T14:00:00', '2024-05-01T12:00:00.001Z')
  assert.deepEqual(inOrder([early, late]), [late, early])
})

test('days have titles in the language of the reader', () => {
  assert.equal(titleOf('2024-10-12', '2024-10-12', 'en'), 'Today')
  assert.equal(titleOf('2024-02-29', '2024-03-01', 'en'), 'Yesterday')
  assert.equal(titleOf('2024-02-29', '2024-03-01', 'de'), 'Gestern')
  assert.match(titleOf('2024-10-12', '2024-10-14', 'en-GB'), /^Saturday,? 12 October 2024$/)
  assert.equal(titleOf('2024-10-12', '2024-10-14', 'en-US'), 'Saturday, October 12, 2024')
  assert.equal(titleOf('2024-10-12', '2024-10-14', 'ja'), '2024年10月12日土曜日')
  assert.equal(titleOf('2024-10-13', '2024-10-12', 'en'), 'Sunday, October 13, 2024')
  assert.equal(titleOf('0099-01-01', '2024-10-12', 'en').includes('99'), true)
})
