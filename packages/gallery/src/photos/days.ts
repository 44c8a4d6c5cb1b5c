import type { Media } from '@tintype/protocol'

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
export function instantOf({ takenAt, createdAt }: Media): number {
  const isBare = takenAt !== undefined && !/(Z|[+-]\d\d:\d\d)$/.test(takenAt)
  return Date.parse(isBare ? `${takenAt}Z` : (takenAt ?? createdAt))
}

/** As the server's lists by date go: the latest first. */
export function compareInOrder(a: Media, b: Media): number {
  return (
    instantOf(b) - instantOf(a) ||
    Date.parse(b.createdAt) - Date.parse(a.createdAt) ||
    (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)
  )
}

/** `Today`, `Yesterday`, `Sat, 12 Oct 2024`, in the language of the browser; the year where it is not this one. */
export function titleOf(date: string, today: string, locale?: string): string {
  const noon = Date.parse(`${date}T12:00:00Z`)
  const days = Math.round((noon - Date.parse(`${today}T12:00:00Z`)) / 86_400_000)
  if (days === 0 || days === -1) {
    const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day')
    return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1)
  }
  return dateFormat(locale, date.slice(0, 4) !== today.slice(0, 4)).format(noon)
}

/** `October 2024`. */
export function monthOf(date: string, locale?: string): string {
  const noon = Date.parse(`${date}T12:00:00Z`)
  return format(
    `${locale} month`,
    () => new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' }),
  ).format(noon)
}

const dateFormat = (locale: string | undefined, hasYear: boolean) =>
  format(
    `${locale} ${hasYear}`,
    () =>
      new Intl.DateTimeFormat(locale, {
        weekday: 'short',
        day: 'numeric',
        month: 'short',
        ...(hasYear ? { year: 'numeric' } : {}),
        timeZone: 'UTC',
      }),
  )

const formats = new Map<string, Intl.DateTimeFormat>()

/** Each is made once: that takes longer than to use it. */
function format(name: string, make: () => Intl.DateTimeFormat): Intl.DateTimeFormat {
  const known = formats.get(name) ?? make()
  formats.set(name, known)
  return known
}
