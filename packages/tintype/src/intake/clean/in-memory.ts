import { hash } from 'node:crypto'
import type { Signature } from '../../credentials/judge.ts'
import { TintypeError } from '../../errors.ts'
import { applyEdits, type Cleaning, fromMemory } from '../../privacy/cleaning.ts'
import { planCleaning } from '../../privacy/plan-cleaning.ts'
import type { Policy } from '../../privacy/policy.ts'
import type { CleanedFile, Examined, NewObject, ReceivedFile } from '../files.ts'
import type { UploadMemory } from '../transform.ts'
import { type CleanedBytes, toCleaned } from './cleaned.ts'

/** What has to be removed from a file that was examined in memory. */
export function planInMemory(examined: Examined, policy: Policy): Promise<Cleaning> {
  return planCleaning(fromMemory(inMemory(examined).bytes), examined.verdict.type, policy)
}

/**
 * Removes it. Where there is nothing to remove, nothing is hashed or copied.
 *
 * @param file as it was sent
 * @param examined what is to be stored: the same, or what the app has made of it
 */
export async function cleanInMemory(
  file: ReceivedFile,
  examined: Examined,
  cleaning: Cleaning,
  {
    policy,
    memory,
    signature,
    ...sent
  }: Omit<CleanedBytes, 'cleaned'> & {
    policy: Policy
    memory: UploadMemory | undefined
    /** Whether its Content Credentials held, as it was sent. */
    signature: Signature | undefined
  },
): Promise<CleanedFile> {
  const cleaned = { ...examined, cleaning: { ...sent, cleaned: toCleaned(cleaning, policy, signature) } }
  if (cleaning.edits.length === 0) return cleaned
  const original = inMemory(examined)
  const isOurs = original.bytes === file.bytes && file.isOthers !== true
  const bytes = isOurs ? original.bytes : await ownCopy(original, memory)
  applyEdits(bytes, cleaning.edits)
  const [, ...variants] = examined.objects
  return { ...cleaned, objects: [{ ...original, bytes, sha256: hash('sha256', bytes, 'hex') }, ...variants] }
}

/**
 * The app may use its memory for something else meanwhile. Then what is there now was never inspected, and its hash says
 * so.
 * @throws {TintypeError} `upload_refused`
 */
async function ownCopy({ bytes, sha256 }: NewObject, memory: UploadMemory | undefined): Promise<Buffer> {
  await memory?.add(bytes.length)
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  if (hash('sha256', copy, 'hex') === sha256) return copy
  throw new TintypeError('upload_refused', 'The file was changed while it was being stored. Send it again.')
}

function inMemory({ objects: [original] }: Examined): NewObject {
  if ('bytes' in original) return original
  throw new Error('The file is not in memory.')
}
