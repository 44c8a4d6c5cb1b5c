import { TintypeError } from '../errors.ts'

/** Days change at quarters of an hour, wherever one is. */
const quarter = 900_000

/**
 * The day at a time in milliseconds, as `2026-09-14`, in a time zone such as `Europe/Berlin`. What lies in one quarter of an hour is
 * formatted once.
 *
 * @throws {TintypeError} `invalid_parameter`
 */
export function daysIn(timeZone: string): (time: number) => string {
  const format = formatIn(timeZone)
  let known = Number.NaN
  let day = ''
  return (time) => {
    const now = Math.floor(time / quarter)
    if (now !== known) day = format.format(time)
    known = now
    return day
  }
}

function formatIn(timeZone: string): Intl.DateTimeFormat {
  try {
    // The Swedish write dates as ISO 8601 does.
    return new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  } catch (cause) {
    throw new TintypeError('invalid_parameter', 'zone is a time zone such as Europe/Berlin.', { cause })
  }
}

/**
 * From when, and until before when, a day, month or year lasts there, in milliseconds.
 *
 * @param date `2026-09-14`, `2026-09` or `2026`
 * @param dayIn as {@link daysIn} made it
 */
export function boundsOf(date: string, dayIn: (time: number) => string): { from: number; before: number } {
  const [year = 0, month, day] = date.split('-').map(Number)
  const next =
    month === undefined
      ? Date.UTC(year + 1)
      : day === undefined
        ? Date.UTC(year, month)
        : Date.UTC(year, month - 1, day + 1)
  return {
    from: beginOf(Date.UTC(year, (month ?? 1) - 1, day ?? 1), dayIn),
    before: beginOf(next, dayIn),
  }
}

/** Years of what has an instant alone, as videos do, and what was uploaded without a date. */
const years = Array.from({ length: 100 }, (_, n) => 1970 + n)

/** {@link boundsOf}, in each year for a day of any year, `--09-14`. */
export function spansOf(date: string, dayIn: (time: number) => string): { from: number; before: number }[] {
  if (!date.startsWith('--')) return [boundsOf(date, dayIn)]
  return years
    .map((year) => date.replace('-', String(year)))
    .filter((day) => new Date(day).toISOString().startsWith(day))
    .map((day) => boundsOf(day, dayIn))
}

/** By halving: where clocks are put forward at midnight, a day has no such hour. */
function beginOf(midnight: number, dayIn: (time: number) => string): number {
  const date = new Date(midnight).toISOString().slice(0, 10)
  // No place is further from UTC than 15 hours.
  let [before, begun] = [-60, 60]
  while (begun - before > 1) {
    const between = (before + begun) >> 1
    if (dayIn(midnight + between * quarter) < date) before = between
    else begun = between
  }
  return midnight + begun * quarter
}
