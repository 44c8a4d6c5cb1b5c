import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { clip } from '../../../../../test/media/containers.ts'
import {
  appleNote,
  container,
  exifOf,
  exifSegment,
  gainMapSegment,
  multiPicture,
  samsungClip,
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

describe('what a photo holds beside its picture', () => {
  const second = async (...segments: Buffer[]) =>
    withSegments(await photo({ width: 12, height: 8 }), segments)
  const features = (bytes: Buffer) => readDetails('image/jpeg', bytes).features
  const ultraHdr = xmpSegment('hdrgm:Version="1.0"')

  test('a gain map: by XMP, by ISO 21496-1, as phones of Apple name it', async () => {
    assert.deepEqual(features(multiPicture(plain, [ultraHdr], await second(ultraHdr))), ['gain-map'])
    assert.deepEqual(features(multiPicture(plain, [gainMapSegment()], await second(gainMapSegment()))), [
      'gain-map',
    ])
    const apple = xmpSegment(
      '',
      '<apdi:AuxiliaryImageType>urn:com:apple:photo:2020:aux:hdrgainmap</apdi:AuxiliaryImageType>',
    )
    assert.deepEqual(features(multiPicture(plain, [], await second(apple))), ['gain-map'])
  })

  test('a second picture that is none, and words of one that has been dropped, are no gain map', async () => {
    assert.equal(features(multiPicture(plain, [], await second())), undefined)
    assert.equal(features(multiPicture(plain, [ultraHdr], await second())), undefined)
    assert.equal(features(withSegments(plain, [ultraHdr])), undefined)
    const whole = multiPicture(plain, [ultraHdr], await second(ultraHdr))
    assert.equal(features(whole.subarray(0, whole.length - 500)), undefined)
  })

  test("a clip: Google's, the older one, Samsung's, and with a gain map before it", async () => {
    const movie = clip('index-first.mp4')
    const items = [{ semantic: 'MotionPhoto', length: movie.length }]
    const motion = xmpSegment('GCamera:MotionPhoto="1"', container(items))
    assert.deepEqual(features(Buffer.concat([withSegments(plain, [motion]), movie])), ['motion'])
    const older = xmpSegment(`GCamera:MicroVideo="1" GCamera:MicroVideoOffset="${movie.length}"`)
    assert.deepEqual(features(Buffer.concat([withSegments(plain, [older]), movie])), ['motion'])
    assert.deepEqual(features(Buffer.concat([plain, samsungClip(movie)])), ['motion'])
    const map = await second(ultraHdr)
    const both = xmpSegment(
      'hdrgm:Version="1.0" GCamera:MotionPhoto="1"',
      container([{ semantic: 'GainMap', length: map.length }, ...items]),
    )
    const whole = Buffer.concat([withSegments(plain, [both]), map, movie])
    assert.deepEqual(features(whole), ['gain-map', 'motion'])
  })

  test('words of a clip that is not there are none', () => {
    const words = ['-1', '1.5', '0', 'NaN', '99999999999', '40'].map((length) =>
      xmpSegment(
        `GCamera:MicroVideoOffset="${length}" hdrgm:Version="1"`,
        container([
          { semantic: 'MotionPhoto', length: Number(length) || 7 },
          { semantic: 'GainMap', length: 1.5 },
        ]),
      ),
    )
    for (const one of words) assert.equal(features(withSegments(plain, [one])), undefined)
  })

  test('half of a Live Photo, and a panorama', () => {
    const contentId = '5B2E4C6A-0C0E-4B1B-9B2C-9B0B1E0F3A77'
    const half = ofJpeg(exifSegment(exifOf({ make: 'Apple', makerNote: appleNote(contentId) })))
    assert.deepEqual([half.contentId, half.features], [contentId, ['live-photo']])
    assert.deepEqual(ofJpeg(xmpSegment('GPano:ProjectionType="equirectangular"')).features, ['panorama'])
  })
})
