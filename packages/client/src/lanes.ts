/**
 * How many bodies may be on the wire at a time, shared by all files of a queue. HTTP/1.1 browsers open six
 * connections to an origin: one is left for everything else.
 */
export interface Lanes {
  /** Waits for a free lane, in the order of asking; rejects with the signal's reason. */
  take(signal?: AbortSignal): Promise<Lane>
}

/** Ends with exactly one of the three. */
export interface Lane {
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
  let taken = 0
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
    while (taken < width && waiting.length > 0) {
      taken++
      waiting.shift()?.()
    }
  }
  const release = () => {
    taken--
    next()
  }
  const lane: Lane = {
    done(sent) {
      bytes += sent
      bodies++
      judge()
      release()
    },
    failed() {
      resize(Math.floor(width / 2))
      lastRate = 0
      release()
    },
    leave: release,
  }

  return {
    take(signal) {
      const { promise, resolve, reject } = Promise.withResolvers<Lane>()
      if (signal?.aborted) return Promise.reject(signal.reason)
      const enter = () => {
        signal?.removeEventListener('abort', stop)
        resolve(lane)
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
