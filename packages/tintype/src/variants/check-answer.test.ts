import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp from 'sharp'
import { checkAnswer } from './check-answer.ts'
import { usualThumb, type VariantFormat, type VariantSpec } from './variant-spec.ts'

const asked = { pixels: 1_000_000, specs: [usualThumb], placeholder: true }
const picture = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: '#4488aa80' } })
const webp = (width: number, height: number, channels?: 3 | 4) =>
  picture(width, height, channels).webp().toBuffer()
const asUrl = (bytes: Buffer) => `data:image/webp;base64,${bytes.toString('base64')}`

const thumb = await webp(320, 160)
const placeholder = asUrl(await webp(16, 8))
const header = { ok: true, width: 1000, height: 500, placeholder }
const about = (...bodies: Buffer[]) => ({ ...header, lengths: bodies.map(({ length }) => length) })

test('real answers of a decoder are accepted: lossy, lossless, with alpha', async () => {
  const lossless = await picture(320, 160).webp({ lossless: true }).toBuffer()
  const frames = [await webp(320, 160), await picture(320, 160, 4).png().toBuffer()]
  const animated = await sharp(frames, { join: { animated: true } })
    .webp()
    .toBuffer()
  for (const body of [thumb, lossless, await webp(320, 160, 4), animated]) {
    const found = checkAnswer({ header: { ...about(body), type: 'text/html', key: 'x' }, body }, asked)
    const expected = {
      name: 'thumb',
      bytes: body,
      width: 320,
      height: 160,
      type: 'image/webp',
      ext: 'webp',
      recipe: 'webp 320x320 inside q76',
    }
    assert.deepEqual(found, { ok: true, width: 1000, height: 500, placeholder, pictures: [expected] })
  }
  assert.deepEqual(checkAnswer({ header: { ok: false, message: 'x' }, body: thumb }, asked), { ok: false })
})

test('headers that cannot be are not', () => {
  const right = about(thumb)
  const odd: unknown[] = [null, 'ok', [], {}, { ...right, ok: 1 }, { ...right, ok: undefined }]
  for (const width of [0, -1, 1.5, Number.NaN, '1000', 1e300, 3000])
    odd.push({ ...right, width, height: 500 })
  odd.push({ ...right, width: 300 }, { ...right, height: undefined }, { ...right, height: 20 })
  for (const lengths of [undefined, [], [thumb.length, 0], [thumb.length - 1], [-1], ['1'], {}])
    odd.push({ ...right, lengths })
  for (const one of odd)
    assert.equal(checkAnswer({ header: one, body: thumb }, asked), undefined, JSON.stringify(one))
})

test('thumbs that are no plain WebP of their size are not', async () => {
  const withProfile = await picture(320, 160).withIccProfile('p3').webp().toBuffer()
  const withExif = await picture(320, 160)
    .withExif({ IFD0: { Copyright: 'x' } })
    .webp()
    .toBuffer()
  const animated = await sharp([await webp(320, 160), await picture(320, 160, 4).png().toBuffer()], {
    join: { animated: true },
  })
    .webp()
    .toBuffer()
  const startCode = Buffer.from(thumb)
  startCode[23] = 0
  for (const body of [
    Buffer.alloc(0),
    Buffer.from('<script>alert(1)</script>'.repeat(20)),
    await picture(320, 160).jpeg().toBuffer(),
    await webp(321, 160),
    Buffer.concat([thumb, Buffer.from('<script>')]),
    thumb.subarray(0, -2),
    thumb.subarray(0, 16),
    Buffer.concat([thumb, Buffer.alloc(500_000)]),
    withProfile,
    withExif,
    await sharp(animated, { animated: true }).resize(318, 160, { fit: 'fill' }).webp().toBuffer(),
    animated.subarray(0, -2),
    startCode,
  ]) {
    assert.equal(checkAnswer({ header: about(body), body }, asked), undefined, body.toString('latin1', 0, 60))
  }
})

test('placeholders that are no small WebP in a data URL are not', async () => {
  const jpeg = await picture(16, 8).jpeg().toBuffer()
  for (const one of [
    undefined,
    '',
    'javascript:alert(1)',
    placeholder.replace('webp', 'svg+xml'),
    `${placeholder}"><script>`,
    `${placeholder}\n`,
    asUrl(await webp(17, 8)),
    asUrl(jpeg),
    `data:image/webp;base64,${'A'.repeat(5000)}`,
  ]) {
    assert.equal(
      checkAnswer({ header: { ...about(thumb), placeholder: one }, body: thumb }, asked),
      undefined,
      one,
    )
  }
})

test('several pictures, of every format, each of the size that it has to have', async () => {
  const spec = (format: VariantFormat, size: number): VariantSpec => ({
    ...usualThumb,
    name: `${format}-${size}`,
    width: size,
    height: size,
    format,
  })
  const specs = [spec('jpeg', 100), spec('avif', 64), spec('webp', 320)]
  const all = { ...asked, specs, placeholder: false }
  const real = [
    await picture(100, 50).jpeg().toBuffer(),
    await picture(64, 32, 4).avif().toBuffer(),
    await webp(320, 160),
  ] as [Buffer, Buffer, Buffer]
  const answer = (bodies: readonly Buffer[]) =>
    checkAnswer({ header: about(...bodies), body: Buffer.concat(bodies) }, all)
  const found = answer(real)
  assert.ok(found?.ok)
  assert.deepEqual(
    found.pictures.map(({ name, type, ext, width }) => [name, type, ext, width]),
    [
      ['jpeg-100', 'image/jpeg', 'jpg', 100],
      ['avif-64', 'image/avif', 'avif', 64],
      ['webp-320', 'image/webp', 'webp', 320],
    ],
  )
  assert.ok(found.pictures.every(({ bytes }, index) => Buffer.compare(bytes, real[index] as Buffer) === 0))

  const exif = { IFD0: { Copyright: 'x' } }
  const wrong: Record<VariantFormat, Buffer[]> = {
    jpeg: [
      await picture(100, 51).jpeg().toBuffer(),
      await picture(100, 50).withExif(exif).jpeg().toBuffer(),
      await picture(100, 50).withIccProfile('p3').jpeg().toBuffer(),
      Buffer.concat([real[0], Buffer.from('<script>')]),
      real[0].subarray(0, -2),
      real[0].subarray(0, 30),
      real[2],
    ],
    avif: [
      await picture(65, 32).avif().toBuffer(),
      await picture(64, 32).withExif(exif).avif().toBuffer(),
      await picture(64, 32).withIccProfile('p3').avif().toBuffer(),
      Buffer.concat([real[1], Buffer.from('<script>')]),
      real[1].subarray(0, -2),
      real[1].subarray(0, 30),
    ],
    webp: [real[0]],
  }
  for (const [index, format] of (['jpeg', 'avif', 'webp'] as const).entries()) {
    for (const [at, bytes] of wrong[format].entries())
      assert.equal(
        answer([...real.slice(0, index), bytes, ...real.slice(index + 1)]),
        undefined,
        `${format} ${at}`,
      )
  }
  assert.equal(answer([real[1], real[0], real[2]]), undefined)
  assert.ok(answer([await picture(100, 50).jpeg({ progressive: true }).toBuffer(), real[1], real[2]])?.ok)
})
