/** A time as it is kept: RFC 3339, of which the offset may be missing. */
const form = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/

/**
 * Milliseconds since the epoch. Where only the wall clock is known, it counts as UTC: so it is the same on every server, and
 * never more than 14 hours off.
 *
 * @returns NaN for what is no such time: another form, a 31 February, the hour 24
 */
export function instantOf(time: string): number {
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = form.exec(time) ?? []
  if (year === undefined) return Number.NaN
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as Six
  if (h > 23 || mi > 59 || s > 59 || mo < 1 || mo > 12 || d < 1) return Number.NaN
  const date = new Date(0)
  date.setUTCFullYear(y, mo - 1, d)
  if (date.getUTCDate() !== d) return Number.NaN
  const offset = zone === 'Z' ? 0 : minutesOf(zone)
  if (offset === undefined) return Number.NaN
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3))
  return date.getTime() + ((h * 60 + mi - offset) * 60 + s) * 1000 + ms
}

type Six = [number, number, number, number, number, number]

/** `+09:00`, within the offsets that there are on Earth. */
function minutesOf(zone: string): number | undefined {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))
  if (minutes > mostOffset || zone.slice(4, 6) > '59') return undefined
  return zone[0] === '-' ? -minutes : minutes
}

/** Of Kiribati's Line Islands, in minutes. */
export const mostOffset = 14 * 60

/** Exif writes colons between year, month and day, others hyphens; QuickTime's offset has no colon. */
const written =
  /^\s*(\d{4})[:\-/.](\d{1,2})[:\-/.](\d{1,2})(?:[T\s]+(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(Z|[+-]\d{1,2}(?::?\d\d)?)?)?\s*$/

/**
 * A time as files have it, in the form in which it is kept.
 *
 * @param beside what is written elsewhere of it: digits of the fraction of its second, and its offset
 * @returns undefined where it is no time, or one that stands for none (see {@link isMeant})
 * @example writtenTime('2024:01:31 14:25:01', { fraction: '12', offset: '+09:00' }) // '2024-01-31T14:25:01.12+09:00'
 */
export function writtenTime(
  text: string | undefined,
  beside: { fraction?: string | undefined; offset?: string | undefined } = {},
): string | undefined {
  const found = text === undefined ? null : written.exec(text)
  if (!found) return undefined
  const [, year, month, day, hour = '0', minute = '00', second = '00', inText, zone] = found
  const digits = (inText ?? /^\s*(\d+)\s*$/.exec(beside.fraction ?? '')?.[1] ?? '').slice(0, 9)
  const fraction = digits === '' ? '' : `.${digits}`
  const two = (digits = '') => digits.padStart(2, '0')
  const clock = `${year}-${two(month)}-${two(day)}T${two(hour)}:${minute}:${second}${fraction}`
  const time = `${clock}${writtenOffset(zone) ?? writtenOffset(beside.offset) ?? ''}`
  return isMeant(time) ? time : undefined
}

/** `+09:00` of `+09:00`, `+0900`, `+9`; `Z`; nothing for what is none, such as blanks. */
export function writtenOffset(text: string | undefined): string | undefined {
  const said = text?.trim()
  if (said === 'Z') return said
  const [, sign, hours = '', minutes = '00'] = /^([+-])(\d{1,2})(?::?(\d\d))?$/.exec(said ?? '') ?? []
  if (sign === undefined) return undefined
  const offset = `${sign}${hours.padStart(2, '0')}:${minutes}`
  return minutesOf(offset) === undefined ? undefined : offset
}

export function offsetText(minutes: number): string {
  const size = Math.abs(minutes)
  const two = (part: number) => String(part).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

const day = 24 * 60 * 60 * 1000
/** The beginnings of the calendars of QuickTime and Unix: what a zero becomes, in any zone. */
const zeros = [Date.UTC(1904, 0, 1), 0]
/** The first photograph that is known was made within two years of it. */
const firstPhotograph = Date.UTC(1826, 0, 1)
/** That of FAT, which cameras have before their clock is set. */
const zeroOfFat = '1980-01-01T00:00:00'

/** Whether it is a time that somebody meant, and not what software makes of a clock that was never set, or of nothing. */
function isMeant(time: string): boolean {
  const instant = instantOf(time)
  if (!(instant >= firstPhotograph) || time.startsWith(zeroOfFat)) return false
  return !zeros.some((zero) => instant > zero - day && instant < zero + day)
}
