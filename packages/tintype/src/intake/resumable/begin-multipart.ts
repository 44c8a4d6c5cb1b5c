import type { KnownType } from '@tintype/protocol'
import type { Bucket } from '../../bucket/bucket.ts'
import type { Clock } from '../../clock.ts'
import { crashPoint } from '../../crash-points.ts'
import { inspectHead, type MediaLimits, tooLarge } from '../../inspect/limits.ts'
import { extensionOf } from '../../inspect/sniff.ts'
import type { Records } from '../../records/records.ts'
import type { ResumableUpload } from '../../records/resumable-records.ts'
import { takenOver } from './errors.ts'

export interface ToMultipart {
  key: string
  uploadId: string
}

/**
 * Begins the S3 multipart upload when the first part is full: the type is that of the first bytes, and so is the limit.
 *
 * @param about.most bytes that the upload has by its announced size
 * @param about.isFile else it is a piece of a file, of no type
 * @throws {TintypeError} `unsupported_type`, `too_large`, `storage_unavailable`
 */
export async function beginMultipart(
  { bucket, records, limits, clock }: { bucket: Bucket; records: Records; limits: MediaLimits; clock: Clock },
  upload: ResumableUpload,
  { head, most, isFile, signal }: { head: Buffer; most: number; isFile: boolean; signal: AbortSignal },
): Promise<ToMultipart> {
  const { row, resumable } = upload
  let type: KnownType | undefined
  if (isFile) {
    const found = inspectHead(head, limits)
    if (most > found.bytes && resumable.size !== null) throw tooLarge(found.bytes)
    type = found.type
  }
  const key =
    type === undefined ? bucket.makeKey('piece', 'bin') : bucket.makeKey('original', extensionOf(type))
  if (!(await records.resumables.beginMultipart(upload, key, type ?? row.type))) throw takenOver()
  Object.assign(row, { key, type: type ?? row.type })
  crashPoint('resumable.begun')
  // The key is of no use to others: each that begins makes one of its own.
  const forget = () => records.ledger.discard([key], clock.now()).catch(() => {})
  const about = { type: row.type, checksum: 'CRC32', signal } as const
  const uploadId = await bucket.createMultipart(key, about).catch(async (error: unknown) => {
    await forget()
    throw error
  })
  crashPoint('resumable.created')
  if (!(await records.resumables.nameMultipart(upload, key, uploadId))) {
    await forget()
    throw takenOver()
  }
  row.s3_upload_id = uploadId
  return { key, uploadId }
}
