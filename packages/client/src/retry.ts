import { UploadError } from './errors.ts'

/** Waits `ms`; rejects with the signal's reason as soon as that is aborted. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>

export interface RetryOptions {
  /**
   * Tries after the first, with pauses that double: 8 take two minutes. Those that fail while the browser knows
   * that it is offline don't count.
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

/**
 * Runs `attempt` until it succeeds, fails for good, or the tries are used up. Pauses double from half a
 * second to a minute, half of each is random so that many clients don't come back together, and none is
 * shorter than the server's `Retry-After`.
 */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { retries = 8, signal, sleep = pause, random = Math.random } = options
  let left = retries
  for (let failed = 0; ; failed++) {
    signal?.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof UploadError) || !error.retryable) throw error
      const offline = error.status === 0 && globalThis.navigator?.onLine === false
      if (!offline && left-- <= 0) throw error
      const asked = error.retryAfter ?? 0
      if (asked > longestPause) throw error
      const half = Math.min(longestPause, firstPause * 2 ** failed) / 2
      await sleep(Math.max(asked, half + half * random()), signal)
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
const pause: Sleep = async (ms, signal) => {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
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
