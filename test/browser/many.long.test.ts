/** 2,000 photos: what is selected of them, saved together, deleted and restored, in a wide window and in a narrow one. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Media, MediaPage, Timeline } from '@tintype/protocol'
import type { Locator, Page } from 'playwright-core'
import { fillLibrary } from '../gallery/many-photos.ts'
import { photo } from '../media/photos.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'
import { until } from '../support/until.ts'
import { launchBrowser } from './browser.ts'
import { openPage, type TestPage } from './page.ts'
import { readZip } from './zip.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched

const count = 2000
/** Of each original. */
const bytes = 64
let folder: string
let server: ServerProcess
before(async () => {
  if (skip) return
  folder = await mkdtemp(join(tmpdir(), 'tintype-many-'))
  await (await startProcess({ TINTYPE_DATA: folder })).terminate()
  await fillLibrary(join(folder, 'tintype.db'), count, bytes)
  server = await startProcess({ TINTYPE_DATA: folder, UNDO_WINDOW: '3600' })
})
after(async () => {
  await server?.terminate()
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

const looks = [
  { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const

/** Each original has its id in it: there are rows of them, and no objects. */
const originalOf = (id: string) => id.padEnd(bytes, '.')

async function open(look: (typeof looks)[number]): Promise<TestPage> {
  const opened = await openPage(browser, look, /net::ERR/)
  const context = opened.page.context()
  const body = await photo({ width: 320, height: 240 })
  await context.route(/\/image\?/, (route) =>
    route.fulfill({ body: Buffer.from(body), contentType: 'image/jpeg' }),
  )
  await context.route(/\/s3\//, (route) => {
    const [, id = ''] = /media\/([\w-]+)\/original/.exec(route.request().url()) ?? []
    return route.fulfill({ body: originalOf(id), contentType: 'image/jpeg' })
  })
  await opened.page.goto(server.url)
  await opened.page.locator('.rows[aria-busy="false"]').waitFor()
  return opened
}

const bar = (page: Page) => page.getByRole('region', { name: 'Selected' })
const selected = (page: Page, many: number) =>
  bar(page)
    .getByText(`${many.toLocaleString('en-US')} selected`, { exact: true })
    .waitFor()
const tile = (page: Page, n: number) => page.getByRole('button', { name: `Photo: IMG_${n}.jpg`, exact: true })
const days = async () => {
  const answer = (await (await fetch(`${server.url}/api/timeline?zone=${zone}`)).json()) as Timeline
  const counts = new Map<string, number>()
  for (const page of answer.pages)
    for (const { date, count } of page.days) counts.set(date, (counts.get(date) ?? 0) + count)
  return { total: answer.total, days: [...counts.values()] }
}
const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)
async function list(limit: number): Promise<Media[]> {
  const all: Media[] = []
  let cursor: string | null = null
  do {
    const query = `order=taken&limit=100${cursor ? `&cursor=${cursor}` : ''}`
    const page = (await (await fetch(`${server.url}/api/media?${query}`)).json()) as MediaPage
    all.push(...page.media)
    cursor = page.next
  } while (cursor && all.length < limit)
  return all.slice(0, limit)
}

/** Turns the wheel until this photo is there, and back where it was passed. */
async function lookFor(page: Page, n: number): Promise<Locator> {
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 }
  await page.mouse.move(width / 2, height / 2)
  const wanted = tile(page, n)
  let at = -1
  await until(async () => {
    // A wheel turns on for a while: a tile that is there may be gone before it is pressed.
    const before = at
    at = await page.evaluate(() => window.scrollY)
    if (at !== before) return false
    if (await wanted.isVisible()) return true
    const places = await page
      .locator('[data-index]')
      .evaluateAll((tiles) => tiles.map((tile) => Number(tile.getAttribute('data-index'))))
    // That of what has the focus stays in the page, before all others or behind them.
    const middle = places[places.length >> 1] ?? n
    await page.mouse.wheel(0, middle > n ? -height / 2 : height / 2)
    at = -1
    return false
  })
  await wanted.scrollIntoViewIfNeeded()
  return wanted
}

for (const look of looks) {
  const where = `${look.viewport.width} pixels wide, ${look.colorScheme}`

  test(`200 photos from Shift to Shift are one archive in their order, ${where}`, { skip }, async () => {
    await using opened = await open(look)
    const { page } = opened
    await tile(page, 0).click({ modifiers: ['Shift'] })
    await (await lookFor(page, 199)).click({ modifiers: ['Shift'] })
    await selected(page, 200)
    await page.evaluate(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
    const download = page.waitForEvent('download')
    await bar(page).getByRole('button', { name: 'Download' }).click()
    const entries = readZip(await readFile((await (await download).path()) ?? ''))
    await page.getByText('200 photos downloaded.').waitFor()
    const media = await list(200)
    assert.deepEqual(
      entries.map(({ name, content }) => [name, String(content)]),
      media.map(({ name, id }) => [name, originalOf(id)]),
    )
    for (const [n, { modified }] of entries.entries()) {
      const away = modified.getTime() - Date.parse(media[n]?.createdAt ?? '')
      assert.ok(Math.abs(away) <= 2000, `${media[n]?.name} is dated ${away} ms off`)
    }
    opened.assertClean()
  })

  test(`all 2,000 are selected, loaded or not; Escape meanwhile selects none, ${where}`, {
    skip,
  }, async () => {
    await using opened = await open(look)
    const { page } = opened
    await tile(page, 0).click({ modifiers: ['Shift'] })
    await page.keyboard.press('Control+a')
    await selected(page, count)
    await page.keyboard.press('Escape')
    await bar(page).waitFor({ state: 'detached' })

    // From here on lists are held back, and come when the selection has been left.
    await page.reload()
    await page.locator('.rows[aria-busy="false"]').waitFor()
    const held: (() => void)[] = []
    let [isHeld, answered] = [true, 0]
    const isList = ({ pathname, searchParams }: URL) =>
      pathname === '/api/media' && searchParams.has('cursor')
    await page.route(isList, async (route) => {
      if (isHeld) await new Promise<void>((go) => held.push(go))
      await route.continue()
    })
    page.on('requestfinished', (request) => {
      if (isList(new URL(request.url()))) answered++
    })
    await tile(page, 0).click({ modifiers: ['Shift'] })
    await page.keyboard.press('Control+a')
    await until(() => held.length > 0)
    await page.keyboard.press('Escape')
    await bar(page).waitFor({ state: 'detached' })
    isHeld = false
    for (const go of held) go()
    // All that is not in view.
    await until(() => answered > 30)
    assert.equal(await bar(page).count(), 0)
    opened.assertClean()
  })

  test(`a rectangle goes on beyond the window, and leaves nothing out, ${where}`, { skip }, async () => {
    await using opened = await open(look)
    const { page } = opened
    const { width, height } = look.viewport
    const first = await tile(page, 0).boundingBox()
    assert.ok(first)
    await page.mouse.move(first.x - 6, first.y + 20)
    await page.mouse.down()
    await page.mouse.move(width - 20, height / 2, { steps: 3 })
    await page.mouse.move(width - 20, height - 1, { steps: 3 })
    await until(() => page.evaluate(() => window.scrollY > 4 * window.innerHeight))
    await page.mouse.move(width - 20, height / 2)
    await page.mouse.up()
    const inView = page.locator('.tile[data-selected="true"] .tile-open')
    const last = await until(async () => {
      const places = await inView.evaluateAll((all) => all.map((one) => Number(one.dataset.index)))
      const shown = await bar(page).getByRole('status').textContent()
      const end = Math.max(...places) + 1
      return shown === `${end.toLocaleString('en-US')} selected` ? end : 0
    })
    assert.ok(last > 40, `${last} selected`)
    assert.equal(await page.locator('.marquee').count(), 0)
    opened.assertClean()
  })

  test(`a day is selected by the mark beside its name, and no more, ${where}`, { skip }, async () => {
    await using opened = await open(look)
    const { page } = opened
    const [size = 0] = (await days()).days
    await tile(page, 0).hover()
    const mark = page.getByRole('checkbox', { name: /^Select all of/ }).first()
    await mark.click()
    await selected(page, size)
    assert.equal(await mark.isChecked(), true)
    await tile(page, 0).click()
    await selected(page, size - 1)
    assert.equal(await mark.isChecked(), false)
    await mark.click()
    await selected(page, size)
    await mark.click()
    await bar(page).waitFor({ state: 'detached' })
    // By keys it is before the photos of its day.
    await tile(page, 0).focus()
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Space')
    await selected(page, size)
    opened.assertClean()
  })

  test(`one Undo brings back 100 photos to their places, ${where}`, { skip }, async () => {
    await using opened = await open(look)
    const { page } = opened
    const names = (await list(count)).map(({ name }) => name)
    let reads = 0
    page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/api/timeline') reads++
    })
    await (await lookFor(page, 50)).click({ modifiers: ['Shift'] })
    await (await lookFor(page, 149)).click({ modifiers: ['Shift'] })
    await selected(page, 100)
    const undo = page.getByRole('button', { name: 'Undo' })
    await page.keyboard.press('Delete')
    await page.getByText('100 photos deleted.').waitFor()
    assert.equal((await days()).total, count - 100)
    assert.equal(await undo.count(), 1)
    await undo.click()
    await page.getByText('Restored.').waitFor()
    assert.deepEqual(
      (await list(count)).map(({ name }) => name),
      names,
    )
    // They are no news.
    assert.equal(await page.locator('.pill').count(), 0)
    for (const n of [50, 99, 149, 150])
      assert.equal(await (await lookFrom(page, n)).getAttribute('data-index'), String(n))
    assert.equal(reads, 0, 'all was read anew for what this page has done itself')
    opened.assertClean()
  })
}

/** From the top. */
async function lookFrom(page: Page, n: number): Promise<Locator> {
  await page.evaluate(() => window.scrollTo(0, 0))
  return lookFor(page, n)
}
