import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { systemClock } from '../../packages/tintype/src/clock.ts'
import { TintypeError } from '../../packages/tintype/src/errors.ts'
import { defaultLimits } from '../../packages/tintype/src/inspect/limits.ts'
import { createVideoInspector } from '../../packages/tintype/src/inspect/video-inspector.ts'
import { createExamine } from '../../packages/tintype/src/intake/examine.ts'
import type { Examined, NewObject } from '../../packages/tintype/src/intake/files.ts'
import { silentLog } from '../../packages/tintype/src/log.ts'
import { createBudget } from '../../packages/tintype/src/memory/budget.ts'
import { createDecoderMemory } from '../../packages/tintype/src/memory/decoder-memory.ts'
import { createDecoder } from '../../packages/tintype/src/variants/decoder.ts'
import { noRequester } from '../../packages/tintype/src/workers/queue.ts'

export const decoder = createDecoder({ log: silentLog })
export const videos = createVideoInspector({ log: silentLog })
const uploads = createBudget({ bytes: 1024 ** 3, wait: 1000, queue: 10, clock: systemClock })
const memory = createDecoderMemory({ bytes: 1024 ** 3, uploads, clock: systemClock })
const examine = createExamine({ limits: defaultLimits, decoder, videos, memory })
/** Ends the child processes. */
export const closeDecoders = () => Promise.all([decoder.close(), videos.close()])

export async function examined(bytes: Buffer): Promise<Examined> {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return examine({ bytes: Buffer.from(bytes), sha256, rawName: undefined }, noRequester)
}

/** Type and size in the record, and the colours of the thumb's corners: top left, top right, bottom left, bottom right. */
export async function shown(bytes: Buffer): Promise<string> {
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

export async function refusal(bytes: Buffer): Promise<string> {
  const error = await examined(bytes).catch((reason: unknown) => reason)
  assert.ok(error instanceof TintypeError, 'taken')
  return `${error.code}: ${error.message}`
}

/** The middle of the thumb. */
export async function middle(bytes: Buffer): Promise<number[]> {
  const { objects } = await examined(bytes)
  const { data, info } = await sharp((objects[1] as NewObject).bytes)
    .raw()
    .toBuffer({ resolveWithObject: true })
  const at = ((info.height >> 1) * info.width + (info.width >> 1)) * info.channels
  return [...data.subarray(at, at + 3)]
}

export function isNear(seen: number[], right: number[], by = 3): void {
  assert.ok(
    right.every((value, i) => Math.abs(value - (seen[i] ?? 0)) <= by),
    `seen ${seen}, right ${right}`,
  )
}
