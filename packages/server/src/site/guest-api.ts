import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import { taggedAnswer } from 'tintype/internal/http/conditional'
import { type Answer, type ApiRequest, emptyAnswer, redirect } from 'tintype/internal/http/exchange'
import { pageQuery, searchQuery } from 'tintype/internal/http/page-query'
import { createRouter } from 'tintype/internal/http/routes'
import { storagePath } from 'tintype/internal/http/storage'
import { isId } from 'tintype/internal/ids'
import type { Tintype } from 'tintype/internal/tintype'
import type { AlbumPages } from '../albums/album-pages.ts'
import { type Guest, partOf } from '../albums/guests.ts'
import { mayHaveOriginal, presentShared, showGuest } from '../albums/shown.ts'
import type { AlbumRecords } from '../records/album-records.ts'
import type { GuestRecords } from '../records/guest-records.ts'

export interface GuestApiOptions {
  tintype: Pick<Tintype, 'media'>
  albums: Pick<AlbumRecords, 'has' | 'tally'>
  pages: AlbumPages
  uploads: Pick<GuestRecords, 'hasBegun'>
  clock: Clock
}

/** What is to be done with a request of a guest: it is answered here, or the library's API answers it as one of the owner. */
export type GuestOutcome = Answer | 'of the library'

export interface GuestApi {
  /** @param path below the guest's API. @throws {TintypeError} `not_found` for whatever is not on the list */
  answer(request: ApiRequest, path: string, guest: Guest): Promise<GuestOutcome>
  /** @throws {TintypeError} `not_found` for what the guest does not see, or no more: it was taken out, or was sent a day ago */
  demandMedia(guest: Guest, id: string): Promise<void>
  /** Removes what this visit has sent: its owner can have it again, and it gives no place back. @throws {TintypeError} `not_found` */
  remove(guest: Guest, id: string): Promise<void>
}

type Handle = (request: ApiRequest, guest: Guest, id: string, name: string) => Promise<GuestOutcome>

/**
 * What guests may ask for: what is named here, and nothing else. Reads are answered with what is shown to guests; what takes files in is
 * handed to the library, once it is clear that it concerns what this visit has sent.
 */
export function createGuestApi({ tintype, albums, pages, uploads, clock }: GuestApiOptions): GuestApi {
  const part = (guest: Guest) => partOf(guest, clock.now())

  async function demandMedia(guest: Guest, id: string): Promise<void> {
    if (!isId(id) || !(await albums.has(part(guest), id)))
      throw new TintypeError('not_found', 'There is no such photo or video.')
  }

  const about: Handle = async (request, guest) =>
    taggedAnswer(presentShared(guest.link, await albums.tally(part(guest))), request)

  const timeline: Handle = async (request, guest) =>
    taggedAnswer(
      await pages.timeline(part(guest), search(searchQuery(request), guest), request.signal),
      request,
    )

  const list: Handle = async (request, guest) => {
    const { removed, ...query } = pageQuery(request)
    if (removed) throw nothingHere()
    const { media, next } = await pages.list(part(guest), search(query, guest), true)
    return taggedAnswer({ media: media.map((one) => showGuest(one, guest.link)), next }, request)
  }

  const show: Handle = async (request, guest, id) => {
    await demandMedia(guest, id)
    const media = await tintype.media.get(id)
    if (!media) throw nothingHere()
    return taggedAnswer(showGuest(media, guest.link), request)
  }

  const view: Handle = async (request, guest, id, name) => {
    await demandMedia(guest, id)
    if (name === 'original') {
      const media = await tintype.media.get(id)
      if (!media || !mayHaveOriginal(media, guest.link)) throw nothingHere()
    }
    const download = new URLSearchParams(request.query).has('download')
    return redirect(302, await tintype.media.url(id, name, { download }))
  }

  const image: Handle = async (_, guest, id) => {
    await demandMedia(guest, id)
    return 'of the library'
  }

  async function removeSent(guest: Guest, id: string): Promise<void> {
    if (guest.link.kind !== 'drop') throw nothingHere()
    await demandMedia(guest, id)
    await tintype.media.remove(id, { owner: guest.link.owner })
  }

  const remove: Handle = async (_, guest, id) => {
    await removeSent(guest, id)
    return emptyAnswer(204)
  }

  const send: Handle = async ({ headers }) => {
    // What puts pieces together names them by their addresses, which may be anybody's: so no piece is begun, either.
    if (headers['upload-concat'] !== undefined)
      throw new TintypeError(
        'invalid_parameter',
        'Guests send a file in one upload: leave Upload-Concat out.',
      )
    return 'of the library'
  }

  const goOn: Handle = async (_, { link, visitHash }, id) => {
    const upload = { upload_id: id, link_id: link.id, visit_hash: visitHash }
    if (isId(id) && (await uploads.hasBegun(upload))) return 'of the library'
    throw new TintypeError('not_found', 'There is no such upload.')
  }

  const reads = {
    '/album': { GET: about },
    '/timeline': { GET: timeline },
    '/media': { GET: list },
    '/media/:id': { GET: show },
    '/media/:id/image': { GET: image },
    '/media/:id/:name': { GET: view },
  }
  const find = {
    view: tableOf(reads),
    drop: tableOf({
      ...reads,
      '/media': { GET: list, POST: send },
      '/media/:id': { GET: show, DELETE: remove },
      '/uploads': { POST: send },
      '/uploads/:id': { GET: goOn, DELETE: goOn },
      '/uploads/:id/parts': { POST: goOn },
      '/uploads/:id/complete': { POST: goOn },
      '/files': { POST: send, OPTIONS: send },
      '/files/:id': { GET: goOn, POST: goOn, PATCH: goOn, DELETE: goOn, OPTIONS: goOn },
    }),
  }

  return {
    async answer(request, path, guest) {
      const found = find[guest.link.kind](path)
      if (!found) throw nothingHere()
      const method = request.method === 'HEAD' ? 'GET' : request.method
      const handle = found.methods.get(method)
      if (handle) return handle(request, guest, found.id, found.name)
      throw new TintypeError('method_not_allowed', `Served here: ${[...found.methods.keys()].join(', ')}.`)
    },
    demandMedia,
    remove: removeSent,
  }
}

/** Signed addresses of the embedded S3: they need no cookie, as with a bucket. */
export function isStored(path: string): boolean {
  return path.toLowerCase().startsWith(`${storagePath}/`)
}

/** Where captions are not shown, they are not searched either: what is found would tell what they say. */
function search<Query extends { search?: string | undefined }>(query: Query, { link }: Guest): Query {
  if (query.search === undefined || link.captions === 1) return query
  throw new TintypeError('invalid_parameter', 'This album is not searched by words.')
}

function tableOf(paths: Record<string, Record<string, Handle>>) {
  const methods = new Map(
    Object.entries(paths).map(([path, handlers]) => [path, new Map(Object.entries(handlers))]),
  )
  const find = createRouter(Object.keys(paths).map((path) => ({ path, methods: {} })))
  return (path: string) => {
    const found = find(path)
    const served = found && methods.get(found.route.path)
    return found && served ? { id: found.id, name: found.name, methods: served } : undefined
  }
}

function nothingHere(): TintypeError {
  return new TintypeError('not_found', 'There is nothing at this address.')
}
