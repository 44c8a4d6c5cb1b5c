import assert from 'node:assert/strict'
import { test } from 'node:test'
import { howToOpen, invitationOf, isFull } from './words.ts'

const now = Date.parse('2026-11-29T12:00:00Z')
const noEnd = { expiresAt: null, room: { files: null, bytes: null } }

test('a guest is told how much may be sent and until when', () => {
  assert.equal(invitationOf(noEnd, now), 'Send photos and videos into this album.')
  const link = { expiresAt: '2026-12-04T12:00:00Z', room: { files: 20, bytes: 1_000_000_000 } }
  assert.match(
    invitationOf(link, now, 'en-GB'),
    /^Send up to 20 photos and videos into this album, 1 GB together, until Friday,? 4 December at \d\d:00\.$/,
  )
  assert.match(
    invitationOf({ ...noEnd, room: { files: 1, bytes: null } }, now),
    /up to 1 photo or video into/,
  )
})

test('a link that is full says what to do', () => {
  assert.equal(isFull(noEnd), false)
  for (const room of [
    { files: 0, bytes: null },
    { files: 5, bytes: 0 },
  ])
    assert.match(invitationOf({ ...noEnd, room }, now), /ask the person who sent it/)
})

test('a browser that takes no cookies is told so, instead of being sent round in circles', () => {
  assert.match(howToOpen(true), /press that link once more/)
  assert.match(howToOpen(false), /Allow them for this page/)
})
