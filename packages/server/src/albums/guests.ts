import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import { isId } from 'tintype/internal/ids'
import { hashOf, makeSecret } from '../people/secret.ts'
import type { AlbumPart } from '../records/album-records.ts'
import type { LinkRecords, LinkRow } from '../records/link-records.ts'

/** The holder of a link that was opened. For as long as their browser keeps its cookies, this is one visit. */
export interface Guest {
  link: LinkRow
  /** SHA-256 of what tells this visit from others. */
  visitHash: string
}

/** What a browser has of a link: all that it sends under each name. */
export interface GuestCookies {
  tokens: readonly string[]
  visits: readonly string[]
}

export interface Guests {
  /**
   * Finds where a token leads. Nothing is written: programs that look at links in chats ask, too.
   * @returns undefined where it opens nothing, or nothing any more
   */
  open(token: string): Promise<LinkRow | undefined>
  /**
   * The guest whose cookies these are. They are looked up for each request, so that a link that was revoked has ended for all who have
   * opened it.
   * @returns with the secret of the visit where it begins now
   * @throws {TintypeError} `unauthenticated` without a token for this link; `gone` when the link has ended
   */
  demand(linkId: string, cookies: GuestCookies): Promise<Guest & { begun?: string }>
}

/** Milliseconds for which a guest may see and remove what they have sent: each file by itself. */
export const shownFor = 24 * 3_600_000
/** Seconds after which a link has to be opened once more. The visit lasts as long: with another, an upload that has begun could not go on. */
export const openFor = 30 * 86_400

export function createGuests(links: Pick<LinkRecords, 'byToken'>, clock: Clock): Guests {
  async function open(token: string): Promise<LinkRow | undefined> {
    const link = isId(token) ? await links.byToken(hashOf(token)) : undefined
    return link && !hasEnded(link, clock.now()) ? link : undefined
  }
  return {
    open,
    async demand(linkId, { tokens, visits }) {
      const known = tokens.filter(isId)
      for (const token of known) {
        const link = await open(token)
        if (link?.id !== linkId) continue
        const visit = visits.find(isId)
        if (visit !== undefined) return { link, visitHash: hashOf(visit) }
        // By such a link nothing is sent that others must not see.
        if (link.kind === 'view') return { link, visitHash: '' }
        const begun = makeSecret()
        return { link, visitHash: hashOf(begun), begun }
      }
      if (known.length > 0) throw new TintypeError('gone', endedSentence)
      throw new TintypeError(
        'unauthenticated',
        'Open the link that you were sent once more, in a browser that takes cookies.',
      )
    },
  }
}

/** Which of the album's media they may see. */
export function partOf({ link, visitHash }: Guest, now: number): AlbumPart {
  const { id: linkId, album_id: albumId, owner, kind } = link
  const sent = kind === 'drop' ? { linkId, visitHash, since: now - shownFor } : undefined
  return { albumId, owner, sent }
}

export function hasEnded(
  { revoked_at, expires_at }: Pick<LinkRow, 'revoked_at' | 'expires_at'>,
  now: number,
): boolean {
  return revoked_at !== null || (expires_at !== null && expires_at <= now)
}

/** The same for a token that never was one. */
export const endedSentence = 'This link has ended. Ask for a new one where it came from.'
