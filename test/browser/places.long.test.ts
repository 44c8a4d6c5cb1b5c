/** Back, Forward and a reload show the place where one was, in whichever list. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Album, albumRoutes, type MediaPage } from '@tintype/protocol'
import type { Page } from 'playwright-core'
import { fillLibrary } from '../gallery/many-photos.ts'
import { photo } from '../media/photos.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'
import { until } from '../support/until.ts'
import { launchBrowser } from './browser.ts'
import { openPage, type TestPage } from './page.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched

let folder: string
let server: ServerProcess
before(async () => {
  if (skip) return
  folder = await mkdtemp(join(tmpdir(), 'tintype-places-'))
  await (await startProcess({ TINTYPE_DATA: folder })).terminate()
  await fillLibrary(join(folder, 'tintype.db'), 2000)
  server = await startProcess({ TINTYPE_DATA: folder, UNDO_WINDOW: '3600' })
})
after(async () => {
  await server?.terminate()
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

async function open(): Promise<TestPage> {
  const opened = await openPage(browser, {}, /net::ERR/)
  const body = await photo({ width: 320, height: 240 })
  await opened.page
    .context()
    .route(/\/image\?|\/s3\//, (route) =>
      route.fulfill({ body: Buffer.from(body), contentType: 'image/jpeg' }),
    )
  await opened.page.goto(server.url)
  await opened.page.locator('.rows[aria-busy="false"]').waitFor()
  return opened
}

/** The first photo below the header, and how far below the edge it is. Null: none is loaded there. */
const placeIn = (page: Page) =>
  page.evaluate(() => {
    const edge = document.querySelector('.header')?.getBoundingClientRect().bottom ?? 0
    const all = [...document.querySelectorAll('.tile-open')].map((tile) => {
      const { top, left } = tile.getBoundingClientRect()
      return { name: tile.getAttribute('title'), top: Math.round(top), left }
    })
    const [first] = all.filter(({ top }) => top >= edge).sort((a, b) => a.top - b.top || a.left - b.left)
    return first && window.scrollY > 0 && first.top < window.innerHeight ? first : null
  })

/** Scrolls to this part of the page. @returns where that is */
async function scroll(page: Page, part: number) {
  await page.evaluate((part) => window.scrollTo(0, document.documentElement.scrollHeight * part), part)
  const place = await until(() => placeIn(page))
  // What stands around it has come, too.
  await page.locator('.tile-open img[data-shown="true"]').first().waitFor()
  return place
}

const isAt = (page: Page, place: Awaited<ReturnType<typeof placeIn>>) =>
  until(
    () => placeIn(page),
    (now) => now?.name === place?.name && Math.abs((now?.top ?? 0) - (place?.top ?? 0)) < 3,
    { seconds: 10 },
  )
const isAtTop = (page: Page) =>
  until(
    () => page.evaluate(() => window.scrollY),
    (y) => y === 0,
  )

/** Waits until all of a list is known whose first photo is called like that, and shown from its beginning. */
async function begins(page: Page, first: RegExp) {
  const tile = page.locator('.rows[aria-busy="false"] .tile-open').first()
  await until(
    () => tile.getAttribute('title', { timeout: 5000 }),
    (title) => first.test(title ?? ''),
  )
  await isAtTop(page)
}

async function openPhoto(page: Page) {
  const place = await placeIn(page)
  await page.getByRole('button', { name: `Photo: ${place?.name}`, exact: true }).click()
  await page.getByRole('dialog', { name: place?.name ?? '' }).waitFor()
}

/** In the page: notes whether there were tiles and no photo in any. */
function watchTiles() {
  new MutationObserver(() => {
    const hasNone = document.querySelector('.tile-open') === null
    if (hasNone && document.querySelector('.rows .tile')) document.documentElement.dataset.hadNone = 'true'
  }).observe(document.body, { subtree: true, childList: true })
}

test('Back from a search and from a photo in it shows the place where one was, and so do Forward and a reload', {
  skip,
}, async () => {
  await using opened = await open()
  const { page } = opened
  const dialog = page.getByRole('dialog')
  const field = page.getByRole('searchbox', { name: 'Search' })
  const all = await scroll(page, 0.6)
  await field.fill('IMG_19')
  await begins(page, /IMG_19/)
  assert.equal(new URL(page.url()).search, '?q=IMG_19')
  const found = await scroll(page, 0.5)
  await openPhoto(page)
  await page.goBack()
  await dialog.waitFor({ state: 'detached' })
  await isAt(page, found)
  await page.goBack()
  await isAt(page, all)
  await page.goForward()
  await isAt(page, found)
  await page.reload()
  await isAt(page, found)
  await openPhoto(page)
  await page.reload()
  await dialog.waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await isAt(page, found)
  await page.goBack()
  await isAt(page, all)

  // An empty field leads back, too.
  await field.fill('IMG_18')
  await begins(page, /IMG_18/)
  await field.fill('')
  await page.waitForURL(server.url)
  await isAt(page, all)
  // All photos are there without asking the server.
  await field.fill('IMG_17')
  await begins(page, /IMG_17/)
  await page.context().setOffline(true)
  await page.goBack()
  await isAt(page, all)
  await page.context().setOffline(false)
  // Nor are they gone for a moment when it answers.
  await field.fill('IMG_16')
  await begins(page, /IMG_16/)
  await page.evaluate(watchTiles)
  const answered = page.waitForResponse(/\/api\/timeline/)
  await page.goBack()
  await (await answered).finished()
  await isAt(page, all)
  await page.locator('.tile img[data-shown="true"]').first().waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.dataset.hadNone), undefined)
  // To look at all photos again is to begin at the first.
  await page.getByRole('link', { name: 'Tintype' }).click()
  await isAtTop(page)
  await page.goBack()
  await isAt(page, all)
  opened.assertClean()
})

test('an album, the albums and all photos have a place each, to which Back leads', { skip }, async () => {
  const api = `${server.url}/api`
  const post = async (path: string, body: object) => {
    const headers = { 'Content-Type': 'application/json' }
    const answer = await fetch(api + path, { method: 'POST', headers, body: JSON.stringify(body) })
    assert.equal(answer.status, 201)
    return (await answer.json()) as Album
  }
  const { media } = (await (await fetch(`${api}/media?limit=100&order=taken`)).json()) as MediaPage
  const mediaIds = media.map(({ id }) => id)
  for (let n = 0; n < 40; n++) await post(albumRoutes.albums, { name: `Album ${n}`, mediaIds })

  await using opened = await open()
  const { page } = opened
  const dialog = page.getByRole('dialog')
  const all = await scroll(page, 0.3)
  await page.getByRole('link', { name: 'Albums', exact: true }).click()
  const link = page.getByRole('link', { name: 'Album 0', exact: false }).last()
  await link.scrollIntoViewIfNeeded()
  const y = () => page.evaluate(() => window.scrollY)
  const albums = await y()
  assert.ok(albums > 100)
  await link.click()
  await page.getByRole('heading', { name: 'Album 0' }).waitFor()
  await begins(page, /IMG_0/)
  const album = await scroll(page, 0.6)
  await openPhoto(page)
  await page.reload()
  await dialog.waitFor()
  await page.goBack()
  await dialog.waitFor({ state: 'detached' })
  await isAt(page, album)
  await page.goBack()
  await until(y, (now) => Math.abs(now - albums) < 2)
  await page.goForward()
  await isAt(page, album)
  // Its own link to the albums leads back, too.
  await page.locator('.album-back').click()
  await until(y, (now) => Math.abs(now - albums) < 2)
  await page.goBack()
  await isAt(page, all)
  await page.goForward()
  await until(y, (now) => Math.abs(now - albums) < 2)
  opened.assertClean()
})
