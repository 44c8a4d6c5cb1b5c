/** The photos together: selected, found, and where one was among them. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { upload } from '../support/server.ts'
import { until } from '../support/until.ts'
import { assertAccessible } from './accessible.ts'
import { launchBrowser } from './browser.ts'
import { type FortyPhotos, nameOf, startFortyPhotos, tile } from './forty-photos.ts'
import { seePicture } from './page.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched

let photos: FortyPhotos
before(async () => {
  if (typeof launched !== 'string') photos = await startFortyPhotos(launched.browser)
})
after(async () => {
  await photos?.[Symbol.asyncDispose]()
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

test('many are selected by Shift, by keys and by a rectangle, and come as one archive', {
  skip,
}, async () => {
  await using opened = await photos.open()
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
  const list = (await (await fetch(`${photos.url}/api/media?order=taken&limit=1`)).json()) as {
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
  await bar.waitFor({ state: 'detached' })

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
  await using opened = await photos.open()
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
  await using opened = await photos.open()
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

test('that nothing was found is seen at once, however far down one was', { skip }, async () => {
  await using opened = await photos.open({ viewport: { width: 844, height: 390 } })
  const { page } = opened
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
  await seePicture(page, `Photo: ${nameOf(39)}`)
  await page.getByRole('searchbox', { name: 'Search' }).fill('nothing of the kind')
  await page.getByText('Nothing found').waitFor()
  await page.locator('.header:focus-within').waitFor()
  assert.equal(await page.evaluate(() => window.scrollY), 0)
  opened.assertClean()
})

test('a year, a month or a day finds what was taken then, in the language of the browser, through a reload', {
  skip,
}, async () => {
  await using opened = await photos.open({ locale: 'de-DE' })
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
  await field.fill('märz IMG_20240328')
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
  await using opened = await photos.open({ viewport: { width: 390, height: 700 } })
  const { page } = opened
  await page.locator('.tile-open').first().focus()
  const focused = page.locator('.tile-open:focus').and(tile(page, 21))
  while ((await focused.count()) === 0) await page.keyboard.press('ArrowRight')
  const place = async () => (await tile(page, 21).boundingBox())?.y ?? -1
  const before = await place()
  const bytes = await photo({ width: 900, height: 600, seed: 99 })
  assert.equal((await upload(photos.url, { name: 'IMG_20240401_120000.jpg', bytes })).status, 201)
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
  await using opened = await photos.open({ viewport: { width: 390, height: 700 } })
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

test('where what had the focus is deleted, it is on the photo that stands there; after Undo on one that is back', {
  skip,
}, async () => {
  await using opened = await photos.open()
  const { page } = opened
  const bar = page.getByRole('region', { name: 'Selected' })
  const select = async () => {
    await tile(page, 4).focus()
    await page.keyboard.press('x')
    await page.keyboard.press('Shift+ArrowRight')
    await bar.getByText('2 selected').waitFor()
  }
  const hasFocus = (n: number) => page.locator('.tile-open:focus').and(tile(page, n)).waitFor()
  await select()
  const held = Promise.withResolvers<void>()
  await page.route('**/api/media/delete', async (route) => {
    await held.promise
    await route.continue()
  })
  await bar.getByRole('button', { name: 'Delete' }).press('Enter')
  await page.getByText('Deleting 2 photos…').waitFor()
  held.resolve()
  await page.getByText('2 photos deleted.').waitFor()
  await hasFocus(6)
  await page.getByRole('button', { name: 'Undo' }).press('Enter')
  await page.getByText('Restored.').waitFor()
  await page
    .locator('.tile-open:focus')
    .and(tile(page, 4).or(tile(page, 5)))
    .waitFor()
  await select()
  await bar.getByRole('button', { name: 'Leave the selection' }).press('Enter')
  await bar.waitFor({ state: 'detached' })
  await hasFocus(5)
  await select()
  await bar.getByRole('button', { name: 'Delete' }).press('Escape')
  await bar.waitFor({ state: 'detached' })
  await hasFocus(5)
  opened.assertClean()
})

test('what is added while one searches is shown where it is found by these words alone', {
  skip,
}, async () => {
  await using opened = await photos.open()
  const { page } = opened
  await page.getByRole('searchbox', { name: 'Search' }).fill('20240328')
  await until(
    () => page.locator('.tile').count(),
    (count) => count === 2,
  )
  const names = ['IMG_20240301_090000.jpg', 'IMG_20240328_090000.jpg']
  const files = await Promise.all(
    names.map(async (name, n) => {
      const bytes = await photo({ width: 900, height: 600, seed: 200 + n })
      return { name, mimeType: 'image/jpeg', buffer: Buffer.from(bytes) }
    }),
  )
  await page.locator('.header input[type=file][multiple]').first().setInputFiles(files)
  await page.getByText('2 files added').first().waitFor()
  await seePicture(page, `Photo: ${names[1]}`)
  assert.equal(await page.locator('.tile').count(), 3)
  opened.assertClean()
})
