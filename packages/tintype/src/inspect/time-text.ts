/** A time as it is kept: RFC 3339, of which the offset may be missing. */
const form = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/

/**
 * Milliseconds since the epoch. Where only the wall clock is known, it counts as UTC: so it is the same on every server, and
 * never more than 14 hours off.
 *
 * @returns undefined for what is no such time: another form, a 31 February, the hour 24
 */
export function instantOf(time: string): number | undefined {
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = form.exec(time) ?? []
  if (year === undefined) return undefined
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as Six
  if (h > 23 || mi > 59 || s > 59 || mo < 1 || mo > 12 || d < 1) return undefined
  const date = new Date(0)
  date.setUTCFullYear(y, mo - 1, d)
  if (date.getUTCDate() !== d) return undefined
  const offset = zone === 'Z' ? 0 : minutesOf(zone)
  if (offset === undefined) return undefined
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3))
  return date.getTime() + ((h * 60 + mi - offset) * 60 + s) * 1000 + ms
}

type Six = [number, number, number, number, number, number]

/** `+09:00`, within the offsets that there are on Earth. */
function minutesOf(zone: string): number | undefined {
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(4, 6))
  if (hours * 60 + minutes > 14 * 60 || minutes > 59) return undefined
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes)
}
