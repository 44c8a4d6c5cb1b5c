import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { photo } from '../media/photos.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'
import { upload } from '../support/server.ts'
import { until } from '../support/until.ts'
import { assertAccessible } from './accessible.ts'
import { launchBrowser } from './browser.ts'
import { openPage, seePicture } from './page.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched

let folder = ''
let server: ServerProcess
const start = (port = '0') =>
  startProcess({ TINTYPE_DATA: join(folder, 'data'), UNDO_WINDOW: '3600', PORT: port })

/** Two a day, the last first: IMG_20240312_120000.jpg is of the 12th of March. */
const nameOf = (n: number) =>
  `IMG_202403${String(28 - Math.floor(n / 2)).padStart(2, '0')}_1${n % 2 ? 1 : 2}0000.jpg`
const tile = (page: Page, n: number) => page.getByRole('button', { name: `Photo: ${nameOf(n)}` })

before(async () => {
  if (skip) return
  folder = await mkdtemp(join(tmpdir(), 'tintype-photos-'))
  server = await start()
  const shapes = [
    [1200, 800],
    [800, 1200],
    [1000, 1000],
  ] as const
  for (let n = 0; n < 40; n++) {
    const [width, height] = shapes[n % 3] ?? [3000, 2000]
    const size = n === 0 ? { width: 4000, height: 3000 } : { width, height }
    const sent = await upload(server.url, { name: nameOf(n), bytes: await photo({ ...size, seed: n + 1 }) })
    assert.equal(sent.status, 201)
  }
})
after(async () => {
  await server?.terminate()
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

const openGallery = async (options = {}, expected?: RegExp) => {
  const opened = await openPage(browser, options, expected)
  await opened.page.goto(server.url)
  await seePicture(opened.page, `Photo: ${nameOf(0)}`)
  return opened
}
const at = (page: Page) => new URL(page.url()).pathname

test('each photo has an address: Back closes it, a reload stays, and a link to it opens it with those beside it', {
  skip,
}, async () => {
  await using opened = await openGallery()
  const { page } = opened
  await tile(page, 1).click()
  await page.getByRole('dialog', { name: nameOf(1) }).waitFor()
  assert.match(at(page), /^\/photo\/[\w-]{22}$/)
  const address = page.url()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('dialog', { name: nameOf(2) }).waitFor()
  await page.goBack()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.equal(at(page), '/')
  await page.locator('.tile-open:focus').and(tile(page, 2)).waitFor()

  await page.goto(address)
  await page.getByRole('dialog', { name: nameOf(1) }).waitFor()
  await page.reload()
  await page.getByRole('dialog', { name: nameOf(1) }).waitFor()
  await assertAccessible(page)
  await page.keyboard.press('ArrowLeft')
  await page.getByRole('dialog', { name: nameOf(0) }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.equal(at(page), '/')
  opened.assertClean()
})

test('an address of a photo that is not there says so, and leads to all', { skip }, async () => {
  await using opened = await openPage(browser, {}, /status of 404/)
  const { page } = opened
  await page.goto(`${server.url}/photo/AAAAAAAAAAAAAAAAAAAAAA`)
  await page.getByText('There is no such photo or video').waitFor()
  await page.getByRole('button', { name: 'Show all photos' }).click()
  await seePicture(page, `Photo: ${nameOf(0)}`)
  opened.assertClean()
})

test('the original is loaded when one zooms beyond what is there, by wheel, double click or keys', {
  skip,
}, async () => {
  await using opened = await openGallery()
  const { page } = opened
  const originals: string[] = []
  page.on('request', (request) => {
    if (/\/s3\/.*original/.test(request.url())) originals.push(request.url())
  })
  await tile(page, 0).click()
  const frame = page.locator('.current .frame[data-shown="true"]')
  await frame.waitFor()
  const width = async () => (await frame.boundingBox())?.width ?? 0
  const whole = await width()
  await frame.dblclick()
  await until(width, (now) => now > whole * 2)
  await frame.dblclick()
  await until(width, (now) => now < whole * 1.01)
  await frame.hover()
  for (let n = 0; n < 8; n++) await page.mouse.wheel(0, -200)
  await until(width, (now) => now > whole * 3)
  await page.locator('.original[data-shown="true"]').waitFor()
  assert.equal(originals.length, 1)
  await page.keyboard.press('0')
  await until(width, (now) => now < whole * 1.01)
  opened.assertClean()
})

test('on a phone a finger leads to the next, and pulls the photo away to close it', { skip }, async () => {
  await using opened = await openGallery({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  })
  const { page } = opened
  await tile(page, 0).tap()
  await page.locator('.current .frame[data-shown="true"]').waitFor()
  await page.locator('.slide:not(.current)').first().waitFor({ state: 'attached' })
  const touch = await page.context().newCDPSession(page)
  const move = async (from: [number, number], to: [number, number]) => {
    const point = ([x, y]: [number, number]) => ({ touchPoints: [{ x, y }] })
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', ...point(from) })
    for (let n = 1; n <= 6; n++) {
      const between = (a: number, b: number) => a + ((b - a) * n) / 6
      const now = point([between(from[0], to[0]), between(from[1], to[1])])
      await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', ...now })
    }
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  }
  await move([330, 400], [60, 410])
  await page.getByRole('dialog', { name: nameOf(1) }).waitFor()
  await move([60, 400], [330, 410])
  await page.getByRole('dialog', { name: nameOf(0) }).waitFor()
  await move([200, 300], [205, 620])
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  opened.assertClean()
})

test('a deletion is undone by one press after a reload and a restart of the server', { skip }, async () => {
  await using opened = await openGallery({}, /net::ERR|status of (404|5\d\d)/)
  const { page } = opened
  await tile(page, 3).click()
  await page.getByRole('dialog', { name: nameOf(3) }).waitFor()
  await page.keyboard.press('Delete')
  await page.getByText('Photo deleted.').waitFor()
  // It goes on to the next one.
  await page.getByRole('dialog', { name: nameOf(4) }).waitFor()
  await assertAccessible(page)
  await page.keyboard.press('Escape')
  await page.reload()
  await seePicture(page, `Photo: ${nameOf(0)}`)
  const { port } = new URL(server.url)
  await server.terminate()
  server = await start(port)
  await page.reload()
  await seePicture(page, `Photo: ${nameOf(0)}`)
  assert.equal(await tile(page, 3).count(), 0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Restored.').waitFor()
  await seePicture(page, `Photo: ${nameOf(3)}`)
  opened.assertClean()
})

test('what was deleted lately is listed, with until when, and restored or deleted for good there', {
  skip,
}, async () => {
  await using opened = await openGallery()
  const { page } = opened
  for (const n of [5, 6]) {
    await tile(page, n).hover()
    await page.getByRole('checkbox', { name: `Select Photo: ${nameOf(n)}` }).click()
  }
  const bar = page.getByRole('region', { name: 'Selected' })
  await bar.getByText('2 selected').waitFor()
  await assertAccessible(page)
  await bar.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('2 photos deleted.').waitFor()
  await page.getByRole('link', { name: 'Recently deleted' }).click()
  assert.equal(at(page), '/removed')
  await page.getByRole('button', { name: `Restore ${nameOf(5)}` }).waitFor()
  await assertAccessible(page)
  await page.getByRole('button', { name: `Delete ${nameOf(6)} for good` }).click()
  const confirm = page.getByRole('dialog', { name: 'Delete this photo?' })
  await confirm.getByRole('button', { name: 'Delete' }).click()
  await page.getByText(`${nameOf(6)} is deleted for good.`).waitFor()
  await page.reload()
  await page.getByRole('button', { name: `Restore ${nameOf(5)}` }).click()
  await page.getByText('Nothing was deleted lately.').waitFor()
  await page.getByRole('link', { name: 'Tintype' }).click()
  await seePicture(page, `Photo: ${nameOf(5)}`)
  assert.equal(await tile(page, 6).count(), 0)
  opened.assertClean()
})

test('many are selected by Shift, by keys and by a rectangle, and come as one archive', {
  skip,
}, async () => {
  await using opened = await openGallery()
  const { page } = opened
  const bar = page.getByRole('region', { name: 'Selected' })
  await tile(page, 0).click({ modifiers: ['Shift'] })
  await tile(page, 2).click({ modifiers: ['Shift'] })
  await bar.getByText('3 selected').waitFor()
  // No dialog can be answered from here.
  await page.evaluate(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
  const download = page.waitForEvent('download')
  await bar.getByRole('button', { name: 'Download' }).click()
  const archive = await readFile((await (await download).path()) ?? '')
  // The central directory, at the end, names each once more.
  const names = archive
    .toString('latin1')
    .match(/IMG_\d+_\d+\.jpg/g)
    ?.slice(-3)
  assert.deepEqual(names, [nameOf(0), nameOf(1), nameOf(2)])
  const list = (await (await fetch(`${server.url}/api/media?order=taken&limit=1`)).json()) as {
    media: { urls: { original: string } }[]
  }
  const original = Buffer.from(await (await fetch(list.media[0]?.urls.original ?? '')).arrayBuffer())
  assert.ok(archive.includes(original))

  await page.keyboard.press('Escape')
  await bar.waitFor({ state: 'detached' })
  await tile(page, 0).focus()
  await page.keyboard.press('x')
  await page.keyboard.press('Shift+ArrowRight')
  await bar.getByText('2 selected').waitFor()
  await page.keyboard.press('Escape')

  const from = await tile(page, 0).boundingBox()
  const to = await tile(page, 1).boundingBox()
  assert.ok(from && to)
  await page.mouse.move(from.x - 12, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(to.x + to.width / 2, from.y + from.height / 2 + 20, { steps: 4 })
  await page.mouse.up()
  await bar.getByText('2 selected').waitFor()
  opened.assertClean()
})

test('an archive leaves nothing in the browser’s own storage: not after a minute, nor where the page was closed before', {
  skip,
}, async () => {
  await using opened = await openGallery()
  const { page } = opened
  const isFree = (free: boolean) =>
    until(
      () => page.evaluate(countArchives),
      (count) => (count === 0) === free,
    )
  await tile(page, 0).click({ modifiers: ['Shift'] })
  await page.evaluate(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
  await page.clock.install()
  const start = async () => {
    const download = page.waitForEvent('download')
    await page.getByRole('region', { name: 'Selected' }).getByRole('button', { name: 'Download' }).click()
    await (await download).path()
  }
  await start()
  await isFree(false)
  await page.clock.fastForward(65_000)
  await isFree(true)
  await start()
  await page.reload()
  await seePicture(page, `Photo: ${nameOf(0)}`)
  // It may be read yet.
  await isFree(false)
  await page.clock.setSystemTime(Date.now() + 2 * 3_600_000)
  await page.reload()
  await isFree(true)
  opened.assertClean()
})

/** In the page. */
async function countArchives(): Promise<number> {
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle('tintype archives', { create: true })
  let count = 0
  for await (const _ of folder.keys()) count++
  return count
}

test('words find by name and caption; what is found has an address, and Back leads to all', {
  skip,
}, async () => {
  await using opened = await openGallery()
  const { page } = opened
  const field = page.getByRole('searchbox', { name: 'Search' })
  await field.fill('20240328')
  await page.waitForURL('**/?q=20240328')
  await until(
    () => page.locator('.tile').count(),
    (count) => count === 2,
  )
  await tile(page, 0).click()
  await page.getByRole('dialog', { name: nameOf(0) }).waitFor()
  await page.reload()
  await page.getByRole('dialog', { name: nameOf(0) }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.equal(new URL(page.url()).search, '?q=20240328')
  await field.fill('nothing of the kind')
  await page.getByText('Nothing found').waitFor()
  await page.goBack()
  await seePicture(page, `Photo: ${nameOf(3)}`)
  opened.assertClean()
})

test('a year, a month or a day finds what was taken then, in the language of the browser, through a reload', {
  skip,
}, async () => {
  await using opened = await openGallery({ locale: 'de-DE' })
  const { page } = opened
  const field = page.getByRole('searchbox', { name: 'Search' })
  const tiles = (wanted: number) =>
    until(
      () => page.locator('.tile').count(),
      (count) => count === wanted,
    )
  await field.fill('28. März 2024')
  await tiles(2)
  assert.equal(new URL(page.url()).searchParams.get('q'), '28. März 2024')
  await page.reload()
  await tiles(2)
  await field.fill('28 march 2024 IMG')
  await tiles(2)
  await field.fill('märz 2023')
  await page.getByText('Nothing found').waitFor()
  await page.getByText('A date is').waitFor()
  await assertAccessible(page)
  opened.assertClean()
})

test('what comes from elsewhere moves nothing that one looks at, and a reload shows the same place', {
  skip,
}, async () => {
  await using opened = await openGallery({ viewport: { width: 390, height: 700 } })
  const { page } = opened
  await page.locator('.tile-open').first().focus()
  const focused = page.locator('.tile-open:focus').and(tile(page, 21))
  while ((await focused.count()) === 0) await page.keyboard.press('ArrowRight')
  const place = async () => (await tile(page, 21).boundingBox())?.y ?? -1
  const before = await place()
  const bytes = await photo({ width: 900, height: 600, seed: 99 })
  assert.equal((await upload(server.url, { name: 'IMG_20240401_120000.jpg', bytes })).status, 201)
  await page.getByRole('button', { name: '1 new' }).waitFor()
  assert.ok(Math.abs((await place()) - before) < 2, `${await place()} instead of ${before}`)
  await page.reload()
  await seePicture(page, `Photo: ${nameOf(21)}`)
  assert.ok(Math.abs((await place()) - before) < 2, `${await place()} instead of ${before}`)
  opened.assertClean()
})

test('a reload shows the same place, also where it is further down than what is loaded first', {
  skip,
}, async () => {
  await using opened = await openGallery({ viewport: { width: 390, height: 700 } })
  const { page } = opened
  const isList = ({ pathname, searchParams }: URL) => pathname === '/api/media' && searchParams.has('limit')
  await page.route(
    isList,
    (route, request) => {
      const url = new URL(request.url())
      url.searchParams.set('limit', '4')
      return route.continue({ url: url.href })
    },
    { times: 1 },
  )
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
  await seePicture(page, `Photo: ${nameOf(39)}`)
  const place = async () => (await tile(page, 39).boundingBox())?.y ?? -1
  const before = await place()
  await page.reload()
  await seePicture(page, `Photo: ${nameOf(39)}`)
  assert.ok(Math.abs((await place()) - before) < 2, `${await place()} instead of ${before}`)
  opened.assertClean()
})

test('a caption that could not be saved stays written, through a reload, and is saved later', {
  skip,
}, async () => {
  await using opened = await openGallery({}, /net::ERR|ERR_INTERNET/)
  const { page } = opened
  await tile(page, 7).click()
  const viewer = page.getByRole('dialog', { name: nameOf(7) })
  await viewer.getByRole('button', { name: 'Add a caption' }).click()
  await viewer.getByLabel('Caption').fill('Not lost')
  await page.context().setOffline(true)
  await viewer.getByRole('button', { name: 'Save' }).click()
  await viewer.getByText('What you have written is kept here.').waitFor()
  await assertAccessible(page)
  await page.context().setOffline(false)
  await viewer.getByText('Saved').waitFor()
  await viewer.getByRole('button', { name: 'Edit caption' }).click()
  await viewer.getByLabel('Caption').fill('Still there')
  await page.reload()
  assert.equal(await viewer.getByLabel('Caption').inputValue(), 'Still there')
  opened.assertClean()
})
