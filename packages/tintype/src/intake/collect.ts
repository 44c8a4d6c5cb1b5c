import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { TintypeError } from '../errors.ts'
import { headBytes, judgeHead, type MediaLimits, megabytes } from '../inspect/limits.ts'

/** A file that has arrived whole, in memory; nothing in it has been believed yet. */
export interface ReceivedFile {
  bytes: Buffer
  /** Of `bytes`, lower-case hex, computed while they arrived. */
  sha256: string
  /** What the sender called it. */
  rawName: string | undefined
}

/**
 * Reads one file into memory and hashes it on the way. Refuses as early as can be: by its first bytes when
 * they are of no type that is taken, by its size as soon as the limit of its kind is passed.
 *
 * @param hint how many bytes may come at the most, where that is known: memory is asked for once, then
 * @throws {TintypeError} `empty_file`, `unsupported_type`, `too_large`
 */
export async function collect(
  stream: Readable,
  { rawName, hint, limits, onGrow }: CollectOptions,
): Promise<ReceivedFile> {
  const hash = createHash('sha256')
  let buffer = Buffer.allocUnsafeSlow(hint ?? firstGuess)
  let size = 0
  let maxBytes: number | undefined

  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const needed = size + chunk.length
    if (needed > (maxBytes ?? Math.max(limits.imageBytes, limits.videoBytes))) {
      const limit = maxBytes ?? Math.max(limits.imageBytes, limits.videoBytes)
      throw new TintypeError('too_large', `The file has more than ${megabytes(limit)}.`, { limit })
    }
    if (needed > buffer.length) {
      const larger = Math.max(needed, buffer.length * 2)
      await onGrow?.(larger)
      const grown = Buffer.allocUnsafeSlow(larger)
      buffer.copy(grown, 0, 0, size)
      buffer = grown
    }
    chunk.copy(buffer, size)
    hash.update(chunk)
    size = needed
    if (maxBytes === undefined && size >= headBytes) {
      maxBytes = await judgeHead(buffer.subarray(0, size), limits)
    }
  }

  if (size === 0) throw new TintypeError('empty_file', 'The file is empty. Choose another one.')
  return { bytes: buffer.subarray(0, size), sha256: hash.digest('hex'), rawName }
}

export interface CollectOptions {
  rawName: string | undefined
  hint: number | undefined
  limits: MediaLimits
  /** Called before memory grows to this many bytes; may wait. */
  onGrow?: ((bytes: number) => Promise<void>) | undefined
}

const firstGuess = 256 * 1024
