import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { megabytes } from '../inspect/limits.ts'
import { type Budget, createBudget } from './budget.ts'

/** The memory that pictures take while they are decoded, in child processes: it counts as well. */
export interface DecoderMemory {
  /**
   * Does the work when there is room for it. A picture that needs more than all decoders have takes the rest from
   * the uploads' share, and waits in their line for it.
   *
   * @param bytes estimated
   * @throws {TintypeError} `too_many_pixels` when it can never fit, `overloaded` when the wait is too long
   */
  within<T>(bytes: number, work: () => Promise<T>): Promise<T>
}

/** Milliseconds. What waits here has arrived already: patience is cheaper than sending it again. */
const longestWait = 60_000
const manyWait = 10_000

export function createDecoderMemory(options: {
  bytes: number
  uploads: Budget
  clock: Clock
}): DecoderMemory {
  const { bytes: all, uploads, clock } = options
  const own = createBudget({ bytes: all, wait: longestWait, queue: manyWait, clock })
  const never = new AbortController().signal

  return {
    async within(bytes, work) {
      if (bytes > all + uploads.bytes) {
        throw new TintypeError(
          'too_many_pixels',
          `To unpack this picture takes about ${megabytes(bytes)} of memory, more than the server has. Send a smaller one.`,
        )
      }
      // First the others' memory, then its own: who waits in the uploads' line holds up no other picture.
      const borrowed = bytes > all ? await uploads.reserve(bytes - all, never) : undefined
      try {
        const reserved = await own.reserve(Math.min(bytes, all), never)
        try {
          return await work()
        } finally {
          reserved.release()
        }
      } finally {
        borrowed?.release()
      }
    },
  }
}
