import type { Album, Albums, MadeShareLink, ShareLinks } from '@tintype/protocol'
import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import type { OwnAddress } from 'tintype/internal/http/address'
import { taggedAnswer } from 'tintype/internal/http/conditional'
import { type ApiRequest, emptyAnswer, jsonAnswer } from 'tintype/internal/http/exchange'
import type { ReadJson } from 'tintype/internal/http/json'
import { pageQuery, searchQuery } from 'tintype/internal/http/page-query'
import type { Handler, Route } from 'tintype/internal/http/routes'
import { isId, randomId } from 'tintype/internal/ids'
import { readAlbum, readAlbumName, readIds, readNarrower, readNewLink } from '../albums/album-input.ts'
import type { AlbumPages } from '../albums/album-pages.ts'
import { presentAlbum, presentLink } from '../albums/shown.ts'
import { hashOf, makeSecret } from '../people/secret.ts'
import type { AlbumRecords, AlbumRow } from '../records/album-records.ts'
import type { LinkRecords, LinkRow } from '../records/link-records.ts'

export interface AlbumRoutesOptions {
  albums: AlbumRecords
  links: LinkRecords
  pages: AlbumPages
  /** @throws {TintypeError} `unauthenticated`, `too_many_requests` */
  ownerOf(request: ApiRequest): Promise<string>
  readJson: Pick<ReadJson, 'small'>
  own: OwnAddress
  clock: Clock
  /** Tells pages of this owner that it is not as it was. */
  announce(owner: string, album: string): void
}

/** Of one owner, and links of one album: more are a program that has gone wrong. */
const mostAlbums = 1000
const mostLinks = 100

/** `/albums` and what is below it, for the owner who is signed in. */
export function albumRoutes(options: AlbumRoutesOptions): Route[] {
  const { albums, links, pages, ownerOf, readJson, own, clock, announce } = options

  async function find(request: ApiRequest, id: string): Promise<AlbumRow> {
    const owner = await ownerOf(request)
    const album = isId(id) ? await albums.find(id, owner) : undefined
    if (album) return album
    throw absent()
  }

  async function findLink(album: AlbumRow, id: string): Promise<LinkRow> {
    const link = isId(id) ? await links.find(id, album.id) : undefined
    if (link) return link
    throw new TintypeError('not_found', 'There is no such link.')
  }

  const partOf = ({ id, owner }: AlbumRow) => ({ albumId: id, owner })
  /** As it is after a change. */
  async function show({ id, owner }: Pick<AlbumRow, 'id' | 'owner'>): Promise<Album> {
    announce(owner, id)
    const album = await albums.find(id, owner)
    if (!album) throw absent()
    return presentAlbum(album)
  }

  const list: Handler = async (request) => {
    const all: Albums = { albums: (await albums.list(await ownerOf(request))).map(presentAlbum) }
    return taggedAnswer(all, request)
  }

  const create: Handler = async (request, { address }) => {
    const owner = await ownerOf(request)
    const { name, mediaIds } = readAlbum(await readJson.small(request))
    if ((await albums.count(owner)) >= mostAlbums)
      throw new TintypeError('quota_exceeded', `There are ${mostAlbums} albums already: delete one first.`, {
        limit: mostAlbums,
      })
    const album = { id: randomId(), owner, name, createdAt: clock.now() }
    if (!(await albums.add(album, mediaIds))) throw absentMedia()
    return jsonAnswer(await show(album), 201, { Location: `${address.path}/api/albums/${album.id}` })
  }

  const showOne: Handler = async (request, { id }) =>
    taggedAnswer(presentAlbum(await find(request, id)), request)

  const rename: Handler = async (request, { id }) => {
    const album = await find(request, id)
    const { name } = await readJson.small(request)
    await albums.rename(id, album.owner, readAlbumName(name))
    return jsonAnswer(await show(album))
  }

  const remove: Handler = async (request, { id }) => {
    const { owner } = await find(request, id)
    if (!(await albums.remove(id, owner))) throw absent()
    announce(owner, id)
    return emptyAnswer(204)
  }

  const listMedia: Handler = async (request, { id }) => {
    const album = await find(request, id)
    const { removed, ...query } = pageQuery(request)
    if (removed) throw new TintypeError('invalid_parameter', 'removed is for the list of all photos.')
    return taggedAnswer(await pages.list(partOf(album), query), request)
  }

  const showTimeline: Handler = async (request, { id }) => {
    const album = await find(request, id)
    return taggedAnswer(await pages.timeline(partOf(album), searchQuery(request), request.signal), request)
  }

  const addMedia: Handler = async (request, { id }) => {
    const album = await find(request, id)
    const { ids } = await readJson.small(request)
    if (!(await albums.addMedia(id, album.owner, readIds('ids', ids), clock.now()))) throw absentMedia()
    return jsonAnswer(await show(album))
  }

  const removeMedia: Handler = async (request, { id }) => {
    const album = await find(request, id)
    const { ids } = await readJson.small(request)
    await albums.removeMedia(id, readIds('ids', ids))
    return jsonAnswer(await show(album))
  }

  const listLinks: Handler = async (request, { id }) => {
    const album = await find(request, id)
    const all: ShareLinks = { links: (await links.list(album.id)).map(presentLink) }
    return taggedAnswer(all, request)
  }

  const createLink: Handler = async (request, { id }) => {
    const album = await find(request, id)
    const terms = readNewLink(await readJson.small(request), clock.now())
    if ((await links.list(album.id)).length >= mostLinks)
      throw new TintypeError(
        'quota_exceeded',
        `This album has ${mostLinks} links already: revoke one first.`,
        { limit: mostLinks },
      )
    const token = makeSecret()
    const fixed = { id: randomId(), token_hash: hashOf(token), album_id: album.id, created_at: clock.now() }
    await links.add({ ...fixed, ...terms, files: 0, bytes: 0, revoked_at: null })
    announce(album.owner, id)
    const { origin, path } = own.of(request)
    const made: MadeShareLink = {
      link: presentLink(await findLink(album, fixed.id)),
      url: `${origin}${path}/s/${token}`,
    }
    return jsonAnswer(made, 201, { 'Cache-Control': 'no-store' })
  }

  const narrow: Handler = async (request, { id, name }) => {
    const album = await find(request, id)
    const link = await findLink(album, name)
    const to = readNarrower(link.kind, await readJson.small(request), clock.now())
    if (!(await links.narrow(link.id, album.id, to))) {
      await findLink(album, name)
      throw new TintypeError(
        'conflict',
        'A link can only be narrowed: what it has given stays given to those who have it. Make a new one, and revoke this.',
      )
    }
    announce(album.owner, id)
    return jsonAnswer(presentLink(await findLink(album, name)))
  }

  const revoke: Handler = async (request, { id, name }) => {
    const album = await find(request, id)
    const link = await findLink(album, name)
    await links.revoke(link.id, album.id, clock.now())
    announce(album.owner, id)
    return emptyAnswer(204)
  }

  return [
    { path: '/albums', methods: { GET: list, POST: create } },
    { path: '/albums/:id', methods: { GET: showOne, PATCH: rename, DELETE: remove } },
    { path: '/albums/:id/timeline', methods: { GET: showTimeline } },
    { path: '/albums/:id/media', methods: { GET: listMedia, POST: addMedia } },
    { path: '/albums/:id/media/remove', methods: { POST: removeMedia } },
    { path: '/albums/:id/links', methods: { GET: listLinks, POST: createLink } },
    { path: '/albums/:id/links/:name', methods: { PATCH: narrow, DELETE: revoke } },
  ]
}

function absent(): TintypeError {
  return new TintypeError('not_found', 'There is no such album.')
}

function absentMedia(): TintypeError {
  return new TintypeError(
    'not_found',
    'There is no such album, or one of these is no photo or video of yours.',
  )
}
