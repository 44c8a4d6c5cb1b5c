import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import { clean } from '../../../../test/media/clean.ts'
import { box } from '../../../../test/media/containers.ts'
import { exifBlock, jpegSegment, withSegments } from '../../../../test/media/exif.ts'
import { photo } from '../../../../test/media/photos.ts'
import { prefixes } from '../metadata/jpeg-segments.ts'
import { createEffort } from './effort.ts'

test('what is spent is gone, and what there is no room for is refused from then on', () => {
  const spend = createEffort()
  assert.deepEqual(
    [spend('tags', 19_999), spend('tags', 1), spend('tags', 0), spend('tags', 1)],
    [true, true, true, false],
  )
  assert.equal(spend('tags', 0), false)
  assert.equal(spend('xmp', 1), true)
})

describe('a file that was made to cost much is not looked through to its end', () => {
  const files: Record<'jpeg' | 'png', Buffer> = { jpeg: Buffer.alloc(0), png: Buffer.alloc(0) }
  before(async () => {
    files.jpeg = await photo()
    files.png = await photo({ type: 'image/png' })
  })
  const times = (count: number, one: Buffer) => Array.from({ length: count }, () => one)
  const withChunks = (chunks: Buffer[]) =>
    Buffer.concat([files.png.subarray(0, 33), ...chunks, files.png.subarray(33)])

  test('comments like positions: the first ones stay, the last ones go', async () => {
    const comment = jpegSegment(0xfe, '', Buffer.alloc(65_000, '1.11 2 N3 +'))
    const { bytes, edits, found } = await clean(withSegments(files.jpeg, times(100, comment)), 'image/jpeg')
    assert.ok(edits.length > 50 && edits.length < 100, String(edits.length))
    assert.equal(found.location, true)
    assert.equal(bytes.indexOf('1.11 2 N3 +'), 2 + 4)
  })

  test('short texts by the hundred thousand', async () => {
    const record = Buffer.concat(times(7000, Buffer.from([0x1c, 2, 120, 0, 4, 0x31, 0x2e, 0x31, 0x20])))
    const head = Buffer.from('8BIM\x04\x04\0\0\0\0\0\0', 'latin1')
    head.writeUInt32BE(record.length, 8)
    const block = jpegSegment(0xed, prefixes.photoshop, Buffer.concat([head, record]))
    const { found } = await clean(withSegments(files.jpeg, times(30, block)), 'image/jpeg')
    assert.equal(found.location, true)
  })

  test('compressed texts, each a thousand times as long as its chunk', async () => {
    const bomb = chunk('zTXt', Buffer.concat([Buffer.from('a\0\0'), deflateSync(Buffer.alloc(65_000, 'a'))]))
    const { bytes, edits } = await clean(withChunks(times(100, bomb)), 'image/png')
    assert.ok(edits.length > 50 && edits.length < 100, String(edits.length))
    assert.equal(bytes.indexOf(bomb), 33)
  })

  test('Exif by the hundred blocks, and maker notes that share their bytes', async () => {
    const entries = Array.from({ length: 1000 }, () => [0x0102, 3, [8]] as [number, number, number[]])
    const block = jpegSegment(0xe1, prefixes.exif, exifBlock(entries))
    const { bytes } = await clean(withSegments(files.jpeg, times(40, block)), 'image/jpeg')
    assert.ok(bytes.includes(block))
    assert.ok(bytes.includes(Buffer.alloc(12_000)))
    const note = Buffer.from('Apple iOS\0\0\x01MM\0\x01\0\x04\0\x03\0\0\0\x01\0\x01\0\0\0\0\0\0', 'latin1')
    const many = Array.from({ length: 500 }, () => [0x927c, 7, note] as [number, number, Buffer])
    const notes = exifBlock([
      [0x010f, 2, 'Apple'],
      [0x8769, 4, many],
    ])
    const cleaned = await clean(
      withSegments(files.jpeg, [jpegSegment(0xe1, prefixes.exif, notes)]),
      'image/jpeg',
    )
    assert.equal(cleaned.bytes.toString('latin1').split('Apple iOS').length - 1, 1)
  })

  test('XMP of many megabytes goes as a whole', async () => {
    const packet = Buffer.from(`<x:a xmlns:x="q">${'<b c="1.1 d"/>'.repeat(400_000)}</x:a>`)
    const xmp = chunk('iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0'), packet]))
    const { bytes, found } = await clean(withChunks([xmp]), 'image/png')
    assert.equal(found.other, true)
    assert.equal(bytes.includes('<x:a'), false)
  })

  test('an extension of a GIF in millions of blocks, and extensions by the ten thousand', async () => {
    const start = Buffer.from('GIF89a\x01\0\x01\0\0\0\0', 'latin1')
    const blocks = Buffer.alloc(1_000_000, Buffer.from([1, 7]))
    const ofBlocks = await clean(Buffer.concat([start, Buffer.from([0x21, 0xff]), blocks]), 'image/gif')
    assert.match(ofBlocks.unsure ?? '', /more parts/)
    const comments = Buffer.alloc(21_000 * 5, Buffer.from([0x21, 0xfe, 1, 0x61, 0]))
    const ofComments = await clean(Buffer.concat([start, comments]), 'image/gif')
    assert.match(ofComments.unsure ?? '', /more parts/)
  })

  test('texts of a movie by the ten thousand', async () => {
    const name = box('\xa9nam', Buffer.from('\0\x05\0\x001234'))
    const { unsure } = await clean(box('moov', box('udta', ...times(21_000, name))), 'video/mp4')
    assert.match(unsure ?? '', /damaged/)
  })

  test('parts by the ten thousand', async () => {
    const blocks = times(6000, jpegSegment(0xe5, '', Buffer.from('xy')))
    const ofJpeg = await clean(withSegments(files.jpeg, blocks), 'image/jpeg')
    assert.match(ofJpeg.unsure ?? '', /more parts/)
    const ofPng = await clean(withChunks(times(6000, chunk('abCd', Buffer.from('xy')))), 'image/png')
    assert.match(ofPng.unsure ?? '', /more parts/)
  })
})

function chunk(type: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + data.length)
  bytes.writeUInt32BE(data.length)
  bytes.write(type, 4, 'latin1')
  data.copy(bytes, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), data.length + 8)
  return bytes
}
