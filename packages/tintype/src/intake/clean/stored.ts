import { isNotOffered } from '../../bucket/meaning.ts'
import type { Cleaning } from '../../privacy/cleaning.ts'
import { planCleaning } from '../../privacy/plan-cleaning.ts'
import type { Policy } from '../../privacy/policy.ts'
import { createBlockReader } from '../../ranges/block-reader.ts'
import { bounded, type RangeSource, TooManyReads } from '../../ranges/range-source.ts'
import type { CleanedFile, Examined, StoredFile } from '../files.ts'
import { toCleaned } from './cleaned.ts'
import { type RewriteOptions, type RewriteRequest, rewriteObject, smallObject } from './rewrite.ts'

/** More than the metadata of any real file takes; every read is a request to S3. */
const readLimits = { reads: 2000, bytes: 256 * 1024 ** 2 }

/**
 * What has to be removed from an object in the bucket, of which the ranges are read that hold metadata.
 * @throws {TintypeError} `storage_unavailable`
 */
export async function planStored(source: RangeSource, type: string, policy: Policy): Promise<Cleaning> {
  try {
    return await planCleaning(createBlockReader(bounded(source, readLimits)), type, policy)
  } catch (error) {
    if (!(error instanceof TooManyReads)) throw error
    const found = { location: false, identifiers: false, other: false }
    const unsure = 'Its metadata is larger than that of any usual file, and was not read to its end.'
    return { edits: [], found, unsure, credentials: 'none' }
  }
}

export interface StoredCleanerOptions extends RewriteOptions {
  /** Whether objects may be put together of parts. */
  multipart: boolean
}

export interface StoredCleaning extends RewriteRequest {
  cleaning: Cleaning
  policy: Policy
  /** Of what was sent. */
  sentSha256: string
}

/**
 * Removes what was found in a file that is in the bucket. Nothing is written where there is nothing to remove; else the
 * file has a new key then, scheduled for deletion like the one before it.
 *
 * @param examined its original is under a key to which nobody writes any more
 * @throws {TintypeError} as {@link rewriteObject}
 */
export async function cleanStored(
  options: StoredCleanerOptions,
  examined: Examined,
  { cleaning, policy, sentSha256, ...request }: StoredCleaning,
): Promise<StoredFile> {
  const [original, ...variants] = examined.objects
  const describe = (of: Cleaning): CleanedFile => ({
    ...examined,
    cleaning: { cleaned: toCleaned(of, policy), sentSha256, location: of.position },
  })
  const whole = describe(cleaning)
  if (cleaning.edits.length === 0 || !('key' in original)) return { sha256: sentSha256, examined: whole }
  const untouched = () => ({ sha256: sentSha256, examined: describe(unchanged(cleaning)) })
  if (!options.multipart && original.size > smallObject) return untouched()
  try {
    const { type } = examined.verdict
    const { key, size } = original
    const made = await rewriteObject(options, { key, size, type }, cleaning.edits, request)
    const next = { ...original, ...made, writableUntil: null }
    return { sha256: sentSha256, examined: { ...whole, objects: [next, ...variants] } }
  } catch (error) {
    // A service that copies no parts: it is kept as it is, and its owner alone gets it.
    if (!(error instanceof Error) || !isNotOffered(error.cause)) throw error
    return untouched()
  }
}

/** What was found could not be removed. */
function unchanged({ position, credentials }: Cleaning): Cleaning {
  return {
    edits: [],
    found: { location: false, identifiers: false, other: false },
    ...(position && { position }),
    unsure: 'The storage can’t change a file of this size, so what was found in it is still there.',
    credentials: credentials === 'none' ? 'none' : 'untouched',
  }
}
