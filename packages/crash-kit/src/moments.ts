/** Moments that are told by what happens, not by a clock, so that a slow machine is killed at the same places. */
export interface Moments {
  /** Something has happened. */
  happen(): void
  /** Something goes on that isn't counted. */
  stir(): void
  /** When this number of things have happened, and some milliseconds more; or when nothing happens any more. */
  after(count: number, ms: number): Promise<void>
}

export function createMoments(): Moments {
  let left = 0
  let resolve = () => {}
  let quiet: NodeJS.Timeout | undefined
  const reached = () => {
    clearTimeout(quiet)
    resolve()
  }
  return {
    stir: () => void quiet?.refresh(),
    happen() {
      quiet?.refresh()
      if (--left === 0) reached()
    },
    async after(count, ms) {
      const waiting = Promise.withResolvers<void>()
      left = count
      resolve = waiting.resolve
      quiet = setTimeout(reached, longestQuiet)
      await waiting.promise
      await elapsed(ms)
    },
  }
}

export const elapsed = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Milliseconds. */
const longestQuiet = 3000
