import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp from 'sharp'
import { checkAnswer } from './check-answer.ts'

const limits = { pixels: 1_000_000 }
const picture = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: '#4488aa80' } })
const webp = (width: number, height: number, channels?: 3 | 4) =>
  picture(width, height, channels).webp().toBuffer()
const asUrl = (bytes: Buffer) => `data:image/webp;base64,${bytes.toString('base64')}`

const thumb = await webp(320, 160)
const placeholder = asUrl(await webp(16, 8))
const header = { ok: true, width: 1000, height: 500, placeholder }

test('real answers of a decoder are accepted: lossy, lossless, with alpha', async () => {
  const lossless = await picture(320, 160).webp({ lossless: true }).toBuffer()
  for (const body of [thumb, lossless, await webp(320, 160, 4)]) {
    const found = checkAnswer({ header: { ...header, type: 'text/html', key: 'x' }, body }, limits)
    const expected = { bytes: body, width: 320, height: 160, type: 'image/webp' }
    assert.deepEqual(found, { ok: true, width: 1000, height: 500, placeholder, thumb: expected })
  }
  assert.deepEqual(checkAnswer({ header: { ok: false, message: 'x' }, body: thumb }, limits), { ok: false })
})

test('headers that cannot be are not', () => {
  const odd: unknown[] = [null, 'ok', [], {}, { ...header, ok: 1 }, { ...header, ok: undefined }]
  for (const width of [0, -1, 1.5, Number.NaN, '1000', 1e300, 3000])
    odd.push({ ...header, width, height: 500 })
  odd.push({ ...header, width: 300 }, { ...header, height: undefined }, { ...header, height: 20 })
  for (const one of odd)
    assert.equal(checkAnswer({ header: one, body: thumb }, limits), undefined, JSON.stringify(one))
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
    animated,
    startCode,
  ]) {
    assert.equal(checkAnswer({ header, body }, limits), undefined, body.toString('latin1', 0, 60))
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
      checkAnswer({ header: { ...header, placeholder: one }, body: thumb }, limits),
      undefined,
      one,
    )
  }
})
