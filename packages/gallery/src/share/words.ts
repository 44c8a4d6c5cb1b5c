import type { ShareLink } from '@tintype/protocol'
import { count, formatBytes } from '../format.ts'

/** What people with the link can do: `See the album, with captions`. */
export function abilityOf({
  kind,
  original,
  captions,
}: Pick<ShareLink, 'kind' | 'original' | 'captions'>): string {
  if (kind === 'drop') return 'Send photos and videos into the album'
  const more = [...(captions ? ['captions'] : []), ...(original ? ['the originals'] : [])]
  return more.length === 0 ? 'See the album' : `See the album, with ${more.join(' and ')}`
}

/** `Ends on Friday, 5 December at 18:00`, in the words of the reader's language; `Has ended`. */
export function endOf(expiresAt: string | null, now: number, locale?: string): string {
  if (expiresAt === null) return 'Has no end'
  const time = new Date(expiresAt)
  return time.getTime() <= now ? 'Has ended' : `Ends on ${dayAndTime(time, now, locale)}`
}

/** The year where it is another one than now. */
export function dayAndTime(time: Date, now: number, locale?: string): string {
  const isThisYear = time.getFullYear() === new Date(now).getFullYear()
  return new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(isThisYear ? {} : { year: 'numeric' }),
    hour: 'numeric',
    minute: '2-digit',
  }).format(time)
}

/** What guests have sent by a drop link; empty for others. */
export function useOf({ kind, files, bytes, maxFiles, maxBytes }: ShareLink): string {
  if (kind === 'view') return ''
  const of = maxFiles === null ? count(files, 'file') : `${files} of ${count(maxFiles, 'file')}`
  const most = maxBytes === null ? '' : ` of ${formatBytes(maxBytes)}`
  const size = files === 0 && most === '' ? '' : `, ${formatBytes(bytes)}${most}`
  return `${of} sent${size}`
}

const day = 86_400

/** For how long a link may be made: seconds; null: without an end. */
export const spans: readonly { text: string; seconds: number | null }[] = [
  { text: 'in a day', seconds: day },
  { text: 'in a week', seconds: 7 * day },
  { text: 'in a month', seconds: 30 * day },
  { text: 'in a year', seconds: 365 * day },
  { text: 'never', seconds: null },
]

/** Those that end earlier than the link does. */
export function earlierSpans(expiresAt: string | null, now: number) {
  const left = expiresAt === null ? Number.POSITIVE_INFINITY : (Date.parse(expiresAt) - now) / 1000
  return spans.filter(({ seconds }) => seconds !== null && seconds < left)
}
