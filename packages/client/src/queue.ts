import { createDeferred } from './older-browsers.ts'

/** Passes items from a producer, which may run ahead, to several consumers. */
export interface Queue<T> {
  push(items: readonly T[]): void
  /** Waits for the next item. @returns undefined when no more will come */
  take(): Promise<T | undefined>
  /** Resolves when fewer than `count` items are left, or the queue was stopped. */
  below(count: number): Promise<void>
  /** No more will come. */
  end(): void
  /** Drops the remaining items. */
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
  const end = () => {
    ended = true
    changed()
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
    end,
    stop() {
      items.length = 0
      end()
    },
  }
}
