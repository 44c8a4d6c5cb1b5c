import { UploadError } from './errors.ts'

/** Waits `ms`; rejects with the signal's reason as soon as that is aborted. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>

export interface RetryOptions {
  /** Tries after the first. @default 5 */
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
  const { retries = 5, signal, sleep = sleepTimer, random = Math.random } = options
  for (let failed = 0; ; failed++) {
    signal?.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof UploadError) || !error.retryable || failed >= retries) throw error
      const asked = error.retryAfter ?? 0
      if (asked > longestPause) throw error
      const pause = Math.min(longestPause, firstPause * 2 ** failed)
      await sleep(Math.max(asked, pause / 2 + (pause / 2) * random()), signal)
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

const sleepTimer: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
