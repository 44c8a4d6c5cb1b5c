import { TintypeError } from '../errors.ts'
import { megabytes } from '../inspect/limits.ts'

/** What one owner may have; what is left out has no limit. */
export interface QuotaLimits {
  /** Of all originals together. The copies that Tintype makes of them don't count. */
  bytes?: number | undefined
  /** Photos and videos. */
  media?: number | undefined
  /** Direct uploads that have begun and are neither complete nor refused nor over. */
  sessions?: number | undefined
  /** What was removed or replaced counts, as long as it can be had again. @default false */
  kept?: boolean | undefined
}

/** The same for everybody, or a function of the owner: for plans. */
export type Quotas<Owner = string> = QuotaLimits | ((owner: Owner) => QuotaLimits | Promise<QuotaLimits>)

/** What one owner has. */
export interface Usage {
  bytes: number
  media: number
  sessions: number
  /** Announced by the open sessions. */
  sessionBytes: number
}

/** What is to be added; a photo that replaces a larger one adds less than nothing. */
export interface Addition {
  bytes: number
  files: number
  /** A direct upload that begins. @default 0 */
  sessions?: number
  /** It comes by a session, for which room has been kept. @default false */
  isGranted?: boolean
}

/** Whether such an addition has a limit: where it has none, nothing need be counted. */
export function isLimited(limits: QuotaLimits, { sessions = 0 }: Partial<Addition> = {}): boolean {
  const all = [limits.bytes, limits.media, ...(sessions > 0 ? [limits.sessions] : [])]
  return all.some((limit) => limit !== undefined)
}

/**
 * Open sessions reserve what they announced: what was granted to one can't be taken by another upload while its bytes are
 * on their way.
 *
 * @throws {TintypeError} `quota_exceeded`
 */
export function demandRoom(limits: QuotaLimits, used: Usage, more: Addition): void {
  const { bytes, files, sessions = 0, isGranted = false } = more
  const pending = isGranted ? { files: 0, bytes: 0 } : { files: used.sessions, bytes: used.sessionBytes }
  if (sessions > 0 && used.sessions + sessions > (limits.sessions ?? Infinity)) {
    const { sessions: most = 0 } = limits
    const sentence = `You can have ${most === 1 ? 'one upload' : `${most} uploads`} in progress, and you have ${used.sessions}. Finish or cancel one first.`
    throw exceeded(most, sentence)
  }
  if (files > 0 && used.media + pending.files + files > (limits.media ?? Infinity)) {
    const { media: most = 0 } = limits
    const coming = pending.files === 0 ? '' : `, with ${pending.files} more on the way`
    const sentence = `You can keep ${most === 1 ? 'one photo or video' : `${most} photos and videos`}, and you have ${used.media}${coming}: ${files} more would be too many. Delete some first.`
    throw exceeded(most, sentence)
  }
  if (bytes > 0 && used.bytes + pending.bytes + bytes > (limits.bytes ?? Infinity)) {
    const { bytes: most = 0 } = limits
    const coming = pending.bytes === 0 ? '' : `, with ${megabytes(pending.bytes)} more on the way`
    const sentence = `You can keep ${megabytes(most)}, and ${megabytes(used.bytes)} are used${coming}: this is more than there is room for. Delete something first.`
    throw exceeded(most, sentence)
  }
}

function exceeded(limit: number, detail: string): TintypeError {
  return new TintypeError('quota_exceeded', detail, { limit })
}
