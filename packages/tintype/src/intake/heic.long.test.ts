import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import sharp from 'sharp'
import { clip } from '../../../../test/media/containers.ts'
import {
  closeDecoders,
  decoder,
  isNear,
  middle,
  refusal,
  shown,
  videos,
} from '../../../../test/media/examined.ts'
import {
  auxiliary,
  coded,
  codePoints,
  configuration,
  crop,
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
import { inspect } from '../inspect/inspect.ts'
import { defaultLimits } from '../inspect/limits.ts'
import { usualThumb } from '../variants/variant-spec.ts'
import { noRequester } from '../workers/queue.ts'

after(closeDecoders)

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

  test('shown cropped by more than its decoder knows, which is not called damaged', async () => {
    const { data, configuration } = quadrants
    const properties = [configuration, size(128, 64), crop(20, 20)]
    const said = await refusal(heif({ items: [{ type: 'hvc1', data, properties }] }))
    assert.match(said, /^not_decodable: .*coded in a way that cannot be read here/)
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
