import type { Album, MadeShareLink, Media, NewShareLink } from '@tintype/protocol'
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
