import type { Hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { KnownType } from '@tintype/protocol'
import { isAbsent } from '../../bucket/meaning.ts'
import { crashPoint } from '../../crash-points.ts'
import { bytesFor, headBytes, tooLarge } from '../../inspect/limits.ts'
import type { PooledBuffer } from '../../memory/buffer-pool.ts'
import {
  type Acknowledged,
  partsAtOnce,
  type ResumableUpload,
  type TailObject,
} from '../../records/resumable-records.ts'
import { sendPart } from '../stream/send-part.ts'
import { beginMultipart, type ToMultipart } from './begin-multipart.ts'
import { lostByStorage } from './errors.ts'
import type { KeptParts, Part } from './kept-parts.ts'
import type { ResumableOptions } from './options.ts'
import { createProgress, type ProgressStart } from './progress.ts'
import { bytesIn, readTail, remaining, storeTail } from './tail.ts'

/** Stores the bytes of one request as parts of S3's, the rest as objects of the tail. */
export interface PartWriter {
  /** Begins behind what is there. Of the tail nothing is read until it is needed. */
  load(): Promise<void>
  /** Copies the chunk. Waits, with a promise, while as many parts are under way as may be. */
  write(chunk: Buffer): void | Promise<void>
  /** Bytes of the whole that have been taken. */
  readonly taken: number
  /** All of the upload, where no part of it has left memory; good until {@link PartWriter.free}. */
  whole(): Promise<Buffer | undefined>
  /** Stores what is left, and acknowledges all of it. @throws what kept a part from being stored: what came before it is acknowledged */
  end(how: Pick<Acknowledged, 'isComplete' | 'size'>): Promise<void>
  discard(): Promise<void>
  /** The part that fills up, when all is stored: its buffer is the caller's from now on. */
  handOver(): Part | undefined
  /** Nothing may be under way. */
  free(): void
}

export interface PartWriterStart extends ProgressStart {
  /** Most bytes that the upload has by its announced size. */
  most: number
  /** Else it is a piece of a file, of no type. */
  isFile: boolean
  /** Whether parts are acknowledged as they are stored; else all of them in the end. */
  atOnce: boolean
  hash: Hash | undefined
  /** Makes sure of memory for this many bytes. Waits, with a promise, until there is room. */
  reserve(bytes: number): void | Promise<void>
  /** Whether memory for another part is to be had now. */
  hasRoom(): boolean
}

const firstBuffer = 256 * 1024

export function createPartWriter(
  options: Pick<
    ResumableOptions,
    'bucket' | 'records' | 'bufferPool' | 'limits' | 'sweeper' | 'clock' | 'log'
  > & { keptParts: KeptParts },
  upload: ResumableUpload,
  start: PartWriterStart,
): PartWriter {
  const { bucket, records, bufferPool, limits, clock, log } = options
  const { row, resumable } = upload
  const { partBytes, hash } = start
  const stop = new AbortController()
  const { signal } = stop
  const progress = createProgress(options, upload, start)
  const underWay = new Set<Promise<void>>()
  const all: PooledBuffer[] = []
  const free: PooledBuffer[] = []
  /** What the first part begins with. */
  const tail = resumable.tail
  let sent = 0
  let taken = resumable.received
  let current: Part | undefined
  let multipart: Promise<ToMultipart> | undefined
  let turn: Promise<unknown> = Promise.resolve()

  function freePart(): Part | undefined {
    let buffer = free.pop()
    if (!buffer) {
      if (all.length === partsAtOnce || (all.length > 0 && !start.hasRoom())) return undefined
      buffer = bufferPool.take(0)
      all.push(buffer)
    }
    return { buffer, size: 0, from: 0, checksum: 0 }
  }

  function fill(chunk: Buffer, from: number): void | Promise<void> {
    signal.throwIfAborted()
    for (let at = from; at < chunk.length; ) {
      current ??= freePart()
      if (!current) return Promise.race(underWay).then(() => fill(chunk, at))
      const end = Math.min(chunk.length, at + partBytes - current.size)
      const size = current.size + end - at
      if (size > current.buffer.bytes.length) {
        const growing = grow(current, size)
        if (growing) return growing.then(() => fill(chunk, at))
      }
      const piece = chunk.subarray(at, end)
      current.buffer.bytes.set(piece, current.size)
      if (current.checksum !== undefined) current.checksum = crc32(piece, current.checksum)
      current.size = size
      at = end
      if (size < partBytes || isWhole()) continue
      send(current)
      current = undefined
    }
  }

  function grow({ buffer }: Part, size: number): void | Promise<void> {
    const others = all.filter((one) => one !== buffer).reduce((sum, one) => sum + one.bytes.length, 0)
    const wanted = Math.max(size, others > 0 ? partBytes : Math.max(buffer.bytes.length * 2, firstBuffer))
    const bytes = Math.min(wanted, partBytes)
    const waiting = start.reserve(others + bytes)
    return waiting ? waiting.then(() => buffer.growTo(bytes)) : buffer.growTo(bytes)
  }

  /** All of it is in one buffer. */
  function isWhole(): boolean {
    return progress.base === 0 && sent === 0 && row.s3_upload_id === null && taken === resumable.size
  }

  /** Reads what a part begins with and is not in memory, down to `from`, where an object of the tail begins. */
  async function readBack(part: Part, from: number): Promise<void> {
    let at = 0
    for (const object of tail) {
      const isMissing = at >= from && at < part.from
      if (isMissing) part.buffer.bytes.set(await readTail(bucket, object, signal), at)
      at += object.bytes
    }
    part.from = Math.min(part.from, from)
  }

  /** Begins to send a part. That it failed is learnt through `signal`. */
  function send(part: Part): void {
    const index = sent++
    const number = progress.nextNumber()
    const isHere = part.from === 0 ? Promise.resolve() : readBack(part, 0)
    const bytes = () => part.buffer.bytes.subarray(0, part.size)
    multipart ??=
      row.s3_upload_id === null
        ? isHere.then(() =>
            beginMultipart(options, upload, { ...start, head: bytes().subarray(0, headBytes), signal }),
          )
        : Promise.resolve({ key: row.key, uploadId: row.s3_upload_id })
    const sending = Promise.all([multipart, isHere])
      .then(([to]) => {
        const crc = part.checksum ?? crc32(bytes())
        return sendPart({ bucket, clock, log }, { ...to, number, bytes: bytes(), crc32: crc }, signal)
      })
      .then(
        (done) => {
          crashPoint('resumable.partStored')
          progress.stored(index, done)
          free.push(part.buffer)
          if (start.atOnce) acknowledgeSoon()
        },
        (error: unknown) => stop.abort(isAbsent(causeOf(error)) ? lostByStorage() : error),
      )
    const promise = sending.finally(() => underWay.delete(promise))
    underWay.add(promise)
  }

  function acknowledgeSoon(): void {
    const work = turn.then(async () => {
      if (!signal.aborted) await progress.acknowledgeParts(taken)
    })
    turn = work.catch((error: unknown) => stop.abort(error))
  }

  /** Stores what has come since the last object of the tail. @returns all of them */
  async function storeRest(part: Part): Promise<TailObject[]> {
    const before = sent > 0 ? [] : tail
    const stay = remaining(before, part.size - bytesIn(before), partBytes)
    const from = bytesIn(stay)
    await readBack(part, from)
    const bytes = part.buffer.bytes.subarray(from, part.size)
    return [...stay, await storeTail({ bucket, ledger: records.ledger, clock }, bytes, row.due_at, signal)]
  }

  async function endAll(how: Pick<Acknowledged, 'isComplete' | 'size'>): Promise<void> {
    signal.throwIfAborted()
    const isComplete = how.isComplete || (start.mayComplete && taken === resumable.size)
    const hasParts = sent > 0 || row.s3_upload_id !== null
    if (current && current.size > 0 && isComplete && hasParts) {
      send(current)
      current = undefined
    }
    await Promise.all(underWay)
    await turn
    signal.throwIfAborted()
    const isMore = current && current.size > 0 && (taken > resumable.received || sent > 0)
    const rest = isMore ? await storeRest(current as Part) : sent > 0 ? [] : undefined
    await progress.acknowledge({ ...how, isComplete, received: taken, tail: rest, isOver: true })
  }

  return {
    async load() {
      const size = bytesIn(tail)
      if (size === 0) return
      const kept = options.keptParts.take(row.id, tail)
      const buffer = kept?.buffer ?? bufferPool.take(0)
      all.push(buffer)
      const bytes = Math.max(size, firstBuffer, buffer.bytes.length)
      await start.reserve(bytes)
      buffer.growTo(bytes)
      current = kept ?? { buffer, size, from: size, checksum: undefined }
    },

    write(chunk) {
      taken += chunk.length
      if (row.s3_upload_id !== null && start.isFile && taken > limitOf()) throw tooLarge(limitOf())
      hash?.update(chunk)
      return fill(chunk, 0)
    },

    get taken() {
      return taken
    },

    async whole() {
      if (progress.base > 0 || sent > 0 || row.s3_upload_id !== null || current?.size !== taken)
        return undefined
      await readBack(current, 0)
      return current.buffer.bytes.subarray(0, taken)
    },

    async end(how) {
      try {
        await endAll(how)
      } catch (error) {
        stop.abort(error)
        await Promise.all(underWay)
        await turn
        if (start.atOnce) await progress.acknowledgeParts(taken).catch(() => {})
        throw error
      }
    },

    async discard() {
      stop.abort(new Error('The request has ended.'))
      await Promise.all(underWay)
      await turn
      await progress.giveUp().catch(() => {})
    },

    handOver() {
      const part = current
      current = undefined
      if (part) all.splice(all.indexOf(part.buffer), 1)
      return part
    },

    free() {
      for (const buffer of all) buffer.free()
    },
  }

  function limitOf(): number {
    return bytesFor(row.type as KnownType, limits)
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error
}
