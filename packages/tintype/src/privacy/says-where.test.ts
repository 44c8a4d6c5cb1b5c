import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { clean } from '../../../../test/media/clean.ts'
import { box } from '../../../../test/media/containers.ts'
import { exifBlock, jpegSegment, withSegments } from '../../../../test/media/exif.ts'
import { animation, photo } from '../../../../test/media/photos.ts'
import { u16, u32, userData, userText, withBoxes } from '../../../../test/media/private-clips.ts'
import { saysWhere } from './says-where.ts'

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

describe('coordinates', () => {
  test('are known in the notations that people and receivers use', () => {
    for (const text of [
      'Lat 47.123456 Lon 8.654321',
      'latitude 47.123',
      'LON -8,654321',
      '47,123456; 8,654321',
      '47,123456 / -8,654321',
      'N47 07.4074 E008 39.2593',
      "N 47° 07.407' E 008° 39.259'",
      '47 07.4074 N, 008 39.2593 E',
      'N47.123456 E8.654321',
      '47.123456N 8.654321E',
      '47.12° N, 8.65° E',
      '$GPGGA,123519,4707.407,N,00839.259,E,1,08,0.9,545.4,M,46.9,M,,*47',
      '$GNRMC,123519,A,4707.407,N,00839.259,E,022.4,084.4,230394,003.1,W*6A',
      '47.123456, 8.654321',
      '+47.1234+008.6543/',
    ])
      assert.ok(saysWhere(`taken at ${text} by me`), text)
  })

  test('are not seen in dates, sizes, versions and prices', () => {
    for (const text of [
      '2026:11:28 20:15:01.123456 +01:00',
      '2026-11-28T20:15:01.123456Z, 1.5 s',
      '28.11.2026, 29.11.2026',
      '4032 x 3024, 16:9, 1.7778',
      '1,234 of 12,345; 5,678',
      '1,5; 2,25 m',
      'Version 12.0.1234 (build 5678.1234), 17.5.1',
      '€ 12,99 / 14,99',
      'f/1.8 1/250 s ISO 100 24.0-70.0 mm',
      '20.5 °C, 5 °N, turned by 90° s',
      'S 24 ultra, E 50 1.8',
      'Platform 9.875, salon 12.345',
      'It costs $GPU, and long 12.5 days',
      'RMS 0.123456, drift 0.234567',
      '10.0.1234',
    ])
      assert.ok(!saysWhere(text), text)
  })
})
