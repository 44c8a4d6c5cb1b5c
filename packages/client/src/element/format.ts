const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte']

/** `3.4 MB`, in powers of 1000 as file managers and cameras count. */
export function formatBytes(bytes: number, language: string): string {
  const power = Math.min(3, Math.floor(Math.log10(Math.max(1, bytes)) / 3 + 1e-9))
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power < 2 ? 0 : 1,
  }).format(bytes / 1000 ** power)
}

/** Remaining time, by the signs of all languages: `20 s`, `4 min`, `1 h 5 min`. */
export function formatTime(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  if (minutes <= 1) return seconds <= 50 ? `${Math.max(1, Math.ceil(seconds / 5) * 5)} s` : '1 min'
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
