import { setImmediate as nextTurn } from 'node:timers/promises'

/** Ends when all that want to read much have had a turn of the event loop each. */
let turns = Promise.resolve()

/**
 * Waits for a turn of the event loop for oneself. What SQLite has read is there at once: where many read much, and make an answer
 * of it, everybody would else wait for the last of them.
 */
export function ownTurn(): Promise<void> {
  turns = turns.then(() => nextTurn())
  return turns
}
