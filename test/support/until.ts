import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'

export interface UntilOptions {
  /** How long it looks, at most: for a test that would wait for ever. @default 60 */
  seconds?: number
  /** Milliseconds between two looks. @default 2 */
  every?: number
}

/**
 * Looks again and again until what it sees is enough, and returns that. A test that waits in vain fails, and says what it
 * saw last: `await until(memory, (bytes) => bytes === 0)`.
 */
export async function until<T>(
  look: () => T | Promise<T>,
  isEnough: (seen: T) => unknown = Boolean,
  { seconds = 60, every = 2 }: UntilOptions = {},
): Promise<T> {
  const end = performance.now() + seconds * 1000
  for (;;) {
    const seen = await look()
    if (isEnough(seen)) return seen
    if (performance.now() > end) {
      const wanted = isEnough === Boolean ? look : isEnough
      throw new Error(`Not within ${seconds} seconds: ${wanted}. Seen last: ${inspect(seen)}`)
    }
    await sleep(every)
  }
}
