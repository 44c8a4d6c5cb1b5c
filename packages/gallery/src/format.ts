import type { Usage } from '@tintype/protocol'

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

/** Remaining time: `20 s`, `4 min`, `1 h 5 min`. */
export function formatTimeLeft(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  if (minutes <= 1) return seconds <= 50 ? `${Math.max(1, Math.ceil(seconds / 5) * 5)} s` : '1 min'
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export function formatDate(rfc3339: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' }).format(
    new Date(rfc3339),
  )
}

/** `1 photo`, `3 photos`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${new Intl.NumberFormat().format(n)} ${n === 1 ? one : many}`
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
