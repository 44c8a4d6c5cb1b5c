import { isForeignAnswer, UploadError } from './errors.ts'
import { createDeferred, onAbort } from './older-browsers.ts'

/** Waits `ms` milliseconds; rejects with the signal's reason once that is aborted. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>

/** Why nothing is sent now. */
export interface Waiting {
  /** Milliseconds since 1970, when it is tried again; null: as soon as the browser is online. */
  until: number | null
  /** What the last attempt met. */
  error: UploadError
}

/** How often and how long an upload is tried again. */
export interface RetryOptions {
  /**
   * Attempts after the first, with pauses that double: 8 take two minutes. A lost connection is first tried each second
   * for half a minute, uncounted, and so is every attempt while the browser reports that it is offline. 0: no retries
   * at all.
   * @default 8
   */
  retries?: number | undefined
  /** Stops the upload. */
  signal?: AbortSignal | undefined
  /** Called before each pause, and with undefined when it is over. */
  onWait?: ((wait: Waiting | undefined) => void) | undefined
  /** Waits between attempts; for tests. @default a timer that ends early when the browser comes online */
  sleep?: Sleep | undefined
  /** A number in [0, 1). @default Math.random */
  random?: (() => number) | undefined
}

/** Milliseconds. If the server asks for a longer pause, the error goes to the caller. */
const longestPause = 60_000
const firstPause = 500
/** A lost connection often comes back soon, and an attempt that doesn't reach the server costs it nothing. */
const lostPause = 1000
const lostAtFirst = 30_000
/** Attempts after an answer of a proxy: two outlast its restart, and more would change nothing. */
const foreignRetries = 2

/**
 * Runs `attempt` until it succeeds, fails for good, or the retries are used up. Pauses double from half a second to a
 * minute. Half of each is random, so that many clients don't come back together, and none is shorter than the server's
 * `Retry-After`.
 *
 * @param foreign retries after an answer of a proxy: none where there is another way
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  options: RetryOptions,
  foreign = foreignRetries,
): Promise<T> {
  const { retries = 8, signal, sleep = sleepTimer, random = Math.random, onWait } = options
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
      onWait?.({ until: offline ? null : Date.now() + pause, error })
      await sleep(pause, signal)
      onWait?.(undefined)
    }
  }
}

/** `Retry-After` (RFC 9110, section 10.2.3: seconds or a date) in milliseconds from `now`. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (!header?.trim()) return undefined
  const seconds = Number(header)
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

/** A timer that the browser's coming online ends early. */
export const sleepTimer: Sleep = async (ms, signal) => {
  const { promise, resolve, reject } = createDeferred<void>()
  const end = () => resolve()
  const timer = setTimeout(end, ms)
  const unlisten = onAbort(signal, () => reject(signal?.reason))
  globalThis.addEventListener?.('online', end)
  try {
    await promise
  } finally {
    clearTimeout(timer)
    unlisten()
    globalThis.removeEventListener?.('online', end)
  }
}
