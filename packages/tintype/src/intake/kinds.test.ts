import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import sharp from 'sharp'
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

// Pictures of shapes and colours that are not the usual ones.

const decoder = createDecoder({ log: silentLog })
const videos = createVideoInspector({ log: silentLog })
const uploads = createBudget({ bytes: 1024 ** 3, wait: 1000, queue: 10, clock: systemClock })
const memory = createDecoderMemory({ bytes: 1024 ** 3, uploads, clock: systemClock })
const examine = createExamine({ limits: defaultLimits, decoder, videos, memory })
after(() => Promise.all([decoder.close(), videos.close()]))

/** The record's size, the thumb's, and the thumb's mean colour. */
async function seen(bytes: Buffer): Promise<{ size: string; thumb: string; mean: number[] }> {
  const { verdict, objects } = await examine(
    { bytes: Buffer.from(bytes), sha256: '', rawName: undefined },
    noRequester,
  )
  const thumb = objects[1] as NewObject
  const { channels } = await sharp(thumb.bytes).removeAlpha().stats()
  const mean = channels.map((channel) => channel.mean)
  return { size: `${verdict.width}x${verdict.height}`, thumb: `${thumb.width}x${thumb.height}`, mean }
}

function isNear(mean: number[], right: number[]): void {
  assert.ok(
    right.every((value, i) => Math.abs(value - (mean[i] ?? 0)) <= 3),
    `seen ${mean}, right ${right}`,
  )
}

const one = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 180, g: 90, b: 60 } } })

test('a panorama of 20:1, and pictures of one pixel', async () => {
  for (const type of ['jpeg', 'png', 'webp', 'avif'] as const) {
    const wide = await seen(await one(4000, 200).toFormat(type).toBuffer())
    assert.deepEqual([wide.size, wide.thumb], ['4000x200', '320x16'])
    const dot = await seen(await one(1, 1).toFormat(type).toBuffer())
    assert.deepEqual([dot.size, dot.thumb], ['1x1', '1x1'])
  }
})

test('CMYK is shown in sRGB', async () => {
  const cmyk = await one(64, 48).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()
  assert.equal((await sharp(cmyk).metadata()).space, 'cmyk')
  const right = (await sharp(await sharp(cmyk).toColourspace('srgb').png().toBuffer()).stats()).channels
  isNear(
    (await seen(cmyk)).mean,
    right.map(({ mean }) => mean),
  )
})

test('a PNG of 16 bits in a wide profile looks as the same one of 8 bits', async () => {
  const wide = one(64, 48).withIccProfile('p3')
  const few = await seen(await wide.clone().png().toBuffer())
  const many = await seen(await wide.clone().toColourspace('rgb16').png().toBuffer())
  isNear(few.mean, [180, 90, 60])
  isNear(many.mean, [180, 90, 60])
})

test('a JPEG with another behind it (MPO) is its first one', async () => {
  const second = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#00f' } })
    .jpeg()
    .toBuffer()
  const { size, mean } = await seen(
    Buffer.concat([await one(64, 48).jpeg({ quality: 95 }).toBuffer(), second]),
  )
  assert.equal(size, '64x48')
  isNear(mean, [180, 90, 60])
})
