import type { defaultTimes } from '../times.ts'
import { ConfigError } from './error.ts'

/** A week: S3 signs for no longer, and timers of more than 24 days would fire at once. Seconds. */
const week = 604_800

/** Least and most seconds of each time. */
export const timeRanges = {
  uploadDeadline: [1, week],
  signRead: [2, week],
  signWrite: [1, week],
  session: [1, week],
  sweepGrace: [0, week],
  stall: [1, week],
} as const satisfies Record<keyof typeof defaultTimes, readonly [number, number]>

/** The times of an app, checked. @throws {ConfigError} */
export function readTimes(times: Partial<Record<keyof typeof defaultTimes, number | undefined>>) {
  for (const [name, value] of Object.entries(times)) {
    const [least, most] = timeRanges[name as keyof typeof timeRanges] ?? []
    if (least === undefined || most === undefined) {
      throw new ConfigError(`times.${name} is not known; there are ${Object.keys(timeRanges).join(', ')}.`)
    }
    if (typeof value !== 'number' || !(value >= least && value <= most)) {
      throw new ConfigError(`times.${name} is ${value}; it has to be seconds, from ${least} to ${most}.`)
    }
  }
  return times as Partial<typeof defaultTimes>
}
