import { isForeignAnswer, UploadError } from './errors.ts'
import { createDeferred } from './older-browsers.ts'

/** Waits `ms`; rejects with the signal's reason as soon as that is aborted. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>

export interface RetryOptions {
  /**
   * Tries after the first, with pauses that double: 8 take two minutes. For a lost connection they begin to count
   * after half a minute of trying each second, and not while the browser knows that it is offline. 0: no more tries
   * whatever it is.
   * @default 8
   */
  retries?: number | undefined
  signal?: AbortSignal | undefined
  sleep?: Sleep | undefined
  /** A number in [0, 1). @default Math.random */
  random?: (() => number) | undefined
}

/** A server that asks for a longer pause than this is not waited for: the error goes to the caller. */
const longestPause = 60_000
const firstPause = 500
/** A line that is lost often comes back soon, and trying a server that isn't reached costs it nothing. */
const lostPause = 1000
const lostAtFirst = 30_000
/** Tries after an answer of a proxy: two get over its restart, and more of them change its mind as little. */
const foreignRetries = 2

/**
 * Runs `attempt` until it succeeds, fails for good, or the tries are used up. Pauses double from half a
 * second to a minute, half of each is random so that many clients don't come back together, and none is
 * shorter than the server's `Retry-After`.
 *
 * @param foreign tries after an answer of a proxy: none where there is another way
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  options: RetryOptions,
  foreign = foreignRetries,
): Promise<T> {
  const { retries = 8, signal, sleep = sleepTimer, random = Math.random } = options
  let counted = 0
  let lostFor = 0
  for (;;) {
    signal?.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof UploadError) || !error.retryable || retries === 0) throw error
      const lost = error.status === 0
      const early = lost && lostFor < lostAtFirst
      const offline = lost && globalThis.navigator?.onLine === false
      const most = isForeignAnswer(error) ? Math.min(retries, foreign) : retries
      if (!early && !offline && counted >= most) throw error
      const asked = error.retryAfter ?? 0
      if (asked > longestPause) throw error
      const half = (early ? lostPause : Math.min(longestPause, firstPause * 2 ** counted)) / 2
      const pause = Math.max(asked, half + half * random())
      if (early) lostFor += pause
      else counted++
      await sleep(pause, signal)
    }
  }
}

/** `Retry-After` (RFC 9110, section 10.2.3: seconds or a date) in milliseconds from `now`. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined
  const seconds = Number(header)
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

/** A timer that the browser's coming online ends early. */
const sleepTimer: Sleep = async (ms, signal) => {
  const { promise, resolve, reject } = createDeferred<void>()
  const end = () => resolve()
  const stop = () => reject(signal?.reason)
  const timer = setTimeout(end, ms)
  signal?.addEventListener('abort', stop, { once: true })
  globalThis.addEventListener?.('online', end)
  try {
    await promise
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
    globalThis.removeEventListener?.('online', end)
  }
}
