import { TintypeError } from '../errors.ts'
import { megabytes } from '../inspect/limits.ts'
import type { Budget } from './budget.ts'

/**
 * The memory that pictures take while they are decoded, in child processes: it counts as well. The decoders have a
 * share of their own; a picture that needs more than all of it takes the rest from the uploads' share, and waits in
 * their line for it, where it holds up no other picture.
 */
export interface DecoderMemory {
  /**
   * Does the work when what it needs beyond the decoders' share has been taken from the uploads'.
   *
   * @param bytes estimated
   * @throws {TintypeError} `too_many_pixels` when it can never fit, `overloaded` when the wait is too long; the
   * signal's reason
   */
  within<T>(bytes: number, signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

/** @param options.bytes the decoders' share */
export function createDecoderMemory({
  bytes: all,
  uploads,
}: {
  bytes: number
  uploads: Budget
}): DecoderMemory {
  return {
    async within(bytes, signal, work) {
      if (bytes <= all) return work()
      if (bytes > all + uploads.bytes) {
        throw new TintypeError(
          'too_many_pixels',
          `To unpack this picture takes about ${megabytes(bytes)} of memory, more than the server has. Send a smaller one.`,
        )
      }
      const borrowed = await uploads.reserve(bytes - all, signal)
      try {
        return await work()
      } finally {
        borrowed.release()
      }
    },
  }
}
