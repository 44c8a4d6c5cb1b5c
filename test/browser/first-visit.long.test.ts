/** What the gallery asks of the server at a first visit, and goes by. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { timelineRoute } from '@tintype/protocol'
import { fillLibrary } from '../gallery/many-photos.ts'
import { photo } from '../media/photos.ts'
import { upload } from '../support/server.ts'
import { launchBrowser } from './browser.ts'
import { openPage, seePicture } from './page.ts'
import { startServer } from './server.ts'

const timeline = `/api${timelineRoute}`
const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
test.after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

test('a first visit of many photos asks for each thing once, and what is used again after a deletion', {
  skip,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tintype-first-visit-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  await fillLibrary(join(folder, 'tintype.db'), 200)
  const limits = { QUOTA_MEDIA: '5000', UNDO_WINDOW: '3600' }
  const server = stack.use(await startServer({ TINTYPE_DATA: folder, ...limits }))
  const { page } = stack.use(await openPage(browser, {}, /status of 404/))
  const asked: string[] = []
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url())
    // Of the photos those that come first: pages of the outline may be asked for as well, since they begin at other ones each time.
    if (['/session', '/api/usage', timeline].includes(pathname)) asked.push(pathname)
    else if (search === '?order=taken&limit=60') asked.push('/api/media')
  })
  const told = page.getByText('200 of 5,000 photos and videos')
  await page.clock.install()
  await page.goto(server.url)
  await told.waitFor()
  await page.locator('.rows[aria-busy=false]').waitFor()
  // Requests of a moment later have begun when this answer comes.
  await page.clock.runFor(2000)
  await page.evaluate(() => fetch('/healthz'))
  assert.deepEqual(asked.toSorted(), [timeline, '/api/media', '/api/usage', '/session'].toSorted())

  await page.getByRole('button', { name: 'Photo: IMG_0.jpg' }).focus()
  await page.keyboard.press('x')
  await page.keyboard.press('Delete')
  await page.getByText('199 of 5,000 photos and videos').waitFor()
  assert.equal(asked.filter((path) => path === '/api/usage').length, 2)
})

test('the way to what was deleted is there before it is known that there is one, and moves nothing then; it goes where there is none', {
  skip,
}, async () => {
  await using server = await startServer({ UNDO_WINDOW: '0' })
  await using opened = await openPage(browser)
  const { page } = opened
  const held = Promise.withResolvers<void>()
  await page.route('**/api/usage', (route) => held.promise.then(() => route.continue()))
  await page.goto(server.url)
  const link = page.getByRole('link', { name: 'Recently deleted' })
  await link.waitFor()
  held.resolve()
  await link.waitFor({ state: 'detached' })
  opened.assertClean()
})

test('a smaller copy is offered by the size of the view that this server makes', { skip }, async () => {
  await using server = await startServer({ VARIANTS: 'thumb:320 view:800' })
  await upload(server.url, { name: 'large.jpg', bytes: await photo({ width: 1000, height: 700, seed: 1 }) })
  await upload(server.url, { name: 'small.jpg', bytes: await photo({ width: 800, height: 600, seed: 2 }) })
  await using opened = await openPage(browser)
  const { page } = opened
  const open = async (name: string) => {
    await page.getByRole('button', { name: `Photo: ${name}` }).click()
    await page.getByRole('complementary', { name: 'Details' }).waitFor()
  }
  await page.goto(server.url)
  await seePicture(page, 'Photo: large.jpg')
  await open('large.jpg')
  await page.getByRole('link', { name: 'Smaller copy' }).waitFor()
  await page.keyboard.press('Escape')
  await open('small.jpg')
  await page.getByRole('link', { name: /^Download \d/ }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'Smaller copy' }).count(), 0)
  opened.assertClean()
})
