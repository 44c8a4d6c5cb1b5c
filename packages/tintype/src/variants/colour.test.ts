import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import sharp, { type Sharp } from 'sharp'
import { clip } from '../../../../test/media/containers.ts'
import { silentLog } from '../log.ts'
import { noRequester } from '../workers/queue.ts'
import { type Colour, toSrgb } from './colour.ts'
import { createDecoder } from './decoder.ts'

const decoder = createDecoder({ log: silentLog })
after(() => decoder.close())

type Rgb = [number, number, number]

/** The colour in the middle of the thumb. */
async function thumbOf(bytes: Uint8Array, colour?: Colour): Promise<number[]> {
  const request = {
    limits: { pixels: 1e8 },
    memory: 1024 ** 3,
    requester: noRequester,
    colour,
    coding: undefined,
  }
  const result = await decoder.decode(bytes, request)
  assert.ok(result.ok, JSON.stringify(result))
  const { data, info } = await sharp(result.pictures[0]?.bytes)
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const at = ((info.height >> 1) * info.width + (info.width >> 1)) * info.channels
  return [...data.subarray(at, at + 3)]
}

function assertNear(seen: ArrayLike<number>, right: ArrayLike<number>, most: number): void {
  const difference = Math.max(...[0, 1, 2].map((i) => Math.abs((seen[i] ?? 0) - (right[i] ?? 0))))
  assert.ok(difference <= most, `${[...Array.from(seen)]} instead of ${[...Array.from(right)]}`)
}

describe('thumbs have the colours of the picture, whatever it is kept in', () => {
  // Greys hide what a wrong profile or matrix does.
  const pink: Rgb = [200, 90, 130]
  const [r, g, b] = pink
  const patch = (alpha = 1) =>
    sharp({ create: { width: 64, height: 48, channels: alpha < 1 ? 4 : 3, background: { r, g, b, alpha } } })
  const grey = Math.round((r + g + b) / 3)
  const greyPatch = () =>
    sharp({ create: { width: 64, height: 48, channels: 3, background: { r: grey, g: grey, b: grey } } })
  const cases: [name: string, picture: Sharp, right?: Rgb, most?: number][] = [
    ['sRGB PNG', patch().png()],
    ['P3 PNG', patch().withIccProfile('p3').png()],
    ['P3 JPEG', patch().withIccProfile('p3').jpeg({ quality: 95 })],
    ['P3 WebP', patch().withIccProfile('p3').webp({ quality: 95 })],
    ['P3 AVIF', patch().withIccProfile('p3').avif({ quality: 90 })],
    ['16-bit PNG', patch().toColourspace('rgb16').png()],
    ['16-bit P3 PNG', patch().toColourspace('rgb16').withIccProfile('p3').png()],
    ['palette PNG', patch().png({ palette: true })],
    // Ink has another gamut.
    ['CMYK JPEG', patch().toColourspace('cmyk').withIccProfile('cmyk').jpeg({ quality: 95 }), pink, 14],
    ['grey PNG', greyPatch().toColourspace('b-w').png(), [grey, grey, grey]],
    ['16-bit grey PNG', greyPatch().toColourspace('grey16').png(), [grey, grey, grey]],
    ['half-transparent PNG', patch(0.5).png(), [(r + 255) / 2, (g + 255) / 2, (b + 255) / 2]],
  ]
  for (const [name, picture, right = pink, most = 5] of cases) {
    test(name, async () => assertNear(await thumbOf(await picture.toBuffer()), right, most))
  }
})

test('an Ultra HDR photo has the colours of its ordinary picture', async () => {
  const photo = clip('ultra-hdr.jpg')
  assert.ok((await sharp(photo).metadata()).gainMap)
  assertNear(await thumbOf(photo), [200, 90, 130], 4)
})

describe('code points instead of a profile', () => {
  const turned = (pixel: number[], colour: Colour) => {
    const pixels = Uint8Array.from(pixel)
    toSrgb(pixels, pixel.length, colour)
    return pixels
  }

  test('the primary colours of sRGB, as Display P3 has them', () => {
    const p3 = { primaries: 12, transfer: 13 }
    assertNear(turned([234, 51, 35], p3), [255, 0, 0], 3)
    assertNear(turned([117, 251, 76], p3), [0, 255, 0], 3)
    assertNear(turned([128, 128, 128], p3), [128, 128, 128], 1)
  })

  test('a sheet of paper is white in PQ and HLG, and black is black', () => {
    // BT.2408: 58 % and 75 % of the signal.
    assertNear(turned([148, 148, 148], { primaries: 9, transfer: 16 }), [255, 255, 255], 2)
    assertNear(turned([191, 191, 191], { primaries: 9, transfer: 18 }), [255, 255, 255], 2)
    for (const transfer of [16, 18]) assertNear(turned([0, 0, 0], { primaries: 9, transfer }), [0, 0, 0], 0)
  })

  test('alpha, greys and what is sRGB anyway stay as they are', () => {
    assert.deepEqual([...turned([234, 51, 35, 77], { primaries: 12, transfer: 13 })].slice(3), [77])
    assert.deepEqual([...turned([128, 77], { primaries: 12, transfer: 13 })], [128, 77])
    for (const colour of [
      { primaries: 1, transfer: 1 },
      { primaries: 2, transfer: 2 },
    ]) {
      assert.deepEqual([...turned([234, 51, 35], colour)], [234, 51, 35])
    }
  })

  test('an AVIF in 10 bits has its colours, and in P3, PQ and HLG others for the same numbers', async () => {
    assertNear(await thumbOf(clip('10-bit.avif'), { primaries: 1, transfer: 13 }), [208, 64, 96], 5)
    const expected = turned([208, 64, 96], { primaries: 12, transfer: 13 })
    assert.ok((expected[0] ?? 0) > 220 && (expected[1] ?? 255) < 60, String(expected))
    assertNear(await thumbOf(clip('display-p3.avif'), { primaries: 12, transfer: 13 }), expected, 5)
    const [red = 0, green = 255] = await thumbOf(clip('pq.avif'), { primaries: 9, transfer: 16 })
    assert.ok(red === 255 && green < 64, `${red} ${green}`)
  })
})
