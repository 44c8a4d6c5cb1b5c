import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { jpegSegment, withSegments } from '../../../../test/media/exif.ts'
import { photo } from '../../../../test/media/photos.ts'
import { endOfScan, hasPrefix, jpegSegments, markers, prefixes } from './jpeg-segments.ts'

describe('jpegSegments', () => {
  test('every segment up to the scan, and the marker behind it', async () => {
    const exif = jpegSegment(markers.app1, prefixes.exif, 'II*\0')
    const jpeg = withSegments(await photo(), [
      exif,
      Buffer.from([0xff, 0xff]),
      jpegSegment(markers.comment, 'x'),
    ])
    const { segments, ending, end } = jpegSegments(jpeg)
    assert.equal(ending, 'scan')
    assert.deepEqual(segments[0], { marker: markers.app1, start: 2, body: 6, end: 2 + exif.length })
    assert.ok(segments[0] && hasPrefix(jpeg, segments[0], prefixes.exif))
    assert.equal(segments[1]?.marker, markers.comment)
    assert.equal(segments.at(-1)?.marker, markers.startOfScan)
    assert.equal(endOfScan(jpeg, end), jpeg.length - 2)
    const rest = jpegSegments(jpeg, jpeg.length - 2)
    assert.deepEqual(rest, { segments: [], gaps: [], ending: 'end', end: jpeg.length })
  })

  test('however it is cut, it says so and stays inside', async () => {
    const jpeg = withSegments(await photo(), [jpegSegment(markers.comment, 'x')])
    const whole = jpegSegments(jpeg)
    for (let length = 2; length < whole.end; length++) {
      const { segments, ending } = jpegSegments(jpeg.subarray(0, length))
      assert.equal(ending, 'cut off', `${length} bytes`)
      assert.ok(segments.every(({ end }) => end <= length))
    }
  })

  test('bytes between segments are passed over, up to what a decoder takes for a marker', async () => {
    const note = jpegSegment(markers.comment, 'x')
    const between = Buffer.from([0x3f, 0xff, 0x00, 0x3e])
    const jpeg = withSegments(await photo(), [note, between])
    const { segments, gaps, ending } = jpegSegments(jpeg)
    assert.equal(ending, 'scan')
    const start = 2 + note.length
    assert.deepEqual(gaps, [{ start, end: start + between.length }])
    assert.equal(segments[1]?.start, start + between.length)
    assert.deepEqual(jpegSegments(await photo()).gaps, [])
  })

  test('bytes between segments are no more, all together, than a segment may have', async () => {
    const note = jpegSegment(markers.comment, 'x')
    const jpeg = await photo()
    for (const [between, ending] of [
      [Buffer.alloc(65_000), 'scan'],
      [Buffer.alloc(70_000), 'damaged'],
      [Buffer.alloc(65_000, 0xff), 'scan'],
      [Buffer.alloc(70_000, 0xff), 'damaged'],
      [Buffer.concat(Array(3).fill(Buffer.concat([Buffer.alloc(30_000), note]))), 'damaged'],
      [Buffer.alloc(70_000, Buffer.from([0xff, 0x01])), 'damaged'],
    ] as const)
      assert.equal(jpegSegments(withSegments(jpeg, [note, between])).ending, ending)
  })

  test('the data of a scan goes on behind what is no marker, wherever that stands', () => {
    for (let before = 0; before < 40; before++) {
      const data = Buffer.concat([Buffer.alloc(before, 1), Buffer.from('ff00ffd0ff01ffffff3a', 'hex')])
      const end = Buffer.from([0xff, markers.endOfImage])
      assert.equal(endOfScan(Buffer.concat([data, end]), 0), data.length)
      assert.equal(endOfScan(data, 0), data.length)
    }
  })

  test('bytes that are no segment, and that no marker follows, end the walk', () => {
    const { ending, end } = jpegSegments(Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, 2, 1, 2]))
    assert.deepEqual([ending, end], ['damaged', 6])
    assert.equal(jpegSegments(Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, 1])).ending, 'damaged')
  })
})
