import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp from 'sharp'
import { photo } from '../../../../test/media/photos.ts'
import { silentLog } from '../log.ts'
import { noRequester } from '../workers/queue.ts'
import { createDecoder } from './decoder.ts'
import { encodeMemory, usualThumb } from './variant-spec.ts'

const request = {
  limits: { pixels: 100_000_000 },
  memory: 1024 ** 3,
  coding: undefined,
  requester: noRequester,
}

test('a large AVIF is made within what is estimated for it', async (t) => {
  const decoder = createDecoder({ log: silentLog })
  t.after(() => decoder.close())
  const size = { width: 3200, height: 2400 }
  const specs = [{ ...usualThumb, ...size, format: 'avif', quality: 55 } as const]
  const memory = 24 * 1024 * 1024 + encodeMemory(specs, size)
  const result = await decoder.decode(await photo(size), { ...request, memory, specs })
  assert.ok(result.ok && result.pictures[0]?.type === 'image/avif')
})

test('a picture that takes more memory than a process may have is refused, and the next one is not', async (t) => {
  const frugal = createDecoder({ log: silentLog, workers: 1 })
  t.after(() => frugal.close())
  // Interlaced: nothing can be shown, or let go of, before everything is unpacked.
  const blank = sharp({ create: { width: 8000, height: 8000, channels: 4, background: '#a06030' } })
  const bytes = await blank.png({ progressive: true }).toBuffer()
  const memory = 90 * 1024 * 1024
  const result = await frugal.decode(bytes, { ...request, memory })
  // It is not told to be damaged.
  assert.ok(!result.ok && result.code === 'too_many_pixels' && result.limit === memory)
  assert.match(result.detail, /more memory than .* \(94 MB\)/)
  assert.ok((await frugal.decode(await photo(), request)).ok)
})
