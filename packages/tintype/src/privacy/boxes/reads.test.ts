import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { box, boxesOf, clip } from '../../../../../test/media/containers.ts'
import {
  metadataTrack,
  position,
  sampleEntry,
  userData,
  userText,
  withBoxes,
} from '../../../../../test/media/private-clips.ts'
import { fragments } from '../../../../../test/media/videos.ts'
import type { CleaningSource } from '../cleaning.ts'
import { planCleaning } from '../plan-cleaning.ts'

const GB = 1024 ** 3
const private_ = userData(userText('\xa9xyz', position))

/** A file of which some pieces are there, and zeros between them. Counts what is read. */
function sparse(pieces: (Buffer | number)[]) {
  const placed: { start: number; bytes: Buffer }[] = []
  let size = 0
  for (const piece of pieces) {
    if (typeof piece !== 'number') placed.push({ start: size, bytes: piece })
    size += typeof piece === 'number' ? piece : piece.length
  }
  const counted = { reads: 0, bytes: 0 }
  const source: CleaningSource = {
    size,
    async read(start, end) {
      counted.reads++
      counted.bytes += end - start
      const range = Buffer.alloc(end - start)
      for (const piece of placed) {
        const from = Math.max(start, piece.start)
        const to = Math.min(end, piece.start + piece.bytes.length)
        if (from < to) piece.bytes.copy(range, from - start, from - piece.start, to - piece.start)
      }
      return range
    },
  }
  return { source, counted }
}

/** The header of a box of this size, which has more than 32 bits of it. */
function largeBox(type: string, size: number): (Buffer | number)[] {
  const header = Buffer.alloc(16)
  header.writeUInt32BE(1, 0)
  header.write(type, 4, 'latin1')
  header.writeBigUInt64BE(BigInt(size), 8)
  return [header, size - 16]
}

async function plan(pieces: (Buffer | number)[]) {
  const { source, counted } = sparse(pieces)
  const cleaning = await planCleaning(source, 'video/mp4', { location: 'remove', identifiers: 'remove' })
  assert.equal(cleaning.found.location, true)
  assert.equal(cleaning.unsure, undefined)
  return { ...cleaning, ...counted }
}

/** Where its index is the last box, that and what comes before it. */
function parts(file: Buffer): { before: Buffer; moov: Buffer } {
  const boxes = boxesOf(file).map(({ bytes }) => bytes)
  return { before: Buffer.concat(boxes.slice(0, -1)), moov: boxes.at(-1) as Buffer }
}

describe('a video of five gigabytes is cleaned in a few ranged reads', () => {
  test('with its index at the front, and at the end', async () => {
    const { before, moov } = parts(withBoxes({ inMovie: [private_] }))
    const front = await plan([before, moov, ...largeBox('mdat', 5 * GB)])
    assert.ok(front.reads <= 3 && front.bytes <= 64 * 1024, `${front.reads} reads of ${front.bytes} bytes`)
    const end = await plan([before, ...largeBox('mdat', 5 * GB), moov])
    assert.ok(end.reads <= 4 && end.bytes <= 64 * 1024, `${end.reads} reads of ${end.bytes} bytes`)
  })

  test('with a track of telemetry, whose samples are overwritten unread', async () => {
    const { before } = parts(clip('index-at-end.mp4'))
    const places = Array.from({ length: 3600 }, (_, second) => before.length + 16 + second * 1_100_000)
    const track = metadataTrack(9, { entry: sampleEntry('gpmd'), places, size: 4096 })
    const { moov } = parts(withBoxes({ inMovie: [track] }))
    const { reads, bytes, edits } = await plan([before, ...largeBox('mdat', 5 * GB), moov])
    // Some of the gaps between its samples are looked into, too.
    assert.ok(reads <= 12 && bytes <= 250 * 1024, `${reads} reads of ${bytes} bytes`)
    assert.equal(edits.filter(({ bytes }) => bytes.length === 4096).length, 3600)
  })

  test('in fragments, whose headers are read', async () => {
    const file = await fragments(500)
    const pieces = boxesOf(file).flatMap(({ type, bytes }): (Buffer | number)[] =>
      type === 'mdat' ? [bytes, ...largeBox('mdat', 10 * 1024 * 1024)] : [bytes],
    )
    const { reads, bytes } = await plan([...pieces, box('udta', userText('\xa9xyz', position))])
    assert.ok(reads <= 2 * 500 + 5, `${reads} reads`)
    assert.ok(bytes <= reads * 16 * 1024, `${bytes} bytes`)
  })
})
