import type { Media } from '@tintype/protocol'

/** What was taken on one day, the latest first. */
export interface Day {
  /** `2024-01-31` */
  date: string
  media: Media[]
}

/** By what clocks showed where it was taken; where only the instant is known, by those of this device. */
export function dateOf({ takenAt, createdAt }: Media): string {
  if (takenAt !== undefined && !takenAt.endsWith('Z')) return takenAt.slice(0, 10)
  return localDate(new Date(takenAt ?? createdAt))
}

export function localDate(time: Date): string {
  const two = (part: number) => String(part).padStart(2, '0')
  return `${String(time.getFullYear()).padStart(4, '0')}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
}

/** Milliseconds: as the server's lists go, where a time without an offset counts as UTC. */
function instantOf({ takenAt, createdAt }: Media): number {
  const isBare = takenAt !== undefined && !/(Z|[+-]\d\d:\d\d)$/.test(takenAt)
  return Date.parse(isBare ? `${takenAt}Z` : (takenAt ?? createdAt))
}

/**
 * The latest first, day by day. Where zones change, a day may begin while another still goes on elsewhere: so days come
 * before instants, and each has one heading.
 */
export function inOrder(media: readonly Media[]): Media[] {
  return media
    .map((one) => ({ one, date: dateOf(one), at: instantOf(one), created: Date.parse(one.createdAt) }))
    .sort(
      (a, b) =>
        compare(b.date, a.date) || b.at - a.at || b.created - a.created || compare(b.one.id, a.one.id),
    )
    .map(({ one }) => one)
}

const compare = <Value extends string>(a: Value, b: Value) => (a < b ? -1 : a > b ? 1 : 0)

/** @param media in order */
export function toDays(media: readonly Media[]): Day[] {
  const days: Day[] = []
  for (const one of media) {
    const date = dateOf(one)
    const last = days.at(-1)
    if (last?.date === date) last.media.push(one)
    else days.push({ date, media: [one] })
  }
  return days
}

/** `Today`, `Yesterday`, `Saturday, 12 October 2024`, in the language of the browser. */
export function titleOf(date: string, today: string, locale?: string): string {
  const noon = Date.parse(`${date}T12:00:00Z`)
  const days = Math.round((noon - Date.parse(`${today}T12:00:00Z`)) / 86_400_000)
  if (days === 0 || days === -1) {
    const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day')
    return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1)
  }
  return longDate(locale).format(noon)
}

const formats = new Map<string | undefined, Intl.DateTimeFormat>()

function longDate(locale: string | undefined): Intl.DateTimeFormat {
  const known = formats.get(locale)
  if (known) return known
  const made = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone: 'UTC' })
  formats.set(locale, made)
  return made
}
