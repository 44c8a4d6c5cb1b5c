import type { UploadedPart } from '@tintype/protocol'
import type { Bucket } from '../../bucket/bucket.ts'
import type { WriteUrl } from '../../bucket/write-url.ts'
import type { Clock } from '../../clock.ts'
import { TintypeError } from '../../errors.ts'
import type { MediaWithVariants } from '../../records/media-records.ts'
import type { Records } from '../../records/records.ts'
import type { UploadRow } from '../../records/schema.ts'
import { interrupted, isScanning, toError, toRefusal } from '../refusal.ts'
import { partSize } from './session-plan.ts'

/** What has become of a direct upload. */
export type UploadState = { row: UploadRow } & (
  | { state: 'open'; isStored: true }
  | { state: 'open'; isStored: false; put: WriteUrl }
  | { state: 'open'; isStored: false; parts: UploadedPart[] }
  | { state: 'scanning' }
  | { state: 'refused'; refusal: TintypeError }
  /** Without media: they have been deleted since. */
  | { state: 'complete'; media: MediaWithVariants | undefined }
)

export interface StateOptions {
  records: Pick<Records, 'uploads' | 'scans' | 'media'>
  bucket: Pick<Bucket, 'head' | 'listParts'>
  clock: Clock
  putUrl(row: UploadRow): Promise<WriteUrl>
}

/**
 * How the upload has ended, as the ledger knows it.
 * @returns undefined when it hasn't
 * @throws {TintypeError} the refusal; `not_found` when its media were deleted since
 */
export async function outcomeOf(
  { media }: Pick<Records, 'media'>,
  row: UploadRow,
): Promise<MediaWithVariants | undefined> {
  if (row.refusal !== null) throw toError(row.refusal)
  if (row.media_id === null) return undefined
  const found = await media.find(row.media_id, row.owner)
  if (!found) throw deletedSince()
  return found
}

export function deletedSince(): TintypeError {
  return new TintypeError('not_found', 'The photo or video of this upload has been deleted since.')
}

/** Asks the ledger, then S3. @returns undefined when S3 has lost the upload: it can't be completed any more */
export function createDirectState({ records, bucket, clock, putUrl }: StateOptions) {
  return async function stateOf(row: UploadRow): Promise<UploadState | undefined> {
    if (row.media_id !== null) {
      return { row, state: 'complete', media: await records.media.find(row.media_id, row.owner) }
    }
    if (row.refusal !== null) return { row, state: 'refused', refusal: toError(row.refusal) }
    if (isScanning(row, clock.now())) return { row, state: 'scanning' }
    if (row.form !== null) {
      // Written down, so that the process which scans it, if it was but suspended, publishes it no more.
      await records.scans.interrupt(row.form, toRefusal(interrupted()), clock.now())
      const ended = await records.uploads.find(row.id, row.owner)
      return ended && stateOf(ended)
    }
    const parts = row.s3_upload_id === null ? 'absent' : await storedParts(row, { bucket, records })
    if (parts !== 'absent') return { row, state: 'open', isStored: false, parts }
    if (await bucket.head(row.key)) return { row, state: 'open', isStored: true }
    return row.s3_upload_id === null
      ? { row, state: 'open', isStored: false, put: await putUrl(row) }
      : undefined
  }
}

/**
 * The parts that S3 has; where we may not ask, those that the client has told us of.
 * @returns 'absent' when there is no such multipart upload any more
 */
export async function storedParts(
  row: UploadRow,
  { bucket, records }: { bucket: Pick<Bucket, 'listParts'>; records: Pick<Records, 'uploads'> },
): Promise<UploadedPart[] | 'absent'> {
  const listed = await bucket.listParts(row.key, row.s3_upload_id as string)
  if (listed === 'absent') return 'absent'
  if (listed !== 'denied') {
    return listed.map(({ sha256, ...part }) => (sha256 === undefined ? part : { ...part, sha256 }))
  }
  const recorded = await records.uploads.parts(row.id)
  return recorded.flatMap(({ number, etag, sha256 }) =>
    etag === null ? [] : [{ number, size: partSize(row, number), etag, sha256 }],
  )
}
