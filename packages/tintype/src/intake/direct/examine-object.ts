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
import { type Policy, type PrivacyOptions, withChoice } from '../../privacy/policy.ts'
import type { UploadRow } from '../../records/schema.ts'
import { hashBoth } from '../clean/rewrite.ts'
import { cleanStored, planStored, type StoredCleanerOptions } from '../clean/stored.ts'
import type { ExamineStored } from '../examine.ts'
import type { CleanedFile, ReceivedFile, StoredFile } from '../files.ts'
import { withTransforms } from '../form/form.ts'
import type { PendingKeys } from '../pending-keys.ts'
import type { Prepare } from '../prepare.ts'
import { createRequester, type Sender } from '../requester.ts'
import { createUploadMemory, type UploadMemory } from '../transform.ts'
import { fieldsOf } from './text-fields.ts'

export interface DirectExamineOptions {
  bucket: Pick<Bucket, 'open' | 'read'>
  limits: MediaLimits
  budget: Budget
  bufferPool: BufferPool
  prepare: Prepare
  examineStored: ExamineStored
  /** Removes what is private from a video where it is. */
  cleaning: StoredCleanerOptions
  /** What the app says of all files. */
  privacy: Policy
  hooks: UploadHooks
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
  const { type, bytes: limit } = inspectHead(head, limits)
  if (size > limit) throw tooLarge(limit)
  return type
}

/**
 * Inspects an object where it is, as a form's file is, and cleans it: a picture comes into memory, inside the budget, and is
 * decoded; of a video the ranges are read that hold its index and its metadata. Where the app transforms files, videos
 * that are no larger than pictures may be come into memory, too.
 *
 * @param object.sha256 undefined: its bytes are read through once for it
 * @param work is given it, with the deadline of its key still to be filled in; or what cleaning or the app has made of it,
 * which has no key yet, and whose memory is held until the work has ended, or gives it back
 * @throws {TintypeError} with the reason, `overloaded`, `storage_unavailable`
 */
export async function examineObject<T>(
  options: DirectExamineOptions,
  { row, request, pending }: DirectObject,
  object: OwnObject,
  signal: AbortSignal,
  work: (file: StoredFile, memory?: UploadMemory) => Promise<T>,
): Promise<T> {
  const { limits, hooks } = options
  const isTransformed = hooks.transforms.length > 0 && row.bytes <= limits.imageBytes
  if (!isTransformed && kindOf(object.type) === 'video') {
    return work(await examineVideo(options, { row, request, pending }, object, signal))
  }
  const done = await prepareObject(options, { row, request }, object, signal, work)
  return 'unchanged' in done ? work(done.unchanged) : done.result
}

interface DirectObject {
  row: UploadRow
  /** The app's own, by which the client says that all has arrived. */
  request?: object | undefined
  /** The keys of this completion. */
  pending: PendingKeys
}

/** Under a key to which no signed URL can write. */
interface OwnObject {
  key: string
  type: KnownType
  sha256: string | undefined
}

async function examineVideo(
  { bucket, budget, examineStored, cleaning, privacy, clock }: DirectExamineOptions,
  { row, pending }: DirectObject,
  { key, sha256 }: OwnObject,
  signal: AbortSignal,
): Promise<StoredFile> {
  if (sha256 !== undefined) demandHash(row, sha256)
  const read = (start: number, end: number) => bucket.read(key, { range: { start, end }, signal })
  const source = { size: row.bytes, read }
  const video = { source, key, sha256: sha256 ?? '', rawName: row.name }
  const examined = await examineStored(video, createRequester({ owner: row.owner, signal }, clock))
  const policy = withChoice(privacy, choiceOf(row))
  const plan = await planStored(source, examined.verdict.type, policy)
  const hashes = sha256 === undefined ? await hashBoth(bucket, key, plan.edits, signal) : undefined
  if (hashes) demandHash(row, hashes.sent)
  const sentSha256 = sha256 ?? hashes?.sent ?? ''
  const [original, ...variants] = examined.objects
  return cleanStored(
    cleaning,
    { ...examined, objects: [{ ...original, sha256: sentSha256 }, ...variants] },
    {
      ...{ cleaning: plan, policy, sentSha256, sha256: hashes?.stored, pending, signal },
      reserve: (bytes, work) => budget.within(bytes, signal, work),
    },
  )
}

/** @returns a file that is stored as it came, or what the work has made of one that is another now */
async function prepareObject<T>(
  options: DirectExamineOptions,
  { row, request }: Omit<DirectObject, 'pending'>,
  object: OwnObject,
  signal: AbortSignal,
  work: (file: StoredFile, memory?: UploadMemory) => Promise<T>,
): Promise<{ unchanged: StoredFile } | { result: T }> {
  const { budget, prepare, hooks } = options
  const { transforms } = hooks
  const reserved = transforms.length === 0 ? row.bytes : withTransforms(row.bytes, budget)
  return budget.within(reserved, signal, (reservation) =>
    inMemory(options, row, object, signal, async (file, requester, free) => {
      const { owner, caption } = row
      const memory = createUploadMemory(reservation, row.bytes, () => {
        free()
        reservation.shrinkTo(connectionBytes)
      })
      const origin = {
        owner,
        way: row.way === 'resumable' ? 'resumable' : 'direct',
        fields: fieldsOf(row),
        request,
        signal,
        replaces: undefined,
      } as const
      const examined = await prepare(file, { transforms, origin, caption, memory, requester })
      const { sha256 } = file
      if (examined.objects[0].sha256 === sha256)
        return { unchanged: { sha256, examined: asStored(examined, object.key) } }
      return { result: await work({ sha256, examined }, memory) }
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
    const file = { bytes, sha256, rawName: row.name, privacy: choiceOf(row) }
    return await work(file, requester, () => buffer.free())
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

function asStored(examined: CleanedFile, key: string): CleanedFile {
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

/** What the app has said of this one when its session began. */
function choiceOf({ privacy }: UploadRow): PrivacyOptions | undefined {
  return privacy === null ? undefined : (JSON.parse(privacy) as PrivacyOptions)
}
