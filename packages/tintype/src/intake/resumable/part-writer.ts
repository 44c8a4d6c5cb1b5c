import type { Hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { KnownType } from '@tintype/protocol'
import { isAbsent } from '../../bucket/meaning.ts'
import { crashPoint } from '../../crash-points.ts'
import { bytesFor, headBytes, inspectHead, tooLarge } from '../../inspect/limits.ts'
import { extensionOf } from '../../inspect/sniff.ts'
import type { PooledBuffer } from '../../memory/buffer-pool.ts'
import type { Quota } from '../../records/ledger-types.ts'
import {
  type Acknowledged,
  partsAtOnce,
  type ResumableUpload,
  type StoredPartRow,
} from '../../records/resumable-records.ts'
import { sendPart } from '../stream/send-part.ts'
import { lostByStorage, takenOver } from './errors.ts'
import type { ResumableOptions } from './options.ts'
import { readTail, storeTail } from './tail.ts'

/** Stores the bytes of one request as parts of S3's, the rest as an object of its own. */
export interface PartWriter {
  /** Reads what waits outside of a part. @throws {TintypeError} `upload_gone` where that has been lost */
  load(): Promise<void>
  /** Copies the chunk. Waits, with a promise, while as many parts are under way as may be. */
  write(chunk: Buffer): void | Promise<void>
  /** Bytes of the whole that have been taken. */
  readonly taken: number
  /** All of the upload, where it has never left memory; good until {@link PartWriter.free}. */
  readonly whole: Buffer | undefined
  /** Stores what is left, and acknowledges all of it. @throws what kept a part from being stored: what came before it is acknowledged */
  end(how: Pick<Acknowledged, 'isComplete' | 'size'>): Promise<void>
  discard(): Promise<void>
  /** Nothing may be under way. */
  free(): void
}

export interface PartWriterStart {
  partBytes: number
  /** Most bytes that the upload has by its announced size. */
  most: number
  /** Else it is a piece of a file, of no type. */
  isFile: boolean
  /** Whether parts are acknowledged as they are stored; else all of them in the end. */
  atOnce: boolean
  /** Whether the upload is complete as soon as all of its announced bytes are stored, however the request ends. */
  mayComplete: boolean
  hash: Hash | undefined
  /** Of an upload whose length is not known yet. */
  quota: Quota | undefined
  /** Makes sure of memory for this many bytes. Waits, with a promise, until there is room. */
  reserve(bytes: number): void | Promise<void>
  /** Whether memory for another part is to be had now. */
  hasRoom(): boolean
  onAcknowledged(received: number): void
}

interface Part {
  buffer: PooledBuffer
  size: number
  checksum: number
}

const firstBuffer = 256 * 1024

export function createPartWriter(
  options: Pick<
    ResumableOptions,
    'bucket' | 'records' | 'bufferPool' | 'limits' | 'sweeper' | 'clock' | 'log'
  >,
  upload: ResumableUpload,
  start: PartWriterStart,
): PartWriter {
  const { bucket, records, bufferPool, limits, sweeper, clock, log } = options
  const { row, resumable } = upload
  const { partBytes, hash } = start
  const stop = new AbortController()
  const { signal } = stop
  const stored: StoredPartRow[] = []
  const underWay = new Set<Promise<void>>()
  const all: PooledBuffer[] = []
  const free: PooledBuffer[] = []
  /** Where the first part of this request begins: all before it are whole. */
  const base = resumable.received - resumable.tail_bytes
  let number = resumable.next_part
  let sent = 0
  let acknowledged = 0
  let taken = resumable.received
  let current: Part | undefined
  let multipart: Promise<{ key: string; uploadId: string }> | undefined
  let turn: Promise<unknown> = Promise.resolve()

  /** The type is that of the first bytes, and so is the limit. */
  async function begin(head: Buffer): Promise<{ key: string; uploadId: string }> {
    if (row.s3_upload_id !== null) return { key: row.key, uploadId: row.s3_upload_id }
    let type: KnownType | undefined
    if (start.isFile) {
      const found = await inspectHead(head, limits)
      if (start.most > found.bytes && resumable.size !== null) throw tooLarge(found.bytes)
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

  function freePart(): Part | undefined {
    const buffer = free.pop()
    if (buffer) return { buffer, size: 0, checksum: 0 }
    if (all.length === partsAtOnce || (all.length > 0 && !start.hasRoom())) return undefined
    const made = bufferPool.take(0)
    all.push(made)
    return { buffer: made, size: 0, checksum: 0 }
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
      current.checksum = crc32(piece, current.checksum)
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
    return base === 0 && sent === 0 && row.s3_upload_id === null && taken === resumable.size
  }

  /** Begins to send a part. That it failed is learnt through `signal`. */
  function send({ buffer, size, checksum }: Part): void {
    const bytes = buffer.bytes.subarray(0, size)
    const index = sent++
    const part = { number: number++, bytes, crc32: checksum }
    multipart ??= begin(bytes.subarray(0, headBytes))
    const sending = multipart
      .then((to) => sendPart({ bucket, clock, log }, { ...to, ...part }, signal))
      .then(
        (done) => {
          crashPoint('resumable.partStored')
          stored[index] = done
          free.push(buffer)
          if (start.atOnce) acknowledgeSoon()
        },
        (error: unknown) => stop.abort(isAbsent(causeOf(error)) ? lostByStorage() : error),
      )
    const promise = sending.finally(() => underWay.delete(promise))
    underWay.add(promise)
  }

  /** Of all parts up to the first that is missing. */
  function acknowledgeSoon(): void {
    const work = turn.then(async () => {
      const parts = whatIsStored()
      if (parts.length > 0 && !signal.aborted) await acknowledgeParts(parts)
    })
    turn = work.catch((error: unknown) => stop.abort(error))
  }

  async function acknowledgeParts(parts: StoredPartRow[]): Promise<void> {
    const received = upTo(parts.length)
    await acknowledge({ parts, received, tail: null, isComplete: isAll(received), isOver: false })
  }

  /** A client that finds all of its bytes there, though the answer was lost, sends nothing more. */
  function isAll(received: number): boolean {
    return start.mayComplete && received === resumable.size
  }

  /** Bytes of the whole with so many more parts; the last of all may be a short one. */
  function upTo(parts: number): number {
    return Math.min(base + (acknowledged + parts) * partBytes, taken)
  }

  function whatIsStored(): StoredPartRow[] {
    const parts = stored.slice(acknowledged)
    const gap = Array.from<unknown>(parts).indexOf(undefined)
    return gap === -1 ? parts : parts.slice(0, gap)
  }

  async function acknowledge(
    what: Pick<Acknowledged, 'parts' | 'received' | 'isOver'> & Partial<Acknowledged>,
  ): Promise<void> {
    const entry = { size: resumable.size, quota: start.quota, isComplete: false, nextPart: number, ...what }
    if (!(await records.resumables.acknowledge(upload, entry, clock.now()))) throw takenOver()
    crashPoint('resumable.acknowledged')
    acknowledged += what.parts.length
    resumable.received = what.received
    if (what.tail !== undefined) {
      if (resumable.tail_key !== null) sweeper.wake()
      Object.assign(resumable, { tail_key: what.tail?.key ?? null, tail_bytes: what.tail?.bytes ?? 0 })
    }
    start.onAcknowledged(what.received)
  }

  async function endAll(how: Pick<Acknowledged, 'isComplete' | 'size'>): Promise<void> {
    signal.throwIfAborted()
    const isComplete = how.isComplete || isAll(taken)
    const hasParts = sent > 0 || row.s3_upload_id !== null
    let tail: Acknowledged['tail'] = sent > 0 ? null : undefined
    if (current && current.size > 0 && isComplete && hasParts) {
      send(current)
      tail = null
    } else if (current && current.size > 0 && (taken > resumable.received || sent > 0)) {
      const bytes = current.buffer.bytes.subarray(0, current.size)
      tail = await storeTail({ bucket, ledger: records.ledger, clock }, bytes, row.due_at, signal)
    }
    await Promise.all(underWay)
    await turn
    signal.throwIfAborted()
    await acknowledge({
      ...how,
      isComplete,
      parts: whatIsStored(),
      received: taken,
      ...(tail === undefined ? {} : { tail }),
      isOver: true,
    })
  }

  return {
    async load() {
      const { tail_key: key, tail_bytes: size } = resumable
      if (key === null) return
      const part = freePart() as Part
      await start.reserve(Math.max(size, firstBuffer))
      part.buffer.growTo(Math.max(size, firstBuffer))
      const bytes = await readTail(bucket, { key, size }, signal)
      part.buffer.bytes.set(bytes)
      current = { ...part, size, checksum: crc32(bytes) }
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

    get whole() {
      if (base > 0 || sent > 0 || row.s3_upload_id !== null || current?.size !== taken) return undefined
      return current.buffer.bytes.subarray(0, taken)
    },

    async end(how) {
      try {
        await endAll(how)
      } catch (error) {
        stop.abort(error)
        await Promise.all(underWay)
        await turn
        const parts = start.atOnce ? whatIsStored() : []
        if (parts.length > 0) await acknowledgeParts(parts).catch(() => {})
        throw error
      }
    },

    async discard() {
      stop.abort(new Error('The request has ended.'))
      await Promise.all(underWay)
      await turn
      await acknowledge({ parts: [], received: resumable.received, isOver: false }).catch(() => {})
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
