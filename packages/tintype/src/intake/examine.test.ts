import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import sharp from 'sharp'
import { clip } from '../../../../test/media/containers.ts'
import { photo } from '../../../../test/media/photos.ts'
import { createTestClock } from '../clock.ts'
import { createEarlyVariants } from '../derive/early.ts'
import { TintypeError } from '../errors.ts'
import { defaultLimits } from '../inspect/limits.ts'
import { createVideoInspector } from '../inspect/video-inspector.ts'
import { silentLog } from '../log.ts'
import { createBudget } from '../memory/budget.ts'
import { createDecoderMemory } from '../memory/decoder-memory.ts'
import { createDecoder } from '../variants/decoder.ts'
import { usualThumb } from '../variants/variant-spec.ts'
import { noRequester } from '../workers/queue.ts'
import { createExamine } from './examine.ts'

const decoder = createDecoder({ log: silentLog })
const videos = createVideoInspector({ log: silentLog })
after(() => Promise.all([decoder.close(), videos.close()]))
const clock = createTestClock(0)
const uploads = createBudget({ bytes: 1024 ** 3, wait: 1000, queue: 10, clock })
const memory = createDecoderMemory({ bytes: 1024 ** 3, uploads, clock })
const examine = createExamine({ limits: defaultLimits, decoder, videos, memory })

/** The placeholder, which is made of all pixels; or why it is refused. */
async function seen(bytes: Uint8Array): Promise<string> {
  try {
    const { placeholder } = await examine(
      { bytes: Buffer.from(bytes), sha256: '', rawName: 'a' },
      noRequester,
    )
    return placeholder ?? 'no picture'
  } catch (error) {
    if (!(error instanceof TintypeError)) throw error
    return `${error.code}: ${error.message}`
  }
}

const endOfImage = Buffer.from([0xff, 0xd9])
const size = { width: 200, height: 150 }

describe('a picture that lacks its end mark is whole', () => {
  for (const progressive of [false, true]) {
    test(`a JPEG without its last bytes${progressive ? ', progressive' : ''}`, async () => {
      const jpeg = await sharp(await photo(size))
        .jpeg({ progressive })
        .toBuffer()
      const whole = await seen(jpeg)
      assert.match(whole, /^data:/)
      const cut = jpeg.subarray(0, -2)
      for (const bytes of [jpeg.subarray(0, -1), cut, Buffer.concat([cut, Buffer.alloc(2)])]) {
        assert.equal(await seen(bytes), whole)
      }
    })

    test(`a PNG without its last bytes${progressive ? ', interlaced' : ''}`, async () => {
      const png = await sharp(await photo(size))
        .png({ progressive })
        .toBuffer()
      const whole = await seen(png)
      assert.match(whole, /^data:/)
      // The end mark has twelve bytes, the checksum before it four.
      for (let missing = 1; missing <= 16; missing++) {
        assert.equal(await seen(png.subarray(0, -missing)), whole, `${missing} bytes`)
      }
      assert.equal(await seen(Buffer.concat([png.subarray(0, -12), Buffer.alloc(12)])), whole)
    })
  }

  test('a progressive JPEG without its last bytes that has others before its last scan', async () => {
    const jpeg = await sharp(await photo(size))
      .jpeg({ progressive: true })
      .toBuffer()
    const scan = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]))
    for (const between of ['ffffff', '3fff003e']) {
      const parts = [jpeg.subarray(0, scan), Buffer.from(between, 'hex'), jpeg.subarray(scan, -2)]
      assert.equal(await seen(Buffer.concat(parts)), await seen(jpeg))
    }
  })
})

for (const depth of [8, 16]) {
  test(`a very wide PNG of ${depth} bits is taken: its rows are unpacked at full width`, async () => {
    const wide = sharp({ create: { width: 40_000, height: 600, channels: 4, background: '#a0603080' } })
    const png = await wide
      .toColourspace(depth === 16 ? 'rgb16' : 'srgb')
      .png({ compressionLevel: 1 })
      .toBuffer()
    assert.match(await seen(png), /^data:/)
  })
}

test('the end mark of a thumbnail inside a JPEG is not taken for its own', async () => {
  const thumbnail = await photo({ width: 16, height: 12 })
  const segment = Buffer.concat([
    Buffer.from([0xff, 0xe1, 0, 0]),
    Buffer.from('Exif\0\0II*\0\x08\0\0\0', 'latin1'),
    thumbnail,
  ])
  segment.writeUInt16BE(segment.length - 2, 2)
  const jpeg = await photo(size)
  const whole = Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)])
  assert.match(await seen(whole), /^data:/)
  assert.equal(await seen(whole.subarray(0, -2)), await seen(whole))
  assert.match(await seen(whole.subarray(0, whole.length >> 1)), /^not_decodable/)
})

describe('a picture that lacks pixels is cut off', () => {
  for (const progressive of [false, true]) {
    test(`a JPEG, wherever it is cut${progressive ? ', progressive' : ''}`, async () => {
      const jpeg = await sharp(await photo(size))
        .jpeg({ progressive })
        .toBuffer()
      for (const length of [jpeg.length - 3, jpeg.length - 50, jpeg.length >> 1, jpeg.length >> 2]) {
        assert.match(await seen(jpeg.subarray(0, length)), /^not_decodable/, `${length}`)
        assert.match(await seen(Buffer.concat([jpeg.subarray(0, length), endOfImage])), /^not_decodable/)
      }
    })
  }

  test('a JPEG that ends between two of its scans, with nothing to tell it by but what is missing', async () => {
    const jpeg = await sharp(await photo(size))
      .jpeg({ progressive: true })
      .toBuffer()
    const scans = indexesOf(jpeg, [0xff, 0xda])
    assert.ok(scans.length > 3)
    for (const scan of scans.slice(1)) {
      // Tables come before some scans: the cut is behind the data of the one before.
      const tables = jpeg.lastIndexOf(Buffer.from([0xff, 0xc4]), scan)
      const cut = tables > (scans[scans.indexOf(scan) - 1] as number) ? tables : scan
      assert.match(await seen(jpeg.subarray(0, cut)), /^not_decodable: .*cut off/)
    }
  })

  test('a PNG, wherever it is cut', async () => {
    const png = await sharp(await photo({ width: 100, height: 75 }))
      .png()
      .toBuffer()
    for (const missing of [17, 20, 21, 60, 1000, png.length >> 1]) {
      assert.match(await seen(png.subarray(0, -missing)), /^not_decodable/, `${missing} bytes`)
    }
    const large = await sharp(await photo({ width: 400, height: 300 }))
      .png()
      .toBuffer()
    const chunks = indexesOf(large, [...Buffer.from('IDAT')])
    assert.ok(chunks.length > 2)
    for (const chunk of chunks.slice(1, 3)) {
      assert.match(await seen(large.subarray(0, chunk - 4)), /^not_decodable/)
      assert.match(await seen(large.subarray(0, chunk)), /^not_decodable/)
    }
  })

  test('an AVIF, which says where its data end', async () => {
    const avif = await photo({ type: 'image/avif' })
    assert.match(await seen(avif.subarray(0, -1)), /^not_decodable: The file is an AVIF that is cut off/)
  })
})

test('what stands behind the end of a picture is no damage', async () => {
  for (const type of ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'] as const) {
    const picture = await photo({ type })
    const whole = await seen(picture)
    assert.match(whole, /^data:/)
    for (const trailer of [Buffer.alloc(3), Buffer.from('APPENDED-BY-CAMERA'), clip('index-first.mp4')]) {
      assert.equal(await seen(Buffer.concat([picture, trailer])), whole, type)
    }
  }
})

describe('AVIF of other kinds than the usual one', () => {
  for (const name of ['10-bit.avif', '12-bit-444.avif', 'sequence.avif']) {
    test(name, async () => assert.match(await seen(clip(name)), /^data:/))
  }

  test('of a brand that the decoder does not know', async () => {
    const avif = await photo({ type: 'image/avif' })
    const whole = await seen(avif)
    for (const brand of ['mif1', 'miaf', 'avis']) {
      const other = Buffer.from(avif)
      other.write(brand, 8)
      assert.equal(await seen(other), whole)
    }
  })

  test('coded in what the decoder lacks: it is not called damaged', async () => {
    const heic = clip('photo.heic')
    heic.write('avif', 8)
    const refused = await seen(heic)
    assert.match(refused, /^not_decodable: .*cannot be read here.*Save it as an ordinary JPEG/)
  })
})

test('a JPEG in 12 bits, which the decoder lacks, is not called damaged', async () => {
  const jpeg = await photo()
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
  jpeg[frame + 4] = 12
  assert.match(await seen(jpeg), /^not_decodable: .*cannot be read here.*Save it as an ordinary JPEG/)
})

test('the first bytes alone of a HEIC or JPEG XL are refused by what they are', async () => {
  assert.match(
    await seen(clip('photo.heic').subarray(0, 300)),
    /^not_decodable: The file is a HEIC photo that/,
  )
  for (const start of ['\xff\x0a', '\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl ']) {
    const refused = await seen(Buffer.from(start, 'latin1'))
    assert.match(refused, /^not_decodable: The file is a JPEG XL that is cut off/)
  }
})

function indexesOf(bytes: Buffer, part: number[]): number[] {
  const found: number[] = []
  const wanted = Buffer.from(part)
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) found.push(at)
  return found
}

describe('an upload that ends before its picture was decoded', () => {
  const specs = [{ ...usualThumb, name: 'view', width: 150 }]
  const early = createEarlyVariants({ specs, budget: uploads, clock })
  const other = createDecoder({ log: silentLog })
  const examine = createExamine({ limits: defaultLimits, decoder: other, videos, memory, early })

  for (const [why, end] of [
    ['its client has gone', async (leaving: AbortController) => leaving.abort(new Error('It has gone.'))],
    ['the server stops', () => other.close()],
  ] as const) {
    test(`${why}: nothing is left that fails unheard, and its memory is free`, async () => {
      const unheard: unknown[] = []
      const hear = (error: unknown) => unheard.push(error)
      process.on('unhandledRejection', hear)
      const leaving = new AbortController()
      const requester = { ...noRequester, signal: leaving.signal }
      const bytes = Buffer.from(await photo(size))
      await end(leaving)
      await assert.rejects(examine({ bytes, sha256: '', rawName: 'a' }, requester))
      // Node tells of them when all that waits for promises has run.
      await setImmediate()
      process.off('unhandledRejection', hear)
      assert.deepEqual(unheard, [])
      assert.equal(uploads.used, 0)
    })
  }
})
