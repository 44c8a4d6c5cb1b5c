import type { CompleteRequest, KnownType } from '@tintype/protocol'
import type { Bucket, ObjectFacts } from '../../bucket/bucket.ts'
import { largestCopy } from '../../bucket/copy.ts'
import { isWorthRepeating } from '../../bucket/meaning.ts'
import { pause } from '../../bucket/retry.ts'
import { TintypeError } from '../../errors.ts'
import { extensionOf } from '../../inspect/sniff.ts'
import type { Records } from '../../records/records.ts'
import type { UploadRow } from '../../records/schema.ts'
import type { PendingKeys } from '../pending-keys.ts'
import { partCount } from './session-plan.ts'
import { storedParts } from './state.ts'

export interface ObjectOptions {
  records: Pick<Records, 'uploads'>
  bucket: Pick<Bucket, 'head' | 'listParts' | 'completeMultipart' | 'copy' | 'open' | 'makeKey'>
  /** Bytes of the largest object that is copied. @default what S3 copies at once, 5 GiB */
  copyBytes?: number | undefined
}

/**
 * Makes sure that the object is there, whole.
 *
 * @param parts all of them as the client knows them; else S3 is asked
 * @returns undefined when S3 has lost the upload
 * @throws {TintypeError} `not_complete` when something is missing, `storage_unavailable`
 */
export async function completeObject(
  { records, bucket }: ObjectOptions,
  row: UploadRow,
  parts: CompleteRequest['parts'],
): Promise<ObjectFacts | undefined> {
  if (row.s3_upload_id === null) {
    const found = await bucket.head(row.key)
    if (!found)
      throw new TintypeError('not_complete', 'The file has not arrived in the storage. Send it first.')
    return found
  }
  const known = parts ?? (await storedParts(row, { records, bucket }))
  if (known !== 'absent') {
    const all = demandAll(row, await withChecksums(records, row, known))
    try {
      await bucket.completeMultipart(row.key, row.s3_upload_id, all)
    } catch (error) {
      // A complete whose reply was lost, or one before this one, may have made the object: S3 is asked, not guessed at.
      const found = await bucket.head(row.key)
      if (found || isCode(error, 'not_found')) return found
      throw error
    }
  }
  return bucket.head(row.key)
}

type Part = NonNullable<CompleteRequest['parts']>[number]

type ListedPart = Omit<Part, 'sha256'> & { sha256?: string }

/** A service that doesn't tell the checksums of parts was sent those that were signed last. */
async function withChecksums(
  { uploads }: ObjectOptions['records'],
  row: UploadRow,
  parts: ListedPart[],
): Promise<ListedPart[]> {
  if (parts.every(({ sha256 }) => sha256 !== undefined)) return parts
  const signed = new Map((await uploads.parts(row.id)).map(({ number, sha256 }) => [number, { sha256 }]))
  return parts.map((part) => ({ ...signed.get(part.number), ...part }))
}

function demandAll(row: UploadRow, parts: ListedPart[]): Part[] {
  const byNumber = new Map(parts.map((part) => [part.number, part]))
  const missing: number[] = []
  const all: Part[] = []
  for (let number = 1; number <= partCount(row); number++) {
    const part = byNumber.get(number)
    if (part?.sha256 === undefined) missing.push(number)
    else all.push({ number, etag: part.etag, sha256: part.sha256 })
  }
  if (missing.length === 0) return all
  const some = missing.slice(0, 10).join(', ')
  throw new TintypeError(
    'not_complete',
    `${missing.length} of ${partCount(row)} parts have not arrived: ${some}${missing.length > 10 ? ', …' : ''}.`,
  )
}

/** An object that no signed URL can write to any more, and its facts from S3. */
export interface OwnedObject {
  key: string
  sha256: string | undefined
  /** It is where the browser wrote it, under the session's own key. */
  inPlace: boolean
}

/** Attempts to copy, each to a new key. */
const copyTries = 3

/**
 * Copies the object, inside S3, to a key for which no URL was ever signed: what is inspected from here on can't
 * change, and S3 computes its SHA-256, which it does not for an object made of parts. One that is too large to be
 * copied stays where it is: its URLs wrote parts of an upload that has ended, or can't overwrite.
 */
export async function copyToOwnKey(
  { bucket, copyBytes = largestCopy }: ObjectOptions,
  row: UploadRow,
  found: ObjectFacts,
  { type, pending }: { type: KnownType; pending: PendingKeys },
): Promise<OwnedObject> {
  if (found.size > copyBytes) return { key: row.key, sha256: undefined, inPlace: true }
  const limit = AbortSignal.any([pending.signal, AbortSignal.timeout(copyTime(found.size))])
  for (let tries = 1; ; tries++) {
    const key = bucket.makeKey('original', extensionOf(type))
    await pending.reserve(key, { multipart: false })
    try {
      const { etag } = found
      return { key, sha256: await bucket.copy(row.key, key, { etag, type, signal: limit }), inPlace: false }
    } catch (error) {
      if (tries === copyTries || !isWorthRepeating(error)) throw error
      if (!(await pause(tries, limit))) throw error
    }
  }
}

/** A minute, and a second for each 20 MB: S3 copies several times as fast. Milliseconds. */
export function copyTime(bytes: number): number {
  return Math.ceil(60_000 + bytes / 20_000)
}

function isCode(error: unknown, code: TintypeError['code']): boolean {
  return error instanceof TintypeError && error.code === code
}
