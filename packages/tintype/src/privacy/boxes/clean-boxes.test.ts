import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { assertSamePicture } from '../../../../../test/media/clean.ts'
import { box, clip, renamed } from '../../../../../test/media/containers.ts'
import { jpegSegment, withSegments } from '../../../../../test/media/exif.ts'
import { mediaOf } from '../../../../../test/media/media-bytes.ts'
import { photo } from '../../../../../test/media/photos.ts'
import {
  boxedMetadata,
  position,
  sampleEntry,
  u32,
  userData,
  userText,
  withBoxes,
  withTrack,
} from '../../../../../test/media/private-clips.ts'
import { leaks, privateExif } from '../../../../../test/media/secrets.ts'
import { applyEdits, fromMemory, type PrivacyPolicy } from '../cleaning.ts'
import { planCleaning } from '../plan-cleaning.ts'

const remove: PrivacyPolicy = { location: 'remove', identifiers: 'remove' }

async function clean(file: Buffer, policy = remove, type = 'video/mp4') {
  const bytes = Buffer.from(file)
  const cleaning = await planCleaning(fromMemory(file), type, policy)
  applyEdits(bytes, cleaning.edits)
  assert.equal(bytes.length, file.length)
  assert.deepEqual(mediaOf(bytes), mediaOf(file))
  const again = await planCleaning(fromMemory(bytes), type, policy)
  assert.deepEqual(again.edits, [], 'Cleaning it twice is cleaning it once.')
  return { ...cleaning, bytes }
}

const isPrivate = /48\.8577|SN0815|Tour Eiffel/
const textOf = (bytes: Buffer) => bytes.toString('latin1')
const paris = { latitude: 48.8577, longitude: 2.295, altitude: 35 }

describe('user data of a movie', () => {
  const kept = [
    userText('\xa9mod', 'Model One'),
    userText('\xa9day', '2024-05-06'),
    userText('\xa9cpy', 'Me'),
    userText('\xa9nam', 'My film'),
    box('modl', u32(0), 'Model Two\0'),
  ]

  test('position, serial numbers and what only its camera knows go; model, date, title and copyright stay', async () => {
    const file = withBoxes({
      inMovie: [
        userData(
          userText('\xa9xyz', position),
          ...kept,
          box('CAME', 'SN0815'),
          box('zzzz', 'SN0815'),
          box(
            'GPMF',
            box2(
              'DEVC',
              0,
              box2('CASN', 0x63, Buffer.from('SN0815\0\0')),
              box2('MINF', 0x63, Buffer.from('HERO')),
            ),
          ),
          Buffer.alloc(4),
        ),
      ],
    })
    const { bytes, found, position: where, unsure } = await clean(file)
    assert.doesNotMatch(textOf(bytes), isPrivate)
    assert.match(textOf(bytes), /Model One.*2024-05-06.*Me.*My film.*Model Two.*HERO/s)
    assert.deepEqual(found, { location: true, identifiers: true, other: true })
    assert.deepEqual(where, paris)
    assert.equal(unsure, undefined)
  })

  test('the position of 3GPP, with its name', async () => {
    const place = Buffer.concat([
      u32(0),
      Buffer.from('\x15\xc7Tour Eiffel\0\0', 'latin1'),
      u32(150405, 3201938, 35 << 16),
    ])
    const { bytes, position: where } = await clean(
      withBoxes({ inMovie: [userData(box('loci', place, 'earth\0\0'))] }),
    )
    assert.doesNotMatch(textOf(bytes), /loci|Tour Eiffel/)
    assert.ok(where && Math.abs(where.latitude - 48.8577) < 1e-4 && Math.abs(where.longitude - 2.295) < 1e-4)
  })

  test('a policy that keeps positions removes serial numbers, and the other way round', async () => {
    const file = withBoxes({ inMovie: [userData(userText('\xa9xyz', position), box('CAME', 'SN0815'))] })
    assert.match(textOf((await clean(file, { ...remove, location: 'keep' })).bytes), /48\.8577(?!.*SN0815)/s)
    assert.match(textOf((await clean(file, { ...remove, identifiers: 'keep' })).bytes), /SN0815/)
    const nothing = await clean(file, { location: 'keep', identifiers: 'keep' })
    assert.deepEqual(nothing.edits, [])
    assert.deepEqual(nothing.found, { location: true, identifiers: true, other: false })
  })
})

describe("iTunes' list", () => {
  const data = (type: number, value: Buffer | string) => box('data', u32(type, 0), value)
  const comment = box('\xa9cmt', data(1, '47.123456, 8.654321'))
  const serial = box(
    '----',
    box('mean', u32(0), 'x'),
    box('name', u32(0), 'serial number'),
    data(1, 'SN0815'),
  )
  const list = (...items: Buffer[]) =>
    box('meta', u32(0), box('hdlr', u32(0, 0), 'mdirappl', u32(0, 0)), box('ilst', ...items))
  let jpeg: Buffer
  let png: Buffer
  before(async () => {
    jpeg = withSegments(await photo(), [jpegSegment(0xe1, 'Exif\0\0', privateExif())])
    png = await photo({ type: 'image/png' })
  })

  test('a cover is cleaned, whatever type it names and whatever else goes with it', async () => {
    for (const type of [13, 14, 0]) {
      const cover = box('covr', data(type, jpeg), data(14, png))
      const title = box('\xa9nam', data(1, 'My film'))
      for (const items of [
        [cover],
        [cover, comment],
        [serial, cover, title],
        [comment, cover, serial, cover],
      ]) {
        for (const meta of [list(...items), userData(list(...items))]) {
          const { bytes, found, unsure } = await clean(withBoxes({ inMovie: [meta] }))
          assert.deepEqual(leaks(bytes), [])
          assert.doesNotMatch(textOf(bytes), /47\.123456|SN0815/)
          assert.equal(bytes.includes('My film'), items.includes(title))
          assert.deepEqual([found.location, found.identifiers, unsure], [true, true, undefined])
          const at = bytes.indexOf(jpeg.subarray(-200))
          const picture = bytes.subarray(at + 200 - jpeg.length, at + 200)
          await assertSamePicture(jpeg, picture)
          assert.ok(bytes.includes(png))
        }
      }
    }
  })

  test('a cover of no kind that is known goes', async () => {
    const { bytes } = await clean(withBoxes({ inMovie: [list(box('covr', data(0, 'SN0815'.repeat(20))))] }))
    assert.doesNotMatch(textOf(bytes), isPrivate)
  })
})

describe('tracks', () => {
  const gone = {
    'of GoPro': sampleEntry('gpmd'),
    'of Google': sampleEntry('camm'),
    'of Sony': sampleEntry('rtmd'),
    'of DJI': sampleEntry('djmd'),
    'of Apple, with positions': boxedMetadata('com.apple.quicktime.location.ISO6709'),
  }
  for (const [name, entry] of Object.entries(gone)) {
    test(`with positions ${name} are taken out, with their samples`, async () => {
      const file = withTrack(entry, ['48.8577 2.2950 SN0815', '48.8577 2.2951 SN0815'])
      const { bytes, found, unsure } = await clean(file)
      assert.doesNotMatch(textOf(bytes), isPrivate)
      assert.equal(found.location, true)
      assert.equal(unsure, undefined)
    })
  }

  test('subtitles stay, unless a drone wrote its position into them', async () => {
    const entry = sampleEntry('tx3g', Buffer.alloc(30))
    const drone = await clean(withTrack(entry, ['GPS(2.2950,48.8577,15) D 3m'], 'sbtl'))
    assert.doesNotMatch(textOf(drone.bytes), isPrivate)
    const film = await clean(withTrack(entry, ['At what latitude are we? I have lost the GPS.'], 'sbtl'))
    assert.deepEqual([film.edits, film.unsure], [[], undefined])
  })

  test('what makes a Live Photo live stays', async () => {
    const { edits, unsure } = await clean(
      withTrack(boxedMetadata('com.apple.quicktime.still-image-time'), ['x']),
    )
    assert.deepEqual([edits, unsure], [[], undefined])
  })

  test('of an unknown kind make it unsure', async () => {
    const { edits, unsure } = await clean(withTrack(sampleEntry('what'), ['48.8577']))
    assert.deepEqual(edits, [])
    assert.match(unsure ?? '', /track of an unknown kind \(what\)/)
  })

  test('of pictures are never taken out, whatever codec they name', async () => {
    const { edits } = await clean(renamed(clip('index-at-end.mp4'), 'avc1', 'gpmd'))
    assert.deepEqual(edits, [])
  })

  test('whose tables point into the index, or at pictures, lead to no harm', async () => {
    const file = withTrack(sampleEntry('gpmd'), ['48.8577', '48.8577'])
    const places = file.lastIndexOf('stco') + 12
    for (const place of [file.lastIndexOf('moov') + 100, file.indexOf('mdat') + 50, 0]) {
      const hostile = Buffer.from(file)
      hostile.writeUInt32BE(place, places)
      const { unsure } = await clean(hostile)
      assert.match(unsure ?? '', /points to where|lie among/)
    }
  })
})

describe('boxes of a file', () => {
  test('what a camera put behind the end becomes a box that players pass over', async () => {
    for (const trailer of ['APPENDED-BY-CAMERA-SN0815', 'SN0815']) {
      const file = Buffer.concat([clip('index-at-end.mp4'), Buffer.from(trailer)])
      const { bytes, unsure } = await clean(file)
      assert.doesNotMatch(textOf(bytes), isPrivate)
      assert.equal(unsure, undefined)
    }
  })

  test('what is left in unused boxes, and in those of makers', async () => {
    const garmin = Buffer.from('9b630f8d637440ec8204bc5ff5091728', 'hex')
    const unknown = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
    const file = withBoxes({
      inMovie: [box('free', 'SN0815'), box('uuid', garmin, '48.8577')],
      behind: [box('skip', '48.8577'), box('uuid', unknown, 'SN0815')],
    })
    const { bytes, unsure } = await clean(file)
    assert.doesNotMatch(textOf(bytes), isPrivate)
    assert.equal(unsure, undefined)
  })

  test("XML of Sony's and Panasonic's cameras loses its serial number and its position", async () => {
    const xml =
      '<?xml version="1.0"?><NonRealTimeMeta><Device manufacturer="Sony" modelName="ILCE-7" serialNo="SN0815"/>' +
      '<Item name="LatitudeRef" value="N"/><Item name="Latitude" value="48.8577"/><Item name="Lens" value="50"/>' +
      '<Longitude>48.8577</Longitude></NonRealTimeMeta>'
    const meta = box('meta', u32(0), box('hdlr', u32(0, 0), 'nrtm', u32(0, 0, 0)), box('xml ', u32(0), xml))
    const { bytes } = await clean(withBoxes({ inMovie: [meta] }))
    assert.doesNotMatch(textOf(bytes), isPrivate)
    assert.match(textOf(bytes), /modelName="ILCE-7".*name="Lens" value="50".*<\/NonRealTimeMeta>/)
  })

  test('unknown ones make it unsure', async () => {
    assert.match(
      (await clean(withBoxes({ behind: [box('what', 'SN0815')] }))).unsure ?? '',
      /unknown kind \(what\)/,
    )
    assert.match(
      (await clean(withBoxes({ inMovie: [box('what', 'SN0815')] }))).unsure ?? '',
      /unknown kind \(what\)/,
    )
  })
})

/** GoPro's: key, type, size of a value, number of them. */
function box2(key: string, type: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const header = Buffer.from([...Buffer.from(key), type, 1, body.length >> 8, body.length & 255])
  return Buffer.concat([header, body, Buffer.alloc(-body.length & 3)])
}
