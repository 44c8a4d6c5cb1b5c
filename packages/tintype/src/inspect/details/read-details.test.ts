import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { box, clip } from '../../../../../test/media/containers.ts'
import {
  exifOf,
  exifSegment,
  packet,
  type Shot,
  withSegments,
  xmpSegment,
} from '../../../../../test/media/details.ts'
import { photo } from '../../../../../test/media/photos.ts'
import { readDetails } from './read-details.ts'

let plain: Buffer
before(async () => {
  plain = await photo({ width: 24, height: 16 })
})
const ofJpeg = (...segments: Buffer[]) => readDetails('image/jpeg', withSegments(plain, segments))
const taken = (shot: Shot) => ofJpeg(exifSegment(exifOf(shot))).takenAt?.time

describe('when a photo was taken, by Exif', () => {
  const original = '2024:01:31 14:25:01'

  test('the clock, the fraction of the second and the offset that stand beside each other', () => {
    const shot = { original, fraction: '123456', offset: '+09:00' }
    for (const littleEndian of [true, false]) {
      const { takenAt } = ofJpeg(exifSegment(exifOf(shot, littleEndian)))
      assert.deepEqual(takenAt, { time: '2024-01-31T14:25:01.123456+09:00', from: 'exif' })
    }
  })

  test('without an offset, what the clock showed', () => {
    assert.equal(taken({ original }), '2024-01-31T14:25:01')
    assert.equal(taken({ original, offset: '   :  ', fraction: '   ' }), '2024-01-31T14:25:01')
    assert.equal(taken({ original, offset: '+19:00' }), '2024-01-31T14:25:01')
  })

  test('the offset of the last change is that of the shot where both are of one second', () => {
    assert.equal(
      taken({ original, modified: original, offsetOfChange: '-05:00' }),
      '2024-01-31T14:25:01-05:00',
    )
    assert.equal(
      taken({ original, modified: '2024:02:01 10:00:00', offsetOfChange: '-05:00' }),
      '2024-01-31T14:25:01',
    )
  })

  test('the zone of a camera in whole hours', () => {
    assert.equal(taken({ original, zones: [-3] }), '2024-01-31T14:25:01-03:00')
    assert.equal(taken({ original, zones: [99] }), '2024-01-31T14:25:01')
  })

  test('the instant of a satellite tells the offset, where they agree', () => {
    const at = (...time: [number, number, number]) => taken({ original, gps: { date: '2024:01:31', time } })
    assert.equal(at(5, 25, 0), '2024-01-31T14:25:01+09:00')
    assert.equal(at(8, 40, 30), '2024-01-31T14:25:01+05:45')
    assert.equal(
      taken({ original, gps: { date: '2024:02:01', time: [0, 25, 1] } }),
      '2024-01-31T14:25:01-10:00',
    )
    // A place that was found ten minutes before the shot, or an hour that no zone has, tells nothing.
    assert.equal(at(5, 15, 0), '2024-01-31T14:25:01')
    assert.equal(at(5, 10, 1), '2024-01-31T14:25:01')
  })

  test('the shot, else the digitizing, else the last change', () => {
    const others = { digitized: '2023:01:01 10:00:00', modified: '2025:01:01 10:00:00' }
    assert.equal(taken({ original, ...others }), '2024-01-31T14:25:01')
    assert.equal(taken(others), '2023-01-01T10:00:00')
    assert.equal(taken({ modified: others.modified }), '2025-01-01T10:00:00')
  })

  const nonsense = [
    '0000:00:00 00:00:00',
    '    :  :     :  :  ',
    '1970:01:01 00:00:00',
    '1970:01:01 01:00:00',
    '1969:12:31 19:00:00',
    '1904:01:01 00:00:00',
    '1980:01:01 00:00:00',
    '2024:02:30 10:00:00',
    '2024:13:01 10:00:00',
    '2024:01:31 24:00:00',
    '2024:01:31 10:60:00',
    'yesterday',
    '',
  ]
  for (const text of nonsense)
    test(`"${text}" is no date`, () => {
      assert.equal(taken({ original: text }), undefined)
      assert.equal(taken({ original: text, digitized: original }), '2024-01-31T14:25:01')
    })

  test('other ways of writing', () => {
    assert.equal(taken({ original: '2024-01-31T14:25:01+0900' }), '2024-01-31T14:25:01+09:00')
    assert.equal(taken({ original: '2024/01/31  9:05:01' }), '2024-01-31T09:05:01')
    assert.equal(taken({ original: '1943:06:01 12:00:00' }), '1943-06-01T12:00:00')
  })
})

describe('when a photo was taken, by XMP', () => {
  const time = (attributes: string, content = '') => ofJpeg(xmpSegment(attributes, content)).takenAt

  test('of the shot, of what is shown, of the file', () => {
    const all = 'xmp:CreateDate="2022-01-01T10:00:00Z"'
    assert.deepEqual(time(all), { time: '2022-01-01T10:00:00Z', from: 'xmp' })
    assert.equal(
      time(`${all} photoshop:DateCreated="2021-01-01T10:00:00.5-03:30"`)?.time,
      '2021-01-01T10:00:00.5-03:30',
    )
    assert.equal(time(`${all} exif:DateTimeOriginal='2020-01-01T10:00'`)?.time, '2020-01-01T10:00:00')
  })

  test('as elements, too', () => {
    const content = '<exif:DateTimeOriginal>2020-01-01T10:00:00+01:00</exif:DateTimeOriginal>'
    assert.equal(time('', content)?.time, '2020-01-01T10:00:00+01:00')
  })

  test('Exif comes first, and gets the offset that only XMP has for the same second', () => {
    const shot = exifSegment(exifOf({ original: '2020:01:01 10:00:00' }))
    const same = xmpSegment('photoshop:DateCreated="2020-01-01T10:00:00.25+01:00"')
    assert.deepEqual(ofJpeg(shot, same).takenAt, { time: '2020-01-01T10:00:00.25+01:00', from: 'exif' })
    const other = xmpSegment('photoshop:DateCreated="2019-01-01T10:00:00+01:00"')
    assert.equal(ofJpeg(shot, other).takenAt?.time, '2020-01-01T10:00:00')
  })
})

describe('what a photo was taken with', () => {
  const cameras: [make: string, model: string, camera: string | undefined][] = [
    ['Apple', 'iPhone 15 Pro', 'Apple iPhone 15 Pro'],
    ['Canon', 'Canon EOS R5', 'Canon EOS R5'],
    ['NIKON CORPORATION', 'NIKON Z 6', 'NIKON Z 6'],
    ['EASTMAN KODAK COMPANY', 'KODAK DX4530', 'KODAK DX4530'],
    ['LEICA CAMERA AG', 'LEICA Q2', 'LEICA Q2'],
    ['OLYMPUS IMAGING CORP.  ', 'E-M1            ', 'OLYMPUS E-M1'],
    ['RICOH IMAGING COMPANY, LTD.', 'PENTAX K-1', 'RICOH PENTAX K-1'],
    ['SONY', 'ILCE-7M3', 'SONY ILCE-7M3'],
    ['Google', 'Pixel 8 Pro', 'Google Pixel 8 Pro'],
    ['', 'X100', 'X100'],
    ['\u0001\u001b[31m', '\t\r\n', '[31m'],
    ['', '----', undefined],
  ]
  for (const [make, model, camera] of cameras)
    test(`${JSON.stringify(make)}, ${JSON.stringify(model)}: ${camera}`, () => {
      assert.equal(ofJpeg(exifSegment(exifOf({ make, model }))).camera, camera)
    })

  test('a lens; a name has a hundred characters at most, none of them invisible', () => {
    const lens = 'RF24-70mm F2.8 L IS USM'
    assert.equal(ofJpeg(exifSegment(exifOf({ lens }))).lens, lens)
    const long = ofJpeg(exifSegment(exifOf({ lens: `a\u0007\u009f  b${'c'.repeat(5000)}` }))).lens
    assert.match(long ?? '', /^a bc{96,97}$/)
  })

  test('XMP tells it where Exif does not', () => {
    const { camera, lens } = ofJpeg(xmpSegment('tiff:Make="A&amp;B" tiff:Model="One" aux:Lens="50mm"'))
    assert.deepEqual([camera, lens], ['A&B One', '50mm'])
  })
})

describe('a PNG and a WebP', () => {
  const exif = exifOf({ original: '2024:01:31 14:25:01', offset: '+09:00', make: 'Apple', model: 'iPhone' })
  const expected = { takenAt: { time: '2024-01-31T14:25:01+09:00', from: 'exif' }, camera: 'Apple iPhone' }
  const xmp = Buffer.from(packet('photoshop:DateCreated="2023-01-01T10:00:00Z"'))

  test('the chunk with Exif, that with XMP, and Exif as text', async () => {
    const png = await photo({ type: 'image/png', width: 24, height: 16 })
    const withChunk = (type: string, ...body: Buffer[]) => {
      const content = Buffer.concat([Buffer.from(type), ...body])
      const length = Buffer.alloc(4)
      length.writeUInt32BE(content.length - 4)
      return Buffer.concat([png.subarray(0, 33), length, content, Buffer.alloc(4), png.subarray(33)])
    }
    assert.deepEqual(readDetails('image/png', withChunk('eXIf', exif)), expected)
    const text = withChunk('iTXt', Buffer.from('XML:com.adobe.xmp\0\0\0\0\0'), xmp)
    assert.deepEqual(readDetails('image/png', text).takenAt, { time: '2023-01-01T10:00:00Z', from: 'xmp' })
    assert.deepEqual(readDetails('image/png', png), {})
    const block = Buffer.concat([Buffer.from('Exif\0\0'), exif])
    const lines = [
      '',
      'exif',
      `${block.length}`.padStart(8),
      ...(block.toString('hex').match(/.{1,72}/g) ?? []),
      '',
    ]
    for (const name of ['exif', 'APP1']) {
      const raw = (text: string) =>
        withChunk('zTXt', Buffer.from(`Raw profile type ${name}\0\0`), deflateSync(text))
      assert.deepEqual(readDetails('image/png', raw(lines.join('\n'))), expected)
      assert.deepEqual(readDetails('image/png', raw('\n'.repeat(2 ** 20))), {})
    }
  })

  test('of WebP, with what some programs write before the Exif', async () => {
    const webp = await photo({ type: 'image/webp', width: 24, height: 16 })
    const withChunk = (type: string, ...body: Buffer[]) => {
      const content = Buffer.concat(body)
      const length = Buffer.alloc(4)
      length.writeUInt32LE(content.length)
      return Buffer.concat([webp, Buffer.from(type), length, content, Buffer.alloc(content.length % 2)])
    }
    assert.deepEqual(readDetails('image/webp', withChunk('EXIF', exif)), expected)
    assert.deepEqual(readDetails('image/webp', withChunk('EXIF', Buffer.from('Exif\0\0'), exif)), expected)
    assert.equal(readDetails('image/webp', withChunk('XMP ', xmp)).takenAt?.from, 'xmp')
  })
})

describe('HEIC, AVIF and JPEG XL', () => {
  const dated = (name: string) =>
    readFileSync(new URL(`../../../../../test/media/dated/${name}`, import.meta.url))

  for (const [name, type] of [
    ['dated.heic', 'image/heic'],
    ['dated.avif', 'image/avif'],
    ['dated.jxl', 'image/jxl'],
  ] as const)
    test(`${name} says when and with what, in its Exif`, () => {
      assert.deepEqual(readDetails(type, dated(name)), {
        takenAt: { time: '2024-01-31T14:25:01.12+09:00', from: 'exif' },
        camera: 'Apple iPhone 15 Pro',
      })
    })

  test('what a HEIC holds beside its picture', () => {
    const auxiliary = (kind: string) => box('auxC', Buffer.alloc(4), `${kind}\0`)
    const features = (kind: string, ...more: Buffer[]) => {
      const properties = box('iprp', box('ipco', auxiliary(kind)))
      const bytes = Buffer.concat([box('ftyp', 'heic'), box('meta', Buffer.alloc(4), properties), ...more])
      return readDetails('image/heic', bytes).features
    }
    assert.deepEqual(features('urn:com:apple:photo:2020:aux:hdrgainmap'), ['gain-map'])
    assert.deepEqual(features('urn:mpeg:hevc:2015:auxid:2'), ['depth'])
    assert.deepEqual(features('urn:mpeg:hevc:2015:auxid:1'), undefined)
    assert.deepEqual(features('urn:mpeg:hevc:2015:auxid:1', box('mpvd', clip('index-first.mp4'))), ['motion'])
  })

  test('whatever is cut off or changed, nothing is thrown', () => {
    for (const [name, type] of [
      ['dated.heic', 'image/heic'],
      ['dated.jxl', 'image/jxl'],
    ] as const) {
      const whole = dated(name)
      for (let length = 0; length < whole.length; length++) readDetails(type, whole.subarray(0, length))
      for (let at = 0; at < whole.length; at++) {
        const changed = Buffer.from(whole)
        changed[at] = 0xff
        readDetails(type, changed)
      }
    }
  })
})

test('a time is the same instant in whatever zone the server is', () => {
  const texts = [
    '2024:01:31 14:25:01',
    '2024:03:31 02:30:00',
    '2024-07-01T00:00:00+05:45',
    '1943:06:01 12:00:00',
  ]
  const module = (name: string) => JSON.stringify(import.meta.resolve(name))
  const script = `import { instantOf, writtenTime } from ${module('./time-text.ts')}
    import { dateInName } from ${module('./name-date.ts')}
    const times = [...${JSON.stringify(texts)}.map((text) => writtenTime(text)), dateInName('IMG_20240331_023000.jpg').time]
    process.stdout.write(JSON.stringify(times.map((time) => [time, instantOf(time)])))`
  const inZone = (TZ: string) =>
    execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      env: { ...process.env, TZ },
      encoding: 'utf8',
    })
  const [first, ...others] = ['UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Europe/Berlin'].map(inZone)
  for (const other of others) assert.equal(other, first)
  assert.match(first ?? '', /"2024-07-01T00:00:00\+05:45",1719771300000/)
})
