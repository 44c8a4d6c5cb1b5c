import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { errorTable } from '@tintype/protocol'
import fc from 'fast-check'
import { TintypeError } from '../../packages/tintype/src/errors.ts'
import { inspect } from '../../packages/tintype/src/inspect/inspect.ts'
import { defaultLimits } from '../../packages/tintype/src/inspect/limits.ts'
import { silentLog } from '../../packages/tintype/src/log.ts'
import { createDecoder } from '../../packages/tintype/src/variants/decoder.ts'
import { noRequester } from '../../packages/tintype/src/workers/queue.ts'
import { clip } from '../media/containers.ts'
import { coded, grid, heif, rotation, size } from '../media/heif.ts'
import { fuzz } from '../support/fuzz.ts'
import { changed, changes } from '../support/mutations.ts'

// HEIC, JPEG XL and AVIF changed at random, given to their decoders. What crashes one, keeps it busy or takes its memory is
// that file's 422; the next file is decoded as if nothing had been.

const names = [
  'quadrants.heic',
  '10-bit.heic',
  'alpha.heic',
  'display-p3.heic',
  'quadrants.jxl',
  'boxed.jxl',
  '10-bit.avif',
]
const files = [...names.map(clip), tiled()]

/** Of tiles, which are decoded one by one. */
function tiled(): Buffer {
  const { data, configuration } = coded('quadrants.heic')
  const tile = { type: 'hvc1', data, properties: [configuration, size(128, 64)] }
  const whole = { type: 'grid', data: grid(2, 2, 200, 120), properties: [size(200, 120), rotation(3)] }
  const references = [{ type: 'dimg', from: 1, to: [2, 3, 4, 5] }]
  return heif({ items: [whole, tile, tile, tile, tile], references })
}

const decoder = createDecoder({ log: silentLog, cpuLimit: 5000 })
after(() => decoder.close())

async function decode(bytes: Buffer): Promise<string> {
  const verdict = await inspect(bytes, defaultLimits, {
    inspect: async () => ({ ok: false, code: 'not_decodable', detail: '' }),
  })
  if (!verdict.ok) return verdict.code
  const { decodeMemory: memory = 0, colour, coding } = verdict
  const request = { limits: defaultLimits, memory, colour, coding, requester: noRequester }
  const attempt = () => decoder.decode(Buffer.from(bytes), request)
  // A machine that is too busy to start a process says nothing about the file.
  const result = await attempt().catch((error: unknown) => {
    if (error instanceof TintypeError && error.code === 'overloaded') return attempt()
    throw error
  })
  return result.ok ? `${result.width}x${result.height}` : result.code
}

test('decoders of HEIC, JPEG XL and AVIF take or refuse whatever they are given', async () => {
  const { numRuns, seed } = fuzz(30)
  const runs = numRuns > 1000 ? 100_000 : numRuns
  const file = fc.nat(1000).map((n) => files[n % files.length] as Buffer)
  await fc.assert(
    fc.asyncProperty(file, changes, async (base, all) => {
      const said = await decode(changed(base, all))
      if (/^\d+x\d+$/.test(said)) return
      const { status } = errorTable[said as keyof typeof errorTable]
      assert.ok(status === 415 || status === 422 || said === 'empty_file', said)
    }),
    { numRuns: runs, seed },
  )
  assert.equal(await decode(clip('quadrants.heic')), '128x64')
  assert.equal(await decode(tiled()), '120x200')
  assert.equal(await decode(clip('quadrants.jxl')), '128x64')
})
