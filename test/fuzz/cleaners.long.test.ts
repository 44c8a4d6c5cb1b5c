import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { applyEdits, fromMemory } from '../../packages/tintype/src/privacy/cleaning.ts'
import { planCleaning } from '../../packages/tintype/src/privacy/plan-cleaning.ts'
import { exifBlock, jpegSegment, withSegments } from '../media/exif.ts'
import { animation, photo } from '../media/photos.ts'
import { gpsDirectory, privateExif, privateXmp } from '../media/secrets.ts'
import { anyPlace, fuzz } from '../support/fuzz.ts'

const isLong = process.env.TEST_FUZZ === 'long'
const policy = { location: 'remove', identifiers: 'remove' } as const
const files: { type: string; bytes: Buffer; metadata: number }[] = []

before(async () => {
  const plain = await photo({ width: 24, height: 16 })
  const apple = exifBlock(
    [
      [0x11, 2, 'A1B2C3'],
      [0x15, 2, 'unique-number'],
    ],
    { littleEndian: false },
  ).subarray(8)
  const note = Buffer.concat([Buffer.from('Apple iOS\0\0\x01MM', 'latin1'), apple])
  const picture = withSegments(plain, [
    jpegSegment(0xe1, 'Exif\0\0', privateExif({ makerNote: note })),
    jpegSegment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', Buffer.from(privateXmp())),
    jpegSegment(
      0xed,
      'Photoshop 3.0\0',
      '8BIM\x04\x04\0\0\0\0\0\x0a\x1c\x02\x5a\0\x05Paris8BIM\x04\x0c\0\0\0\0\0\x02ab',
    ),
    jpegSegment(0xe2, 'MPF\0', exifBlock([[0xb003, 7, Buffer.alloc(33, 7)]])),
    jpegSegment(0xeb, 'JP\0\x01\0\0\0\x01\0\0\0\x20jumb\0\0\0\x18jumdc2pa', 'claim'),
  ])
  const wide = exifBlock([[0x8825, 4, gpsDirectory]], { littleEndian: false })
  const length = (bytes: Buffer) =>
    Buffer.from([bytes.length >>> 24, bytes.length >>> 16, bytes.length >>> 8, bytes.length])
  const chunk = (type: string, data: Buffer) =>
    Buffer.concat([length(data), Buffer.from(type), data, Buffer.alloc(4)])
  const png = await photo({ width: 24, height: 16, type: 'image/png' })
  const webp = await animation(2, 'image/webp')
  const gif = await animation(2, 'image/gif')
  const add = (type: string, bytes: Buffer, metadata = bytes.length) => files.push({ type, bytes, metadata })
  add(
    'image/jpeg',
    Buffer.concat([picture, withSegments(plain, [jpegSegment(0xe1, 'Exif\0\0', wide)])]),
    3_500,
  )
  const texts = [
    chunk('eXIf', privateExif()),
    chunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), deflateSync('x')])),
  ]
  const xmp = chunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${privateXmp()}`))
  add('image/png', Buffer.concat([png.subarray(0, 33), ...texts, xmp, png.subarray(33)]), 3_200)
  const riff = Buffer.concat([webp, Buffer.from('EXIF'), length(wide).swap32(), wide])
  riff.writeUInt32LE(riff.length - 8, 4)
  add('image/webp', riff)
  const trailer = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0])
  const application = Buffer.concat([
    Buffer.from('\x21\xff\x0bXMP DataXMP', 'latin1'),
    Buffer.from(privateXmp()),
    trailer,
  ])
  add('image/gif', Buffer.concat([gif.subarray(0, -1), application, gif.subarray(-1)]))
})

const change = fc.record({
  /** Mostly where the metadata is. */
  at: anyPlace,
  near: fc.boolean(),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
})
const changes = fc.array(change, { minLength: 1, maxLength: 6 })

test('mutated files: never a throw, never another pixel, the same length, and nothing to do the second time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(3), changes, fc.option(anyPlace), async (which, mutations, cut) => {
      const file = files[which] ?? assert.fail()
      const mutated = Buffer.from(file.bytes)
      for (const { at, near, bytes } of mutations) {
        mutated.set(
          bytes,
          Math.floor(at * ((near ? Math.min(file.metadata, mutated.length) : mutated.length) - bytes.length)),
        )
      }
      const before =
        cut === null || cut > 0.2 ? mutated : mutated.subarray(0, Math.floor(mutated.length * cut * 5))
      const cleaning = await planCleaning(fromMemory(before), file.type, policy)
      assert.doesNotMatch(cleaning.unsure ?? '', /could not be read/)
      if (cleaning.edits.length === 0) return
      const after = Buffer.from(before)
      applyEdits(after, cleaning.edits)
      const again = await planCleaning(fromMemory(after), file.type, policy)
      assert.deepEqual(again.edits, [])
      const pixels = await decode(before)
      const now = await decode(after)
      assert.ok(pixels === undefined || (now && pixels.equals(now)), 'the same pixels')
    }),
    // 100,000 in the long form: each takes two decodings.
    { ...fuzz(250), numRuns: isLong ? 100_000 : 250 },
  )
})

async function decode(bytes: Buffer): Promise<Buffer | undefined> {
  try {
    return await sharp(bytes, { pages: -1, failOn: 'none' }).autoOrient().raw().toBuffer()
  } catch {
    return undefined
  }
}
