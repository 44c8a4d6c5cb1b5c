import type { TakenAt } from './details.ts'
import { writtenTime } from './time-text.ts'

/**
 * Year, month and day with one separator or none; up to twelve letters and blanks (`_`, ` at `, ` um `); hour, minute and
 * second in the same way; thousandths right behind them; and, as macOS has it, AM or PM.
 */
const dateAndTime =
  /(?<!\d)((?:19|20)\d\d)([-_.]?)(\d\d)\2(\d\d)\D{0,12}?(\d{1,2})([-_.:\s]?)(\d\d)\6(\d\d)(\d{3})?(?!\d)(?:\s?([AP])M)?/iu
const separatedDate = /(?<!\d)((?:19|20)\d\d)([-_.])(\d\d)\2(\d\d)(?!\d)/
/** What WhatsApp sends has no other date. */
const dateOfWhatsApp = /(?:IMG|VID)-((?:19|20)\d\d)(\d\d)(\d\d)-WA\d+/

/**
 * The date in a file's name, as phones, cameras and programs that make screenshots write it: what that clock showed. A name
 * without a time is the beginning of its day.
 *
 * @example dateInName('IMG_20240131_142501.jpg') // { time: '2024-01-31T14:25:01', from: 'name' }
 */
export function dateInName(name: string): TakenAt | undefined {
  const time = withTime(name) ?? dateAlone(name)
  return time === undefined ? undefined : { time, from: 'name' }
}

function withTime(name: string): string | undefined {
  const found = dateAndTime.exec(name)
  if (!found) return undefined
  const [, year, , month, day, hourText, separator, minute, second, fraction, half] = found
  // Without separators it has six digits.
  if (hourText?.length === 1 && separator === '') return undefined
  const hour = Number(hourText)
  if (half && (hour < 1 || hour > 12)) return undefined
  const inDay = half ? (hour % 12) + (half.toUpperCase() === 'P' ? 12 : 0) : hour
  // Pixel phones name by UTC.
  const offset = /^PXL_/i.test(name) ? 'Z' : undefined
  return writtenTime(`${year}-${month}-${day} ${inDay}:${minute}:${second}`, { fraction, offset })
}

function dateAlone(name: string): string | undefined {
  const [, year, month, day] = dateOfWhatsApp.exec(name) ?? []
  if (year !== undefined) return writtenTime(`${year}-${month}-${day}`)
  const [, y, , m, d] = separatedDate.exec(name) ?? []
  return y === undefined ? undefined : writtenTime(`${y}-${m}-${d}`)
}
