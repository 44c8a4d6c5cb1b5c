import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { box, boxesOf, clip } from '../../../../../test/media/containers.ts'
import { jpegSegment, withSegments } from '../../../../../test/media/exif.ts'
import { mediaOf } from '../../../../../test/media/media-bytes.ts'
import { photo } from '../../../../../test/media/photos.ts'
import { position, u32, withBoxes } from '../../../../../test/media/private-clips.ts'
import { leaks, privateExif } from '../../../../../test/media/secrets.ts'
import { applyEdits, fromMemory } from '../cleaning.ts'
import { planCleaning } from '../plan-cleaning.ts'
import { unknownUserData } from './coded-pictures.ts'

// Places in which few cameras write, and where they say where they are: what is private there goes, or is told.

async function clean(file: Buffer) {
  const bytes = Buffer.from(file)
  const cleaning = await planCleaning(fromMemory(file), 'video/mp4', {
    location: 'remove',
    identifiers: 'remove',
  })
  applyEdits(bytes, cleaning.edits)
  assert.deepEqual(mediaOf(bytes), mediaOf(file))
  return { ...cleaning, bytes }
}

describe('bytes between the samples, which no table names', () => {
  /** Before the index: nothing moves. */
  const withData = (...data: Buffer[]) => {
    const boxes = boxesOf(clip('index-at-end.mp4')).map(({ bytes }) => bytes)
    return Buffer.concat([...boxes.slice(0, -1), box('mdat', ...data), boxes.at(-1) as Buffer])
  }
  const block = (text: string, size = 400) => Buffer.concat([u32(size), Buffer.from(`freeGPS ${text}`)], size)

  test('blocks of a dash cam are overwritten, without a list of them, too', async () => {
    const { bytes, found, unsure } = await clean(
      withData(
        Buffer.alloc(100),
        block(position),
        block(position),
        Buffer.alloc(3000),
        block(position, 9000),
      ),
    )
    assert.ok(!bytes.includes('48.8577'))
    assert.equal(found.location, true)
    assert.equal(unsure, undefined)
  })

  test('zeros and a few bytes say nothing; anything else is told', async () => {
    assert.equal((await clean(withData(Buffer.alloc(5000)))).unsure, undefined)
    assert.equal((await clean(withData(Buffer.from('1234567')))).unsure, undefined)
    for (const data of [Buffer.from(position), Buffer.concat([Buffer.alloc(9000), Buffer.alloc(16, 1)])]) {
      const { unsure, edits } = await clean(withData(data))
      assert.match(unsure ?? '', /only its camera knows/)
      assert.deepEqual(edits, [])
    }
  })

  test('in the bucket some of many are looked into', async () => {
    const file = withData(block(position), Buffer.alloc(40_000), block(position, 30_000))
    const cleaning = await planCleaning(
      { size: file.length, read: async (start, end) => file.subarray(start, end) },
      'video/mp4',
      { location: 'remove', identifiers: 'remove' },
    )
    assert.equal(cleaning.found.location, true)
    const stored = Buffer.from(file)
    applyEdits(stored, cleaning.edits)
    assert.equal(stored.indexOf('48.8577'), -1)
  })
})

describe('what goes with coded pictures (SEI)', () => {
  const uuid = (hex: string) => Buffer.from(hex, 'hex')
  const message = (type: number, ...content: (Buffer | string)[]) => {
    const payload = Buffer.concat(content.map((one) => (typeof one === 'string' ? Buffer.from(one) : one)))
    return Buffer.concat([Buffer.from([type, payload.length]), payload])
  }
  const unit = (header: number[], ...content: Buffer[]) => {
    const body = Buffer.concat([Buffer.from(header), ...content])
    return Buffer.concat([u32(body.length), body])
  }
  const h264 = (...messages: Buffer[]) =>
    Buffer.concat([
      unit([9], Buffer.from([0xf0])),
      unit([6], ...messages, Buffer.from([0x80])),
      unit([0x65], Buffer.alloc(50, 7)),
    ])
  const hevc = (...messages: Buffer[]) =>
    Buffer.concat([unit([0x4e, 1], ...messages, Buffer.from([0x80])), unit([0x26, 1], Buffer.alloc(50, 7))])
  const x264 = uuid('dc45e9bde6d948b7962cd820d923eeef')
  const apple = uuid('47564adc5c4c433f94efc5113cd143a8')
  const camcorder = uuid('17ee8c60f84d11d98cd60800200c9a66')
  const avc = { isHevc: false, width: 4 }

  test('of encoders, captions and tone mapping say nothing private', () => {
    for (const harmless of [
      message(5, x264, 'x264 - core 164 - options: cabac=1 deblock=1:0:0'),
      message(5, apple, Buffer.from('01ffccccff0200', 'hex')),
      message(4, Buffer.from('b50031', 'hex'), 'GA94'),
      message(5, camcorder, 'MDPM', Buffer.from('0118020000001900000000', 'hex')),
      message(5, uuid('b9edb9305d214b7183712c10a314bb29')),
      message(1, Buffer.alloc(4)),
    ]) {
      assert.equal(unknownUserData(h264(message(0, Buffer.alloc(2)), harmless), avc), undefined)
      assert.equal(unknownUserData(hevc(harmless), { isHevc: true, width: 4 }), undefined)
    }
  })

  test('of an unknown kind, with a position, or with a text that has one are told', () => {
    for (const unknown of [
      message(5, uuid('00112233445566778899aabbccddeeff'), 'anything'),
      message(4, Buffer.from('990001', 'hex'), 'anything'),
      message(5, x264, `comment=${position}`),
      message(5, camcorder, 'MDPM', Buffer.from('02b14e000000b200330001', 'hex')),
    ]) {
      assert.ok(unknownUserData(h264(message(0, Buffer.alloc(2)), unknown), avc))
      assert.ok(unknownUserData(hevc(unknown), { isHevc: true, width: 4 }))
    }
  })

  test('make the file unsure, and not a byte of it changes', async () => {
    const file = clip('index-at-end.mp4')
    const at = file.indexOf(x264)
    assert.notEqual(at, -1)
    assert.equal((await clean(file)).unsure, undefined)
    const another = Buffer.from(file)
    another[at] = 1
    const { unsure, edits } = await clean(another)
    assert.match(unsure ?? '', /Its pictures have data of an unknown kind/)
    assert.deepEqual(edits, [])
  })
})

describe('descriptions of tracks', () => {
  /** Takes the place of a box in the description of the pictures. */
  const described = (type: string, content: Buffer) => {
    const file = Buffer.from(clip('index-at-end.mp4'))
    const at = ['pasp', 'btrt', 'colr'].map((one) => file.lastIndexOf(one)).find((one) => one !== -1) ?? -1
    assert.notEqual(at, -1)
    file.write(type, at, 'latin1')
    content.copy(file, at + 4, 0, file.readUInt32BE(at - 4) - 8)
    return file
  }

  test('lose a box of a maker, and are unsure with one of an unknown kind', async () => {
    const { bytes, found, unsure } = await clean(described('uuid', Buffer.from('+48.8577+002.29')))
    assert.ok(!bytes.includes('+48.8577') && found.other)
    assert.equal(unsure, undefined)
    assert.match(
      (await clean(described('Xgps', Buffer.alloc(8, 1)))).unsure ?? '',
      /of an unknown kind \(Xgps\)/,
    )
  })

  test('that say where they were are told', async () => {
    const file = Buffer.from(clip('index-at-end.mp4'))
    const at = file.indexOf('hdlr', file.indexOf('moov')) + 28
    file.write('Lat: 48.8', at, 'latin1')
    assert.match((await clean(file)).unsure ?? '', /an unusual place/)
  })
})

describe('boxes of a file', () => {
  test('messages of a broadcast become boxes that players pass over', async () => {
    const { bytes, found } = await clean(
      withBoxes({ behind: [box('emsg', u32(0), 'urn:acme\0', '1\0', position)] }),
    )
    assert.ok(!bytes.includes('48.8577') && found.other)
  })

  test('a preview is cleaned like a photo', async () => {
    const picture = withSegments(await photo(), [jpegSegment(0xe1, 'Exif\0\0', privateExif())])
    const { bytes, found } = await clean(withBoxes({ behind: [box('thmb', picture)] }))
    assert.deepEqual(leaks(bytes), [])
    assert.equal(found.location, true)
  })

  test('an index that is compressed is told', async () => {
    assert.match(
      (await clean(withBoxes({ inMovie: [box('cmov', Buffer.alloc(40, 1))] }))).unsure ?? '',
      /compressed/,
    )
  })

  test('of numbers, with a text in them, are told', async () => {
    for (const type of ['styp', 'sidx', 'prft', 'mfra'])
      assert.match(
        (await clean(withBoxes({ behind: [box(type, u32(0), '51.507351, -0.127758')] }))).unsure ?? '',
        /unusual/,
      )
  })

  test('of a HEIC that describe a picture lose a place', async () => {
    const property = (text: string) => box('udes', u32(0), 'en\0', `${text}\0`, 'about\0', '\0')
    const meta = (text: string) =>
      box(
        'meta',
        u32(0),
        box('hdlr', u32(0, 0), 'pict', u32(0, 0, 0)),
        box('iprp', box('ipco', property(text))),
      )
    const { bytes, found } = await clean(withBoxes({ inMovie: [meta('51.507351, -0.127758')] }))
    assert.deepEqual([leaks(bytes), found.location], [[], true])
    assert.deepEqual((await clean(withBoxes({ inMovie: [meta('Beach')] }))).edits, [])
  })
})
