import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KnownType } from '@tintype/protocol'
import { divideMemory } from '../memory/budget.ts'
import { decodeMemory } from './decode-memory.ts'

const mebibyte = 1024 * 1024
const file = 4 * mebibyte

/** Whether a budget of so many megabytes is enough for a picture of so many megapixels. */
function fits(type: KnownType, megapixels: number, budget: number, passBytes?: number): boolean {
  const { pictures, uploads } = divideMemory(budget * mebibyte)
  const needed = decodeMemory(
    type,
    { width: megapixels * 1000, height: 1000, frames: 1, turned: false, inPasses: true, passBytes },
    file,
  )
  return needed <= pictures + uploads - file
}

test('what docs/files.md says of the budget: which pictures are taken at 512 MB, and at 700', () => {
  assert.deepEqual(
    [fits('image/heic', 34, 512), fits('image/jxl', 7, 512), fits('image/avif', 10, 512)],
    [true, true, true],
  )
  // 8 bits, 4:2:0.
  assert.ok(fits('image/avif', 16, 512, 17))
  assert.deepEqual([fits('image/jxl', 12, 512), fits('image/jxl', 12, 700)], [false, true])
})
