import type { Media, Usage } from '@tintype/protocol'

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/** `3.4 MB`, in powers of 1000 as file managers and cameras count. */
export function formatBytes(bytes: number, base = 1000): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(base) + 1e-9))
  return new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power < 2 ? 0 : 1,
  }).format(bytes / base ** power)
}

/** Seconds as `0:07`, `12:34` or `1:02:03`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const two = (n: number) => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

export function formatDate(rfc3339: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' }).format(
    new Date(rfc3339),
  )
}

/**
 * When it was taken, as clocks showed it there, with the offset where that is known and another than here. A day alone where a
 * name told no more.
 */
export function formatTaken({ takenAt = '', takenFrom }: Pick<Media, 'takenAt' | 'takenFrom'>): string {
  if (takenAt.endsWith('Z')) return formatDate(takenAt)
  const [, clock = '', offset = ''] = /^(.{19})[.\d]*(.*)$/.exec(takenAt) ?? []
  const isDay = takenFrom === 'name' && clock.endsWith('T00:00:00')
  const time = new Date(`${clock}Z`)
  const shown = new Intl.DateTimeFormat(undefined, {
    dateStyle: 'long',
    ...(isDay ? {} : { timeStyle: 'short' }),
    timeZone: 'UTC',
  }).format(time)
  const here = -new Date(takenAt).getTimezoneOffset()
  const [sign, hours, minutes] = [offset[0], Number(offset.slice(1, 3)), Number(offset.slice(4, 6))]
  const there = (sign === '-' ? -1 : 1) * (hours * 60 + minutes)
  return offset === '' || there === here ? shown : `${shown} (UTC${offset.replace('-', '−')})`
}

/** `1 photo`, `3 photos`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${new Intl.NumberFormat().format(n)} ${n === 1 ? one : many}`
}

/** `1 photo`, `2 videos`, `3 photos and videos`: what they are, as far as all are alike. */
export function countMedia(media: readonly Pick<Media, 'kind'>[]): string {
  const videos = media.filter(({ kind }) => kind === 'video').length
  if (videos === 0) return count(media.length, 'photo')
  return videos === media.length ? count(videos, 'video') : count(media.length, '', 'photos and videos')
}

/** The same of many of which only that is known. */
export function describeCount(n: number): string {
  return n === 0 ? 'Empty' : count(n, 'photo or video', 'photos and videos')
}

/** `12 of 50 photos and videos · 1.2 GB of 5 GB`, as far as there are limits; empty where there are none. */
export function describeUsage({ bytes, media, limits }: Usage): string {
  const parts: string[] = []
  if (limits.media !== undefined) {
    const all = count(limits.media, 'photo or video', 'photos and videos')
    parts.push(`${new Intl.NumberFormat().format(media)} of ${all}`)
  }
  // Limits are set in powers of 1024, and the server's sentences count so.
  if (limits.bytes !== undefined) {
    parts.push(`${formatBytes(bytes, 1024)} of ${formatBytes(limits.bytes, 1024)}`)
  }
  return parts.join(' · ')
}
