import { createDeferred, onAbort } from './older-browsers.ts'

/**
 * Limits how many request bodies are sent at a time, across all files of a queue. Browsers open six HTTP/1.1
 * connections to an origin; one stays free for everything else. A body that has left makes room for the next before
 * its answer arrives: otherwise the connection would idle for a round trip, or two with a CORS preflight.
 */
export interface ConcurrencyLimiter {
  /** Waits for a free slot, first come, first served. Rejects with the signal's reason. */
  acquire(signal?: AbortSignal): Promise<Slot>
}

/** Permission to send one body. Ends with exactly one of `succeeded`, `failed` and `release`. */
export interface Slot {
  /** The body has left; its answer is still to come. Optional, and safe to call more than once. */
  sent(): void
  /** The body arrived. @param bytes its size */
  succeeded(bytes: number): void
  /** The network or the storage failed. */
  failed(): void
  /** Cancelled or not used: says nothing about the network. */
  release(): void
}

export const maxConcurrency = 5
const minConcurrency = 1

/**
 * Adapts the limit: one more as long as that raises the throughput, one fewer when the throughput drops, half
 * after a failure, and back to `start` as requests succeed.
 *
 * @param now milliseconds
 * @example
 * // Two uploads that share one limit:
 * const limiter = createConcurrencyLimiter()
 * await Promise.all([upload(first, { endpoint: '/api', limiter }), upload(second, { endpoint: '/api', limiter })])
 */
export function createConcurrencyLimiter(
  start = 3,
  now: () => number = () => performance.now(),
): ConcurrencyLimiter {
  const waiting: (() => void)[] = []
  let limit = start
  let sending = 0
  let open = 0
  // Measured since the limit was last set.
  let begun = now()
  let bytes = 0
  let bodies = 0
  let lastRate = 0

  const setLimit = (to: number) => {
    limit = Math.min(maxConcurrency, Math.max(minConcurrency, to))
    begun = now()
    bytes = 0
    bodies = 0
  }
  const adjust = () => {
    // The first round still ran at the former limit, so the second one is what counts.
    if (bodies < 2 * limit) return
    const rate = bytes / Math.max(1, now() - begun)
    const more = limit < start || rate > lastRate * 1.05
    const fewer = limit > start && rate < lastRate * 0.8
    const change = more ? 1 : fewer ? -1 : 0
    lastRate = rate
    setLimit(limit + change)
  }
  const next = () => {
    while (sending < limit && open < maxConcurrency && waiting.length > 0) {
      sending++
      open++
      waiting.shift()?.()
    }
  }
  const createSlot = (): Slot => {
    let isSending = true
    const sent = () => {
      if (isSending) sending--
      isSending = false
      next()
    }
    const release = () => {
      open--
      sent()
    }
    return {
      sent,
      release,
      succeeded(moved) {
        bytes += moved
        bodies++
        adjust()
        release()
      },
      failed() {
        setLimit(Math.floor(limit / 2))
        lastRate = 0
        release()
      },
    }
  }

  return {
    acquire(signal) {
      const { promise, resolve, reject } = createDeferred<Slot>()
      if (signal?.aborted) return Promise.reject(signal.reason)
      const enter = () => {
        unlisten()
        resolve(createSlot())
      }
      const unlisten = onAbort(signal, () => {
        waiting.splice(waiting.indexOf(enter), 1)
        reject(signal?.reason)
      })
      waiting.push(enter)
      next()
      return promise
    },
  }
}
