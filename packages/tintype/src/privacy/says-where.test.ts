import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { clean } from '../../../../test/media/clean.ts'
import { box } from '../../../../test/media/containers.ts'
import { exifBlock, jpegSegment, withSegments } from '../../../../test/media/exif.ts'
import { animation, photo } from '../../../../test/media/photos.ts'
import { u16, u32, userData, userText, withBoxes } from '../../../../test/media/private-clips.ts'

const degrees = `47°7'24.4"N 8°39'15.5"E`

describe('degrees in a text', () => {
  const encodings = {
    'UTF-8': Buffer.from(`at ${degrees}`),
    'UTF-8 that is cut off': Buffer.from(`at ${degrees} °`).subarray(0, -1),
    'Latin-1': Buffer.from(`at ${degrees}`, 'latin1'),
    'UTF-16': Buffer.from(`at ${degrees.replaceAll("'", '′')}`, 'utf16le'),
  }
  let jpeg: Buffer
  let gif: Buffer
  let png: Buffer
  before(async () => {
    jpeg = await photo()
    gif = await animation(2, 'image/gif')
    png = await photo({ type: 'image/png' })
  })

  const places: Record<string, (text: Buffer) => [file: Buffer, type: string]> = {
    'Exif: ImageDescription': (text) => {
      const block = exifBlock([
        [0x0112, 3, [1]],
        [0x010e, 7, text],
      ])
      return [withSegments(jpeg, [jpegSegment(0xe1, 'Exif\0\0', block)]), 'image/jpeg']
    },
    'JPEG: comment': (text) => [withSegments(jpeg, [jpegSegment(0xfe, text)]), 'image/jpeg'],
    'JPEG: IPTC caption': (text) => {
      const record = Buffer.concat([Buffer.from([0x1c, 2, 120]), u16(text.length), text])
      const data = Buffer.concat([record, Buffer.alloc(record.length & 1)])
      const resource = Buffer.concat([Buffer.from('8BIM\x04\x04\0\0'), u32(record.length), data])
      return [withSegments(jpeg, [jpegSegment(0xed, 'Photoshop 3.0\0', resource)]), 'image/jpeg']
    },
    'GIF: comment': (text) => {
      const block = Buffer.concat([Buffer.from([0x21, 0xfe, text.length]), text, Buffer.alloc(1)])
      return [Buffer.concat([gif.subarray(0, -1), block, gif.subarray(-1)]), 'image/gif']
    },
    'PNG: text': (text) => {
      const content = Buffer.concat([Buffer.from('tEXtComment\0'), text])
      const chunk = Buffer.concat([u32(content.length - 4), content, u32(crc32(content))])
      return [Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]), 'image/png']
    },
    'MP4: comment': (text) => [
      withBoxes({ inMovie: [userData(box('\xa9cmt', u16(text.length), u16(0x55c4), text))] }),
      'video/mp4',
    ],
  }
  for (const [place, build] of Object.entries(places)) {
    test(`${place}: in any encoding they go`, async () => {
      for (const [encoding, text] of Object.entries(encodings)) {
        const [file, type] = build(text)
        const { bytes, found, unsure } = await clean(file, type)
        assert.ok(file.includes(text) && !bytes.includes(text.subarray(-16)), encoding)
        assert.deepEqual([found.location, unsure], [true, undefined], encoding)
      }
      const [harmless, type] = build(Buffer.from('Zürich at 20 °C, 5° to the left'))
      assert.deepEqual((await clean(harmless, type)).edits, [])
    })
  }
  test('a long text of a movie is looked through', async () => {
    const file = withBoxes({
      inMovie: [userData(userText('\xa9des', `${'A day out. '.repeat(50)}${degrees}`))],
    })
    assert.ok((await clean(file, 'video/mp4')).found.location)
  })
})
