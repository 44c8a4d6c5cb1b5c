import { createHash, type Hash, hash } from 'node:crypto'
import { TintypeError } from '../../errors.ts'
import { type Head, headBytes, inspectHead, type MediaLimits, megabytes } from '../../inspect/limits.ts'
import type { BufferPool, PooledBuffer } from '../../memory/buffer-pool.ts'
import type { ArrivedFile } from '../files.ts'
import type { Streamed, StreamStart } from '../stream/stream.ts'

/** Takes one file, chunk by chunk. */
export interface Collector {
  /**
   * Copies the chunk or passes it on. A promise, where there is one, has to be waited for before the next call.
   * @throws {TintypeError} `unsupported_type`, `too_large`; what streaming throws; or rejects with it
   */
  write(chunk: Buffer): void | Promise<void>
  /** The file is whole. @throws {TintypeError} `empty_file`, those of {@link Collector.write}; or rejects with it */
  end(): ArrivedFile | Promise<ArrivedFile>
  /** Ends what is under way. When it returns, nothing writes to the buffers or reads them any more. */
  abort(): Promise<void>
}

export interface CollectorOptions {
  rawName: string | undefined
  limits: MediaLimits
  bufferPool: BufferPool
  /** How many bytes may come at the most, where that is known: memory is asked for once, then. */
  most: number | undefined
  /** Called before memory grows to this many bytes; may wait. */
  onGrow(bytes: number): void | Promise<void>
  /** A video larger than this many bytes is streamed to S3 in parts. */
  partBytes: number
  stream(start: Pick<StreamStart, 'type' | 'first' | 'rawName'>): Promise<Streamed>
}

/**
 * Takes one file and hashes it on the way: into memory, or, a video of more than one part, through it. Refuses as
 * early as can be: by its first bytes when they are of no type that is taken, by its size as soon as the limit of
 * its kind is passed.
 */
export function createCollector(options: CollectorOptions): Collector {
  const { rawName, limits, partBytes } = options
  const inMemory = Math.max(limits.imageBytes, partBytes)
  /** Only of a file that is too large to be hashed at one go when it is whole, which is cheaper. */
  let hasher: Hash | undefined
  /** How many of its bytes the hasher has seen. */
  let hashed = 0
  let size = 0
  let buffer: PooledBuffer | undefined
  let head: Head | undefined
  let streamed: Streamed | undefined
  let waiting: Promise<void> | undefined
  let isWhole = false

  async function stream(
    first: { buffer: PooledBuffer; size: number },
    type: StreamStart['type'],
    chunk: Buffer,
  ) {
    hashUpTo(first.size, first.buffer.bytes)
    hasher?.update(chunk)
    streamed = await options.stream({ type, first, rawName })
    return streamed.write(chunk)
  }

  function hashUpTo(end: number, bytes: Buffer): void {
    hasher ??= createHash('sha256')
    hasher.update(bytes.subarray(hashed, end))
    hashed = end
  }

  async function finish(streamed: Streamed, sha256: string): Promise<ArrivedFile> {
    const file = await streamed.finish(sha256)
    isWhole = true
    return file
  }

  /** Without a promise where nothing has to be waited for: stopping and restarting a socket costs more than all else here. */
  function grow(chunk: Buffer, at: number): void | Promise<void> {
    const wanted = buffer ? buffer.bytes.length * 2 : (options.most ?? firstGuess)
    const bytes = Math.min(Math.max(size, wanted), inMemory)
    const take = () => {
      if (buffer) buffer.growTo(bytes)
      else buffer = options.bufferPool.take(bytes)
      return keep(chunk, buffer, at)
    }
    const waiting = options.onGrow(bytes)
    return waiting ? waiting.then(take) : take()
  }

  function keep(chunk: Buffer, { bytes }: PooledBuffer, at: number): void {
    // Not chunk.copy: it asks the length of a buffer that can grow, which V8 answers slowly.
    bytes.set(chunk, at)
    if (size - hashed > hashedAtOnce) hashUpTo(size, bytes)
    if (head || size < headBytes) return
    head = inspectHead(bytes.subarray(0, size), limits)
    refuseAbove(head.bytes, size)
  }

  return {
    write(chunk) {
      const at = size
      size += chunk.length
      refuseAbove(head?.bytes ?? Math.max(limits.imageBytes, limits.videoBytes), size)
      if (streamed) {
        hasher?.update(chunk)
        return streamed.write(chunk)
      }
      const promise =
        buffer && head?.kind === 'video' && size > partBytes
          ? stream({ buffer, size: at }, head.type, chunk)
          : buffer && size <= buffer.bytes.length
            ? keep(chunk, buffer, at)
            : grow(chunk, at)
      waiting = promise?.catch(() => {})
      return promise
    },

    end() {
      if (size === 0 || !buffer)
        throw new TintypeError('empty_file', 'The file is empty. Choose another one.')
      if (streamed && hasher) return finish(streamed, hasher.digest('hex'))
      isWhole = true
      const bytes = buffer.bytes.subarray(0, size)
      if (hasher) hashUpTo(size, bytes)
      const sha256 = hasher ? hasher.digest('hex') : hash('sha256', bytes, 'hex')
      return { bytes, sha256, rawName, limits }
    },

    async abort() {
      if (isWhole) return
      await streamed?.abort()
      await waiting
      await streamed?.abort()
    },
  }
}

const firstGuess = 256 * 1024
/** Takes the processor half a millisecond. Bytes. */
const hashedAtOnce = 1024 * 1024

function refuseAbove(limit: number, size: number): void {
  if (size > limit)
    throw new TintypeError('too_large', `The file has more than ${megabytes(limit)}.`, { limit })
}
