import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { inspect } from '../../packages/tintype/src/inspect/inspect.ts'
import { defaultLimits } from '../../packages/tintype/src/inspect/limits.ts'
import type { Verdict } from '../../packages/tintype/src/inspect/verdict.ts'
import { inspectVideo } from '../../packages/tintype/src/inspect/video.ts'
import { applyEdits, fromMemory } from '../../packages/tintype/src/privacy/cleaning.ts'
import { planCleaning } from '../../packages/tintype/src/privacy/plan-cleaning.ts'
import { box, clip } from '../media/containers.ts'
import { mediaOf } from '../media/media-bytes.ts'
import {
  keyValues,
  position,
  sampleEntry,
  u32,
  userData,
  userText,
  withBoxes,
  withTrack,
} from '../media/private-clips.ts'
import { fragments } from '../media/videos.ts'
import { anyPlace, fuzz } from '../support/fuzz.ts'

const own = (name: string) => readFileSync(new URL(`../media/private/${name}`, import.meta.url))

const everything = withBoxes({
  inMovie: [
    userData(
      userText('\xa9xyz', position),
      userText('\xa9mod', 'One'),
      box('CAME', 'SN0815'),
      box('zzzz', 'SN0815'),
    ),
    keyValues({ 'com.apple.quicktime.location.ISO6709': position, 'com.apple.quicktime.make': 'Acme' }),
    box('free', 'SN0815'),
    box(
      'meta',
      u32(0),
      box('hdlr', u32(0, 0), 'nrtm', u32(0, 0, 0)),
      box('xml ', u32(0), '<a serialNo="SN0815">x</a>'),
    ),
  ],
  behind: [box('uuid', Buffer.alloc(16, 7), 'SN0815'), Buffer.from('SN0815 BEHIND')],
})

const files: { type: string; bytes: Buffer }[] = [
  { type: 'video/mp4', bytes: everything },
  { type: 'video/mp4', bytes: withTrack(sampleEntry('gpmd'), ['48.8577 SN0815', '48.8577 SN0815']) },
  {
    type: 'video/mp4',
    bytes: withTrack(sampleEntry('tx3g', Buffer.alloc(30)), ['GPS(2.2950,48.8577,15)'], 'sbtl'),
  },
  { type: 'video/mp4', bytes: await fragments(3) },
  { type: 'video/quicktime', bytes: own('clip.mov') },
  { type: 'video/quicktime', bytes: clip('clip.mov') },
  { type: 'video/webm', bytes: own('clip.webm') },
  { type: 'video/matroska', bytes: own('clip.mkv') },
  { type: 'image/heic', bytes: own('photo.heic') },
  { type: 'image/avif', bytes: own('photo.avif') },
  { type: 'image/jxl', bytes: own('photo.jxl') },
]

/** Where the structure of a file is, rather than its pictures: around the names of boxes. */
const places = files.map(({ bytes }) => {
  const text = bytes.toString('latin1')
  return [...text.matchAll(/[a-zA-Z\xa9][a-zA-Z0-9_ ]{3}/g)].map(({ index }) => index)
})

const numbers = [0, 1, 7, 8, 9, 16, 255, 0x7fff, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff8]
const names = [
  'free',
  'udta',
  'meta',
  'moov',
  'trak',
  'stbl',
  'ilst',
  'keys',
  'uuid',
  'gpmd',
  'Exif',
  'mdat',
  'iloc',
  'mpvd',
]

const change = fc.record({
  place: fc.nat(),
  near: fc.integer({ min: -8, max: 24 }),
  anywhere: fc.boolean(),
  value: fc.oneof(fc.constantFrom(...numbers), fc.nat({ max: 0xffffffff }), fc.constantFrom(...names)),
  bytes: fc.constantFrom(1, 4),
})
const mutated = fc.record({
  file: fc.nat({ max: files.length - 1 }),
  changes: fc.array(change, { maxLength: 4 }),
  cut: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: anyPlace }),
})

type Mutation = typeof mutated extends fc.Arbitrary<infer T> ? T : never

function mutate({ file, changes, cut }: Mutation): { type: string; bytes: Buffer } {
  const { type, bytes } = files[file] as (typeof files)[number]
  const copy = Buffer.from(bytes.subarray(0, Math.ceil(bytes.length * cut)))
  const known = places[file] as number[]
  for (const { place, near, anywhere, value, bytes: width } of changes) {
    const at = anywhere ? place % bytes.length : (known[place % known.length] as number) + near
    if (at < 0 || at + 4 > copy.length) continue
    if (typeof value === 'string') copy.write(value, at, 'latin1')
    else if (width === 1) copy[at] = value & 255
    else copy.writeUInt32BE(value >>> 0, at)
  }
  return { type, bytes: copy }
}

/** A track of telemetry counts for the duration of a video whose pictures have none: without it, it is refused. */
function withoutTelemetry({ type, bytes }: { type: string; bytes: Buffer }): { type: string; bytes: Buffer } {
  const copy = Buffer.from(bytes)
  const last = Math.max(copy.lastIndexOf('gpmd'), copy.lastIndexOf('tx3g'))
  const track = last < 0 ? -1 : copy.lastIndexOf('trak', last)
  if (track > 0) copy.write('free', track, 'latin1')
  return { type, bytes: copy }
}

/** What this library says of a file: the same before and after. A track of telemetry may be longer than the pictures. */
async function readable(file: { type: string; bytes: Buffer }): Promise<unknown> {
  const verdict = await verdictOf(file)
  return verdict.ok ? { ...verdict, duration: undefined, details: undefined } : undefined
}

async function verdictOf({ type, bytes }: { type: string; bytes: Buffer }): Promise<Verdict> {
  if (type.startsWith('image/')) {
    return inspect(bytes, defaultLimits, {
      inspect: async () => ({ ok: false, code: 'not_decodable', detail: '' }),
    })
  }
  return inspectVideo({ size: bytes.length, read: async (start, end) => bytes.subarray(start, end) })
}

test('whatever a file is made of boxes or of elements: no error, no other picture, no other verdict', async () => {
  await fc.assert(
    fc.asyncProperty(mutated, async (mutation) => {
      const file = mutate(mutation)
      const { edits } = await planCleaning(fromMemory(file.bytes), file.type, {
        location: 'remove',
        identifiers: 'remove',
      })
      let end = 0
      for (const { offset, bytes } of edits) {
        assert.ok(offset >= end && bytes.length > 0, 'Edits are in order, and apart.')
        end = offset + bytes.length
      }
      assert.ok(end <= file.bytes.length, 'Edits are in the file.')
      const cleaned = { type: file.type, bytes: Buffer.from(file.bytes) }
      applyEdits(cleaned.bytes, edits)
      assert.deepEqual(mediaOf(cleaned.bytes), mediaOf(file.bytes))
      if (edits.length === 0) return
      // What was damaged may become readable: damaged metadata went.
      const before = (await readable(file)) && (await readable(withoutTelemetry(file)))
      if (before) assert.deepEqual(await readable(cleaned), before)
    }),
    fuzz(1_000),
  )
})
