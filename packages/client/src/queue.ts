import { createDeferred } from './older-browsers.ts'

/** Hands things on from one who makes them ahead of time to several who take them. */
export interface Queue<T> {
  push(items: readonly T[]): void
  /** The next one; waits for it. @returns undefined when no more will come */
  take(): Promise<T | undefined>
  /** Resolves when fewer than so many are left, or nobody takes any more. */
  below(count: number): Promise<void>
  /** No more will come. */
  end(): void
  /** Nobody gets any of what is left. */
  stop(): void
}

export function createQueue<T>(): Queue<T> {
  const items: T[] = []
  let ended = false
  let change = createDeferred<void>()
  const changed = () => {
    change.resolve()
    change = createDeferred()
  }
  return {
    push(more) {
      items.push(...more)
      changed()
    },
    async take() {
      while (items.length === 0 && !ended) await change.promise
      const item = items.shift()
      changed()
      return item
    },
    async below(count) {
      while (items.length >= count) await change.promise
    },
    end() {
      ended = true
      changed()
    },
    stop() {
      items.length = 0
      ended = true
      changed()
    },
  }
}
