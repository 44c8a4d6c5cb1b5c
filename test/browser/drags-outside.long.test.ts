/** A mouse that is pressed on the page and let go outside of it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { photo } from '../media/photos.ts'
import { upload } from '../support/server.ts'
import { launchBrowser } from './browser.ts'
import { openPage, seePicture } from './page.ts'
import { startServer, type TestServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
let server: TestServer

before(async () => {
  if (skip) return
  server = await startServer()
  for (let n = 0; n < 3; n++) {
    const bytes = await photo({ width: 1200, height: 800, seed: n + 1 })
    assert.equal((await upload(server.url, { name: `${n}.jpg`, bytes })).status, 201)
  }
})
after(async () => {
  await server?.[Symbol.asyncDispose]()
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

async function openGallery() {
  const opened = await openPage(browser)
  await opened.page.goto(server.url)
  await seePicture(opened.page, 'Photo: 0.jpg')
  return opened
}

/** What a moving mouse has done is drawn by then. */
const drawn = (page: Page) =>
  page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(null)))),
  )

test('a rectangle ends with the press, wherever that ends', { skip }, async () => {
  await using opened = await openGallery()
  const { page } = opened
  const { mouse } = page
  const tile = await page.locator('.tile').first().boundingBox()
  assert.ok(tile)
  const y = tile.y + tile.height / 2

  // Out at once, from the very edge.
  await mouse.move(2, y)
  await mouse.down()
  await mouse.move(-40, y)
  await mouse.up()
  await mouse.move(tile.x + 300, y + 20, { steps: 5 })
  await drawn(page)
  assert.equal(await page.locator('.marquee').count(), 0, 'it is drawn without a button that is pressed')
  assert.equal(await page.getByRole('region', { name: 'Selected' }).count(), 0)

  // Out in the midst of it.
  await mouse.move(tile.x - 10, y)
  await mouse.down()
  await mouse.move(tile.x + 50, y + 20, { steps: 3 })
  await page.locator('.marquee').waitFor()
  await mouse.move(-40, y + 40, { steps: 3 })
  await mouse.up()
  await page.locator('.marquee').waitFor({ state: 'detached' })
  await mouse.move(tile.x + 300, y + 20, { steps: 5 })
  await drawn(page)
  assert.equal(await page.locator('.marquee').count(), 0)
  opened.assertClean()
})

test('Escape gives a rectangle up, and keeps what was selected before', { skip }, async () => {
  await using opened = await openGallery()
  const { page } = opened
  const { mouse } = page
  const tiles = page.locator('.tile')
  const [first, second] = [await tiles.nth(0).boundingBox(), await tiles.nth(1).boundingBox()]
  assert.ok(first && second)
  await page.keyboard.down('Control')
  await tiles.nth(1).click()
  // From the edge over the first photo.
  const y = first.y + first.height / 2
  await mouse.move(first.x - 10, y)
  await mouse.down()
  await page.keyboard.up('Control')
  await mouse.move(first.x + 20, y + 10, { steps: 3 })
  await page.getByText('2 selected').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('.marquee').waitFor({ state: 'detached' })
  await mouse.move(first.x + 40, y + 20, { steps: 3 })
  await drawn(page)
  await page.getByText('1 selected').waitFor()
  await mouse.up()
  await page.getByText('1 selected').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('region', { name: 'Selected' }).waitFor({ state: 'detached' })
  opened.assertClean()
})

test('a press that was let go outside is no second finger of a touch', { skip }, async () => {
  await using opened = await openGallery()
  const { page } = opened
  await page.getByRole('button', { name: 'Photo: 1.jpg' }).click()
  await page.locator('.current .frame[data-shown="true"]').waitFor()
  await page.mouse.move(3, 400)
  await page.mouse.down()
  await page.mouse.move(-60, 400)
  await page.mouse.up()
  const touch = await page.context().newCDPSession(page)
  const finger = (type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number) =>
    touch.send('Input.dispatchTouchEvent', { type, touchPoints: x === undefined ? [] : [{ x, y: 400 }] })
  await finger('touchStart', 700)
  for (const x of [600, 450, 300]) await finger('touchMove', x)
  await finger('touchEnd')
  await page.getByRole('dialog', { name: '0.jpg' }).waitFor()
  opened.assertClean()
})

test('a photo that is zoomed stays where it was let go, also outside of the window or over the details', {
  skip,
}, async () => {
  await using opened = await openGallery()
  const { page } = opened
  const { mouse } = page
  await page.getByRole('button', { name: 'Photo: 1.jpg' }).click()
  const details = page.getByRole('complementary', { name: 'Details' })
  await details.waitFor()
  await page.locator('.current .frame[data-shown="true"]').waitFor()
  for (let n = 0; n < 4; n++) await page.keyboard.press('+')
  const frame = page.locator('.current .frame')
  await frame.evaluate((one) => Promise.all(one.getAnimations().map((moving) => moving.finished)))
  const transform = () => frame.evaluate((one) => (one as HTMLElement).style.transform)
  const edge = (await details.boundingBox())?.x
  assert.ok(edge)
  for (const [from, to] of [
    [3, -60],
    [edge - 3, edge + 60],
  ] as const) {
    await mouse.move(from, 500)
    await mouse.down()
    await mouse.move(to, 500)
    await mouse.up()
    const before = await transform()
    await mouse.move(edge / 2, 400, { steps: 5 })
    await drawn(page)
    assert.equal(await transform(), before, 'it goes on without a button that is pressed')
  }
  opened.assertClean()
})
