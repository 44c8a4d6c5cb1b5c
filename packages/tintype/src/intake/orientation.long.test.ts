import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { launchBrowser } from '../../../../test/browser/browser.ts'
import { clip } from '../../../../test/media/containers.ts'
import { systemClock } from '../clock.ts'
import { defaultLimits } from '../inspect/limits.ts'
import { createVideoInspector } from '../inspect/video-inspector.ts'
import { silentLog } from '../log.ts'
import { createBudget } from '../memory/budget.ts'
import { createDecoderMemory } from '../memory/decoder-memory.ts'
import { createDecoder } from '../variants/decoder.ts'
import { noRequester } from '../workers/queue.ts'
import { createExamine } from './examine.ts'
import type { NewObject } from './files.ts'

// What the record says of the original is what Chromium shows of it; variants stand upright.

const decoder = createDecoder({ log: silentLog })
const videos = createVideoInspector({ log: silentLog })
const uploads = createBudget({ bytes: 1024 ** 3, wait: 1000, queue: 10, clock: systemClock })
const memory = createDecoderMemory({ bytes: 1024 ** 3, uploads, clock: systemClock })
const examine = createExamine({ limits: defaultLimits, decoder, videos, memory })

const types = ['image/jpeg', 'image/png', 'image/webp', 'image/avif'] as const

/** Red, green, blue and white in its quarters, 128 x 64, with this Exif orientation. */
async function turned(type: (typeof types)[number], orientation: number): Promise<Buffer> {
  const { data, info } = await quadrants()
  const format = type.slice('image/'.length) as 'jpeg' | 'png' | 'webp' | 'avif'
  return sharp(data, { raw: info }).withMetadata({ orientation }).toFormat(format, { quality: 90 }).toBuffer()
}

async function quadrants() {
  const quarter = (background: string, left: number, top: number) => ({
    input: { create: { width: 64, height: 32, channels: 3 as const, background } },
    left,
    top,
  })
  const ground = sharp({ create: { width: 128, height: 64, channels: 3, background: '#c81e1e' } })
  return ground
    .composite([quarter('#1eaa28', 64, 0), quarter('#283cc8', 0, 32), quarter('#f0f0f0', 64, 32)])
    .raw()
    .toBuffer({ resolveWithObject: true })
}

const upright: Record<number, string> = {
  1: '128x64 red green blue white',
  2: '128x64 green red white blue',
  3: '128x64 white blue green red',
  4: '128x64 blue white red green',
  5: '64x128 red blue green white',
  6: '64x128 blue red white green',
  7: '64x128 white green blue red',
  8: '64x128 green white red blue',
}

async function corners(picture: Uint8Array): Promise<string> {
  const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true })
  const colourAt = (x: number, y: number) => {
    const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels
    const [r = 0, g = 0, b = 0] = data.subarray(at)
    return r > 200 && g > 200 ? 'white' : r > g && r > b ? 'red' : g > b ? 'green' : 'blue'
  }
  const colours = [colourAt(0.1, 0.1), colourAt(0.9, 0.1), colourAt(0.1, 0.9), colourAt(0.9, 0.9)]
  return `${info.width}x${info.height} ${colours.join(' ')}`
}

const launched = await launchBrowser()
after(() =>
  Promise.all([
    typeof launched === 'string' ? undefined : launched[Symbol.asyncDispose](),
    decoder.close(),
    videos.close(),
  ]),
)

// What browsers show is what these tests hold pictures against: without one there is nothing to compare with.
describe('orientation', { skip: typeof launched === 'string' && launched }, () => {
  let page: Page
  before(async () => {
    if (typeof launched !== 'string') page = await launched.browser.newPage()
  })

  /** What an <img> of it shows. */
  async function shownBy(bytes: Buffer, type: string): Promise<string> {
    const png = await page.evaluate(
      async (url) => {
        const image = new Image()
        image.src = url
        await image.decode()
        const canvas = document.createElement('canvas')
        canvas.width = image.naturalWidth
        canvas.height = image.naturalHeight
        canvas.getContext('2d')?.drawImage(image, 0, 0)
        return canvas.toDataURL('image/png').slice('data:image/png;base64,'.length)
      },
      `data:${type};base64,${bytes.toString('base64')}`,
    )
    return corners(Buffer.from(png, 'base64'))
  }

  for (const type of types) {
    test(type, async () => {
      for (let orientation = 1; orientation <= 8; orientation++) {
        const bytes = await turned(type, orientation)
        const sha256 = createHash('sha256').update(bytes).digest('hex')
        const shown = await shownBy(bytes, type)
        const { verdict, objects } = await examine(
          { bytes: Buffer.from(bytes), sha256, rawName: undefined },
          noRequester,
        )
        const [original, thumb] = objects
        assert.equal(await corners((thumb as NewObject).bytes), upright[orientation])
        const size = shown.split(' ')[0]
        assert.equal(`${verdict.width}x${verdict.height}`, size, `${type} ${orientation}`)
        assert.equal(`${original.width}x${original.height}`, size)
        if (type !== 'image/webp') assert.equal(shown, upright[orientation])
        else assert.equal(shown, upright[1])
      }
    })
  }

  test('a PNG whose orientation comes behind its pixels is not turned, by browsers or here', async () => {
    const png = await turned('image/png', 6)
    const at = png.indexOf('eXIf') - 4
    const end = at + 12 + png.readUInt32BE(at)
    const late = Buffer.concat([
      png.subarray(0, at),
      png.subarray(end, -12),
      png.subarray(at, end),
      png.subarray(-12),
    ])
    const { verdict, objects } = await examine(
      { bytes: Buffer.from(late), sha256: '', rawName: undefined },
      noRequester,
    )
    assert.equal(await shownBy(late, 'image/png'), upright[1])
    assert.equal(await corners((objects[1] as NewObject).bytes), upright[1])
    assert.deepEqual([verdict.width, verdict.height], [128, 64])
  })

  test('a WebP is turned by Exif only where it begins by saying that it has some', async () => {
    const whole = await turned('image/webp', 6)
    const chunk = (name: string, of = whole) => {
      const at = of.indexOf(name, 12, 'latin1')
      const size = of.readUInt32LE(at + 4)
      return Buffer.from(of.subarray(at, at + 8 + size + (size % 2)))
    }
    const riff = (...chunks: Buffer[]) => {
      const file = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP'), ...chunks])
      file.writeUInt32LE(file.length - 8, 4)
      return file
    }
    const [vp8x, pixels, exif] = [chunk('VP8X'), chunk('VP8 '), chunk('EXIF')]
    const unflagged = Buffer.from(vp8x)
    unflagged.writeUInt8(unflagged.readUInt8(8) & ~8, 8)
    const other = chunk('EXIF', await turned('image/webp', 1))
    for (const [bytes, right] of [
      [riff(vp8x, pixels, exif), upright[6]],
      [riff(vp8x, pixels, exif, other), upright[6]],
      [riff(vp8x, pixels, other, exif), upright[1]],
      [riff(unflagged, pixels, exif), upright[1]],
      [riff(pixels, exif), upright[1]],
    ] as const) {
      const { verdict, objects } = await examine({ bytes, sha256: '', rawName: undefined }, noRequester)
      assert.equal(await corners((objects[1] as NewObject).bytes), right)
      assert.equal(await shownBy(bytes, 'image/webp'), upright[1])
      assert.deepEqual([verdict.width, verdict.height], [128, 64])
    }
  })

  test('an animated AVIF and one in 10 bits have the size that browsers show', async () => {
    for (const name of ['sequence.avif', '10-bit.avif', '12-bit-444.avif']) {
      const bytes = clip(name)
      const { verdict } = await examine(
        { bytes: Buffer.from(bytes), sha256: '', rawName: undefined },
        noRequester,
      )
      const [size] = (await shownBy(bytes, 'image/avif')).split(' ')
      assert.equal(`${verdict.width}x${verdict.height}`, size)
    }
  })
})
