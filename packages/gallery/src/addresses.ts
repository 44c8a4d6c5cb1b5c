/** What an address of this page shows. `query`: only what is found by these words. `album`: only what is in it. */
export type Route = { query: string; album?: string } & (
  | { at: 'photos' | 'albums' | 'removed' | 'nowhere' }
  | { at: 'photo'; id: string }
)

const isId = (text: string | undefined): text is string => /^[\w-]+$/.test(text ?? '')

/** @param folder of the gallery, e.g. `/` or `/photos/`; of a guest's page `/shared/LINK/` */
export function parseRoute(
  { pathname, search }: { pathname: string; search: string },
  folder: string,
): Route {
  const query = new URLSearchParams(search).get('q') ?? ''
  const all = pathname.slice(folder.length).split('/')
  const [album] = all[0] === 'album' && isId(all[1]) ? all.splice(0, 2).slice(1) : []
  const [place = '', id, ...more] = all
  const inAlbum = album === undefined ? {} : { album }
  if (place === 'photo' && isId(id) && more.length === 0) return { at: 'photo', id, query, ...inAlbum }
  if (id === undefined && place === '') return { at: 'photos', query, ...inAlbum }
  if (id !== undefined || album !== undefined) return { at: 'nowhere', query }
  if (place === 'removed' || place === 'albums') return { at: place, query }
  return { at: place === 'index.html' ? 'photos' : 'nowhere', query }
}

/** The address of a route. */
export function addressOf(route: Route, folder: string): string {
  const { at, album, query } = route
  const inAlbum = album === undefined ? '' : `album/${album}`
  const place = at === 'photo' ? `photo/${route.id}` : at === 'removed' || at === 'albums' ? at : ''
  const path = [inAlbum, place].filter((part) => part !== '').join('/')
  return `${folder}${path}${query === '' ? '' : `?${new URLSearchParams({ q: query })}`}`
}
