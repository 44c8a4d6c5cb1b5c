import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { megabytes } from '../inspect/limits.ts'
import type { Sender } from '../intake/requester.ts'
import { createJobQueue, jobTime } from '../workers/queue.ts'
import type { Budget } from './budget.ts'

/**
 * The memory that pictures take while they are decoded, in child processes: it counts as well. The decoders have a
 * share of their own, where there is always room for one ordinary photo. A picture that needs more than the rest of
 * it takes the difference from the uploads' share, one such picture at a time and when no upload waits for memory: so
 * neither photos nor uploads ever wait for more than one of them.
 */
export interface DecoderMemory {
  /**
   * Does the work when what it needs beyond the decoders' share has been taken from the uploads'. What is decodable, but
   * needs more than there is with what is made of it, takes all there is: what was accepted can be served.
   *
   * @throws {TintypeError} `too_many_pixels` when it can never be decoded, `overloaded` when the wait is too long; the
   * signal's reason
   */
  within<T>(need: MemoryNeed, sender: Sender, work: (share: DecoderShare) => Promise<T>): Promise<T>
  /** Whether so much is taken of the decoders' share alone. */
  isOrdinary(bytes: number): boolean
  /** Pictures that wait for another one of their size. */
  readonly waiting: number
}

/** Estimated bytes. */
export interface MemoryNeed {
  /** For decoding and for all that is made of the picture. */
  bytes: number
  /** Without these it is refused: for decoding alone. */
  least: number
}

export interface DecoderShare {
  /** Bytes that the picture takes of the decoders' share. */
  memory: number
  /** It holds memory of the uploads': the sooner it is decoded, the better for all. */
  isUrgent: boolean
}

/** Of the decoders' share, what is kept for ordinary photos: decoding one of 12 megapixels takes as much. */
const photoBytes = 28 * 1024 * 1024

/** @param options.bytes the decoders' share */
export function createDecoderMemory(options: {
  bytes: number
  uploads: Budget
  clock: Clock
}): DecoderMemory {
  const { bytes: all, uploads, clock } = options
  const most = Math.max(all - photoBytes, all / 2)
  const queue = createJobQueue({ slots: 1, leadTime: jobTime, clock })
  return {
    async within({ bytes, least }, sender, work) {
      if (bytes <= most) return work({ memory: bytes, isUrgent: false })
      const room = uploads.bytes - (sender.holds ?? 0)
      if (least > all + room) throw tooMuch(least, all + room)
      const borrowed = Math.max(0, Math.min(bytes - most, room))
      const share = { memory: Math.min(bytes - borrowed, all), isUrgent: true }
      const leave = await queue.enter(sender)
      try {
        return await uploads.within(borrowed, sender.signal, () => work(share), { isPatient: true })
      } finally {
        leave()
      }
    },
    isOrdinary: (bytes) => bytes <= most,
    get waiting() {
      return queue.waiting
    },
  }
}

function tooMuch(needed: number, limit: number): TintypeError {
  return new TintypeError(
    'too_many_pixels',
    `To unpack this picture takes about ${megabytes(needed)}, more than this server's memory budget leaves for one picture (${megabytes(limit)}). Send a smaller one, or ask the operator for a larger budget (MEMORY_BUDGET, limits.memory).`,
    { limit },
  )
}
