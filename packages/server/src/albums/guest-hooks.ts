import type { Clock } from 'tintype/internal/clock'
import { RefusedByApp } from 'tintype/internal/hooks/refuse'
import type { Hooks } from 'tintype/internal/hooks/types'
import type { GuestRecords } from '../records/guest-records.ts'
import type { LinkRecords, LinkRow } from '../records/link-records.ts'
import type { PeopleDatabase } from '../records/people-database.ts'
import { endedSentence, type Guest, hasEnded } from './guests.ts'

/** Which requests are a guest's. */
export interface Visits {
  /** From here on what comes with this request is theirs. */
  note(request: object, guest: Guest): void
  of(request: object | undefined): Guest | undefined
}

export function createVisits(): Visits {
  const guests = new WeakMap<object, Guest>()
  return {
    note: (request, guest) => void guests.set(request, guest),
    of: (request) => request && guests.get(request),
  }
}

export interface GuestHooksOptions {
  visits: Visits
  links: LinkRecords
  uploads: Pick<GuestRecords, 'begin' | 'find'>
  database: Pick<PeopleDatabase, 'within'>
  clock: Clock
  /** Milliseconds that an upload may take which goes on later. */
  session: number
}

/**
 * Direct uploads and those that can go on later, by one link within the time that they may take: each keeps room of its owner free, whether
 * anything comes or not. Some are begun again.
 */
const mostBegun = (link: LinkRow) => (link.max_files === null ? 10_000 : 2 * link.max_files + 100)

/** A form says how large all of it is, which is a little more than its file. */
const formAround = 16 * 1024

/**
 * What guests send: it is the owner's, is put into the album and is counted, in the transaction that makes it visible. Whether there is room
 * is asked before as well, so that nobody sends in vain.
 */
export function createGuestHooks({
  visits,
  links,
  uploads,
  database,
  clock,
  session,
}: GuestHooksOptions): Hooks {
  /** An upload that goes on later may end without a request of its guest: all of it has come, and somebody asks what became of it. */
  async function senderOf(
    mediaId: string,
    request: object | undefined,
    within: ReturnType<PeopleDatabase['within']>,
  ) {
    const guest = visits.of(request)
    if (guest) return { linkId: guest.link.id, visitHash: guest.visitHash }
    const begun = await uploads.find(mediaId, within)
    return begun && { linkId: begun.link_id, visitHash: begun.visit_hash }
  }

  return {
    concerns: ({ request, way }) =>
      visits.of(request) !== undefined || (way === 'resumable' && request === undefined),

    async beforeUpload({ request, way, bytes, uploadId }) {
      const guest = visits.of(request)
      if (!guest) return
      const { id, kind } = guest.link
      const link = await links.byId(id)
      const least = Math.max(1, way === 'form' ? (bytes ?? 0) - formAround : (bytes ?? 0))
      const why = whyNot(link, least, clock.now())
      if (why) throw why
      // Else as much as a video may have would be stored until it has come whole, and is refused.
      if (bytes === undefined && link && link.max_bytes !== null)
        throw new RefusedByApp(
          'length_required',
          'How much this link takes is limited in bytes: say how large the file is before you send it.',
        )
      if (kind !== 'drop') throw new RefusedByApp('not_found', 'There is nothing at this address.')
      if (uploadId === undefined || !link) return
      const [limit, now] = [mostBegun(link), clock.now()]
      const upload = { upload_id: uploadId, link_id: id, visit_hash: guest.visitHash }
      if (await uploads.begin({ ...upload, expires_at: now + session }, limit, now)) return
      throw new RefusedByApp(
        'quota_exceeded',
        'Too many uploads were begun by this link: try again tomorrow, or ask for a new one where it came from.',
        { limit },
      )
    },

    async ready({ id: mediaId, bytes }, { request, trx }) {
      const within = database.within(trx)
      const sender = await senderOf(mediaId, request, within)
      if (!sender) return
      const link = await links.byId(sender.linkId, within)
      const now = clock.now()
      const file = { ...sender, mediaId, bytes, now }
      if (link && (await links.receive({ ...file, albumId: link.album_id }, within))) return
      throw whyNot(await links.byId(sender.linkId, within), bytes, now) ?? ended()
    },
  }
}

/** @param bytes of another file. @returns undefined where the link takes it */
function whyNot(link: LinkRow | undefined, bytes: number, now: number): RefusedByApp | undefined {
  if (!link || hasEnded(link, now)) return ended()
  const { max_files, max_bytes, files } = link
  if (max_files !== null && files >= max_files)
    return new RefusedByApp(
      'quota_exceeded',
      `This link takes ${max_files} files, and has no place left: ask for a new one where it came from.`,
      { limit: max_files },
    )
  if (max_bytes !== null && link.bytes + bytes > max_bytes)
    return new RefusedByApp(
      'quota_exceeded',
      `This link takes ${max_bytes} bytes, and there is no room left for this file: send a smaller one, or ask for a new link where it came from.`,
      { limit: max_bytes },
    )
  return undefined
}

const ended = () => new RefusedByApp('gone', endedSentence)

/** Those of an app that is this server, then ours. */
export function joinHooks(first: Hooks | undefined, { concerns, beforeUpload, ready }: Hooks): Hooks {
  if (!first) return { concerns, beforeUpload, ready } as Hooks
  const { concerns: _, ...others } = first
  return {
    ...others,
    async beforeUpload(file) {
      const choice = await first.beforeUpload?.(file)
      await beforeUpload?.(file)
      return choice
    },
    async ready(media, about) {
      await first.ready?.(media, about)
      await ready?.(media, about)
    },
  }
}
