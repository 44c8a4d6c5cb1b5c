import { count } from './format.ts'

/** What was deleted last, and can be brought back. */
export interface Removal {
  ids: string[]
  /** One photo's name, where it was one. */
  name: string | null
  kind: 'photo' | 'video' | 'mixed'
  /** RFC 3339: until when the server keeps it. */
  until: string
  /** When it was deleted: milliseconds. */
  at: number
}

/** Milliseconds for which a page that is loaded again still offers it; the list of what was deleted has it for longer. */
const offered = 15 * 60_000
const key = 'tintype.removal'

export function keepRemoval(removal: Removal | null): void {
  try {
    if (removal) sessionStorage.setItem(key, JSON.stringify(removal))
    else sessionStorage.removeItem(key)
  } catch {
    // Without storage it is offered as long as the page is there.
  }
}

/** Of this tab. @param now milliseconds */
export function readRemoval(now: number): Removal | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Removal | null
    const isOffered = kept && now - kept.at < offered && now < Date.parse(kept.until)
    return isOffered ? kept : null
  } catch {
    return null
  }
}

/** `Photo deleted.` */
export function describeRemoval({ ids, kind }: Pick<Removal, 'ids' | 'kind'>): string {
  if (ids.length === 1) return kind === 'video' ? 'Video deleted.' : 'Photo deleted.'
  const words = { photo: 'photo', video: 'video', mixed: 'photo or video' }
  const many = { photo: 'photos', video: 'videos', mixed: 'photos and videos' }
  return `${count(ids.length, words[kind], many[kind])} deleted.`
}
