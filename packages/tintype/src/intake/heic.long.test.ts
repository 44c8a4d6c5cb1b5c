import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, describe, test } from 'node:test'
import sharp from 'sharp'
import { clip } from '../../../../test/media/containers.ts'
import {
  auxiliary,
  coded,
  codePoints,
  configuration,
  exifItem,
  grid,
  type HeifItem,
  heif,
  mirror,
  phonePhoto,
  profile,
  rotation,
  size,
} from '../../../../test/media/heif.ts'
import { systemClock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { inspect } from '../inspect/inspect.ts'
import { defaultLimits } from '../inspect/limits.ts'
import { createVideoInspector } from '../inspect/video-inspector.ts'
import { silentLog } from '../log.ts'
import { createBudget } from '../memory/budget.ts'
import { createDecoderMemory } from '../memory/decoder-memory.ts'
import { createDecoder } from '../variants/decoder.ts'
import { usualThumb } from '../variants/variant-spec.ts'
import { noRequester } from '../workers/queue.ts'
import { createExamine } from './examine.ts'
import type { Examined, NewObject } from './files.ts'

const decoder = createDecoder({ log: silentLog })
const videos = createVideoInspector({ log: silentLog })
const uploads = createBudget({ bytes: 1024 ** 3, wait: 1000, queue: 10, clock: systemClock })
const memory = createDecoderMemory({ bytes: 1024 ** 3, uploads, clock: systemClock })
const examine = createExamine({ limits: defaultLimits, decoder, videos, memory })
after(() => Promise.all([decoder.close(), videos.close()]))

async function examined(bytes: Buffer): Promise<Examined> {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return examine({ bytes: Buffer.from(bytes), sha256, rawName: undefined }, noRequester)
}

/** Type and size in the record, and the colours of the thumb's corners: top left, top right, bottom left, bottom right. */
async function shown(bytes: Buffer): Promise<string> {
  const { verdict, objects } = await examined(bytes)
  const thumb = objects[1] as NewObject
  const { data, info } = await sharp(thumb.bytes).raw().toBuffer({ resolveWithObject: true })
  const colourAt = (x: number, y: number) => {
    const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels
    return nameOf([...data.subarray(at, at + info.channels)])
  }
  const corners = [colourAt(0.1, 0.1), colourAt(0.9, 0.1), colourAt(0.1, 0.9), colourAt(0.9, 0.9)]
  assert.deepEqual([thumb.width, thumb.height], [verdict.width, verdict.height])
  return `${verdict.type} ${verdict.width}x${verdict.height} ${corners.join(' ')}`
}

const colours = { red: [200, 30, 30], green: [30, 170, 40], blue: [40, 60, 200], white: [240, 240, 240] }
function nameOf(rgb: number[]): string {
  if (rgb[3] === 0) return 'clear'
  for (const [name, right] of Object.entries(colours)) {
    if (right.every((value, i) => Math.abs(value - (rgb[i] ?? 0)) < 40)) return name
  }
  return rgb.join('/')
}

async function refusal(bytes: Buffer): Promise<string> {
  const error = await examined(bytes).catch((reason: unknown) => reason)
  assert.ok(error instanceof TintypeError, 'taken')
  return `${error.code}: ${error.message}`
}

/** The middle of the thumb. */
async function middle(bytes: Buffer): Promise<number[]> {
  const { objects } = await examined(bytes)
  const { data, info } = await sharp((objects[1] as NewObject).bytes)
    .raw()
    .toBuffer({ resolveWithObject: true })
  const at = ((info.height >> 1) * info.width + (info.width >> 1)) * info.channels
  return [...data.subarray(at, at + 3)]
}

function isNear(seen: number[], right: number[], by = 3): void {
  assert.ok(
    right.every((value, i) => Math.abs(value - (seen[i] ?? 0)) <= by),
    `seen ${seen}, right ${right}`,
  )
}

const quadrants = coded('quadrants.heic')
const picture = (...more: Buffer[]): HeifItem => ({
  type: 'hvc1',
  data: quadrants.data,
  properties: [quadrants.configuration, size(128, 64), ...more],
})
const upright = 'image/heic 128x64 red green blue white'

describe('HEIC', () => {
  test('as an encoder writes it', async () => {
    assert.equal(await shown(clip('quadrants.heic')), upright)
    assert.equal(await shown(clip('10-bit.heic')), upright)
    assert.equal(await shown(clip('alpha.heic')), 'image/heic 128x64 red clear red clear')
  })

  test('is what its brands say: image/heic, or image/heif where they do not say how it is coded', async () => {
    for (const brands of [
      ['heix', 'mif1'],
      ['mif1', 'heic'],
      ['msf1', 'hevc'],
      ['XYZ ', 'mif1', 'heic'],
    ]) {
      assert.equal(await shown(heif({ brands, items: [picture()] })), upright)
    }
    assert.equal(
      await shown(heif({ brands: ['mif1', 'miaf'], items: [picture()] })),
      upright.replace('heic', 'heif'),
    )
  })

  test('bytes behind its last box change nothing', async () => {
    for (const trailer of [Buffer.alloc(3), Buffer.from('APPENDED-BY-CAMERA')]) {
      assert.equal(await shown(Buffer.concat([clip('quadrants.heic'), trailer])), upright)
    }
  })

  // What each orientation of Exif comes to in quarter turns and mirrors.
  for (const [orientation, properties, right] of [
    [1, [], '128x64 red green blue white'],
    [2, [mirror(1)], '128x64 green red white blue'],
    [3, [rotation(2)], '128x64 white blue green red'],
    [4, [mirror(0)], '128x64 blue white red green'],
    [5, [rotation(3), mirror(1)], '64x128 red blue green white'],
    [6, [rotation(3)], '64x128 blue red white green'],
    [7, [rotation(1), mirror(1)], '64x128 white green blue red'],
    [8, [rotation(1)], '64x128 green white red blue'],
  ] as const) {
    test(`stands upright by its own properties, whatever Exif says: ${orientation}`, async () => {
      const exif = { type: 'Exif', data: exifItem(orientation) }
      const bytes = heif({
        items: [picture(...properties), exif],
        references: [{ type: 'cdsc', from: 2, to: [1] }],
      })
      assert.equal(await shown(bytes), `image/heic ${right}`)
      const whole = { type: 'grid', data: grid(1, 1, 128, 64), properties: [size(128, 64), ...properties] }
      const tiled = heif({ items: [whole, picture()], references: [{ type: 'dimg', from: 1, to: [2] }] })
      assert.equal(await shown(tiled), `image/heic ${right}`)
    })
  }

  test('of tiles, the last ones of which stand out', async () => {
    const tiles = Array.from({ length: 6 }, () => picture())
    const whole = { type: 'grid', data: grid(3, 2, 300, 96), properties: [size(300, 96), rotation(1)] }
    const references = [{ type: 'dimg', from: 1, to: [2, 3, 4, 5, 6, 7] }]
    assert.equal(
      await shown(heif({ items: [whole, ...tiles], references })),
      'image/heic 96x300 red red red red',
    )
  })

  test('of tiles that are decoded one by one looks like the one that is decoded as a whole', async () => {
    const tiles = Array.from({ length: 12 }, () => picture())
    const whole = {
      type: 'grid',
      data: grid(4, 3, 500, 150),
      properties: [size(500, 150), mirror(1), rotation(1)],
    }
    const to = tiles.map((_, index) => index + 2)
    const bytes = heif({ items: [whole, ...tiles], references: [{ type: 'dimg', from: 1, to }] })
    const verdict = await inspect(bytes, defaultLimits, videos)
    assert.ok(verdict.ok && verdict.coding?.tiling)
    const specs = [{ ...usualThumb, width: 100, height: 100, quality: 100 }]
    const made = [verdict.coding, { decoder: 'libheif' as const }].map(async (coding) => {
      const request = { limits: defaultLimits, memory: 1e8, requester: noRequester, specs, coding }
      const decoded = await decoder.decode(Buffer.from(bytes), request)
      assert.ok(decoded.ok && decoded.pictures[0])
      return sharp(decoded.pictures[0].bytes).raw().toBuffer()
    })
    const [one, other] = (await Promise.all(made)) as [Buffer, Buffer]
    const differences = one.map((value, at) => Math.abs(value - (other[at] ?? 0)))
    assert.ok(differences.reduce((sum, value) => sum + value, 0) / one.length < 3)
  })

  test('of 48 megapixels in tiles, as a phone takes it, needs less memory than there is for ordinary photos', async () => {
    const verdict = await inspect(phonePhoto(), defaultLimits, videos)
    assert.ok(verdict.ok && (verdict.decodeMemory ?? Infinity) < 40 * 1024 * 1024)
    assert.deepEqual([verdict.width, verdict.height], [6048, 8064])
  })

  test('of several pictures is the primary one, whatever the others are', async () => {
    const other: HeifItem = { type: 'jpeg', data: Buffer.alloc(100), properties: [size(30_000, 30_000)] }
    assert.equal(await shown(heif({ items: [other, picture(), other], primary: 2 })), upright)
  })

  test('depth and gain maps and thumbnails beside it are not looked at', async () => {
    const depth = { ...picture(auxiliary('urn:mpeg:hevc:2015:auxid:2')) }
    const gain: HeifItem = {
      type: 'jpeg',
      data: Buffer.alloc(9),
      properties: [size(9, 9), auxiliary('urn:com:apple:photo:2020:aux:hdrgainmap')],
    }
    const references = [
      { type: 'auxl', from: 2, to: [1] },
      { type: 'auxl', from: 3, to: [1] },
      { type: 'thmb', from: 4, to: [1] },
    ]
    assert.equal(await shown(heif({ items: [picture(), depth, gain, picture()], references })), upright)
  })

  test('its colours go by its profile or its code points', async () => {
    // Display P3 (220, 60, 90) in sRGB.
    const right = [239, 35, 87]
    isNear(await middle(clip('display-p3.heic')), right, 6)
    const { data, configuration: parameters } = coded('display-p3.heic')
    const properties = [parameters, size(64, 64), codePoints(12, 13)]
    isNear(await middle(heif({ items: [{ type: 'hvc1', data, properties }] })), right, 6)
    isNear(
      await middle(heif({ items: [{ type: 'hvc1', data, properties: [parameters, size(64, 64)] }] })),
      [220, 60, 90],
      6,
    )
    const broken = [parameters, size(64, 64), profile(Buffer.alloc(200, 7))]
    isNear(await middle(heif({ items: [{ type: 'hvc1', data, properties: broken }] })), [220, 60, 90], 6)
  })
})

describe('JPEG XL', () => {
  test('bare and in boxes, with 8 and 16 bits', async () => {
    for (const name of ['quadrants.jxl', 'boxed.jxl', '16-bit.jxl']) {
      assert.equal(await shown(clip(name)), 'image/jxl 128x64 red green blue white')
    }
  })

  test('stands upright by its own header, whatever Exif says', async () => {
    // A JPEG that was turned, without loss: its Exif is in the boxes, too.
    assert.equal(await shown(clip('turned-2.jxl')), 'image/jxl 128x64 green red white blue')
    assert.equal(await shown(clip('turned-6.jxl')), 'image/jxl 64x128 blue red white green')
  })

  test('its colours go by its profile', async () => {
    isNear(await middle(clip('display-p3.jxl')), [239, 35, 87], 6)
  })

  test('of an animation the first frame is shown', async () => {
    const { verdict } = await examined(clip('animated.jxl'))
    assert.deepEqual([verdict.width, verdict.height, verdict.frames], [32, 24, 1])
  })

  test('is refused where it is cut off, says too much, or can not be decoded', async () => {
    const whole = clip('quadrants.jxl')
    assert.match(await refusal(whole.subarray(0, whole.length / 2)), /^not_decodable/)
    assert.match(await refusal(clip('boxed.jxl').subarray(0, -9)), /^not_decodable: .*cut off/)
    const noise = Buffer.from(whole).fill(0x5a, 20)
    assert.match(await refusal(noise), /^not_decodable/)
    // 2^18 in both directions: the bits of a size that is not small, its third range, and no ratio.
    const bits = `0${'01'}${'1'.repeat(18)}000${'01'}${'1'.repeat(18)}1`
    const header = (bits.padEnd(48, '0').match(/.{8}/g) ?? []).map((byte) =>
      Number.parseInt([...byte].reverse().join(''), 2),
    )
    assert.match(
      await refusal(Buffer.from([0xff, 0x0a, ...header])),
      /^too_many_pixels: .*68719 megapixels \(262144 x 262144\)/,
    )
  })
})

describe('HEIC that is not taken', () => {
  test('in a coding that is not known here, which is not called damaged', async () => {
    for (const [type, name] of [
      ['jpeg', 'JPEG'],
      ['avc1', 'H.264'],
      ['vvc1', 'VVC'],
      ['unci', 'uncompressed pixels'],
    ] as const) {
      const item = { type, data: Buffer.alloc(50), properties: [size(128, 64)] }
      const said = await refusal(heif({ brands: ['mif1'], items: [item] }))
      assert.match(
        said,
        new RegExp(`^not_decodable: The file is a HEIF picture coded in ${name}, which cannot be read here`),
      )
    }
  })

  test('of more pixels than allowed, by its own header, its tiles, or what only the decoder looks at', async () => {
    const huge = { ...picture(), properties: [quadrants.configuration, size(20_000, 20_000)] }
    assert.match(await refusal(heif({ items: [huge] })), /^too_many_pixels: .*400 megapixels/)
    const whole = { type: 'grid', data: grid(1, 1, 60_000, 60_000), properties: [size(128, 64)] }
    const references = [{ type: 'dimg', from: 1, to: [2] }]
    assert.match(await refusal(heif({ items: [whole, picture()], references })), /^too_many_pixels/)
    const lying = { ...picture(), properties: [configuration(16_888, 16_888), size(128, 64)] }
    assert.match(await refusal(heif({ items: [lying] })), /^too_many_pixels: .*285 megapixels \(128 x 64\)/)
  })

  test('that contradicts itself', async () => {
    const whole = { type: 'grid', data: grid(2, 2, 256, 128), properties: [size(256, 128)] }
    const tiles = (to: number[]) =>
      heif({ items: [whole, picture(), picture()], references: [{ type: 'dimg', from: 1, to }] })
    assert.match(await refusal(tiles([2, 3])), /^not_decodable: .*lacks some of its tiles/)
    assert.match(await refusal(tiles([1, 1, 1, 1])), /^not_decodable/)
    const many = Array.from({ length: 3000 }, () => picture())
    const excess = { ...whole, data: grid(1, 1, 128, 64), properties: [size(128, 64)] }
    const to = many.map((_, index) => index + 2)
    assert.match(
      await refusal(heif({ items: [excess, ...many], references: [{ type: 'dimg', from: 1, to }] })),
      /^not_decodable: .*more tiles than its picture needs/,
    )
    assert.match(await refusal(heif({ items: [picture()], primary: 9 })), /^not_decodable/)
    assert.match(await refusal(heif({ items: [picture()] }).subarray(0, -1)), /^not_decodable: .*cut off/)
  })

  test('whose data are noise: the decoder says so, and goes on', async () => {
    const noise = { ...picture(), data: Buffer.alloc(quadrants.data.length, 0x5a) }
    assert.match(await refusal(heif({ items: [noise] })), /^not_decodable/)
    assert.equal(await shown(clip('quadrants.heic')), upright)
  })

  test('that takes more memory than its header lets expect: its decoder gets no more, and the next one is decoded', async () => {
    const tiles = Array.from({ length: 900 }, () => picture())
    const whole = { type: 'grid', data: grid(30, 30, 3840, 1920), properties: [size(3840, 1920)] }
    const to = tiles.map((_, index) => index + 2)
    const bytes = heif({ items: [whole, ...tiles], references: [{ type: 'dimg', from: 1, to }] })
    const request = { limits: defaultLimits, coding: { decoder: 'libheif' as const }, requester: noRequester }
    const refused = await decoder.decode(Buffer.from(bytes), { ...request, memory: 0 })
    assert.ok(!refused.ok && refused.code === 'too_many_pixels' && refused.limit === 0)
    const taken = await decoder.decode(bytes, { ...request, memory: 200 * 1024 * 1024 })
    assert.ok(taken.ok && taken.width === 3840)
  })
})
