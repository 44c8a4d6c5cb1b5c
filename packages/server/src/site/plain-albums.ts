import type { OwnAddress } from 'tintype/internal/http/address'
import { textAnswer } from 'tintype/internal/http/conditional'
import { escapeHtml, page } from 'tintype/internal/http/html'
import type { Handler, Route } from 'tintype/internal/http/routes'
import { isId } from 'tintype/internal/ids'
import type { AlbumPages } from '../albums/album-pages.ts'
import type { AlbumRecords, AlbumRow } from '../records/album-records.ts'
import { html, pageSize, signInPage, styledBy } from './plain.ts'
import { editLink, plainItem } from './plain-item.ts'
import type { Sessions } from './session.ts'

/** `/plain/albums`: an owner's albums without JavaScript. They are made and shared in the gallery. */
export function plainAlbumRoutes(
  { albums, pages }: { albums: Pick<AlbumRecords, 'list' | 'find'>; pages: AlbumPages },
  sessions: Pick<Sessions, 'authenticate' | 'ways'>,
  own: OwnAddress,
): Route[] {
  const list: Handler = async (request) => {
    const owner = await sessions.authenticate(request)
    const { path } = own.of(request)
    if (owner === null) return signInPage(path, await sessions.ways())
    const all = await albums.list(owner)
    const items = all.map(
      ({ id, name, count }) =>
        `<li><a href="${path}/plain/albums/${id}">${escapeHtml(name)}</a> <span class="soft">${photos(count)}</span></li>`,
    )
    const body = items.length === 0 ? '<p>No albums yet.</p>' : `<ul>${items.join('\n')}</ul>`
    const back = `<p><a href="${path}/plain">All photos</a></p>`
    return textAnswer(request, page('Albums', `<h1>Albums</h1>\n${back}\n${body}`, styledBy(path)), html)
  }

  const show: Handler = async (request, { id }) => {
    const owner = await sessions.authenticate(request)
    const { path } = own.of(request)
    if (owner === null) return signInPage(path, await sessions.ways())
    const album: AlbumRow | undefined = isId(id) ? await albums.find(id, owner) : undefined
    const back = `<p><a href="${path}/plain/albums">All albums</a></p>`
    if (!album) {
      const body = page('No such album', `<h1>There is no such album</h1>\n${back}`, styledBy(path))
      return { status: 404, headers: html, body }
    }
    const listed = await albumList(
      request,
      `${path}/plain/albums/${id}`,
      `${path}/api`,
      (query) => pages.list({ albumId: id, owner }, query),
      (one) => editLink(path, one),
    )
    const body = `<h1>${escapeHtml(album.name)}</h1>\n${back}\n${listed}`
    return textAnswer(request, page(album.name, body, styledBy(path)), html)
  }

  return [
    { path: '/plain/albums', methods: { GET: list } },
    { path: '/plain/albums/:id', methods: { GET: show } },
  ]
}

export const photos = (count: number) => (count === 1 ? '1 photo or video' : `${count} photos and videos`)

/**
 * A page of an album.
 * @param here its address without the query
 * @param endpoint of the API that has its pictures
 * @param beside HTML that stands below each
 */
export async function albumList(
  { query }: { query: string },
  here: string,
  endpoint: string,
  list: (query: Parameters<AlbumPages['list']>[1]) => ReturnType<AlbumPages['list']>,
  beside: (id: string) => string = () => '',
): Promise<string> {
  const cursor = new URLSearchParams(query).get('cursor') ?? undefined
  const { media, next } = await list({ order: 'taken', limit: pageSize, cursor })
  if (media.length === 0) return '<p>No photos yet.</p>'
  const items = media.map((one) => plainItem(one, endpoint, beside(one.id)))
  const more = next === null ? '' : `\n<p><a rel="next" href="${here}?cursor=${next}">Older photos</a></p>`
  return `<ul>${items.join('\n')}</ul>${more}`
}
