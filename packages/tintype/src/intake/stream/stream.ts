import { crc32 } from 'node:zlib'
import type { KnownType } from '@tintype/protocol'
import type { Bucket } from '../../bucket/bucket.ts'
import { isWorthRepeating } from '../../bucket/meaning.ts'
import type { CompletedPart } from '../../bucket/multipart.ts'
import { pause as jitteredPause } from '../../bucket/retry.ts'
import type { Clock } from '../../clock.ts'
import { crashPoint } from '../../crash-points.ts'
import { TintypeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { BufferPool, PooledBuffer } from '../../memory/buffer-pool.ts'
import { type Policy, type PrivacyOptions, withChoice } from '../../privacy/policy.ts'
import type { LedgerMoves } from '../../records/ledger.ts'
import { cleanStored, planStored, type StoredCleanerOptions } from '../clean/stored.ts'
import type { ExamineStored } from '../examine.ts'
import type { StoredFile } from '../files.ts'
import type { PendingKeys } from '../pending-keys.ts'
import { createRequester } from '../requester.ts'
import { sendPart } from './send-part.ts'

const completeTries = 3

/** A file on its way to S3, part by part. */
export interface Streamed {
  /**
   * Copies the chunk. Waits, with a promise, while as many parts are under way as may be: that is what stops the sender
   * when S3 is slow.
   */
  write(chunk: Buffer): void | Promise<void>
  /**
   * Sends the rest, completes the object and examines it where it is.
   * @param sha256 of all that was written, lower-case hex
   * @returns it, with the deadline of its key still to be filled in
   */
  finish(sha256: string): Promise<StoredFile>
  /** Ends what is under way. When it returns, nothing reads the buffers any more. */
  abort(): Promise<void>
}

export interface StreamOptions {
  bucket: Pick<Bucket, 'createMultipart' | 'putPart' | 'completeMultipart' | 'head' | 'read' | 'makeKey'>
  ledger: Pick<LedgerMoves, 'nameMultipart'>
  examineStored: ExamineStored
  /** Removes what is private from an object that is whole. */
  cleaning: StoredCleanerOptions
  /** What the app says of all files. */
  privacy: Policy
  bufferPool: BufferPool
  clock: Clock
  log: Log
}

/** What is known of the file when its first part is full. */
export interface StreamStart {
  type: KnownType
  ext: string
  rawName: string | undefined
  /** Its first bytes. The stream owns the buffer from now on. */
  first: { buffer: PooledBuffer; size: number }
  partBytes: number
  buffers: number
  pending: PendingKeys
  sender: { owner: string; signal: AbortSignal }
  /** What the app says of this one. */
  privacy?: PrivacyOptions | undefined
  /** Memory for parts that are read again: waits, with a promise, until there is room. */
  reserve(bytes: number): void | Promise<void>
}

interface Part {
  buffer: PooledBuffer
  size: number
  /** Of what is in it, kept up chunk by chunk: bytes that have just come are in the processor's cache. */
  checksum: number
}

/**
 * Way in: a file that is too large for memory. Its key is scheduled for deletion before S3 hears of it, and S3's upload id is on
 * the list before the first part leaves, so whatever breaks here, the sweeper ends it. Each part carries its CRC32,
 * which S3 verifies; a part that failed is sent again under its number.
 *
 * @throws {TintypeError} `storage_unavailable` when S3 fails, `overloaded` when the keys are lost
 */
export async function startStream(options: StreamOptions, start: StreamStart): Promise<Streamed> {
  const { bucket, ledger, examineStored, bufferPool, clock, log } = options
  const { pending, partBytes } = start
  const key = bucket.makeKey('original', start.ext)
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, pending.signal])
  await pending.reserve(key)
  const uploadId = await bucket.createMultipart(key, { type: start.type, checksum: 'CRC32', signal })
  await ledger.nameMultipart(key, uploadId)
  crashPoint('stream.created')

  const parts: CompletedPart[] = []
  const underWay = new Set<Promise<void>>()
  const all: PooledBuffer[] = [start.first.buffer]
  const free: PooledBuffer[] = []
  const { buffer: firstBuffer, size: firstSize } = start.first
  let current: Part | undefined = {
    ...start.first,
    checksum: crc32(firstBuffer.bytes.subarray(0, firstSize)),
  }
  firstBuffer.growTo(partBytes)
  let numbers = 0
  let size = start.first.size

  function freePart(): Part | undefined {
    if (free.length === 0 && all.length === start.buffers) return undefined
    const buffer = free.pop() ?? bufferPool.take(partBytes)
    if (!all.includes(buffer)) all.push(buffer)
    return { buffer, size: 0, checksum: 0 }
  }

  function fill(chunk: Buffer, from: number): void | Promise<void> {
    signal.throwIfAborted()
    for (let at = from; at < chunk.length; ) {
      current ??= freePart()
      if (!current) return Promise.race(underWay).then(() => fill(chunk, at))
      const end = Math.min(chunk.length, at + partBytes - current.size)
      chunk.copy(current.buffer.bytes, current.size, at, end)
      current.checksum = crc32(chunk.subarray(at, end), current.checksum)
      current.size += end - at
      at = end
      if (current.size < partBytes) continue
      send(current)
      current = undefined
    }
  }

  /** Begins to send a part. That it failed is learnt through `signal`. */
  function send({ buffer, size, checksum }: Part): void {
    const number = ++numbers
    const part = { key, uploadId, number, bytes: buffer.bytes.subarray(0, size), crc32: checksum }
    const sending = sendPart({ bucket, clock, log }, part, signal).then(
      (part) => {
        crashPoint('stream.partStored')
        parts[number - 1] = part
        free.push(buffer)
      },
      (error: unknown) => stop.abort(error),
    )
    const promise = sending.finally(() => underWay.delete(promise))
    underWay.add(promise)
  }

  /** A reply that was lost leaves the outcome open: S3 is asked, not guessed at. */
  async function complete(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await bucket.completeMultipart(key, uploadId, parts, { signal })
      } catch (cause) {
        const found = await bucket.head(key).catch(() => undefined)
        if (found?.size === size) return
        if (tries < completeTries && isWorthRepeating(cause) && (await jitteredPause(tries, signal))) continue
        throw new TintypeError('storage_unavailable', 'The object storage could not complete the object.', {
          cause,
        })
      }
    }
  }

  return {
    write(chunk) {
      size += chunk.length
      return fill(chunk, 0)
    },

    async finish(sha256) {
      if (current && current.size > 0) send(current)
      await Promise.all(underWay)
      signal.throwIfAborted()
      for (const buffer of all) buffer.free()
      crashPoint('stream.allParts')
      await complete()
      crashPoint('stream.completed')
      const read = (from: number, to: number) => bucket.read(key, { range: { start: from, end: to }, signal })
      const source = { size, read }
      const video = { source, key, sha256, rawName: start.rawName }
      const examined = await examineStored(video, createRequester(start.sender, clock))
      signal.throwIfAborted()
      const policy = withChoice(options.privacy, start.privacy)
      const plan = await planStored(source, examined.verdict.type, policy)
      return cleanStored(options.cleaning, examined, {
        ...{ cleaning: plan, policy, sentSha256: sha256, pending, signal },
        async reserve(bytes, work) {
          await start.reserve(bytes)
          return work()
        },
      })
    },

    async abort() {
      stop.abort(new Error('The upload has ended.'))
      await Promise.all(underWay)
      for (const buffer of all) buffer.free()
    },
  }
}
