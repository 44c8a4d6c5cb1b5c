import { crc32 } from 'node:zlib'
import { isAbsent } from '../../bucket/meaning.ts'
import { crashPoint } from '../../crash-points.ts'
import { headBytes } from '../../inspect/limits.ts'
import type { PooledBuffer } from '../../memory/buffer-pool.ts'
import type { ResumableUpload } from '../../records/resumable-records.ts'
import { sendPart } from '../stream/send-part.ts'
import { beginMultipart, type ToMultipart } from './begin-multipart.ts'
import { lostByStorage } from './errors.ts'
import type { Part } from './kept-parts.ts'
import type { ResumableOptions } from './options.ts'
import type { PartMemory } from './part-memory.ts'
import type { Progress } from './progress.ts'

/** The parts of one request that are on their way to S3. */
export interface PartSender {
  /** Begins to send a part, whose buffer is no longer the caller's. That it failed is learnt through `stop`. */
  send(part: Part): void
  /** One of a part that has been stored. */
  freeBuffer(): PooledBuffer | undefined
  /** How many have been sent. */
  readonly count: number
  readonly isBusy: boolean
  /** One of them has been stored, or has failed. */
  next(): Promise<void>
  /** All are stored and acknowledged. @throws what has ended the request */
  quiet(): Promise<void>
  /** None is under way any more, however it ended. */
  ended(): Promise<void>
}

export interface PartSenderStart {
  /** Most bytes that the upload has by its announced size. */
  most: number
  /** Else it is a piece of a file, of no type. */
  isFile: boolean
  /** Whether parts are acknowledged as they are stored; else all of them in the end. */
  atOnce: boolean
  memory: PartMemory
  /** Whether others wait for memory. */
  isContested(): boolean
}

export function createPartSender(
  options: Pick<ResumableOptions, 'bucket' | 'records' | 'limits' | 'clock' | 'log'>,
  upload: ResumableUpload,
  {
    progress,
    stop,
    taken,
    ...start
  }: PartSenderStart & { progress: Progress; stop: AbortController; taken(): number },
): PartSender {
  const { bucket, clock, log } = options
  const { row } = upload
  const { signal } = stop
  const underWay = new Set<Promise<void>>()
  const free: PooledBuffer[] = []
  let count = 0
  let multipart: Promise<ToMultipart> | undefined
  let turn: Promise<unknown> = Promise.resolve()

  function begin(head: Buffer): Promise<ToMultipart> {
    const { key, s3_upload_id: uploadId } = row
    if (uploadId !== null) return Promise.resolve({ key, uploadId })
    return beginMultipart(options, upload, { ...start, head, signal })
  }

  function acknowledgeSoon(): void {
    const work = turn.then(async () => {
      if (!signal.aborted) await progress.acknowledgeParts(taken())
    })
    turn = work.catch((error: unknown) => stop.abort(error))
  }

  async function ended(): Promise<void> {
    await Promise.all(underWay)
    await turn
  }

  return {
    send({ buffer, size, checksum }) {
      const index = count++
      const number = progress.nextNumber()
      const bytes = buffer.bytes.subarray(0, size)
      multipart ??= begin(bytes.subarray(0, headBytes))
      const sending = multipart
        .then((to) =>
          sendPart({ bucket, clock, log }, { ...to, number, bytes, crc32: checksum ?? crc32(bytes) }, signal),
        )
        .then(
          (done) => {
            crashPoint('resumable.partStored')
            progress.stored(index, done)
            if (start.isContested()) start.memory.free(buffer)
            else free.push(buffer)
            if (start.atOnce) acknowledgeSoon()
          },
          (error: unknown) => stop.abort(isAbsent(causeOf(error)) ? lostByStorage() : error),
        )
      const promise = sending.finally(() => underWay.delete(promise))
      underWay.add(promise)
    },

    freeBuffer: () => free.pop(),

    get count() {
      return count
    },

    get isBusy() {
      return underWay.size > 0
    },

    next: () => Promise.race(underWay),

    async quiet() {
      await ended()
      signal.throwIfAborted()
    },

    ended,
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error
}
