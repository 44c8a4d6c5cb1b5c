import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  count,
  countMedia,
  describeCount,
  describeUsage,
  formatBytes,
  formatDuration,
  formatTaken,
} from './format.ts'

test('bytes are told in the unit that keeps them short', () => {
  assert.equal(formatBytes(0), '0 bytes')
  assert.equal(formatBytes(999), '999 bytes')
  assert.equal(formatBytes(1000), '1 kB')
  assert.equal(formatBytes(3_440_000), '3.4 MB')
  assert.equal(formatBytes(5e12), '5,000 GB')
})

test('photos and videos are counted by what they are', () => {
  const [photo, video] = [{ kind: 'image' }, { kind: 'video' }] as const
  assert.equal(countMedia([photo]), '1 photo')
  assert.equal(countMedia([photo, photo]), '2 photos')
  assert.equal(countMedia([video]), '1 video')
  assert.equal(countMedia([video, video]), '2 videos')
  assert.equal(countMedia([photo, video]), '2 photos and videos')
})

test('an album without photos is empty', () => {
  assert.deepEqual([0, 1, 2].map(describeCount), ['Empty', '1 photo or video', '2 photos and videos'])
})

test('what is used is told as far as there are limits, in the powers of 1024 in which they are set', () => {
  const used = { bytes: 1.25 * 1024 ** 3, media: 1234, sessions: 0, sessionBytes: 0 }
  assert.equal(describeUsage({ ...used, limits: {} }), '')
  assert.equal(describeUsage({ ...used, limits: { media: 5000 } }), '1,234 of 5,000 photos and videos')
  assert.equal(
    describeUsage({ ...used, limits: { media: 1, bytes: 5 * 1024 ** 3 } }),
    '1,234 of 1 photo or video · 1.3 GB of 5 GB',
  )
})

test('durations are told as players do', () => {
  assert.deepEqual([0, 7.4, 754, 3723].map(formatDuration), ['0:00', '0:07', '12:34', '1:02:03'])
})

test('one is singular', () => {
  assert.deepEqual(
    [count(0, 'photo'), count(1, 'photo'), count(2, 'photo')],
    ['0 photos', '1 photo', '2 photos'],
  )
})

test('when a photo was taken is told as clocks showed it there', () => {
  const taken = (takenAt: string, takenFrom: 'exif' | 'name' = 'exif') => formatTaken({ takenAt, takenFrom })
  assert.match(taken('2024-01-31T14:25:01.5+05:45'), /^January 31, 2024 at 2:25\sPM \(UTC\+05:45\)$/)
  assert.match(taken('2024-01-31T14:25:01-03:30'), /^January 31, 2024 at 2:25\sPM \(UTC−03:30\)$/)
  assert.match(taken('2024-01-31T14:25:01'), /^January 31, 2024 at 2:25\sPM$/)
  assert.match(taken('2024-01-31T00:00:00'), /^January 31, 2024 at 12:00\sAM$/)
  assert.equal(taken('2024-01-31T00:00:00', 'name'), 'January 31, 2024')
})
