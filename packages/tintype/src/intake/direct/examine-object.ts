import { createHash } from 'node:crypto'
import type { KnownType } from '@tintype/protocol'
import type { Bucket, ObjectFacts } from '../../bucket/bucket.ts'
import type { Clock } from '../../clock.ts'
import { TintypeError } from '../../errors.ts'
import { headBytes, inspectHead, type MediaLimits, tooLarge } from '../../inspect/limits.ts'
import { kindOf } from '../../inspect/sniff.ts'
import type { Budget } from '../../memory/budget.ts'
import type { BufferPool } from '../../memory/buffer-pool.ts'
import type { UploadRow } from '../../records/schema.ts'
import type { Examine, ExamineStored } from '../examine.ts'
import type { Examined, StoredFile } from '../files.ts'
import { createRequester } from '../requester.ts'
import { hashObject } from './object.ts'

export interface DirectExamineOptions {
  bucket: Pick<Bucket, 'open' | 'read'>
  limits: MediaLimits
  budget: Budget
  bufferPool: BufferPool
  examine: Examine
  examineStored: ExamineStored
  clock: Clock
}

/**
 * What the first bytes of the object say that it is.
 *
 * @throws {TintypeError} `unsupported_type`, `too_large` for its kind, `upload_refused` for another size than announced
 */
export async function checkHead(
  { bucket, limits }: Pick<DirectExamineOptions, 'bucket' | 'limits'>,
  row: UploadRow,
  { size }: ObjectFacts,
  signal: AbortSignal,
): Promise<KnownType> {
  if (size !== row.bytes) {
    throw new TintypeError('upload_refused', `${size} bytes have arrived, but ${row.bytes} were announced.`)
  }
  const head = await bucket.read(row.key, { range: { start: 0, end: Math.min(headBytes, size) }, signal })
  const { type, bytes: limit } = await inspectHead(head, limits)
  if (size > limit) throw tooLarge(limit)
  return type
}

/**
 * Inspects an object where it is, as a form's file is: a picture comes into memory, inside the budget, and is decoded;
 * of a video the index is read by ranges.
 *
 * @param object.sha256 undefined: its bytes are read through once for it
 * @returns it, with the deadline of its key still to be filled in
 * @throws {TintypeError} with the reason, `overloaded`, `storage_unavailable`
 */
export async function examineObject(
  options: DirectExamineOptions,
  row: UploadRow,
  object: { key: string; type: KnownType; sha256: string | undefined },
  signal: AbortSignal,
): Promise<StoredFile> {
  const { bucket, examineStored, clock } = options
  const { key, type } = object
  if (kindOf(type) === 'image') return examinePicture(options, row, object, signal)
  const sha256 = object.sha256 ?? (await hashObject(bucket, key, signal))
  demandHash(row, sha256)
  const read = (start: number, end: number) => bucket.read(key, { range: { start, end }, signal })
  const source = { size: row.bytes, read }
  const video = { source, key, sha256, rawName: row.name }
  return {
    sha256,
    examined: await examineStored(video, createRequester({ owner: row.owner, signal }, clock)),
  }
}

async function examinePicture(
  { bucket, budget, bufferPool, examine, clock }: DirectExamineOptions,
  row: UploadRow,
  { key, sha256: known }: { key: string; sha256: string | undefined },
  signal: AbortSignal,
): Promise<StoredFile> {
  return budget.within(row.bytes, signal, async () => {
    const buffer = bufferPool.take(row.bytes)
    try {
      const bytes = buffer.bytes.subarray(0, row.bytes)
      await readInto(bytes, await bucket.open(key, { signal }))
      const sha256 = known ?? createHash('sha256').update(bytes).digest('hex')
      demandHash(row, sha256)
      const requester = createRequester({ owner: row.owner, signal, holds: row.bytes }, clock)
      const examined = await examine({ bytes, sha256, rawName: row.name }, requester)
      return { sha256, examined: asStored(examined, key) }
    } finally {
      buffer.free()
    }
  })
}

async function readInto(bytes: Uint8Array, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  let size = 0
  for await (const chunk of chunks) {
    if (size + chunk.length <= bytes.length) bytes.set(chunk, size)
    size += chunk.length
  }
  if (size === bytes.length) return
  throw new TintypeError(
    'storage_unavailable',
    'The object storage gave another number of bytes than it has.',
  )
}

function asStored(examined: Examined, key: string): Examined {
  const [{ name, type, size, sha256, width, height }, ...variants] = examined.objects
  const original = { name, type, size, sha256, width, height, key, dueAt: 0, writableUntil: null }
  return { ...examined, objects: [original, ...variants] }
}

function demandHash(row: UploadRow, sha256: string): void {
  if (row.sha256 === null || row.sha256 === sha256) return
  throw new TintypeError(
    'upload_refused',
    'What has arrived is not the file that was announced: its SHA-256 differs.',
  )
}
