import type { Hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { KnownType } from '@tintype/protocol'
import { bytesFor, tooLarge } from '../../inspect/limits.ts'
import type { PooledBuffer } from '../../memory/buffer-pool.ts'
import { type Acknowledged, partsAtOnce, type ResumableUpload } from '../../records/resumable-records.ts'
import type { KeptParts, Part } from './kept-parts.ts'
import type { ResumableOptions } from './options.ts'
import { createPartSender, type PartSenderStart } from './part-sender.ts'
import { createPartTail } from './part-tail.ts'
import { createProgress, type ProgressStart } from './progress.ts'

/** Stores the bytes of one request as parts of S3's, the rest as objects of the tail. */
export interface PartWriter {
  /** Begins behind what is there. Of the tail nothing is read until it is needed. */
  load(): void
  /** Copies the chunk. Waits, with a promise, while as many parts are under way as may be, and for memory. */
  write(chunk: Buffer): void | Promise<void>
  /** Bytes of the whole that have been taken. */
  readonly taken: number
  /**
   * All of the upload, where nothing of it is in a part and there is room for it now; good until {@link PartWriter.free}.
   * @param beside bytes that are needed with it
   */
  whole(beside: number): Promise<Buffer | undefined>
  /** Stores what is left, and acknowledges all of it. @throws what kept a part from being stored: what came before it is acknowledged */
  end(how: Pick<Acknowledged, 'isComplete' | 'size'>): Promise<void>
  discard(): Promise<void>
  /** The part that fills up, when all is stored: its buffer is the caller's from now on. */
  handOver(): Part | undefined
  /** Nothing may be under way. */
  free(): void
}

export interface PartWriterStart extends ProgressStart, PartSenderStart {
  /** Bytes of the whole when this request has come, at the most. */
  until: number
  hash: Hash | undefined
}

/** What a slow sender goes on with. */
export const firstBuffer = 256 * 1024
/** Milliseconds: a sender of whom a part takes longer is slow. */
const slowFrom = 1000

/**
 * A request has the memory of what has come of it. While there is room, its buffer grows up to a whole part. Where there is none,
 * what has come is stored before its part is full: a slow sender goes on with a small buffer, and a fast one waits until it
 * is its turn. A request that waits has no more than its connection's memory, so that there always is some for the first
 * in the queue.
 */
export function createPartWriter(
  options: Pick<ResumableOptions, 'bucket' | 'records' | 'limits' | 'sweeper' | 'clock' | 'log'> & {
    keptParts: KeptParts
  },
  upload: ResumableUpload,
  start: PartWriterStart,
): PartWriter {
  const { limits, clock } = options
  const { row, resumable } = upload
  const { partBytes, hash, memory, until } = start
  const stop = new AbortController()
  const { signal } = stop
  const progress = createProgress(options, upload, start)
  const tail = createPartTail(options, upload, { memory, partBytes, signal })
  const sender = createPartSender(options, upload, { ...start, progress, stop, taken: () => taken })
  let taken = resumable.received
  let current: Part | undefined
  /** Since when the part fills up, the time aside in which it had no room. */
  let since = clock.now()
  let writing: Promise<void> | undefined
  let cancelTimer = clock.after(slowFrom, look)

  function nextPart(): Part | undefined {
    const bytes = Math.min(firstBuffer, partBytes, until - taken)
    const buffer = sender.freeBuffer() ?? (memory.count < partsAtOnce ? memory.tryTake(bytes) : undefined)
    since = clock.now()
    return buffer && newPart(buffer)
  }

  async function nextPartLater(): Promise<void> {
    if (sender.isBusy) return sender.next()
    current = newPart(await memory.take(Math.min(partBytes, until - taken)))
  }

  function fill(chunk: Buffer, from: number): void | Promise<void> {
    signal.throwIfAborted()
    for (let at = from; at < chunk.length; ) {
      current ??= nextPart()
      if (!current) return nextPartLater().then(() => fill(chunk, at))
      const room = roomFor(current, Math.min(chunk.length - at, partBytes - current.size))
      if (room === 0 || hasToYield(current)) return makeRoom(current).then(() => fill(chunk, at))
      add(current, chunk.subarray(at, at + room))
      at += room
      if (current.size < partBytes || isWhole()) continue
      if (current.from > 0) return complete(current).then(() => fill(chunk, at))
      send(current)
    }
  }

  function add(part: Part, piece: Buffer): void {
    part.buffer.bytes.set(piece, part.size - part.from)
    if (part.checksum !== undefined) part.checksum = crc32(piece, part.checksum)
    hash?.update(piece)
    part.size += piece.length
    taken += piece.length
  }

  /** @returns how many of the bytes it has room for */
  function roomFor({ buffer, size, from }: Part, bytes: number): number {
    const used = size - from
    const room = buffer.bytes.length - used
    if (room >= bytes) return bytes
    const wanted = Math.max(used + bytes, buffer.bytes.length * 2, firstBuffer)
    return memory.tryGrow(buffer, Math.min(wanted, partBytes - from)) ? bytes : room
  }

  function isSlow(): boolean {
    return clock.now() - since > slowFrom
  }

  function hasToYield({ buffer }: Part): boolean {
    return start.isContested() && isSlow() && buffer.bytes.length > firstBuffer
  }

  /** A sender that stalls gives its memory to others, too. */
  function look(): void {
    if (!writing && current && hasToYield(current)) oneAtATime(makeRoom(current))
    cancelTimer = clock.after(slowFrom, look)
  }

  function oneAtATime(work: Promise<void>): Promise<void> {
    const one = work.then(() => {
      if (writing === one) writing = undefined
    })
    one.catch(() => {})
    writing = one
    return one
  }

  async function makeRoom(part: Part): Promise<void> {
    const slow = isSlow()
    await store(part)
    if (slow) memory.shrink(part.buffer, firstBuffer)
    else await exchange(part, Math.min(partBytes - part.size, until - taken))
    since = clock.now()
  }

  /** Stores what has come of a part, so that it needs no memory. Its last bytes are not acknowledged: no part may stay open. */
  async function store(part: Part): Promise<void> {
    await sender.quiet()
    const objects = await tail.store(part)
    if (!objects || !start.atOnce || taken === resumable.size) return
    const { size } = resumable
    await progress.acknowledge({ received: taken, tail: objects, isComplete: false, size, isOver: false })
  }

  async function exchange(part: Part, bytes: number): Promise<void> {
    // Those of parts that are stored would count as held, and a small budget has no room for one more beside them.
    for (let spare = sender.freeBuffer(); spare; spare = sender.freeBuffer()) memory.free(spare)
    try {
      part.buffer = await memory.exchange(part.buffer, bytes)
    } catch (error) {
      stop.abort(error)
      throw error
    }
  }

  /** Sends a part whose beginning is not in memory. */
  async function complete(part: Part): Promise<void> {
    if (part.from > 0 && !memory.tryGrow(part.buffer, part.size)) {
      await store(part)
      await exchange(part, part.size)
    }
    await tail.readBack(part, 0)
    send(part)
  }

  /** All of it is in one part. */
  function isWhole(): boolean {
    return progress.base === 0 && sender.count === 0 && row.s3_upload_id === null && taken === resumable.size
  }

  function send(part: Part): void {
    current = undefined
    tail.begin()
    sender.send(part)
  }

  async function endAll(how: Pick<Acknowledged, 'isComplete' | 'size'>): Promise<void> {
    signal.throwIfAborted()
    const isComplete = how.isComplete || (start.mayComplete && taken === resumable.size)
    const hasParts = sender.count > 0 || row.s3_upload_id !== null
    if (current && current.size > 0 && isComplete && hasParts) await complete(current)
    await sender.quiet()
    const objects = current ? await tail.storeMerged(current) : tail.objects
    await progress.acknowledge({ ...how, isComplete, received: taken, tail: objects, isOver: true })
  }

  /** No more comes. Where reading has ended early, the last chunk may still wait for its room. */
  async function stopWriting(): Promise<void> {
    cancelTimer()
    await writing?.catch(() => {})
  }

  return {
    load() {
      const size = tail.bytes
      if (size === 0) return
      const kept = options.keptParts.take(row.id, tail.objects)
      if (kept && memory.tryAdopt(kept.buffer)) {
        current = kept
        return
      }
      kept?.buffer.free()
      const buffer = memory.tryTake(Math.min(firstBuffer, partBytes - size, until - taken))
      current = buffer && { buffer, size, from: size, checksum: undefined }
    },

    write(chunk) {
      const bytes = taken + chunk.length
      if (row.s3_upload_id !== null && start.isFile && bytes > limitOf()) throw tooLarge(limitOf())
      if (writing) return oneAtATime(writing.then(() => fill(chunk, 0)))
      const filled = fill(chunk, 0)
      if (filled) return oneAtATime(filled)
    },

    get taken() {
      return taken
    },

    async whole(beside) {
      await stopWriting()
      if (progress.base > 0 || sender.count > 0 || row.s3_upload_id !== null || current?.size !== taken)
        return undefined
      if (!memory.tryGrow(current.buffer, taken, beside)) return undefined
      await tail.readBack(current, 0)
      return current.buffer.bytes.subarray(0, taken)
    },

    async end(how) {
      await stopWriting()
      try {
        await endAll(how)
      } catch (error) {
        stop.abort(error)
        await sender.ended()
        if (start.atOnce) await progress.acknowledgeParts(taken).catch(() => {})
        throw error
      } finally {
        await progress.forget(tail.stored)
      }
    },

    async discard() {
      stop.abort(new Error('The request has ended.'))
      await stopWriting()
      await sender.ended()
      await progress.forget(tail.stored)
      await progress.giveUp().catch(() => {})
    },

    handOver() {
      const part = current
      current = undefined
      if (part) memory.handOver(part.buffer)
      if (!part || part.size > part.from) return part
      part.buffer.free()
      return undefined
    },

    free() {
      cancelTimer()
      memory.freeAll()
    },
  }

  function limitOf(): number {
    return bytesFor(row.type as KnownType, limits)
  }
}

function newPart(buffer: PooledBuffer): Part {
  return { buffer, size: 0, from: 0, checksum: 0 }
}
