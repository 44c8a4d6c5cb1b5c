import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { box, clip as fileOf } from '../../../../../test/media/containers.ts'
import { coded, heif, size } from '../../../../../test/media/heif.ts'
import { mediaOf } from '../../../../../test/media/media-bytes.ts'
import { u32 } from '../../../../../test/media/private-clips.ts'
import { samsungTrailer } from '../../../../../test/media/samsung.ts'
import { harmless, leaks, privateExif, secrets } from '../../../../../test/media/secrets.ts'
import { readHeifDetails } from '../../inspect/details/heif-details.ts'
import { applyEdits, fromMemory, type PrivacyPolicy } from '../cleaning.ts'
import { planCleaning } from '../plan-cleaning.ts'

// Files that were made by other programs: see test/media/private.

const own = (name: string) =>
  readFileSync(new URL(`../../../../../test/media/private/${name}`, import.meta.url))
const remove: PrivacyPolicy = { location: 'remove', identifiers: 'remove' }

async function clean(file: Buffer, type: string, policy = remove) {
  const cleaning = await planCleaning(fromMemory(file), type, policy)
  const bytes = Buffer.from(file)
  applyEdits(bytes, cleaning.edits)
  assert.deepEqual(mediaOf(bytes), mediaOf(file))
  const again = await planCleaning(fromMemory(bytes), type, policy)
  assert.deepEqual(again.edits, [], 'Cleaning it twice is cleaning it once.')
  return { ...cleaning, bytes }
}

const files = {
  'photo.heic': 'image/heic',
  'photo.avif': 'image/avif',
  'photo.jxl': 'image/jxl',
  'clip.mov': 'video/quicktime',
  'fragments.mp4': 'video/mp4',
  'clip.webm': 'video/webm',
  'clip.mkv': 'video/matroska',
}

describe('a file of another program', () => {
  for (const [name, type] of Object.entries(files)) {
    test(`${name} keeps its length, its media, its title, and no secret`, async () => {
      const file = own(name)
      const { bytes, position, found, unsure } = await clean(file, type)
      assert.equal(bytes.length, file.length)
      assert.deepEqual(leaks(bytes), [])
      assert.equal(unsure, undefined)
      assert.equal(found.location, true)
      assert.ok(position && Math.abs(position.latitude - 51.507351) < 1e-4, JSON.stringify(position))
      assert.ok(Math.abs(position.longitude + 0.127758) < 1e-4)
      for (const kept of ['By the river', 'Ansel Example', 'TC-1', '2026:11:28'])
        assert.equal(bytes.includes(kept), file.includes(kept), kept)
    })
  }

  test('with a policy that keeps everything, not a byte changes', async () => {
    for (const [name, type] of Object.entries(files)) {
      const { edits, found } = await clean(own(name), type, { location: 'keep', identifiers: 'keep' })
      assert.deepEqual(edits, [], name)
      assert.equal(found.location, true)
    }
  })
})

describe('a HEIC', () => {
  test('with a clip in it: the clip is cleaned like one that comes alone', async () => {
    const clip = own('clip.mov')
    const { bytes, unsure } = await clean(Buffer.concat([own('photo.heic'), box('mpvd', clip)]), 'image/heic')
    assert.equal(unsure, undefined)
    assert.deepEqual(leaks(bytes), [])
    const { bytes: alone } = await clean(clip, 'video/quicktime')
    assert.ok(bytes.subarray(-clip.length).equals(alone))
  })

  test("Samsung's own box loses the country, and what nobody knows", async () => {
    const trailer = samsungTrailer([
      { name: 'MCC_Data', data: Buffer.from('234') },
      { name: 'Image_UTC_Data', data: Buffer.from('1764331200000') },
      { name: 'What', data: Buffer.from('SN7391824650') },
    ])
    const unspoken = Buffer.from('MCC_Data234')
    const sefd = box('sefd', unspoken, trailer)
    const { bytes, unsure } = await clean(Buffer.concat([own('photo.heic'), sefd]), 'image/heic')
    assert.equal(unsure, undefined)
    assert.deepEqual(leaks(bytes), [])
    assert.doesNotMatch(bytes.toString('latin1'), /MCC_Data234/)
    assert.match(bytes.toString('latin1'), /Image_UTC_Data1764331200000/)
  })

  for (const [what, before] of [
    ['as it should be', u32(0)],
    ['with the letters of a JPEG before it', Buffer.concat([u32(6), Buffer.from('Exif\0\0')])],
    ['that does not count those letters', Buffer.concat([u32(0), Buffer.from('Exif\0\0')])],
    ['without its number', Buffer.alloc(0)],
    ['behind something else', Buffer.concat([u32(8), Buffer.from(secrets.serial.slice(0, 8))])],
    ['whose number leads outside', u32(1_000_000)],
  ] as const) {
    test(`an Exif item ${what} has no secret afterwards`, async () => {
      const { data, configuration } = coded('quadrants.heic')
      const picture = { type: 'hvc1', data, properties: [configuration, size(128, 64)] }
      const exif = { type: 'Exif', data: Buffer.concat([before, privateExif()]) }
      const references = [{ type: 'cdsc', from: 2, to: [1] }]
      const { bytes, unsure } = await clean(heif({ items: [picture, exif], references }), 'image/heic')
      assert.deepEqual(leaks(bytes), [])
      assert.ok(!bytes.includes(secrets.serial.slice(0, 8)))
      assert.equal(unsure, undefined)
      const isKept = what !== 'whose number leads outside'
      assert.equal(bytes.includes(harmless.date), isKept)
      assert.equal(
        readHeifDetails(bytes).some(({ taken }) => taken !== undefined),
        isKept,
      )
    })
  }

  test('an item of an unknown kind makes it unsure', async () => {
    const file = own('photo.heic')
    const type = file.indexOf('application/rdf+xml')
    file.write('application/xyz+xml', type)
    assert.match((await clean(file, 'image/heic')).unsure ?? '', /unknown kind \(application\/xyz\+xml\)/)
  })
})

describe('a bare JPEG XL', () => {
  const names = ['quadrants.jxl', '16-bit.jxl', 'animated.jxl', 'display-p3.jxl', 'turned-6.jxl']
  const bare = names.map(fileOf).filter((file) => file.readUInt16BE(0) === 0xff0a)

  test('is left alone, unless something behind its picture may say where it was', async () => {
    assert.ok(bare.length > 0)
    const exif = Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), Buffer.alloc(20, 0x81)])
    for (const file of [...bare, ...bare.map((one) => Buffer.concat([one, Buffer.alloc(100)]))]) {
      assert.equal((await clean(file, 'image/jxl')).unsure, undefined)
      for (const more of [Buffer.from('47.123456, 8.654321'), exif, own('photo.jxl')]) {
        const { unsure } = await clean(Buffer.concat([file, more]), 'image/jxl')
        assert.match(unsure ?? '', /behind its picture/)
      }
    }
  })
})

describe('Content Credentials in a box of their own', () => {
  const id = Buffer.from('d8fec3d61b0e483c92975828877ec481', 'hex')
  const manifest = (content: string) =>
    box('uuid', id, u32(0), 'manifest\0', box('jumb', box('jumd', 'c2pa'), content))
  const plain = new Uint8Array(own('photo.avif'))

  test('go where anything else changes, and stay where nothing does', async () => {
    const file = Buffer.concat([plain, manifest('claim')])
    const changed = await clean(file, 'image/avif')
    assert.equal(changed.credentials, 'invalidated')
    assert.doesNotMatch(changed.bytes.toString('latin1'), /claim/)
    const same = await clean(
      Buffer.concat([changed.bytes.subarray(0, plain.length), manifest('claim')]),
      'image/avif',
    )
    assert.deepEqual([same.credentials, same.edits], ['untouched', []])
  })

  test('go where they have a position themselves', async () => {
    const { bytes: clean1 } = await clean(Buffer.from(plain), 'image/avif')
    const { credentials, bytes, found } = await clean(
      Buffer.concat([clean1, manifest('"exif:GPSLatitude": "51,30.441N"')]),
      'image/avif',
    )
    assert.equal(credentials, 'invalidated')
    assert.equal(found.location, true)
    assert.doesNotMatch(bytes.toString('latin1'), /GPSLatitude/)
  })

  test('in a JPEG XL', async () => {
    const jumb = box('jumb', box('jumd', 'c2pa'), '"exif:GPSLatitude": "51,30.441N"')
    const { credentials, bytes, unsure } = await clean(Buffer.concat([own('photo.jxl'), jumb]), 'image/jxl')
    assert.equal(credentials, 'invalidated')
    assert.equal(unsure, undefined)
    assert.deepEqual(leaks(bytes), [])
  })
})
