import { setTimeout as sleep } from 'node:timers/promises'
import { TintypeError } from '../errors.ts'
import { isRefusal, isTemporary, meaningOf } from './meaning.ts'
import { LostConnection } from './send.ts'
import { UnreadableAnswer } from './xml.ts'

/** How often S3 is asked in all, where it says that nothing was done and that later it may be. */
const usualTries = 3
/** Milliseconds before the second try; twice as many before each further one. */
const firstPause = 200

export interface RetryOptions {
  /** Ends the tries and the pauses between them. */
  signal?: AbortSignal | undefined
  /** Milliseconds for all tries together. @default none but the signal's */
  within?: number
  /**
   * Whether `work` may be repeated without knowing whether it was done: reads, deletions, listings, and parts, which
   * replace themselves. @default false
   */
  safe?: boolean
  /** Whether to repeat it at once on a new connection when a kept one turned out to be closed. @default safe */
  reconnect?: boolean
  /** @default 3 */
  tries?: number
  /** Whether to repeat also where S3 did not answer at all. For long work that is not to begin anew. */
  unanswered?: boolean
}

/**
 * One operation on the bucket: the only place where a request to S3 is repeated. Failures are `storage_unavailable`,
 * never a bare error of S3's, and keep it as their cause for the log.
 *
 * - S3 has refused for a moment (`SlowDown`, a conflict) and done nothing: again after a pause, whatever it is.
 * - S3 or a gateway has failed (5xx, 429): again after a pause where that is `safe`.
 * - A connection that was kept from an earlier request turned out to be closed: reads, lists and deletions again at
 *   once, once.
 * - Everything else, a denial above all, lasts: not again. A write of unknown outcome is repeated by the caller under
 *   another key, so that no late write can bring a deleted key back.
 *
 * @param verb completes "could not … the object"
 * @param work is given the signal that ends it
 */
export async function unavailableOnError<T>(
  verb: string,
  work: (signal: AbortSignal | undefined) => Promise<T>,
  {
    signal,
    within,
    safe = false,
    reconnect = safe,
    tries = usualTries,
    unanswered = false,
  }: RetryOptions = {},
): Promise<T> {
  const end = within === undefined ? signal : endOf(signal, within)
  let reconnected = false
  for (let tried = 1; ; tried++) {
    try {
      return await work(end)
    } catch (cause) {
      if (reconnect && !reconnected && cause instanceof LostConnection && !end?.aborted) {
        reconnected = true
        tried--
        continue
      }
      const meaning = meaningOf(cause)
      const again = isTemporary(cause) || (safe && meaning === 'broken') || (unanswered && isSilence(cause))
      if (again && tried < tries && (await pause(tried, end))) continue
      throw new TintypeError(
        'storage_unavailable',
        `The object storage could not ${verb} the object. Try again later.`,
        { cause },
      )
    }
  }
}

function endOf(signal: AbortSignal | undefined, within: number): AbortSignal {
  const limit = AbortSignal.timeout(within)
  return signal === undefined ? limit : AbortSignal.any([signal, limit])
}

/** Nothing that S3 has said: the network, a time limit of one request. */
function isSilence(error: unknown): boolean {
  return meaningOf(error) === undefined && !isRefusal(error) && !(error instanceof UnreadableAnswer)
}

/**
 * Waits before another try, up to half as long as it might, at random, so that those who were refused together don't
 * come back together.
 * @returns false when the signal ended the wait
 */
export async function pause(tries: number, signal?: AbortSignal): Promise<boolean> {
  const longest = firstPause * 2 ** (tries - 1)
  try {
    await sleep(longest * (1 - Math.random() / 2), undefined, { signal })
    return true
  } catch {
    return false
  }
}
