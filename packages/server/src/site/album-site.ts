import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import type { OwnAddress } from 'tintype/internal/http/address'
import { withHeaders } from 'tintype/internal/http/exchange'
import { apiHeaders } from 'tintype/internal/http/guard'
import { createReadJson } from 'tintype/internal/http/json'
import type { Route } from 'tintype/internal/http/routes'
import { countWrites } from 'tintype/internal/http/writes'
import { createBudget } from 'tintype/internal/memory/budget'
import type { Tintype } from 'tintype/internal/tintype'
import { createAlbumPages } from '../albums/album-pages.ts'
import type { OpenAlbums } from '../albums/albums.ts'
import { createGuests } from '../albums/guests.ts'
import type { Config } from '../config.ts'
import { albumRoutes } from './album-routes.ts'
import { createGuestApi } from './guest-api.ts'
import { createGuestSite, type GuestSite } from './guest-site.ts'
import { plainAlbumRoutes } from './plain-albums.ts'
import { plainSharedRoutes } from './plain-shared.ts'
import type { Sessions } from './session.ts'

/** Everything of albums that is reached by HTTP. */
export interface AlbumSite {
  /** The pages, and the owner's API. */
  routes: Route[]
  guests: GuestSite
}

/** Bytes of JSON that are read at the same time. */
const jsonBudget = 4 * 1024 ** 2

export function createAlbumSite(
  { times, rates, guestRate }: Pick<Config, 'times' | 'rates' | 'guestRate'>,
  { albums, links, guests: uploads, visits }: OpenAlbums,
  {
    tintype,
    sessions,
    own,
    clock,
  }: {
    tintype: Tintype
    sessions: Pick<Sessions, 'authenticate' | 'ways'>
    own: OwnAddress
    clock: Clock
  },
): AlbumSite {
  const stallTimeout = times.stall * 1000
  const budget = createBudget({ bytes: jsonBudget, wait: stallTimeout / 2, queue: 100, clock })
  const writes = rates.writes && tintype.rateLimit('albums', rates.writes)
  const ownerOf = countWrites(async (request) => {
    const owner = await sessions.authenticate(request)
    if (owner !== null) return owner
    throw new TintypeError('unauthenticated', 'Sign in, or send a token as Authorization: Bearer.')
  }, writes)
  const pages = createAlbumPages(albums, tintype)
  const guestApi = createGuestApi({ tintype, albums, pages, uploads, clock })
  const guests = createGuestSite({
    guests: createGuests(links, clock),
    visits,
    guestApi,
    tintype,
    own,
    rate: guestRate && tintype.rateLimit('guests', guestRate),
  })
  const readJson = createReadJson({ budget, clock, stallTimeout })
  const announce = (owner: string, album: string) => tintype.announce(owner, 'album', album)
  const api = albumRoutes({ albums, links, pages, ownerOf, readJson, own, clock, announce })
  const plain = [
    ...plainAlbumRoutes({ albums, pages }, sessions, own),
    ...plainSharedRoutes({ albums, pages, guests, guestApi, own, clock, stallTimeout }),
  ]
  return { routes: [...api.map(belowApi), ...guests.routes, ...plain], guests }
}

/** Below the API's mount, and as its answers are. */
function belowApi({ path, methods }: Route): Route {
  const answering = Object.entries(methods).map(
    ([method, handle]) =>
      [
        method,
        async (...args: Parameters<typeof handle>) => withHeaders(await handle(...args), apiHeaders),
      ] as const,
  )
  return { path: `/api${path}`, methods: Object.fromEntries(answering) }
}
