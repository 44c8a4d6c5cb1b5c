import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { TintypeError } from '../errors.ts'
import { headBytes, judgeHead, type MediaLimits, megabytes } from '../inspect/limits.ts'
import type { ArrivedFile } from './finish.ts'
import { freeChunk, type Slabs } from './slabs.ts'
import type { Streamed, StreamStart } from './stream.ts'

/** A file that has arrived whole, in memory; nothing in it has been believed yet. */
export interface ReceivedFile {
  bytes: Buffer
  /** Of `bytes`, lower-case hex, computed while they arrived. */
  sha256: string
  /** What the sender called it. */
  rawName: string | undefined
}

export interface CollectOptions {
  rawName: string | undefined
  limits: MediaLimits
  slabs: Slabs
  /** How many bytes may come at the most, where that is known: memory is asked for once, then. */
  most: number | undefined
  /** Called before memory grows to this many bytes; may wait. */
  onGrow(bytes: number): Promise<void>
  /** A video whose first so many bytes have come goes on to S3 in parts. */
  partBytes: number
  stream(start: Pick<StreamStart, 'type' | 'first' | 'rawName'>): Promise<Streamed>
}

/**
 * Reads one file and hashes it on the way: into memory, or, a video of more than one part, through it. Refuses as
 * early as can be: by its first bytes when they are of no type that is taken, by its size as soon as the limit of
 * its kind is passed.
 *
 * @throws {TintypeError} `empty_file`, `unsupported_type`, `too_large`; what streaming throws
 */
export async function collect(file: Readable, options: CollectOptions): Promise<ArrivedFile> {
  const { rawName, limits, slabs, partBytes } = options
  const inMemory = Math.max(limits.imageBytes, partBytes)
  const hash = createHash('sha256')
  const start = options.most === undefined ? firstGuess : Math.min(options.most, inMemory)
  await options.onGrow(start)
  const slab = slabs.take(start)
  let size = 0
  let head: Awaited<ReturnType<typeof judgeHead>> | undefined
  let streamed: Streamed | undefined

  try {
    for await (const chunk of file as AsyncIterable<Buffer>) {
      const before = size
      size += chunk.length
      refuseAbove(head?.bytes ?? Math.max(limits.imageBytes, limits.videoBytes), size)
      hash.update(chunk)
      if (!streamed && head?.kind === 'video' && size > partBytes) {
        streamed = await options.stream({ type: head.type, first: { slab, size: before }, rawName })
      }
      if (streamed) {
        await streamed.write(chunk)
        freeChunk(chunk)
        continue
      }
      if (size > slab.bytes.length) {
        const larger = Math.min(Math.max(size, slab.bytes.length * 2), inMemory)
        await options.onGrow(larger)
        slab.growTo(larger)
      }
      chunk.copy(slab.bytes, before)
      freeChunk(chunk)
      if (!head && size >= headBytes) {
        head = await judgeHead(slab.bytes.subarray(0, size), limits)
        refuseAbove(head.bytes, size)
      }
    }
    // Multer cuts at its own fileSize limit and then ends the stream as if the file were whole.
    if ('truncated' in file && file.truncated) {
      throw new TintypeError('too_large', "The file is larger than Multer's fileSize limit.")
    }
    if (size === 0) throw new TintypeError('empty_file', 'The file is empty. Choose another one.')
    const sha256 = hash.digest('hex')
    if (streamed) return await streamed.finish(sha256)
    return { bytes: slab.bytes.subarray(0, size), sha256, rawName }
  } catch (error) {
    await streamed?.abort()
    throw error
  }
}

const firstGuess = 256 * 1024

function refuseAbove(limit: number, size: number): void {
  if (size > limit)
    throw new TintypeError('too_large', `The file has more than ${megabytes(limit)}.`, { limit })
}
