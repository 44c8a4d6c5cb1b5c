import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { Album, MadeShareLink, Media, MediaPage, NewShareLink } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { type FamilyServer, startFamily } from '../people/family.ts'
import { mediaOf, upload } from '../support/server.ts'

export interface Asking {
  method?: string
  body?: unknown
  headers?: Record<string, string>
}

/** Keeps the cookies that it is given. */
export interface Browser {
  fetch(path: string, asking?: Asking): Promise<Response>
  /** Of a GET whose path is sent as it stands: fetch() takes out what leads upwards. */
  statusOf(path: string): Promise<number>
  /** The answer, which has to be 2xx. */
  json<T>(path: string, asking?: Asking): Promise<T>
  upload(path?: string, given?: { bytes?: Uint8Array; name?: string; caption?: string }): Promise<Response>
  cookies: Map<string, string>
}

export interface AlbumServer extends AsyncDisposable {
  family: FamilyServer
  /** Signed in under this name. */
  signedIn(name: string): Promise<Browser>
  signedOut(): Browser
  /** Has opened the link. `api` is the mount of the guest's API. */
  guest(link: MadeShareLink): Promise<Browser & { api: string }>
}

/** One for all tests that need no settings of their own. What is deleted can be had again. */
export const oneServer = () => {
  started ??= startAlbums({ UNDO_WINDOW: '3600', RATE_GUESTS: 'off' })
  return started
}
let started: Promise<AlbumServer> | undefined
export const stopServer = async () => (await started)?.[Symbol.asyncDispose]()

export async function startAlbums(env: Record<string, string> = {}): Promise<AlbumServer> {
  const family = await startFamily({ HOST: '0.0.0.0', RATE_SIGN_IN: 'off', ...env }, ['Ann'])
  const { url } = family.server

  function browser(): Browser {
    const cookies = new Map<string, string>()
    const cookie = () => ({ Cookie: Array.from(cookies, (pair) => pair.join('=')).join('; ') })
    const keep = (response: Response) => {
      for (const set of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^(\w+)=([^;]*)/.exec(set) ?? []
        cookies.set(name, value)
      }
      return response
    }
    const ask: Browser['fetch'] = async (path, { method = 'GET', body, headers = {} } = {}) =>
      keep(
        await fetch(url + path, {
          method,
          redirect: 'manual',
          headers: {
            ...cookie(),
            ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
            ...headers,
          },
          body: body === undefined ? null : JSON.stringify(body),
        }),
      )
    return {
      cookies,
      fetch: ask,
      async statusOf(path) {
        const asking = request({ port: family.server.port, path, headers: cookie() }).end()
        const [answer] = (await once(asking, 'response')) as [IncomingMessage]
        answer.resume()
        return answer.statusCode ?? 0
      },
      async json(path, asking) {
        const response = await ask(path, asking)
        if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
        return response.json()
      },
      async upload(path = '/api/media', { bytes, ...how } = {}) {
        const file = { bytes: bytes ?? (await photo()), ...(how.name && { name: how.name }) }
        const caption = how.caption === undefined ? {} : { caption: how.caption }
        return keep(await upload(url, file, { path, headers: cookie(), ...caption }))
      },
    }
  }

  return {
    family,
    async signedIn(name) {
      const one = browser()
      const [, value = ''] = (await family.join(name)).split('=')
      one.cookies.set('tintype_session', value)
      return one
    },
    signedOut: browser,
    async guest({ url: link, link: { id } }) {
      const one = browser()
      await one.fetch(new URL(link).pathname)
      // A page comes first, and with it the visit begins.
      await one.fetch(`/shared/${id}/api/album`)
      return { ...one, api: `/shared/${id}/api` }
    },
    [Symbol.asyncDispose]: () => family[Symbol.asyncDispose](),
  }
}

export async function sendPhoto(to: Browser, path?: string, caption?: string): Promise<Media> {
  return mediaOf(await to.upload(path, caption === undefined ? {} : { caption }))
}

export function makeAlbum(owner: Browser, name: string, mediaIds: string[] = []): Promise<Album> {
  return owner.json('/api/albums', { method: 'POST', body: { name, mediaIds } })
}

export function share(owner: Browser, album: Pick<Album, 'id'>, body: NewShareLink): Promise<MadeShareLink> {
  return owner.json(`/api/albums/${album.id}/links`, { method: 'POST', body })
}

/** Sends that many photos at once by a link that takes one. */
export async function manyForOnePlace(
  server: AlbumServer,
  ann: Browser,
  album: Album,
  count: number,
): Promise<void> {
  const made = await share(ann, album, { kind: 'drop', maxFiles: 1 })
  const guest = await server.guest(made)
  const all = await Promise.all(Array.from({ length: count }, () => guest.upload(`${guest.api}/media`)))
  const statuses = Object.entries(Object.groupBy(all, ({ status }) => status))
  assert.deepEqual(
    statuses.map(([status, some = []]) => [Number(status), some.length]),
    [
      [201, 1],
      [403, count - 1],
    ],
  )
  assert.equal((await guest.json<MediaPage>(`${guest.api}/media`)).media.length, 1)
}
