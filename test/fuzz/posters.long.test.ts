/**
 * What makes posters, of clips that are changed at random: the child process answers with a still or without one, and so
 * do the readers of frames. Most changes go to the pictures, which nobody has looked into before the decoder does.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { silentLog } from '../../packages/tintype/src/log.ts'
import { isWhole, type VideoFrame } from '../../packages/tintype/src/variants/poster/frame.ts'
import { createPosterMaker, isPassing } from '../../packages/tintype/src/variants/poster/poster-maker.ts'
import { lightness, unpack } from '../../packages/tintype/src/variants/poster/still.ts'
import { readY4m } from '../../packages/tintype/src/variants/poster/y4m.ts'
import { noRequester } from '../../packages/tintype/src/workers/queue.ts'
import { coloured } from '../media/colours.ts'
import { anyPlace, fuzz } from '../support/fuzz.ts'

const mp4s = [
  'bt709.mp4',
  '10-bit.mp4',
  '444.mp4',
  'hevc.mov',
  'pq.mp4',
  'av1.mp4',
  'dark-start.mp4',
  'turned-90.mp4',
]
const clips = [...mp4s, 'vp8.webm', 'vp9.webm', 'vp9-10-bit.webm']

const posters = createPosterMaker({ log: silentLog, ffmpeg: false })
after(() => posters.close())

const change = fc.record({
  at: anyPlace,
  value: fc.nat(255),
  isBit: fc.boolean(),
})
const changes = fc.array(change, { minLength: 1, maxLength: 8 })

function changed(file: Buffer, all: { at: number; value: number; isBit: boolean }[]): Buffer {
  const bytes = Buffer.from(file)
  for (const { at, value, isBit } of all) {
    const place = Math.floor(at * bytes.length)
    bytes[place] = isBit ? (bytes[place] ?? 0) ^ (1 << (value & 7)) : value
  }
  return bytes
}

test('a clip of any bytes has a still or none', async () => {
  const runs = fuzz(60)
  const memory = 100 * 1024 * 1024
  const share = { memory, isUrgent: false }
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...clips), changes, async (name, all) => {
      const container = name.endsWith('.webm') ? 'matroska' : 'movie'
      const request = {
        container,
        width: 96,
        height: 64,
        duration: 1,
        requester: noRequester,
        memory,
        share,
      } as const
      const attempt = () => posters.still(changed(coloured(name), all), request)
      // A machine that is too busy to start a process says nothing about the file.
      const png = await attempt().catch((error: unknown) => {
        if (isPassing(error)) return attempt()
        throw error
      })
      assert.ok(png === undefined || png.length > 33)
    }),
    { ...runs, numRuns: runs.numRuns > 1000 ? 100_000 : runs.numRuns },
  )
})

test('a grey frame may come with planes that it does not need, wherever they are', () => {
  const planes = [
    { offset: 0, stride: 2 },
    { offset: 9000, stride: 74 },
  ]
  const grey = {
    width: 1,
    height: 1,
    chroma: 'grey' as const,
    bits: 10,
    bytes: new Uint8Array(8),
    colour: {},
  }
  assert.equal(isWhole({ ...grey, planes }), false)
  checkFrame({ ...grey, planes: planes.slice(0, 1) })
})

test('a stream of any bytes is a frame or none', () => {
  const header = fc.record({
    width: fc.integer({ min: -1, max: 70 }),
    height: fc.integer({ min: -1, max: 70 }),
    layout: fc.constantFrom('420jpeg', '420', '422p10', '444', 'mono', 'mono10', '420p16', '411', '444alpha'),
    range: fc.constantFrom('', ' XCOLORRANGE=FULL', ' XCOLORRANGE=LIMITED'),
  })
  const colour = fc.record({
    matrix: fc.constantFrom(null, 'bt709', 'smpte170m', 'bt2020-ncl', 'rgb', 'x'),
    transfer: fc.constantFrom(null, 'pq', 'hlg', 'bt709'),
    primaries: fc.constantFrom(null, 'bt2020', 'smpte432'),
  })
  const seed = fc.nat(255)
  const size = fc.nat(8000)
  fc.assert(
    fc.property(header, colour, size, seed, ({ width, height, layout, range }, colours, bytes, value) => {
      const text = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 C${layout}${range}\nFRAME\n`)
      checkFrame(readY4m(Buffer.concat([text, Buffer.alloc(bytes, value)]), colours))
    }),
    fuzz(300),
  )
})

test('a frame of any claims is unpacked, or refused as one that is not whole', () => {
  const side = fc.integer({ min: -1, max: 40 })
  const plane = fc.record({
    offset: fc.integer({ min: -1, max: 2000 }),
    stride: fc.integer({ min: 0, max: 90 }),
  })
  const frame: fc.Arbitrary<VideoFrame> = fc.record({
    width: side,
    height: side,
    chroma: fc.constantFrom('444' as const, '422' as const, '420' as const, 'grey' as const),
    bits: fc.constantFrom(7, 8, 10, 12, 16, 17),
    bytes: fc.nat(4000).map((length) => new Uint8Array(length).fill(200)),
    planes: fc.array(plane, { maxLength: 4 }),
    colour: fc.constant({ transfer: 'pq', primaries: 'bt2020', matrix: 'bt2020-ncl' }),
  })
  fc.assert(fc.property(frame, checkFrame), fuzz(800))
})

function checkFrame(frame: VideoFrame | undefined): void {
  if (!frame || !isWhole(frame)) return
  const picture = unpack(frame)
  assert.equal(picture.data.length, frame.width * frame.height * 3)
  const light = lightness(picture)
  assert.ok(light >= 0 && light <= 1)
}
