import { createHash, hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { KnownType } from '@tintype/protocol'
import type { Bucket } from '../../bucket/bucket.ts'
import { largestCopy } from '../../bucket/copy.ts'
import { isWorthRepeating } from '../../bucket/meaning.ts'
import type { CompletedPart } from '../../bucket/multipart.ts'
import { pause } from '../../bucket/retry.ts'
import { crashPoint } from '../../crash-points.ts'
import { TintypeError } from '../../errors.ts'
import { extensionOf } from '../../inspect/sniff.ts'
import type { Edit } from '../../privacy/cleaning.ts'
import type { LedgerMoves } from '../../records/ledger.ts'
import { inParallel } from '../../sweep/parallel.ts'
import type { PendingKeys } from '../pending-keys.ts'
import { editPart, editsIn, type PartLimits, partLimits, planRewrite } from './rewrite-plan.ts'

export interface RewriteOptions {
  bucket: Pick<
    Bucket,
    | 'head'
    | 'read'
    | 'open'
    | 'put'
    | 'copy'
    | 'copyPart'
    | 'putPart'
    | 'createMultipart'
    | 'completeMultipart'
    | 'makeKey'
  >
  ledger: Pick<LedgerMoves, 'nameMultipart'>
  /** Bytes of the largest object that is copied at once. @default what S3 copies, 5 GiB */
  copyBytes?: number | undefined
  /** @default those of S3 */
  partLimits?: ((size: number) => PartLimits) | undefined
}

/** An object under a key to which nobody writes any more. */
export interface WholeObject {
  key: string
  type: KnownType
  size: number
}

export interface RewriteRequest {
  /** Where the keys that are written to are scheduled for deletion. */
  pending: PendingKeys
  signal: AbortSignal
  /** Runs the work once this many bytes of memory are reserved. */
  reserve<T>(bytes: number, work: () => Promise<T>): Promise<T>
  /** Of the object as it will be, where it is known. */
  sha256?: string | undefined
}

/** So small that it comes by here as a whole, and goes back by one PUT. Bytes. */
export const smallObject = 8 * 1024 ** 2
/** How many parts S3 copies at a time. */
const copiesAtOnce = 4
const tries = 3

/**
 * Writes an object anew, under a new key, with some of its bytes overwritten. Of a large one S3 copies all but the parts
 * that hold them, and is then asked for one more copy, since it tells the SHA-256 of nothing that was put together.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 *
 * @param edits in order, at least one
 * @throws {TintypeError} `storage_unavailable`; `overloaded` when there is no memory in time, or the keys are lost
 */
export async function rewriteObject(
  options: RewriteOptions,
  object: WholeObject,
  edits: readonly Edit[],
  request: RewriteRequest,
): Promise<{ key: string; sha256: string }> {
  if (object.size <= smallObject) return rewriteByPut(options, object, edits, request)
  const { bucket, copyBytes = largestCopy } = options
  const { size, type } = object
  const { pending, signal } = request
  const assembled = await assemble(options, object, edits, request)
  crashPoint('clean.assembled')
  if (request.sha256 !== undefined) return { key: assembled, sha256: request.sha256 }
  if (size <= copyBytes) {
    const { etag } = await demandObject(bucket, assembled, size)
    const { key, made } = await repeated(signal, async () => {
      const key = await newKey(bucket, type, pending)
      return { key, made: await bucket.copy(assembled, key, { etag, type, signal }) }
    })
    crashPoint('clean.copied')
    if (made !== undefined) return { key, sha256: made }
  }
  return { key: assembled, sha256: await hashObject(bucket, assembled, signal) }
}

async function rewriteByPut(
  { bucket }: RewriteOptions,
  { key, type, size }: WholeObject,
  edits: readonly Edit[],
  { pending, signal, reserve }: RewriteRequest,
): Promise<{ key: string; sha256: string }> {
  return reserve(size, async () => {
    const bytes = await bucket.read(key, { range: { start: 0, end: size }, signal })
    if (bytes.length !== size) throw another()
    editPart(bytes, { start: 0, edits })
    const sha256 = hash('sha256', bytes, 'hex')
    // Each time under a key of its own: what failed may still arrive.
    return repeated(signal, async () => {
      const key = await newKey(bucket, type, pending)
      await bucket.put(key, bytes, { type, sha256, signal })
      crashPoint('clean.stored')
      return { key, sha256 }
    })
  })
}

/** @returns its key */
async function assemble(
  options: RewriteOptions,
  object: WholeObject,
  edits: readonly Edit[],
  { pending, signal, reserve }: RewriteRequest,
): Promise<string> {
  const { bucket, ledger } = options
  const { type, size } = object
  const limits = (options.partLimits ?? partLimits)(size)
  const parts = planRewrite(size, edits, limits)
  const [copied, written] = [
    parts.filter((one) => one.edits.length === 0),
    parts.filter((one) => one.edits.length > 0),
  ]
  const { etag } = await demandObject(bucket, object.key, size)
  const key = bucket.makeKey('original', extensionOf(type))
  await pending.reserve(key)
  const uploadId = await bucket.createMultipart(key, { type, checksum: 'CRC32', signal })
  await ledger.nameMultipart(key, uploadId)
  crashPoint('clean.created')

  const stop = new AbortController()
  const ended = AbortSignal.any([signal, stop.signal])
  const done: CompletedPart[] = []
  const keep = (part: CompletedPart) => {
    done.push(part)
    crashPoint('clean.partStored')
  }
  const stopped = (error: unknown) => {
    stop.abort(error)
    throw error
  }
  const copying = inParallel(copied, copiesAtOnce, async ({ number, start, end }) => {
    const part = { number, from: object.key, etag, range: { start, end }, signal: ended }
    keep(await repeated(ended, () => bucket.copyPart(key, uploadId, part)))
  }).catch(stopped)
  const most = Math.max(0, ...written.map(({ start, end }) => end - start))
  const writing = reserve(most, async () => {
    for (const part of written) {
      const { number, start, end } = part
      const bytes = await bucket.read(object.key, { range: { start, end }, signal: ended })
      if (bytes.length !== end - start) throw another()
      editPart(bytes, part)
      const sum = crc32(bytes)
      const sent = { number, bytes, crc32: sum, signal: ended }
      keep({ number, etag: await repeated(ended, () => bucket.putPart(key, uploadId, sent)), crc32: sum })
    }
  }).catch(stopped)
  // Both: nothing may still be under way when this ends.
  for (const one of await Promise.allSettled([copying, writing]))
    if (one.status === 'rejected') throw one.reason
  done.sort((a, b) => a.number - b.number)
  await complete(bucket, { key, uploadId, size, signal }, done)
  return key
}

/** A reply that was lost leaves the outcome open: S3 is asked, not guessed at. */
async function complete(
  bucket: RewriteOptions['bucket'],
  { key, uploadId, size, signal }: { key: string; uploadId: string; size: number; signal: AbortSignal },
  parts: CompletedPart[],
): Promise<void> {
  await repeated(signal, async () => {
    try {
      await bucket.completeMultipart(key, uploadId, parts, { signal })
    } catch (error) {
      const found = await bucket.head(key).catch(() => undefined)
      if (found?.size !== size) throw error
    }
  })
}

async function newKey(
  bucket: Pick<Bucket, 'makeKey'>,
  type: KnownType,
  pending: PendingKeys,
): Promise<string> {
  const key = bucket.makeKey('original', extensionOf(type))
  await pending.reserve(key, { multipart: false })
  return key
}

async function demandObject(bucket: Pick<Bucket, 'head'>, key: string, size: number) {
  const found = await bucket.head(key)
  if (found?.size !== size) throw another()
  return found
}

async function repeated<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work()
    } catch (error) {
      if (tried === tries || signal.aborted || !isWorthRepeating(error)) throw error
      if (!(await pause(tried, signal))) throw error
    }
  }
}

function another(): TintypeError {
  return new TintypeError('storage_unavailable', 'The object storage has another object than was put there.')
}

/** Reads an object once to hash it. */
export async function hashObject(
  bucket: Pick<Bucket, 'open'>,
  key: string,
  signal: AbortSignal,
): Promise<string> {
  return (await hashBoth(bucket, key, [], signal)).sent
}

/**
 * Reads an object once, for the SHA-256 that it has and the one that it will have: up to the first edit they are one.
 * @param edits in order
 */
export async function hashBoth(
  bucket: Pick<Bucket, 'open'>,
  key: string,
  edits: readonly Edit[],
  signal: AbortSignal,
): Promise<{ sent: string; stored: string }> {
  const sent = createHash('sha256')
  let stored = sent
  let at = 0
  let next = 0
  for await (const chunk of await bucket.open(key, { signal })) {
    const end = at + chunk.length
    if (stored === sent && (edits[next]?.offset ?? end) < end) stored = sent.copy()
    sent.update(chunk)
    if (stored !== sent) {
      for (let edit = edits[next]; edit && edit.offset < end; edit = edits[next]) {
        const [inside] = editsIn([edit], at, end)
        if (inside) chunk.set(inside.bytes, inside.offset - at)
        if (edit.offset + edit.bytes.length > end) break
        next++
      }
      stored.update(chunk)
    }
    at = end
  }
  const hex = sent.digest('hex')
  return { sent: hex, stored: stored === sent ? hex : stored.digest('hex') }
}
