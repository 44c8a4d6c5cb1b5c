import { Refused } from './adapter.ts'
import { elapsed } from './moments.ts'

const tries = 4
/** Milliseconds before the second try; twice as many before the third. */
const pause = 250

/**
 * Reads once more what was cut off: a server may close a connection that was kept open just when it is used again, and a run that has
 * measured for an hour must not end by it.
 * @throws {Refused} at once; what the last try throws
 */
export async function again<T>(read: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await read()
    } catch (error) {
      if (error instanceof Refused || tried === tries) throw error
      await elapsed(pause * tried)
    }
  }
}
