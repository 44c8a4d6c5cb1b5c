import type { KnownType } from '@tintype/protocol'
import type { Bucket } from '../../bucket/bucket.ts'
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
  { bucket, records, limits }: { bucket: Bucket; records: Records; limits: MediaLimits },
  upload: ResumableUpload,
  { head, most, isFile, signal }: { head: Buffer; most: number; isFile: boolean; signal: AbortSignal },
): Promise<ToMultipart> {
  const { row, resumable } = upload
  let type: KnownType | undefined
  if (isFile) {
    const found = await inspectHead(head, limits)
    if (most > found.bytes && resumable.size !== null) throw tooLarge(found.bytes)
    type = found.type
  }
  const key =
    type === undefined ? bucket.makeKey('piece', 'bin') : bucket.makeKey('original', extensionOf(type))
  if (!(await records.resumables.beginMultipart(upload, key, type ?? row.type))) throw takenOver()
  Object.assign(row, { key, type: type ?? row.type })
  crashPoint('resumable.begun')
  const uploadId = await bucket.createMultipart(key, { type: row.type, checksum: 'CRC32', signal })
  crashPoint('resumable.created')
  if (!(await records.resumables.nameMultipart(upload, key, uploadId))) throw takenOver()
  row.s3_upload_id = uploadId
  return { key, uploadId }
}
