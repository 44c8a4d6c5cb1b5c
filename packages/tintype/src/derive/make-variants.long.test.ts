import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { photo } from '../../../../test/media/photos.ts'
import { systemClock } from '../clock.ts'
import { defaultLimits } from '../inspect/limits.ts'
import { createVideoInspector } from '../inspect/video-inspector.ts'
import { silentLog } from '../log.ts'
import { createBudget } from '../memory/budget.ts'
import { createDecoderMemory } from '../memory/decoder-memory.ts'
import { createDecoder } from '../variants/decoder.ts'
import { usualThumb } from '../variants/variant-spec.ts'
import { createMakeVariants } from './make-variants.ts'

const mebibyte = 1024 * 1024
const size = { width: 3200, height: 2400 }
const bytes = await photo({ ...size, type: 'image/webp' })
const spec = { ...usualThumb, ...size, format: 'avif', quality: 55 } as const
const videos = createVideoInspector({ log: silentLog })
after(() => videos.close())

/** @param cpuLimit milliseconds after which the decoder's process is ended */
async function make(cpuLimit: number) {
  const clock = systemClock
  const budget = createBudget({ bytes: 60 * mebibyte, wait: 1000, queue: 10, clock })
  const memory = createDecoderMemory({ bytes: 60 * mebibyte, uploads: budget, clock })
  const decoder = createDecoder({ log: silentLog, memory: 60 * mebibyte, cpuLimit })
  const bucket = { read: async () => bytes }
  try {
    const made = createMakeVariants({ bucket, decoder, videos, budget, memory, limits: defaultLimits })
    const source = { key: 'a', bytes: bytes.length, owner: '', ...size }
    const signal = new AbortController().signal
    return await made(source, [spec], { signal, timeLeft: () => 60_000, isBackground: false })
  } finally {
    await decoder.close()
  }
}

test('a picture that was accepted is made in a size that needs more memory than there is', async () => {
  const [picture] = await make(60_000)
  assert.deepEqual([picture?.width, picture?.type], [3200, 'image/avif'])
})

test('one whose variant cannot be made is not called damaged', async () => {
  await assert.rejects(make(1), { code: 'not_decodable', message: /stored.*this size or format here/ })
})
