import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import sharp from 'sharp'
import { assertSamePicture, clean, removeAll } from '../../../../../test/media/clean.ts'
import { exifBlock, jpegSegment, withSegments } from '../../../../../test/media/exif.ts'
import { photo } from '../../../../../test/media/photos.ts'
import { samsungTrailer } from '../../../../../test/media/samsung.ts'
import {
  gpsDirectory,
  harmless,
  leaks,
  position,
  privateExif,
  privateXmp,
  secrets,
} from '../../../../../test/media/secrets.ts'
import { prefixes } from '../../metadata/jpeg-segments.ts'
import { readTiff } from '../../metadata/tiff.ts'

const exif = (block = privateExif()) => jpegSegment(0xe1, prefixes.exif, block)
const xmp = (packet: Buffer | string = privateXmp()) => jpegSegment(0xe1, prefixes.xmp, Buffer.from(packet))
let plain: Buffer
before(async () => {
  plain = await photo()
})
const cleanJpeg = (bytes: Buffer, policy = removeAll) => clean(bytes, 'image/jpeg', policy)

describe('a JPEG', () => {
  test('without anything private is left as it is', async () => {
    const { edits, found, unsure, credentials } = await cleanJpeg(plain)
    assert.deepEqual(edits, [])
    assert.deepEqual(found, { location: false, identifiers: false, other: false })
    assert.equal(unsure, undefined)
    assert.equal(credentials, 'none')
  })

  for (const littleEndian of [true, false]) {
    test(`Exif, ${littleEndian ? 'little' : 'big'}-endian: what is private goes, what is not stays`, async () => {
      const jpeg = withSegments(plain, [exif(privateExif({ littleEndian }))])
      const cleaned = await cleanJpeg(jpeg)
      assert.deepEqual(leaks(cleaned.bytes), [])
      assert.deepEqual(cleaned.found, { location: true, identifiers: true, other: true })
      assert.ok(Math.abs((cleaned.position?.latitude ?? 0) - position.latitude) < 1e-5)
      assert.ok(Math.abs((cleaned.position?.longitude ?? 0) - position.longitude) < 1e-5)
      assert.equal(cleaned.unsure, undefined)
      for (const text of Object.values(harmless)) assert.ok(cleaned.bytes.includes(text), text)
      const names = readTiff(cleaned.bytes.subarray(12))?.directories.map(({ name }) => name)
      assert.deepEqual(names, ['IFD0', 'Exif'])
      await assertSamePicture(jpeg, cleaned.bytes)
    })
  }

  test('a text in a block of numbers goes, or is told where decoders need the block', async () => {
    const where = '51.507351, -0.127758'
    const erased = [jpegSegment(0xee, `Adobe\0d\0\0\0\0\x01${where}`), jpegSegment(0xf0, where)]
    const { bytes, unsure } = await cleanJpeg(withSegments(plain, erased))
    assert.deepEqual([leaks(bytes), unsure], [[], undefined])
    for (const [marker, prefix] of [
      [0xe2, 'ICC_PROFILE\0\x01\x01'],
      [0xe2, prefixes.gainMap.toString('latin1')],
      [0xec, 'Ducky'],
    ] as const) {
      const told = await cleanJpeg(withSegments(plain, [jpegSegment(marker, `${prefix}${where}`)]))
      assert.match(told.unsure ?? '', /says where it was/)
    }
  })

  test('a colour profile is the same afterwards', async () => {
    const profiled = await sharp(plain).withIccProfile('p3').jpeg().toBuffer()
    const icc = (bytes: Buffer) =>
      sharp(bytes)
        .metadata()
        .then((about) => about.icc)
    const jpeg = withSegments(profiled, [exif(), xmp()])
    const { bytes } = await cleanJpeg(jpeg)
    assert.ok((await icc(jpeg))?.length)
    assert.deepEqual(await icc(bytes), await icc(profiled))
    assert.deepEqual(leaks(bytes), [])
  })

  test('what the policy keeps stays', async () => {
    const jpeg = withSegments(plain, [exif(), xmp()])
    const keepAll = await cleanJpeg(jpeg, { location: 'keep', identifiers: 'keep' })
    assert.deepEqual(keepAll.edits, [])
    assert.deepEqual(keepAll.found, { location: true, identifiers: true, other: true })

    const place = await cleanJpeg(jpeg, { location: 'keep', identifiers: 'remove' })
    assert.deepEqual(
      leaks(place.bytes).filter((one) => Object.values(secrets).includes(one)),
      [secrets.city],
    )
    const gps = readTiff(place.bytes.subarray(12))?.directories.find(({ name }) => name === 'GPS')
    assert.equal(gps?.entries.length, 6)

    const device = await cleanJpeg(jpeg, { location: 'remove', identifiers: 'keep' })
    assert.deepEqual(
      leaks(device.bytes).sort(),
      Object.values(secrets)
        .filter((one) => one !== secrets.city)
        .sort(),
    )
  })

  test('a directory that nothing is left of becomes one that says nothing', async () => {
    const jpeg = withSegments(plain, [exif(exifBlock([[0x8825, 4, gpsDirectory]]))])
    const { bytes } = await cleanJpeg(jpeg)
    assert.deepEqual(leaks(bytes), [])
    const tags = readTiff(bytes.subarray(12))?.directories[0]?.entries.map(({ tag }) => tag)
    assert.deepEqual(tags, [0x0112])
    await assertSamePicture(jpeg, bytes)
  })

  test('texts that people write stay, unless there are coordinates in them', async () => {
    const block = (text: string) =>
      exif(
        exifBlock([
          [0x0112, 3, [1]],
          [0x010e, 2, text],
        ]),
      )
    const kept = await cleanJpeg(withSegments(plain, [block('Aunt at the lake, 2.5 m deep')]))
    assert.deepEqual(kept.edits, [])
    for (const where of [
      '51.507351, -0.127758',
      '{"lat": 51.5, "lon": 0.1}',
      'https://maps.google.com/?q=x',
      `51°30'26"N`,
    ]) {
      const jpeg = withSegments(plain, [block(`At the lake ${where}`), jpegSegment(0xfe, `Taken ${where}`)])
      const { bytes, found } = await cleanJpeg(jpeg)
      assert.ok(found.location, where)
      assert.ok(!bytes.includes(Buffer.from(where, 'latin1')), where)
    }
  })

  test('bytes of the Exif block that nothing points to are zero afterwards', async () => {
    const block = Buffer.concat([privateExif(), Buffer.from(`left behind: ${secrets.serial}`)])
    const { bytes } = await cleanJpeg(withSegments(plain, [exif(block)]))
    assert.ok(!bytes.includes('left behind'))
  })

  test('an Exif block that cannot be read becomes zero as a whole', async () => {
    const { bytes, found } = await cleanJpeg(
      withSegments(plain, [jpegSegment(0xe1, prefixes.exif, secrets.serial)]),
    )
    assert.deepEqual(leaks(bytes), [])
    assert.ok(found.other)
    await assertSamePicture(plain, bytes)
  })

  test('blocks of unknown kinds become zero; those that decoders need stay', async () => {
    const unknown = [
      jpegSegment(0xe1, 'FLIR\0', secrets.serial),
      jpegSegment(0xe0, 'JFXX\0\x10', secrets.serial),
      jpegSegment(0xe5, 'ssuniqueid\0', secrets.uniqueId),
      jpegSegment(0xe6, 'GoPro\0', secrets.serial),
    ]
    const needed = [
      jpegSegment(0xee, 'Adobe\0d\0\0\0\0\x01'),
      jpegSegment(0xe2, prefixes.gainMap, '\0\0\0\0'),
    ]
    const jpeg = withSegments(plain, [...unknown, ...needed])
    const { bytes } = await cleanJpeg(jpeg)
    assert.deepEqual(leaks(bytes), [])
    for (const segment of needed) assert.ok(bytes.includes(segment))
    await assertSamePicture(jpeg, bytes)
  })

  test('bytes between blocks become fill bytes, with which it is a JPEG as it should be', async () => {
    // As programs leave it that make a block shorter, and write over the half of it.
    const jpeg = withSegments(plain, [exif(), Buffer.from(secrets.serial)])
    const { bytes, found, unsure } = await cleanJpeg(jpeg)
    assert.deepEqual(leaks(bytes), [])
    assert.deepEqual([found.other, unsure], [true, undefined])
    // Which reads it at the level where whatever is odd is an error.
    await assertSamePicture(withSegments(plain, [exif()]), bytes)
    const keepAll = { location: 'keep', identifiers: 'keep' } as const
    assert.deepEqual((await cleanJpeg(jpeg, keepAll)).bytes, jpeg)
  })
})

describe('Photoshop and IPTC in a JPEG', () => {
  const dataset = (number: number, value: string) =>
    Buffer.concat([Buffer.from([0x1c, 2, number, 0, value.length]), Buffer.from(value, 'latin1')])
  const resource = (id: number, data: Buffer) => {
    const head = Buffer.from('8BIM\0\0\0\0\0\0\0\0', 'latin1')
    head.writeUInt16BE(id, 4)
    head.writeUInt32BE(data.length, 8)
    return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
  }

  test('places, names and thumbnails go; titles, credits and the digest of what is left stay', async () => {
    const kept = [dataset(5, 'A bridge'), dataset(80, harmless.artist), dataset(116, harmless.copyright)]
    const before = [
      ...kept.slice(0, 2),
      dataset(90, secrets.city),
      dataset(187, secrets.uniqueId),
      ...kept.slice(2),
    ]
    const digest = (records: Buffer) => createHash('md5').update(records).digest()
    const block = Buffer.concat([
      resource(0x0404, Buffer.concat(before)),
      resource(0x0425, digest(Buffer.concat(before))),
      resource(0x040c, Buffer.from(`thumbnail ${secrets.serial}`)),
      resource(0x03ed, Buffer.alloc(16, 1)),
    ])
    const jpeg = withSegments(plain, [
      jpegSegment(0xed, prefixes.photoshop, block.subarray(0, 70)),
      jpegSegment(0xed, prefixes.photoshop, block.subarray(70)),
    ])
    const { bytes, found } = await cleanJpeg(jpeg)
    assert.deepEqual(leaks(bytes), [])
    assert.deepEqual(found, { location: true, identifiers: true, other: true })
    const second = bytes.indexOf('Photoshop 3.0', 30)
    const joined = Buffer.concat([
      bytes.subarray(20, 90),
      bytes.subarray(second + 14, second + 14 + block.length - 70),
    ])
    const length = Buffer.concat(before).length
    const records = joined.subarray(12, 12 + length)
    assert.ok(records.includes(Buffer.concat(kept)))
    assert.ok(joined.includes(digest(records)))
    assert.ok(joined.includes(Buffer.alloc(16, 1)))
    await assertSamePicture(jpeg, bytes)
  })
})

describe('what follows the picture in a JPEG', () => {
  test('further pictures are cleaned like the first, and the file of a gain map is whole', async () => {
    const first = withSegments(plain, [exif()])
    const second = withSegments(await photo({ seed: 2 }), [exif(), xmp()])
    const file = Buffer.concat([first, Buffer.alloc(7), second, second])
    const { bytes, unsure } = await cleanJpeg(file)
    assert.equal(unsure, undefined)
    assert.deepEqual(leaks(bytes), [])
    await assertSamePicture(second, bytes.subarray(file.length - second.length))
    const ultraHdr = readFileSync(new URL('../../../../../test/media/files/ultra-hdr.jpg', import.meta.url))
    assert.deepEqual((await cleanJpeg(ultraHdr)).edits, [])
  })

  test('numbers of pictures in an index of several are erased', async () => {
    const index = exifBlock([
      [0xb000, 7, Buffer.from('0100')],
      [0xb003, 7, Buffer.from(secrets.uniqueId)],
    ])
    const { bytes, found } = await cleanJpeg(
      withSegments(plain, [jpegSegment(0xe2, prefixes.multiPicture, index)]),
    )
    assert.ok(found.identifiers)
    assert.deepEqual(leaks(bytes), [])
  })

  test('blocks of Samsung are judged by their names, and pictures in them cleaned', async () => {
    const picture = withSegments(await photo({ seed: 3 }), [exif()])
    const trailer = samsungTrailer([
      { name: 'MCC_Data', data: Buffer.from('234') },
      { name: 'Image_UTC_Data', data: Buffer.from('1511111111111') },
      { name: 'PhotoEditor_Re_Edit_Data', data: Buffer.from(secrets.owner) },
      { name: 'DualShot_Extra', data: picture },
    ])
    const { bytes, found, unsure } = await cleanJpeg(Buffer.concat([plain, trailer]))
    assert.equal(unsure, undefined)
    assert.deepEqual(found, { location: true, identifiers: true, other: true })
    assert.deepEqual(leaks(bytes), [])
    assert.ok(bytes.includes('MCC_Data\0\0\0'))
    assert.ok(bytes.includes('1511111111111'))
    await assertSamePicture(
      picture,
      bytes.subarray(bytes.indexOf('DualShot_Extra') + 14, bytes.indexOf('SEFH')),
    )
  })

  test('fill bytes are nothing unknown, and a picture behind them is cleaned', async () => {
    const second = withSegments(plain, [exif()])
    const { bytes, unsure } = await cleanJpeg(
      Buffer.concat([plain, Buffer.alloc(50, 0xff), second, Buffer.of(0xff)]),
    )
    assert.equal(unsure, undefined)
    assert.deepEqual(leaks(bytes), [])
  })

  test('bytes of an unknown kind stay, and are told', async () => {
    const { unsure, edits } = await cleanJpeg(Buffer.concat([plain, Buffer.from('vendor data')]))
    assert.match(unsure ?? '', /unknown kind/)
    assert.deepEqual(edits, [])
    for (const few of ['x', 'xy']) {
      assert.match((await cleanJpeg(Buffer.concat([plain, Buffer.from(few)]))).unsure ?? '', /unknown kind/)
    }
    const lineEnd = await cleanJpeg(Buffer.concat([plain, Buffer.from('\r\n\0\0')]))
    assert.equal(lineEnd.unsure, undefined)
  })

  test('a picture without an end marker is a picture', async () => {
    const { unsure, bytes } = await cleanJpeg(withSegments(plain, [exif()]).subarray(0, -2))
    assert.equal(unsure, undefined)
    assert.deepEqual(leaks(bytes), [])
  })

  test('blocks behind the one scan of a picture are cleaned, too, with its end marker and without', async () => {
    const jpeg = Buffer.concat([plain.subarray(0, -2), exif(), xmp(), plain.subarray(-2)])
    for (const one of [jpeg, jpeg.subarray(0, -2)]) {
      const { bytes, unsure } = await cleanJpeg(one)
      assert.deepEqual([leaks(bytes), unsure], [[], undefined])
      await assertSamePicture(one, bytes)
    }
  })

  test('nothing private passes behind the one scan, however far from the end mark', async () => {
    const far = Buffer.concat([plain.subarray(0, -2), exif(), Buffer.alloc(200_000), plain.subarray(-2)])
    const { unsure } = await cleanJpeg(far)
    assert.ok(unsure)
  })

  test('blocks between the scans of a progressive picture are cleaned, too', async () => {
    const progressive = await sharp(plain).jpeg({ progressive: true }).toBuffer()
    const scan = progressive.lastIndexOf(Buffer.from([0xff, 0xda]))
    const jpeg = Buffer.concat([progressive.subarray(0, scan), exif(), progressive.subarray(scan)])
    const { bytes } = await cleanJpeg(jpeg)
    assert.deepEqual(leaks(bytes), [])
    await assertSamePicture(jpeg, bytes)
  })
})
