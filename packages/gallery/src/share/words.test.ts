import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ShareLink } from '@tintype/protocol'
import { abilityOf, earlierSpans, endOf, useOf } from './words.ts'

const now = Date.parse('2026-11-29T12:00:00Z')
const drop: ShareLink = {
  ...{ id: 'a', kind: 'drop', original: false, captions: false },
  ...{ createdAt: '2026-11-29T12:00:00Z', expiresAt: null },
  ...{ maxFiles: null, maxBytes: null, files: 0, bytes: 0 },
}

test('a link says what it allows, until when, and how much was used', () => {
  assert.equal(abilityOf(drop), 'Send photos and videos into the album')
  assert.equal(abilityOf({ ...drop, kind: 'view' }), 'See the album')
  assert.equal(
    abilityOf({ kind: 'view', original: true, captions: true }),
    'See the album, with captions and the originals',
  )
  assert.equal(endOf(null, now), 'Has no end')
  assert.equal(endOf('2026-11-29T12:00:00Z', now), 'Has ended')
  assert.match(endOf('2026-12-04T12:00:00Z', now, 'en-GB'), /^Ends on Friday,? 4 December at \d\d:00$/)
  assert.match(endOf('2027-01-04T12:00:00Z', now, 'en-GB'), /2027/)
  assert.equal(useOf(drop), '0 files sent')
  assert.equal(useOf({ ...drop, files: 1, bytes: 2_000_000, maxFiles: 20 }), '1 of 20 files sent, 2 MB')
  assert.equal(useOf({ ...drop, maxBytes: 1e9 }), '0 files sent, 0 bytes of 1 GB')
  assert.equal(useOf({ ...drop, kind: 'view' }), '')
})

test('a link can only be made to end earlier', () => {
  assert.equal(earlierSpans(null, now).length, 4)
  const inTenDays = new Date(now + 10 * 86_400_000).toISOString()
  assert.deepEqual(
    earlierSpans(inTenDays, now).map(({ text }) => text),
    ['in a day', 'in a week'],
  )
  assert.deepEqual(earlierSpans(new Date(now + 1000).toISOString(), now), [])
})
