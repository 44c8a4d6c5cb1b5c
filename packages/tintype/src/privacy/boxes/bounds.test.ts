import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { brotliCompressSync } from 'node:zlib'
import { box, clip } from '../../../../../test/media/containers.ts'
import { u32, userData, withBoxes } from '../../../../../test/media/private-clips.ts'
import { fromMemory } from '../cleaning.ts'
import { planCleaning } from '../plan-cleaning.ts'

const remove = { location: 'remove', identifiers: 'remove' } as const

describe('files that are made to keep the process busy', () => {
  const many = (count: number, part: Buffer) => Buffer.concat(Array.from({ length: count }, () => part))
  const ftyp = box('ftyp', 'jxl ', u32(0), 'jxl ')
  const heic = clip('photo.heic')
  const files = {
    'of very many empty boxes': { type: 'video/mp4', bytes: many(200_000, box('free')) },
    'of many boxes in user data': {
      type: 'video/mp4',
      bytes: withBoxes({ inMovie: [...Array(2)].map(() => userData(many(90_000, box('free', 'x')))) }),
    },
    'of many compressed boxes': {
      type: 'image/jxl',
      bytes: Buffer.concat([
        ftyp,
        many(1000, box('brob', 'xml ', brotliCompressSync(Buffer.alloc(1024 * 1024)))),
      ]),
    },
    'of many elements': {
      type: 'video/webm',
      bytes: Buffer.concat([clip('clip.webm'), many(200_000, Buffer.from('ec80', 'hex'))]),
    },
    'of many items': { type: 'image/heic', bytes: withItems(heic, 10_000) },
  }
  for (const [name, { type, bytes }] of Object.entries(files)) {
    test(name, async () => {
      const { edits, unsure } = await planCleaning(fromMemory(bytes), type, remove)
      assert.ok(unsure !== undefined || edits.length < 10)
    })
  }
})

/** Exif items that all lie in the same place, the whole of the file. */
function withItems(file: Buffer, count: number): Buffer {
  const entry = box('infe', Buffer.from([2, 0, 0, 0, 0, 9, 0, 0]), 'Exif\0')
  const location = Buffer.alloc(14)
  location.writeUInt16BE(9, 0)
  location.writeUInt16BE(1, 4)
  location.writeUInt32BE(0, 6)
  location.writeUInt32BE(file.length, 10)
  const numbered = (part: Buffer, at: number) =>
    Array.from({ length: count }, (_, index) => {
      const copy = Buffer.from(part)
      copy.writeUInt16BE(index, at)
      return copy
    })
  const iinf = box('iinf', u32(0), Buffer.from([0, 0]), ...numbered(entry, 12))
  const iloc = box('iloc', u32(0), Buffer.from([0x44, 0, count >> 8, count & 255]), ...numbered(location, 0))
  const meta = box('meta', u32(0), box('hdlr', u32(0, 0), 'pict', u32(0, 0, 0)), iinf, iloc)
  return Buffer.concat([box('ftyp', 'heic', u32(0)), meta, file])
}
