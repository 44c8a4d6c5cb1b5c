import { Readable } from 'node:stream'
import type { Bucket } from '../../bucket/bucket.ts'
import { isWorthRepeating } from '../../bucket/meaning.ts'
import { pause } from '../../bucket/retry.ts'
import { TintypeError } from '../../errors.ts'
import type { ByteRange } from '../../hooks/types.ts'

/** An object in the bucket whose bytes may be in memory as well. */
export interface ScannedObject {
  key: string
  size: number
  /** While they are there. */
  bytes(): Uint8Array | undefined
}

/** What one scan reads. */
export interface FileReads {
  /** Streams the bytes. Any number of times, also side by side. */
  read(range?: ByteRange): Readable
  /** @throws {TintypeError} when a read broke off: then a scan that has found nothing has not seen everything */
  demandWhole(): void
  /** Ends what is still being read. */
  end(): void
}

/** Copied at a time: the memory may be another upload's a moment later. */
const chunkBytes = 64 * 1024
const readTries = 3

/**
 * Reads from memory while the bytes are there, and from S3 where they are not, or no more: a stream that began in memory
 * goes on in S3 at the same byte. Nothing is buffered but what the reader has not taken yet, and a connection that S3
 * closes because the reader is slow is opened again where it broke off.
 */
export function createFileReads(
  { key, size, bytes }: ScannedObject,
  bucket: Pick<Bucket, 'open'>,
  signal: AbortSignal,
): FileReads {
  const open = new Set<Readable>()
  let failure: unknown
  let hasEnded = false

  async function* chunks(start: number, end: number): AsyncGenerator<Uint8Array> {
    let at = start
    let held = bytes()
    for (; held && at < end; held = bytes()) {
      signal.throwIfAborted()
      const next = Math.min(end, at + chunkBytes)
      const chunk = Buffer.from(held.subarray(at, next))
      at = next
      yield chunk
    }
    for (let tries = 1; at < end; tries++) {
      try {
        for await (const chunk of await bucket.open(key, { range: { start: at, end }, signal })) {
          at += chunk.length
          tries = 0
          yield chunk
        }
        if (at < end) throw shortened()
      } catch (error) {
        const again = tries < readTries && !signal.aborted && isWorthRepeating(error)
        if (again && (await pause(tries + 1, signal))) continue
        // Not what the reader itself breaks off: that ends in no error here.
        if (!hasEnded) failure ??= error
        throw error
      }
    }
  }

  return {
    read({ start = 0, end = size } = {}) {
      const [from, to] = [within(start, size), within(end, size)]
      const stream = Readable.from(chunks(from, Math.max(from, to)), { objectMode: false })
      open.add(stream)
      // Also so that an app which listens for no error does not end the process by it.
      stream.on('error', () => {})
      stream.on('close', () => open.delete(stream))
      return stream
    },
    demandWhole() {
      if (failure !== undefined) throw failure
    },
    end() {
      hasEnded = true
      for (const stream of open) stream.destroy()
    },
  }
}

/** Counted from the end where it is negative. */
function within(at: number, size: number): number {
  if (!Number.isInteger(at)) throw new TypeError('start and end of a range have to be whole numbers.')
  return Math.min(size, Math.max(0, at < 0 ? size + at : at))
}

function shortened(): TintypeError {
  return new TintypeError('storage_unavailable', 'The object storage gave fewer bytes than it has.')
}
