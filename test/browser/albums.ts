import assert from 'node:assert/strict'
import { type Album, albumRoutes, type MadeShareLink, type Media, type NewShareLink } from '@tintype/protocol'
import type { Browser, Page } from 'playwright-core'
import { photo } from '../media/photos.ts'
import { type FamilyServer, startFamily } from '../people/family.ts'
import { mediaOf, upload } from '../support/server.ts'
import { openPage, type TestPage } from './page.ts'

/** A server, and Ann, who is signed in there and has albums. */
export interface AlbumOwner extends AsyncDisposable {
  url: string
  cookie: string
  family: FamilyServer
  send(name: string, seed: number): Promise<Media>
  /** With the newest photos in it. @param count how many. @default 3 */
  makeAlbum(name: string, count?: number): Promise<Album>
  makeLink(album: { id: string }, link: NewShareLink): Promise<MadeShareLink>
  albumsNamed(name: string): Promise<Album[]>
  /** What another tab of Ann's asks of the API. */
  change(method: string, path: string, body?: unknown): Promise<void>
  /** Ann's page. @param expected what the console may say */
  /** @param session the cookie of somebody else */
  openOwner(path?: string, expected?: RegExp, session?: string): Promise<TestPage>
  /** The page of somebody with a phone who was sent a link. */
  openGuest(link: string, expected?: RegExp): Promise<TestPage>
}

export async function startAlbums(browser: Browser, env: Record<string, string> = {}): Promise<AlbumOwner> {
  const family = await startFamily({ RATE_SIGN_IN: 'off', ...env }, ['Ann'])
  const { url } = family.server
  const cookie = await family.join('Ann')
  const headers = { Cookie: cookie }

  async function ask<T>(path: string, body: unknown): Promise<T> {
    const answer = await fetch(`${url}/api${path}`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.equal(answer.status, 201, await answer.clone().text())
    return answer.json() as Promise<T>
  }

  return {
    url,
    cookie,
    family,
    send: async (name, seed) => mediaOf(await upload(url, { name, bytes: await bytesOf(seed) }, { headers })),
    async makeAlbum(name, count = 3) {
      const list = await fetch(`${url}/api/media?limit=${Math.max(count, 1)}`, { headers })
      const { media } = (await list.json()) as { media: Media[] }
      return ask(albumRoutes.albums, { name, mediaIds: media.slice(0, count).map(({ id }) => id) })
    },
    makeLink: (album, link) => ask(albumRoutes.albumLinks(album.id), link),
    async albumsNamed(name) {
      const answer = await fetch(`${url}/api${albumRoutes.albums}`, { headers })
      const { albums } = (await answer.json()) as { albums: Album[] }
      return albums.filter((one) => one.name === name)
    },
    async change(method, path, body) {
      const answer = await fetch(`${url}/api${path}`, {
        method,
        headers: { ...headers, 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      assert.ok(answer.ok, await answer.text())
    },
    async openOwner(path = '/', expected, session = cookie) {
      const opened = await openPage(browser, {}, expected)
      const [name = '', value = ''] = session.split('=')
      await opened.page.context().addCookies([{ name, value, url }])
      await opened.page.goto(url + path)
      return opened
    },
    async openGuest(link, expected) {
      const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
      const opened = await openPage(browser, phone, expected)
      await opened.page.goto(link)
      return opened
    },
    [Symbol.asyncDispose]: () => family[Symbol.asyncDispose](),
  }
}

export const bytesOf = (seed: number) => photo({ width: 600, height: 400, seed: seed + 1 })
export const tiles = (page: Page) => page.locator('.tile-open')
export const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true })
