/** What an address of this page shows. `query`: only what is found by these words. */
export type Route = { query: string } & (
  | { at: 'photos' | 'removed' | 'nowhere' }
  | { at: 'photo'; id: string }
)

/** @param folder of the gallery, e.g. `/` or `/photos/` */
export function parseRoute(
  { pathname, search }: { pathname: string; search: string },
  folder: string,
): Route {
  const query = new URLSearchParams(search).get('q') ?? ''
  const [place = '', id, ...more] = pathname.slice(folder.length).split('/')
  if (place === 'photo' && id !== undefined && /^[\w-]+$/.test(id) && more.length === 0)
    return { at: 'photo', id, query }
  if (id !== undefined) return { at: 'nowhere', query }
  if (place === 'removed') return { at: 'removed', query }
  return { at: place === '' || place === 'index.html' ? 'photos' : 'nowhere', query }
}

/** The address of a route. */
export function addressOf(route: Route, folder: string): string {
  const place = route.at === 'photo' ? `photo/${route.id}` : route.at === 'removed' ? 'removed' : ''
  const query = route.query === '' ? '' : `?${new URLSearchParams({ q: route.query })}`
  return `${folder}${place}${query}`
}
