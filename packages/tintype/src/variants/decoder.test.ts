// In a process of its own: it looks for the processes that it has started, and stops or kills one.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import sharp from 'sharp'
import { clip } from '../../../../test/media/containers.ts'
import { animation, photo } from '../../../../test/media/photos.ts'
import { childPids, skipWithoutProc } from '../../../../test/support/children.ts'
import { silentLog } from '../log.ts'
import { noRequester } from '../workers/queue.ts'
import type { Picture } from './check-answer.ts'
import { createDecoder, type DecodeResult, type Decoder } from './decoder.ts'
import { usualThumb, type VariantSpec } from './variant-spec.ts'

const request = {
  limits: { pixels: 100_000_000 },
  memory: 1024 ** 3,
  coding: undefined,
  requester: noRequester,
}

const nameAndSize = ({ name, width, height }: Picture) => `${name} ${width} x ${height}`

describe('the decoder', () => {
  let decoder: Decoder
  before(() => {
    decoder = createDecoder({ log: silentLog })
  })
  after(() => decoder.close())

  test('makes a thumb and a placeholder of a few hundred bytes', async () => {
    const result = await decoder.decode(await photo({ width: 1000, height: 500 }), request)
    assert.ok(result.ok)
    const [thumb] = result.pictures
    assert.deepEqual([result.width, result.height, thumb?.width, thumb?.height], [1000, 500, 320, 160])
    assert.ok((result.placeholder?.length ?? 1000) < 600)
  })

  test('hands out the thumb first, then goes on with the same pixels, also when its requester has gone', async () => {
    const later = { ...usualThumb, name: 'view', width: 800, height: 800 }
    for (const wanted of [true, false]) {
      const gone = new AbortController()
      const first = Promise.withResolvers<DecodeResult>()
      const all = decoder.decode(await photo({ width: 1000, height: 500 }), {
        ...request,
        requester: { ...noRequester, signal: gone.signal },
        later: { specs: [later], onFirst: first.resolve, goesOn: () => wanted },
      })
      const thumb = await first.promise
      gone.abort(new Error('It has its answer.'))
      assert.ok(thumb.ok && thumb.placeholder)
      assert.deepEqual(thumb.pictures.map(nameAndSize), ['thumb 320 x 160'])
      const rest = await all
      assert.deepEqual(rest.ok && rest.pictures.map(nameAndSize), wanted ? ['view 800 x 400'] : [])
    }
  })

  test('what is damaged has no first answer', async () => {
    const bytes = await photo({ width: 400, height: 300 })
    const onFirst = () => assert.fail('It was handed out.')
    const later = { specs: [{ ...usualThumb, name: 'view' }], onFirst, goesOn: () => true }
    const cut = await decoder.decode(bytes.subarray(0, bytes.length / 2), { ...request, later })
    assert.ok(!cut.ok && cut.code === 'not_decodable')
  })

  test('never enlarges', async () => {
    const result = await decoder.decode(await photo({ width: 10, height: 5 }), request)
    assert.ok(result.ok && result.pictures[0]?.width === 10)
  })

  test('refuses a picture that is cut off, and one of more pixels than allowed', async () => {
    const bytes = await photo({ width: 400, height: 300 })
    const cut = await decoder.decode(bytes.subarray(0, bytes.length / 2), request)
    assert.ok(!cut.ok && cut.code === 'not_decodable')
    const large = await decoder.decode(bytes, { ...request, limits: { pixels: 1000 } })
    assert.ok(!large.ok)
  })

  test('refuses a large JPEG that lacks its last bytes, and takes one that lacks its end mark alone', async () => {
    const bytes = await photo({ width: 4000, height: 3000 })
    for (const lacks of [10, 4096]) {
      const cut = await decoder.decode(bytes.subarray(0, bytes.length - lacks), request)
      assert.ok(!cut.ok && cut.code === 'not_decodable', `${lacks} bytes`)
    }
    assert.ok((await decoder.decode(bytes.subarray(0, bytes.length - 2), request)).ok)
  })

  test('a large JPEG XL that its decoder has no memory for is not called damaged', async () => {
    const cut = clip('quadrants.jxl').subarray(0, 60)
    const coding = { decoder: 'jxl' as const }
    const small = await decoder.decode(cut, { ...request, coding })
    assert.ok(!small.ok && small.code === 'not_decodable')
    // Of 100 megapixels: the decoder answers as for damage, and may be right.
    const large = await decoder.decode(cut, { ...request, coding, memory: 36e8 })
    assert.ok(!large.ok && large.code === 'too_many_pixels' && large.limit === 2 * 1024 ** 3)
  })

  test('refuses a JPEG whose scan breaks off before its end marker, or that was partly overwritten', async () => {
    const bytes = await photo({ width: 400, height: 300 })
    const endMarker = Buffer.from([0xff, 0xd9])
    const half = bytes.length >> 1
    const cut = Buffer.concat([bytes.subarray(0, half), endMarker])
    const overwritten = Buffer.from(bytes).fill(0, half, bytes.length - 2)
    for (const damaged of [cut, overwritten]) {
      const result = await decoder.decode(damaged, request)
      assert.ok(!result.ok && result.code === 'not_decodable')
    }
  })

  test('takes what cameras are known to write although the decoder warns of it', async () => {
    const bytes = await photo({ width: 400, height: 300 })
    const scan = bytes.indexOf(Buffer.from([0xff, 0xda]))
    const wrongScanParameters = Buffer.from(bytes)
    wrongScanParameters[scan + bytes.readUInt16BE(scan + 2)] = 0
    const strayBytes = Buffer.concat([bytes.subarray(0, scan), Buffer.from([0, 0, 1]), bytes.subarray(scan)])
    const trailer = Buffer.concat([bytes, Buffer.alloc(5000, 7)])
    for (const odd of [wrongScanParameters, strayBytes, trailer]) {
      assert.ok((await decoder.decode(odd, request)).ok)
    }
  })

  test('makes thumbs that stand upright and carry neither position nor profile', async () => {
    const bytes = await photo({ width: 400, height: 200, orientation: 6, gps: true })
    assert.ok((await sharp(bytes).metadata()).exif)
    const result = await decoder.decode(bytes, request)
    assert.ok(result.ok)
    assert.deepEqual([result.width, result.height], [200, 400])
    const thumb = await sharp(result.pictures[0]?.bytes).metadata()
    assert.deepEqual([thumb.format, thumb.width, thumb.height], ['webp', 160, 320])
    assert.deepEqual([thumb.exif, thumb.xmp, thumb.icc, thumb.orientation], Array(4).fill(undefined))
  })

  test('cannot be made to load a format that is not taken', async () => {
    for (const bytes of [
      await photo({ type: 'image/tiff' }),
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    ]) {
      assert.ok(!(await decoder.decode(bytes, request)).ok)
    }
  })

  test('a process that is killed fails its own picture and no other', { skip: skipWithoutProc }, async () => {
    const large = await photo({ width: 3000, height: 2000 })
    const small = await photo()
    const jobs: Promise<DecodeResult>[] = [decoder.decode(large, request), decoder.decode(large, request)]
    for (let i = 0; i < 20; i++) jobs.push(decoder.decode(small, request))
    const [victim] = childPids('worker.ts')
    process.kill(victim as number, 'SIGKILL')
    const results = await Promise.all(jobs)
    const failed = results.flatMap((result) => (result.ok ? [] : [result.detail]))
    assert.equal(failed.length, 1)
    // It may be whole, and only too much for the decoder.
    assert.match(failed[0] as string, /undamaged or smaller copy, or save it as an ordinary JPEG/)
  })
})

describe('animated pictures', () => {
  let decoder: Decoder
  before(() => {
    decoder = createDecoder({ log: silentLog })
  })
  after(() => decoder.close())
  const made = async (bytes: Uint8Array, specs?: VariantSpec[]) => {
    const result = await decoder.decode(bytes, { ...request, ...(specs ? { specs } : {}) })
    assert.ok(result.ok)
    return Promise.all(result.pictures.map(({ bytes }) => sharp(bytes, { animated: true }).metadata()))
  }

  test('GIF and WebP stay animated, with their times, where they are small', async () => {
    for (const type of ['image/gif', 'image/webp'] as const) {
      const delay = [40, 60, 80, 100, 120]
      const frames = sharp(await animation(5, type), { animated: true })
      const bytes = await (type === 'image/gif' ? frames.gif({ delay }) : frames.webp({ delay })).toBuffer()
      const [thumb] = await made(bytes, [{ ...usualThumb, width: 16, height: 16 }])
      assert.deepEqual(
        [thumb?.pages, thumb?.width, thumb?.pageHeight, thumb?.delay],
        [5, 16, 12, delay],
        type,
      )
    }
  })

  test('they are their first frame as JPEG, and where they are large', async () => {
    const frames = await animation(3, 'image/gif')
    const [jpeg] = await made(frames, [{ ...usualThumb, format: 'jpeg' }])
    assert.deepEqual([jpeg?.format, jpeg?.pages], ['jpeg', undefined])
    const large = sharp(frames, { animated: true }).resize(2600, 2100, { fit: 'fill' })
    const [thumb] = await made(await large.webp({ effort: 0 }).toBuffer())
    assert.deepEqual([thumb?.pages, thumb?.width], [undefined, 320])
  })
})
