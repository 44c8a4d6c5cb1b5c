/**
 * The source of time. No other part of the library reads the system's clock or sets a timer that decides something, so
 * that tests can move time instead of waiting.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `task` once after `ms` milliseconds; the answer cancels it. Never keeps the process alive. */
  after(ms: number, task: () => void): () => void
}

/** Timers longer than this would fire at once (Node keeps delays in 31 bits). */
const longestTimer = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, Math.min(Math.max(ms, 0), longestTimer))
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** A clock for tests: it stands still until `advance` moves it, then runs what became due, in order. */
export function createTestClock(start = Date.UTC(2026, 0, 1)): Clock & { advance(ms: number): void } {
  let time = start
  let timers: { at: number; task: () => void }[] = []
  return {
    now: () => time,
    after(ms, task) {
      const timer = { at: time + Math.max(ms, 0), task }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    advance(ms) {
      const end = time + ms
      for (;;) {
        const [next] = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        timers = timers.filter((timer) => timer !== next)
        time = Math.max(time, next.at)
        next.task()
      }
      time = end
    },
  }
}
