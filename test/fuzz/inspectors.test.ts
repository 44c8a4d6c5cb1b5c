import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { errorTable } from '@tintype/protocol'
import fc from 'fast-check'
import { inspect } from '../../packages/tintype/src/inspect/inspect.ts'
import { defaultLimits } from '../../packages/tintype/src/inspect/limits.ts'
import type { Verdict } from '../../packages/tintype/src/inspect/verdict.ts'
import { inspectVideo } from '../../packages/tintype/src/inspect/video.ts'
import { asRecording, clip, withoutBeginning } from '../media/containers.ts'
import { animation, photo } from '../media/photos.ts'
import { fragments } from '../media/videos.ts'
import { fuzz } from '../support/fuzz.ts'

// Small files of every type that is taken, changed at random: bits, lengths, pieces that are lost, doubled or nested. The
// readers answer with a verdict; they never throw, read outside of the file, or read without end.

/** Bytes that may be read of a file of some kilobytes: its index a few times over. */
const mostRead = 4 * 1024 * 1024

let files: Buffer[]
before(async () => {
  files = [
    await photo({ width: 24, height: 16 }),
    await photo({ width: 24, height: 16, orientation: 6, gps: true }),
    ...(await Promise.all(
      (['image/png', 'image/webp', 'image/gif', 'image/avif'] as const).map((type) =>
        photo({ type, width: 24, height: 16 }),
      ),
    )),
    await animation(3, 'image/webp'),
    await animation(3, 'image/gif'),
    clip('sequence.avif'),
    ...['index-first.mp4', 'index-at-end.mp4', 'rotated.mp4', 'hevc.mp4', 'clip.mov', 'clip.webm'].map(clip),
    withoutBeginning(clip('clip.mov'), 'mdat'),
    asRecording(clip('clip.webm')),
    await fragments(4),
  ]
})

type Change =
  | { kind: 'bit' | 'byte' | 'near'; at: number; value: number }
  | { kind: 'size'; at: number; value: number }
  | { kind: 'cut' | 'lose' | 'double'; at: number; length: number }
  | { kind: 'nest'; type: string; depth: number }

const at = fc.double({ min: 0, max: 1, noNaN: true })
const sizes = [0, 1, 7, 8, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff, 0x10000, 0x1000000]
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('bit' as const, 'byte' as const, 'near' as const),
    at,
    value: fc.nat(255),
  }),
  fc.record({ kind: fc.constant('size' as const), at, value: fc.constantFrom(...sizes) }),
  fc.record({
    kind: fc.constantFrom('cut' as const, 'lose' as const, 'double' as const),
    at,
    length: fc.nat(300),
  }),
  fc.record({
    kind: fc.constant('nest' as const),
    type: fc.constantFrom('moov', 'trak', 'meta', 'iprp', 'moof'),
    depth: fc.integer({ min: 1, max: 2000 }),
  }),
)
/** Indexes and headers are a small part of most files: half of all changes go to the first kilobyte. */
const changes = fc.array(fc.tuple(change, fc.boolean()), { minLength: 1, maxLength: 4 })

function changed(file: Buffer, all: [Change, boolean][]): Buffer {
  let bytes = Buffer.from(file)
  for (const [one, isEarly] of all) {
    if (one.kind === 'nest') {
      bytes = Buffer.concat([bytes, nested(one.type, one.depth)])
      continue
    }
    const place = Math.floor(one.at * Math.min(bytes.length, isEarly ? 1024 : bytes.length))
    const word = Math.min(place, bytes.length - 4)
    if (word < 0) continue
    if ('value' in one) {
      if (one.kind === 'bit') bytes[place] = (bytes[place] ?? 0) ^ (1 << (one.value & 7))
      else if (one.kind === 'byte') bytes[place] = one.value
      else if (one.kind === 'near')
        bytes.writeUInt32BE((bytes.readUInt32BE(word) + one.value - 128) >>> 0, word)
      else if (one.kind === 'size') bytes.writeUInt32BE(one.value, word)
    } else if (one.kind === 'cut') bytes = bytes.subarray(0, place)
    else {
      const piece = bytes.subarray(place, place + one.length)
      const rest = one.kind === 'lose' ? place + piece.length : place
      bytes = Buffer.concat([
        bytes.subarray(0, place),
        ...(one.kind === 'double' ? [piece] : []),
        bytes.subarray(rest),
      ])
    }
  }
  return bytes
}

/** Boxes in boxes. */
function nested(type: string, depth: number): Buffer {
  const bytes = Buffer.alloc(8 * depth)
  for (let i = 0; i < depth; i++) {
    bytes.writeUInt32BE(8 * (depth - i), 8 * i)
    bytes.write(type, 8 * i + 4)
  }
  return bytes
}

test('readers of pictures and videos give a verdict of whatever they are given', async () => {
  const file = fc.nat(1000).map((n) => files[n % files.length] as Buffer)
  await fc.assert(
    fc.asyncProperty(file, changes, async (base, all) => {
      const bytes = changed(base, all)
      checkVerdict(await inspect(bytes, defaultLimits, { inspect: judgeVideo }))
    }),
    fuzz(1500),
  )
})

async function judgeVideo(video: unknown): Promise<Verdict> {
  const bytes = video as Buffer
  let read = 0
  return inspectVideo({
    size: bytes.length,
    async read(start, end) {
      assert.ok(start >= 0 && start < end && end <= bytes.length, `${start} to ${end} of ${bytes.length}`)
      read += end - start
      assert.ok(read <= mostRead)
      return bytes.subarray(start, end)
    },
  })
}

function checkVerdict(verdict: Verdict): void {
  if (!verdict.ok) {
    const { status } = errorTable[verdict.code]
    assert.ok(status === 415 || status === 422 || verdict.code === 'empty_file', verdict.code)
    assert.match(verdict.detail, /^[\p{L}\p{N}\p{P}\p{S} ]{20,500}$/u)
    return
  }
  const { width, height, frames, duration = 1, decodeMemory = 0 } = verdict
  for (const number of [width, height, frames]) assert.ok(Number.isSafeInteger(number) && number > 0)
  assert.ok(width * height <= defaultLimits.pixels || verdict.kind === 'video')
  assert.ok(Number.isFinite(duration) && duration > 0 && Number.isSafeInteger(decodeMemory))
}
