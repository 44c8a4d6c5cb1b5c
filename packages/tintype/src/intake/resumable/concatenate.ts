import { Readable } from 'node:stream'
import type { Bucket } from '../../bucket/bucket.ts'
import { TintypeError } from '../../errors.ts'
import type { ResumableUpload } from '../../records/resumable-records.ts'
import type { AppendRequest } from './append-request.ts'
import type { Appended } from './appended.ts'

export interface ConcatenateOptions {
  bucket: Pick<Bucket, 'open'>
  completeObject(piece: ResumableUpload): Promise<unknown>
  /** @param granted bytes of it that are counted for its pieces already */
  open(size: number, granted: number): Promise<ResumableUpload>
  append(upload: ResumableUpload, body: AppendRequest): Promise<Appended>
  forget(piece: ResumableUpload): Promise<void>
}

/**
 * Puts uploads together: tus's extension Concatenation, by which clients send a file in several requests at a time. The
 * pieces are read through once, since S3 copies nothing into a part that is smaller than 5 MiB, and pieces are as large as
 * clients like. Where this is interrupted, the pieces are still there, and it can be asked for again.
 */
export async function concatenate(
  pieces: (ResumableUpload | undefined)[],
  { bucket, completeObject, open, append, forget }: ConcatenateOptions,
): Promise<Appended> {
  const whole = pieces.filter((piece) => piece !== undefined)
  if (whole.length !== pieces.length || whole.some(({ resumable }) => resumable.concat !== 'partial'))
    throw new TintypeError('invalid_parameter', 'Upload-Concat names an upload that is no piece of yours.')
  if (whole.some(({ resumable }) => resumable.is_complete === 0))
    throw new TintypeError('invalid_parameter', 'Upload-Concat names a piece that has not come whole.')
  // One that is named twice is read twice, and counted once.
  const different = [...new Map(whole.map((piece) => [piece.row.id, piece])).values()]
  const keys: string[] = []
  for (const piece of whole) {
    const { row, resumable } = piece
    if (row.s3_upload_id !== null) await completeObject(piece)
    keys.push(...(row.s3_upload_id === null ? resumable.tail.map(({ key }) => key) : [row.key]))
  }
  const size = bytesIn(whole)
  const upload = await open(size, bytesIn(different))
  const body = Readable.from(bytesOf(bucket, keys), { objectMode: false, highWaterMark: 256 * 1024 })
  const incoming = { body, signal: new AbortController().signal, accept() {} }
  const done = await append(upload, { offset: 0, size, length: size, isComplete: true, incoming })
  for (const piece of different) await forget(piece)
  return done
}

function bytesIn(pieces: ResumableUpload[]): number {
  return pieces.reduce((sum, { resumable }) => sum + resumable.received, 0)
}

async function* bytesOf(bucket: Pick<Bucket, 'open'>, keys: string[]): AsyncGenerator<Uint8Array> {
  for (const key of keys) yield* await bucket.open(key)
}
