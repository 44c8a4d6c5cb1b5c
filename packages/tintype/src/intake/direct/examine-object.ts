import { createHash } from 'node:crypto'
import type { KnownType } from '@tintype/protocol'
import type { Bucket, ObjectFacts } from '../../bucket/bucket.ts'
import type { Clock } from '../../clock.ts'
import { TintypeError } from '../../errors.ts'
import type { UploadHooks } from '../../hooks/hooks.ts'
import { headBytes, inspectHead, type MediaLimits, tooLarge } from '../../inspect/limits.ts'
import { kindOf } from '../../inspect/sniff.ts'
import { type Budget, connectionBytes } from '../../memory/budget.ts'
import type { BufferPool } from '../../memory/buffer-pool.ts'
import type { UploadRow } from '../../records/schema.ts'
import type { Examine, ExamineStored } from '../examine.ts'
import type { Examined, ReceivedFile, StoredFile } from '../files.ts'
import { withTransforms } from '../form/form.ts'
import { createRequester, type Sender } from '../requester.ts'
import { createUploadMemory, type Transform, type UploadMemory } from '../transform.ts'
import { hashObject } from './object.ts'

export interface DirectExamineOptions {
  bucket: Pick<Bucket, 'open' | 'read'>
  limits: MediaLimits
  budget: Budget
  bufferPool: BufferPool
  examine: Examine
  examineStored: ExamineStored
  hooks: UploadHooks
  transform: Transform
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
 * of a video the index is read by ranges. Where the app transforms files, videos that are no larger than pictures may be
 * come into memory, too.
 *
 * @param object.sha256 undefined: its bytes are read through once for it
 * @param work is given it, with the deadline of its key still to be filled in; or what the app has made of it, which has no
 * key yet, and whose memory is held until the work has ended, or gives it back
 * @throws {TintypeError} with the reason, `overloaded`, `storage_unavailable`
 */
export async function examineObject<T>(
  options: DirectExamineOptions,
  { row, request }: { row: UploadRow; request?: object | undefined },
  object: OwnObject,
  signal: AbortSignal,
  work: (file: StoredFile, memory?: UploadMemory) => Promise<T>,
): Promise<T> {
  const { limits, hooks } = options
  if (hooks.transforms.length > 0 && row.bytes <= limits.imageBytes) {
    return transformObject(options, { row, request }, object, signal, work)
  }
  const isPicture = kindOf(object.type) === 'image'
  return work(await (isPicture ? examinePicture : examineVideo)(options, row, object, signal))
}

/** Under a key to which no signed URL can write. */
interface OwnObject {
  key: string
  type: KnownType
  sha256: string | undefined
}

async function examineVideo(
  { bucket, examineStored, clock }: DirectExamineOptions,
  row: UploadRow,
  object: OwnObject,
  signal: AbortSignal,
): Promise<StoredFile> {
  const { key } = object
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
  options: DirectExamineOptions,
  row: UploadRow,
  object: OwnObject,
  signal: AbortSignal,
): Promise<StoredFile> {
  return options.budget.within(row.bytes, signal, () =>
    inMemory(options, row, object, signal, async (file, requester) => {
      const examined = await options.examine(file, requester)
      return { sha256: file.sha256, examined: asStored(examined, object.key) }
    }),
  )
}

async function transformObject<T>(
  options: DirectExamineOptions,
  { row, request }: { row: UploadRow; request?: object | undefined },
  object: OwnObject,
  signal: AbortSignal,
  work: (file: StoredFile, memory?: UploadMemory) => Promise<T>,
): Promise<T> {
  const { budget, examine, transform } = options
  const reserved = withTransforms(row.bytes, budget)
  return budget.within(reserved, signal, (reservation) =>
    inMemory(options, row, object, signal, async (file, requester, free) => {
      const found = await examine(file, requester)
      const { owner, caption } = row
      const memory = createUploadMemory(reservation, row.bytes, () => {
        free()
        reservation.shrinkTo(connectionBytes)
      })
      const examined = await transform(file, found, {
        transforms: options.hooks.transforms,
        origin: { owner, way: 'direct', fields: {}, request, signal, replaces: undefined },
        caption,
        memory,
        requester,
      })
      const isSame = examined.objects[0] === found.objects[0]
      return work(
        { sha256: file.sha256, examined: isSame ? asStored(examined, object.key) : examined },
        memory,
      )
    }),
  )
}

async function inMemory<T>(
  { bucket, bufferPool, clock }: DirectExamineOptions,
  row: UploadRow,
  { key, sha256: known }: OwnObject,
  signal: AbortSignal,
  work: (file: ReceivedFile, requester: Sender, free: () => void) => Promise<T>,
): Promise<T> {
  const buffer = bufferPool.take(row.bytes)
  try {
    const bytes = buffer.bytes.subarray(0, row.bytes)
    await readInto(bytes, await bucket.open(key, { signal }))
    const sha256 = known ?? createHash('sha256').update(bytes).digest('hex')
    demandHash(row, sha256)
    const requester = createRequester({ owner: row.owner, signal, holds: row.bytes }, clock)
    return await work({ bytes, sha256, rawName: row.name }, requester, () => buffer.free())
  } finally {
    buffer.free()
  }
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
