import assert from 'node:assert/strict'
import sharp from 'sharp'
import {
  applyEdits,
  type Cleaning,
  fromMemory,
  type PrivacyPolicy,
} from '../../packages/tintype/src/privacy/cleaning.ts'
import { planCleaning } from '../../packages/tintype/src/privacy/plan-cleaning.ts'

export const removeAll: PrivacyPolicy = { location: 'remove', identifiers: 'remove' }

/** A cleaned copy, and what was found. Cleaning it again changes nothing, and the length is the same. */
export async function clean(
  bytes: Buffer,
  type: string,
  policy: PrivacyPolicy = removeAll,
): Promise<Cleaning & { bytes: Buffer }> {
  const before = Buffer.from(bytes)
  const cleaning = await planCleaning(fromMemory(bytes), type, policy)
  assert.ok(before.equals(bytes), 'planning changes nothing')
  const cleaned = Buffer.from(bytes)
  applyEdits(cleaned, cleaning.edits)
  const again = await planCleaning(fromMemory(cleaned), type, policy)
  assert.deepEqual(again.edits, [], 'cleaning again changes nothing')
  return { ...cleaning, bytes: cleaned }
}

/** The pixels, the profile and the orientation are the same to the last bit. */
export async function assertSamePicture(before: Buffer, after: Buffer): Promise<void> {
  const [a, b] = await Promise.all([before, after].map(decode))
  assert.deepEqual(b?.info, a?.info)
  assert.ok(a && b && a.data.equals(b.data), 'the same pixels')
  assert.deepEqual(b?.icc, a?.icc)
}

async function decode(bytes: Buffer) {
  const { icc, orientation } = await sharp(bytes).metadata()
  const { data, info } = await sharp(bytes, { pages: -1 }).raw().toBuffer({ resolveWithObject: true })
  return { data, info: { ...info, orientation: orientation ?? 1 }, icc }
}
