import type { Clock } from './clock.ts'
import type { Keep } from './records/version-steps.ts'

/**
 * Until when what is removed now can be had again: written down with it, so that a window that is shortened later takes
 * nothing back.
 *
 * @param undo the window, in milliseconds
 * @param least of what has to stay readable for as long at any rate
 * @returns undefined where there is no window
 */
export function keepFor(undo: number, clock: Clock, least = 0): Keep | undefined {
  const now = clock.now()
  return undo > 0 ? { now, until: now + Math.max(undo, least) } : undefined
}
