import { createDeferred } from './older-browsers.ts'

/**
 * How many bodies may be on the wire at a time, shared by all files of a queue. HTTP/1.1 browsers open six
 * connections to an origin: one is left for everything else. A body that is out makes room for the next one before
 * its answer is there: else the line would stand still for a round trip, or two where the browser asks for permission
 * first.
 */
export interface Lanes {
  /** Waits for a free lane, in the order of asking; rejects with the signal's reason. */
  take(signal?: AbortSignal): Promise<Lane>
}

/** Ends with exactly one of `done`, `failed` and `leave`. */
export interface Lane {
  /** The body is out; its answer is still to come. May be left out, and told more than once. */
  sent(): void
  /** So many bytes arrived. */
  done(bytes: number): void
  /** The line or the storage gave way. */
  failed(): void
  /** Neither: cancelled, or not used. */
  leave(): void
}

export const mostLanes = 5
const fewestLanes = 1

/**
 * Lanes that adapt: one more as long as that moves more bytes per second, one fewer when it moves fewer, half
 * after a failure and back to the start with what succeeds. @param now milliseconds
 */
export function createLanes(start = 3, now: () => number = () => performance.now()): Lanes {
  const waiting: (() => void)[] = []
  let width = start
  let sending = 0
  let open = 0
  /** Of the present width, since it was set. */
  let begun = now()
  let bytes = 0
  let bodies = 0
  let lastRate = 0

  const resize = (to: number) => {
    width = Math.min(mostLanes, Math.max(fewestLanes, to))
    begun = now()
    bytes = 0
    bodies = 0
  }
  const judge = () => {
    // Each lane once, and once more: the first round still ran at the former width.
    if (bodies < 2 * width) return
    const rate = bytes / Math.max(1, now() - begun)
    const more = width < start || rate > lastRate * 1.05
    const fewer = width > start && rate < lastRate * 0.8
    const change = more ? 1 : fewer ? -1 : 0
    lastRate = rate
    resize(width + change)
  }
  const next = () => {
    while (sending < width && open < mostLanes && waiting.length > 0) {
      sending++
      open++
      waiting.shift()?.()
    }
  }
  const createLane = (): Lane => {
    let isSending = true
    const sent = () => {
      if (isSending) sending--
      isSending = false
      next()
    }
    const leave = () => {
      open--
      sent()
    }
    return {
      sent,
      leave,
      done(moved) {
        bytes += moved
        bodies++
        judge()
        leave()
      },
      failed() {
        resize(Math.floor(width / 2))
        lastRate = 0
        leave()
      },
    }
  }

  return {
    take(signal) {
      const { promise, resolve, reject } = createDeferred<Lane>()
      if (signal?.aborted) return Promise.reject(signal.reason)
      const enter = () => {
        signal?.removeEventListener('abort', stop)
        resolve(createLane())
      }
      const stop = () => {
        waiting.splice(waiting.indexOf(enter), 1)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', stop, { once: true })
      waiting.push(enter)
      next()
      return promise
    },
  }
}
