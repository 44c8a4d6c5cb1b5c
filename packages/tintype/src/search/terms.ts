import { type CalendarWords, calendarWords, plainly } from './calendar-words.ts'

/** Words of a search that belong together: those of a date, or a single one. */
export interface Term {
  words: string[]
  /** The day, month or year that they name: `2026-09-14`, `2026-09`, `2026`; of any year `--09-14`, `--09`. */
  date?: string
}

/** `14 de septiembre de 2026` has five. */
const longestDate = 6

/**
 * What is looked for. A date is `2026`, `2026-09`, `2026-09-14`, or a month's name, alone or with a year, a day or both, before or
 * after it.
 *
 * @param languages in which months are named, beside English: as `Intl` knows them
 * @example termsOf('lake sep 2026') // [{ words: ['lake'] }, { words: ['sep', '2026'], date: '2026-09' }]
 */
export function termsOf(text: string, languages: readonly string[] = []): Term[] {
  // A date such as 2026年9月14日 has no blanks.
  const words = text
    .replace(/(?<=\d[年月])(?=\d)/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return []
  const calendar = calendarWords(languages)
  const terms: Term[] = []
  for (let at = 0; at < words.length; at += terms.at(-1)?.words.length ?? 1)
    terms.push(termAt(words, at, calendar))
  // Each is looked for in a hundred years: the second could not be true beside the first.
  const [one] = terms.filter(isOfAnyYear)
  return terms.map((term) => (isOfAnyYear(term) && term !== one ? { words: term.words } : term))
}

const isOfAnyYear = ({ date }: Term) => date?.startsWith('-') === true

/** The longest date that begins there, else the word. */
function termAt(words: readonly string[], at: number, calendar: CalendarWords): Term {
  for (let length = longestDate; length > 0; length--) {
    const some = words.slice(at, at + length)
    const date = some.length === length ? dateOf(some, calendar) : undefined
    if (date !== undefined) return { words: some, date }
  }
  return { words: words.slice(at, at + 1) }
}

const iso = /^([12]\d{3})-(\d\d?)(?:-(\d\d?))?$/
const year = /^([12]\d{3})[年년]?[.,]?$/
const numbered = /^(\d\d?)[月월]$/
const day = /^(\d\d?)(?:st|nd|rd|th|er|º|[日일])?[.,]?$/i

function dateOf(words: readonly string[], { months, between }: CalendarWords): string | undefined {
  const [first = ''] = words
  if (words.length === 1 && iso.test(first)) {
    const [, y = '', m, d] = iso.exec(first) ?? []
    return written(y, m, d)
  }
  if (between.has(plainly(first))) return undefined
  const found: { years: string[]; months: (number | string)[]; days: string[] } = {
    years: [],
    months: [],
    days: [],
  }
  for (const word of words) {
    const plain = plainly(word)
    const month = months.get(plain) ?? numbered.exec(word)?.[1]
    const [, y] = year.exec(word) ?? []
    const [, d] = day.exec(word) ?? []
    if (y !== undefined) found.years.push(y)
    else if (month !== undefined) found.months.push(month)
    else if (d !== undefined) found.days.push(d)
    else if (!between.has(plain)) return undefined
  }
  const { years, days } = found
  if (years.length > 1 || found.months.length > 1 || days.length > found.months.length) return undefined
  if (years.length === 0 && days.length === 0 && words.length > 1) return undefined
  return written(years[0], found.months[0], days[0])
}

/** @returns undefined for a day that no month has */
function written(year = '-', month?: number | string, day?: string): string | undefined {
  const two = (part: number | string) => String(part).padStart(2, '0')
  if (month === undefined) return year
  if (Number(month) < 1 || Number(month) > 12) return undefined
  if (day === undefined) return `${year}-${two(month)}`
  // Of any year: one with a 29 February.
  const last = new Date(Date.UTC(year === '-' ? 2000 : Number(year), Number(month), 0)).getUTCDate()
  return Number(day) < 1 || Number(day) > last ? undefined : `${year}-${two(month)}-${two(day)}`
}
