import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { assertSamePicture, clean } from '../../../../test/media/clean.ts'
import { photo } from '../../../../test/media/photos.ts'
import { harmless, leaks, secrets } from '../../../../test/media/secrets.ts'

/**
 * Pictures as ten cameras and phones write them, made with ExifTool from pictures of our own; and the pictures that
 * ExifTool tests itself with, with the maker notes of real cameras, where EXIFTOOL_IMAGES names their folder.
 */
const hasExifTool = spawnSync('exiftool', ['-ver']).status === 0
const folder = mkdtempSync(join(tmpdir(), 'cameras-'))
after(() => rmSync(folder, { recursive: true }))

const position = [
  '-GPSLatitude=51.507351',
  '-GPSLatitudeRef=N',
  '-GPSLongitude=0.127758',
  '-GPSLongitudeRef=W',
]
const xmpPosition = ['-XMP-exif:GPSLatitude=51.507351', '-XMP-exif:GPSLongitude=-0.127758']
const serial = [`-ExifIFD:SerialNumber=${secrets.serial}`, `-ExifIFD:LensSerialNumber=${secrets.lensSerial}`]
const always = [
  `-DateTimeOriginal=${harmless.date}`,
  `-OffsetTimeOriginal=${harmless.offset}`,
  `-Artist=${harmless.artist}`,
  `-Copyright=${harmless.copyright}`,
  '-Orientation#=6',
]

const cameras: Record<string, { type?: 'jpeg' | 'png' | 'webp'; tags: string[] }> = {
  'Apple iPhone 15 Pro': {
    tags: [
      ...position,
      '-GPSAltitude=35',
      `-HostComputer=${secrets.owner}`,
      `-ImageUniqueID=${secrets.uniqueId}`,
    ],
  },
  'samsung SM-S918B': {
    tags: [
      ...position,
      `-ExifIFD:ImageUniqueID=${secrets.uniqueId}`,
      `-XMP-xmpMM:DocumentID=${secrets.uniqueId}`,
    ],
  },
  'Google Pixel 8 Pro': { tags: [...position, ...xmpPosition, `-XMP-GCamera:BurstID=${secrets.uniqueId}`] },
  'Canon EOS R5': {
    tags: [...serial, `-OwnerName=${secrets.owner}`, `-XMP-aux:SerialNumber=${secrets.serial}`],
  },
  'NIKON CORPORATION NIKON Z 9': {
    tags: [...serial, ...position, `-IPTC:City=${secrets.city}`, `-XMP-photoshop:City=${secrets.city}`],
  },
  'SONY ILCE-7M4': {
    tags: [...serial, `-XMP-exifEX:SerialNumber=${secrets.serial}`, `-IPTC:Sub-location=${secrets.city}`],
  },
  'FUJIFILM X-T5': {
    tags: [
      ...serial,
      `-XMP-iptcCore:Location=${secrets.city}`,
      `-XMP-iptcExt:LocationCreatedCity=${secrets.city}`,
    ],
  },
  'Panasonic DC-S5M2': {
    tags: [
      ...serial,
      ...position,
      `-XMP-aux:OwnerName=${secrets.owner}`,
      '-UserComment=at 51.507351, -0.127758',
    ],
  },
  'DJI FC3582': {
    tags: [...position, '-XMP-drone-dji:GPSLatitude=51.507351', '-XMP-drone-dji:AbsoluteAltitude=+51.5073'],
  },
  'Xiaomi 13': { type: 'webp', tags: [...position, ...xmpPosition, ...serial] },
  'OLYMPUS E-M1': { type: 'png', tags: [...position, ...xmpPosition, ...serial] },
}

function tagsOf(file: string): string {
  return execFileSync('exiftool', ['-a', '-G1', '-ee3', '-s', '-j', file], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  })
}

describe('pictures as cameras write them', { skip: !hasExifTool && 'exiftool is not installed' }, () => {
  for (const [name, { type = 'jpeg', tags }] of Object.entries(cameras)) {
    test(`${name}, ${type}`, async () => {
      const file = join(folder, `${name}.${type}`)
      writeFileSync(file, await photo({ type: `image/${type}`, width: 120, height: 80 }))
      const [make = '', ...model] = name.split(' ')
      const given = [`-Make=${make}`, `-Model=${model.join(' ')}`, ...always, ...tags]
      execFileSync('exiftool', ['-q', '-m', '-overwrite_original', ...given, file])
      const sent = readFileSync(file)
      assert.notDeepEqual(leaks(sent), [])
      assert.match(tagsOf(file), /51 deg 30|SN7391824650|Olivia/)

      const { bytes, unsure } = await clean(sent, `image/${type}`)
      assert.equal(unsure, undefined)
      assert.deepEqual(leaks(bytes), [])
      await assertSamePicture(sent, bytes)
      writeFileSync(file, bytes)
      const said = tagsOf(file)
      assert.doesNotMatch(said, /GPS(Lat|Long|Pos|Alt)|51 deg|SerialNumber|OwnerName|UniqueID|City|"Warning"/)
      for (const text of Object.values(secrets)) assert.ok(!said.includes(text), text)
      for (const text of [harmless.date, harmless.offset, harmless.artist, model.join(' ')])
        assert.ok(said.includes(text), text)
      assert.match(said, /Rotate 90 CW/)
    })
  }
})

const images = process.env.EXIFTOOL_IMAGES
describe('pictures of real cameras', {
  skip: (!hasExifTool || !images) && 'EXIFTOOL_IMAGES is not set',
}, () => {
  const types: Record<string, string> = { '.jpg': 'jpeg', '.png': 'png', '.webp': 'webp', '.gif': 'gif' }
  for (const name of images ? readdirSync(images) : []) {
    const type = types[extname(name)]
    if (!type) continue
    test(name, async () => {
      const sent = readFileSync(join(images as string, name))
      const { bytes, unsure } = await clean(sent, `image/${type}`)
      const file = join(folder, `real-${name}`)
      writeFileSync(file, bytes)
      const said = Object.keys(JSON.parse(tagsOf(file))[0])
      const left = said.filter((tag) =>
        /GPS(Lat|Long|Pos|Alt)|Serial|OwnerName|UniqueID|:City|:State|Country|Sub-?location|ThumbnailImage/i.test(
          tag,
        ),
      )
      if (unsure === undefined) assert.deepEqual(left, [])
    })
  }
})
