import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { exifOf, exifSegment, withSegments } from '../media/details.ts'
import { photo } from '../media/photos.ts'
import { upload } from '../support/server.ts'
import { launchBrowser } from './browser.ts'
import { openPage, seePicture } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
const directory = await mkdtemp(join(tmpdir(), 'tintype-photos-'))
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

const jpeg = () => photo({ width: 1200, height: 900, type: 'image/jpeg' })
const png = () => photo({ width: 300, height: 400, type: 'image/png' })
const picker = (page: Page) => page.locator('input[type=file]')

test('a photo goes in by picker, drop and paste, is seen, captioned and deleted', { skip }, async () => {
  // What is deleted is gone: so it is asked about.
  await using server = await startServer({ UNDO_WINDOW: '0' })
  await using opened = await openPage(browser, { permissions: ['clipboard-read', 'clipboard-write'] })
  const { page } = opened
  await page.goto(server.url)
  await page.getByText('No photos yet').waitFor()

  const original = await jpeg()
  await picker(page).setInputFiles({ name: 'picked.jpg', mimeType: 'image/jpeg', buffer: original })
  await seePicture(page, 'Photo: picked.jpg')
  await drop(page, 'dropped.png', await png())
  await seePicture(page, 'Photo: dropped.png')
  await paste(page, await png())
  await seePicture(page, /^Photo: Pasted/)

  await page.reload()
  await seePicture(page, 'Photo: picked.jpg')
  assert.equal(await page.locator('.tile img').count(), 3)

  await page.getByRole('button', { name: 'Photo: picked.jpg' }).click()
  const viewer = page.getByRole('dialog', { name: 'picked.jpg' })
  await viewer.locator('.current .frame[data-shown="true"]').waitFor()
  await viewer.getByText('1200 × 900').waitFor()
  const link = await viewer.getByRole('link', { name: 'Download' }).getAttribute('href')
  const stored = await (await fetch(new URL(link ?? '', server.url))).bytes()
  const shown = await viewer.locator('.current img').last().getAttribute('src')
  assert(original.equals(stored), 'what is downloaded is not what was sent')

  await viewer.getByRole('button', { name: 'Add a caption' }).click()
  await viewer.getByLabel('Caption').fill('Lisbon, <b>in the rain</b>')
  await viewer.getByRole('button', { name: 'Save' }).click()
  await viewer.getByText('Saved').waitFor()
  // It has an address, which shows it again.
  await page.reload()
  await viewer.getByText('Lisbon, <b>in the rain</b>').waitFor()
  await viewer.getByRole('button', { name: 'Delete' }).click()
  const confirm = page.getByRole('dialog', { name: 'Delete this photo?' })
  await confirm.getByRole('button', { name: 'Cancel' }).click()
  await viewer.getByRole('button', { name: 'Delete' }).click()
  await confirm.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: /picked/ }).waitFor({ state: 'detached' })
  await page.getByText('Photo deleted.').waitFor()
  // The next one is shown instead.
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()

  await page.reload()
  await seePicture(page, 'Photo: dropped.png')
  assert.equal(await page.locator('.tile img').count(), 2)
  // The server's key may not list the bucket, so S3 doesn't tell that the object is gone: 403 and not 404.
  assert.equal((await fetch(shown ?? '')).status, 403)
  opened.assertClean()
})

test('a file that is refused says why and can be dismissed; markup in names stays text', {
  skip,
}, async () => {
  await using server = await startServer()
  await using opened = await openPage(browser, {}, /status of 415/)
  const { page } = opened
  await page.goto(server.url)
  const name = '<img src=x onerror=alert(1)>.png'
  await picker(page).setInputFiles([
    { name: 'notes.txt', mimeType: 'image/png', buffer: Buffer.from('only words') },
    { name, mimeType: 'image/png', buffer: await png() },
  ])
  const panel = page.getByRole('region', { name: '1 file failed' })
  await panel.getByText('notes.txt').waitFor()
  assert.match((await panel.locator('[part=state]').textContent()) ?? '', /^[A-Z].{10,}\.$/)
  await panel.getByRole('button', { name: 'Dismiss notes.txt' }).click()
  await panel.waitFor({ state: 'detached' })

  await seePicture(page, `Photo: ${name}`)
  await page.getByRole('button', { name: `Photo: ${name}` }).click()
  await page.getByRole('dialog', { name }).getByText(name).waitFor()
  opened.assertClean()
})

test('where there is a quota, it is shown, and a file without room says so and goes in once there is', {
  skip,
}, async () => {
  await using server = await startServer({ QUOTA_MEDIA: '1', RATE_WRITES: '3/2', UNDO_WINDOW: '0' })
  await using opened = await openPage(browser, {}, /status of (403|429)/)
  const { page } = opened
  await page.goto(server.url)
  await page.getByText('0 of 1 photo or video').waitFor()
  await picker(page).setInputFiles({ name: 'one.png', mimeType: 'image/png', buffer: await png() })
  await seePicture(page, 'Photo: one.png')
  await page.getByText('1 of 1 photo or video').waitFor()
  await picker(page).setInputFiles({ name: 'two.jpg', mimeType: 'image/jpeg', buffer: await jpeg() })
  const panel = page.getByRole('region', { name: '1 file failed' })
  await panel.getByText('You can keep one photo or video, and you have 1').waitFor()
  await page.getByRole('button', { name: 'Photo: one.png' }).click()
  await page.getByRole('dialog', { name: 'one.png' }).getByRole('button', { name: 'Delete' }).click()
  const confirm = page.getByRole('dialog', { name: 'Delete this photo?' })
  await confirm.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('0 of 1 photo or video').waitFor()
  // More writes than may be: the client waits as it is told.
  await panel.getByRole('button', { name: 'Retry two.jpg' }).click()
  await seePicture(page, 'Photo: two.jpg')
  opened.assertClean()
})

test('a connection that is cut midway is tried again under the same key', { skip }, async () => {
  await using server = await startServer()
  await using opened = await openPage(browser, {}, /net::ERR/)
  const { page } = opened
  const keys: (string | undefined)[] = []
  const again = Promise.withResolvers<void>()
  await page.route('**/api/media', async (route) => {
    const request = route.request()
    if (request.method() === 'POST' && keys.push(request.headers()['idempotency-key']) === 1) {
      // The server takes it, the answer is lost.
      await route.fetch()
      return route.abort('connectionreset')
    }
    if (keys.length === 2) again.resolve()
    return route.continue()
  })
  await page.goto(server.url)
  await picker(page).setInputFiles({ name: 'once.png', mimeType: 'image/png', buffer: await png() })
  // The page hears of the photo from the server, too, before it has sent it again.
  await seePicture(page, 'Photo: once.png')
  await again.promise
  await page.getByRole('region', { name: '1 file added' }).waitFor()
  assert.equal(keys.length, 2)
  assert.equal(keys[0], keys[1])
  await page.reload()
  await seePicture(page, 'Photo: once.png')
  assert.equal(await page.locator('.tile img').count(), 1)
  opened.assertClean()
})

test('files that are added at the same moment are all counted with those before', { skip }, async () => {
  await using server = await startServer()
  await using opened = await openPage(browser)
  const { page } = opened
  const last = Promise.withResolvers<void>()
  let requests = 0
  await page.route('**/api/media', async (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    const [number, response] = [++requests, await route.fetch()]
    if (number === 4) last.resolve()
    if (number > 1) await last.promise
    return route.fulfill({ response })
  })
  await page.goto(server.url)
  const buffers = await Promise.all([1, 2, 3, 4].map((seed) => photo({ seed, type: 'image/png' })))
  const files = buffers.map((buffer, n) => ({ name: `${n}.png`, mimeType: 'image/png', buffer }))
  await picker(page).setInputFiles(files)
  await page.getByText('4 files uploaded.').waitFor({ state: 'attached' })
  const title = await page.evaluate(async () => {
    // What is done leaves the queue in the frames that follow.
    for (let frame = 0; frame < 30; frame++) await new Promise((resolve) => requestAnimationFrame(resolve))
    return document.querySelector('tintype-uploads')?.shadowRoot?.querySelector('h2')?.textContent
  })
  assert.equal(title, '4 files added')
  opened.assertClean()
})

test('older photos come as one scrolls', { skip }, async () => {
  await using server = await startServer()
  const bytes = new Uint8Array(await photo({ width: 16, height: 16, type: 'image/png' }))
  for (let request = 0; request < 7; request++) {
    const form = new FormData()
    for (let n = 0; n < 10; n++) form.append('file', new File([bytes], `${request}${n}.png`))
    assert.equal((await fetch(`${server.url}/api/media`, { method: 'POST', body: form })).status, 201)
  }
  await using opened = await openPage(browser)
  const { page } = opened
  await page.goto(server.url)
  await page.locator('.tile img').first().waitFor()
  // On and on, as people do: what comes makes the page longer.
  await page.waitForFunction(() => {
    window.scrollTo(0, document.documentElement.scrollHeight)
    return document.querySelector('[title="00.png"]') !== null
  })
  await seePicture(page, 'Photo: 00.png')
  opened.assertClean()
})

test('photos stand under the day on which they were taken, also when they come later', { skip }, async () => {
  await using server = await startServer()
  const dated = async (original: string) =>
    withSegments(await jpeg(), [
      exifSegment(exifOf({ original, offset: '+09:00', make: 'Apple', model: 'iPhone' })),
    ])
  const send = async (name: string, bytes: Buffer) =>
    assert.equal((await upload(server.url, { name, bytes })).status, 201)
  await send('later.jpg', await dated('2024:10:12 23:30:00'))
  await send('undated.jpg', await jpeg())
  await send('earlier.jpg', await dated('2024:10:12 00:10:00'))
  await using opened = await openPage(browser, { locale: 'en-US', timezoneId: 'America/Los_Angeles' })
  const { page } = opened
  await page.goto(server.url)
  await page.getByRole('heading', { name: 'Today' }).waitFor()
  const headings = () => page.getByRole('main').getByRole('heading', { level: 2 }).allTextContents()
  assert.deepEqual(await headings(), ['Today', 'Sat, Oct 12, 2024'])
  const day = page.getByRole('region', { name: 'Sat, Oct 12, 2024' })
  const names = await day
    .getByRole('button')
    .evaluateAll((all) => all.map((one) => one.getAttribute('title')))
  assert.deepEqual(names, ['later.jpg', 'earlier.jpg'])

  const buffer = await dated('2024:10:13 12:00:00')
  await picker(page).setInputFiles({ name: 'new.jpg', mimeType: 'image/jpeg', buffer })
  await page.getByRole('region', { name: 'Sun, Oct 13, 2024' }).getByRole('button').click()
  assert.deepEqual(await headings(), ['Today', 'Sun, Oct 13, 2024', 'Sat, Oct 12, 2024'])
  const viewer = page.getByRole('dialog', { name: 'new.jpg' })
  await viewer.getByText('October 13, 2024 at 12:00 PM (UTC+09:00)').waitFor()
  await viewer.getByText('Apple iPhone').waitFor()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('dialog', { name: 'later.jpg' }).waitFor()
  opened.assertClean()
})

/** Drags a real file over the window and lets it go, as the browser itself would report it. */
async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
  const path = join(directory, name)
  await writeFile(path, bytes)
  const devtools = await page.context().newCDPSession(page)
  const data = { items: [], files: [path], dragOperationsMask: 1 }
  const overlay = page.getByText('Drop to add')
  await devtools.send('Input.dispatchDragEvent', { type: 'dragEnter', x: 500, y: 500, data })
  await overlay.waitFor()
  await devtools.send('Input.dispatchDragEvent', { type: 'dragOver', x: 510, y: 500, data })
  await devtools.send('Input.dispatchDragEvent', { type: 'drop', x: 510, y: 500, data })
  await overlay.waitFor({ state: 'hidden' })
}

/** What a page has and Node's types don't. */
interface Clipboards {
  navigator: { clipboard: { write(items: unknown[]): Promise<void> } }
  ClipboardItem: new (data: Record<string, Blob>) => unknown
}

/** Puts a picture on the clipboard and pastes it with the keys that people press. */
async function paste(page: Page, bytes: Buffer): Promise<void> {
  await page.evaluate(async (base64) => {
    const { navigator, ClipboardItem } = globalThis as unknown as Clipboards
    const blob = new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], { type: 'image/png' })
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })])
  }, bytes.toString('base64'))
  await page.keyboard.press('ControlOrMeta+V')
}
