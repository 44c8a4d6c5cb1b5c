/** The network goes and comes back in the midst of something. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fillLibrary } from '../gallery/many-photos.ts'
import { photo } from '../media/photos.ts'
import { mediaOf, upload } from '../support/server.ts'
import { assertAccessible } from './accessible.ts'
import { type AlbumOwner, bytesOf, startAlbums } from './albums.ts'
import { launchBrowser } from './browser.ts'
import { assertFits } from './keyboard.ts'
import { openPage, seePicture } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched

/** What a page says of requests that go nowhere. */
const cut = /net::ERR/

let ann: AlbumOwner
before(async () => {
  if (!skip) ann = await startAlbums(browser)
})
after(async () => {
  await ann?.[Symbol.asyncDispose]()
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

test('without a network a photo is zoomed and a caption is written: both are completed when it is back', {
  skip,
}, async () => {
  const bytes = await photo({ width: 3000, height: 2000, seed: 1 })
  const headers = { Cookie: ann.cookie }
  const { name } = await mediaOf(await upload(ann.url, { name: 'large.jpg', bytes }, { headers }))
  await using opened = await ann.openOwner('/', cut)
  const { page } = opened
  await seePicture(page, `Photo: ${name}`)
  await page.getByRole('button', { name: `Photo: ${name}` }).click()
  await page.locator('.slide.current .frame[data-shown=true]').waitFor()
  await page.context().setOffline(true)
  const failed = page.waitForEvent('requestfailed')
  for (let n = 0; n < 4; n++) await page.keyboard.press('+')
  await failed
  await page.locator('.slide.current img.original[data-shown=false]').waitFor({ state: 'attached' })
  await page.context().setOffline(false)
  await page.locator('.slide.current img.original[data-shown=true]').waitFor()

  await page.getByRole('button', { name: 'Add a caption' }).click()
  await page.getByLabel('Caption').fill('Written without a network')
  await page.context().setOffline(true)
  await page.keyboard.press('Enter')
  await page.getByText('What you have written is kept here.').waitFor()
  assert.equal(await page.getByLabel('Caption').inputValue(), 'Written without a network')
  await page.context().setOffline(false)
  await page.getByText('Saved').waitFor()
  opened.assertClean()
})

test('on a phone without a network a guest’s files wait in one line, and are sent when it is back', {
  skip,
}, async () => {
  const { url } = await ann.makeLink(await ann.makeAlbum('Lake', 0), { kind: 'drop' })
  await using opened = await ann.openGuest(url, cut)
  const { page } = opened
  await page.setViewportSize({ width: 360, height: 740 })
  const input = page.locator('input[type=file][multiple]')
  await input.waitFor({ state: 'attached' })
  const files = await Promise.all(
    Array.from({ length: 8 }, async (_, n) => ({
      name: `${n}.jpg`,
      mimeType: 'image/jpeg',
      buffer: Buffer.from(await bytesOf(n)),
    })),
  )
  await page.context().setOffline(true)
  await input.setInputFiles(files)
  const tray = page.getByRole('region', { name: 'Uploading 8 files' })
  await tray.getByText('Waiting for the network').first().waitFor()
  const box = await tray.boundingBox()
  assert.ok(box && box.height < 100, `the tray is ${box?.height} px high`)
  await assertFits(page)
  await assertAccessible(page)
  await tray.getByRole('button', { name: 'Show the files' }).click()
  await tray.getByText('0.jpg').waitFor()
  await page.context().setOffline(false)
  await page.getByText('Thank you. What you have sent is in the album.').waitFor()
  assert.equal(await page.locator('.sent li').count(), 8)
  opened.assertClean()
})

test('without a network it is said wherever one is among the photos, and a photo that did not come has its name', {
  skip,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tintype-offline-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  await fillLibrary(join(folder, 'tintype.db'), 400)
  const server = stack.use(await startServer({ TINTYPE_DATA: folder }))
  const viewport = { width: 390, height: 844 }
  const opened = stack.use(await openPage(browser, { viewport }, /net::ERR|status of (404|503)/))
  const { page } = opened
  await page.goto(server.url)
  await page.locator('.rows[aria-busy=false]').waitFor()
  await page.getByRole('button', { name: 'Photo: IMG_0.jpg' }).waitFor()
  await page.context().setOffline(true)
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
  const line = page.getByText('There is no connection.')
  await line.waitFor()
  const seen = await line.evaluate((one) => {
    const { left, top, width, height } = one.getBoundingClientRect()
    return one.contains(document.elementFromPoint(left + width / 2, top + height / 2))
  })
  assert.ok(seen, 'it is outside of the window, or covered')
  await page.evaluate(() => window.scrollTo(0, 0))
  await page.getByRole('button', { name: 'Photo: IMG_0.jpg' }).click()
  await page.getByRole('alert').getByText('There is no connection').waitFor()
  await page.getByRole('figure', { name: 'IMG_0.jpg' }).waitFor()
  opened.assertClean()
})
