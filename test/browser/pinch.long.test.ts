/** Two fingers on a photo. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { upload } from '../support/server.ts'
import { launchBrowser } from './browser.ts'
import { openPage, seePicture } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

test('two fingers zoom into a photo; lifting them one by one is no tap, and no double tap', {
  skip,
}, async () => {
  await using server = await startServer()
  const bytes = await photo({ width: 2400, height: 1600 })
  assert.equal((await upload(server.url, { name: 'wide.jpg', bytes })).status, 201)
  const viewport = { width: 390, height: 844 }
  await using opened = await openPage(browser, { viewport, hasTouch: true, isMobile: true })
  const { page } = opened
  await page.clock.install()
  await page.goto(server.url)
  await seePicture(page, 'Photo: wide.jpg')
  await page.getByRole('button', { name: 'Photo: wide.jpg' }).tap()
  await page.locator('.current .frame[data-shown="true"]').waitFor()
  const devtools = await page.context().newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...places: number[]) =>
    devtools.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: places.map((x, id) => ({ x, y: 422, id })),
    })
  const pinch = async () => {
    await touch('touchStart', 180, 210)
    for (const by of [10, 20, 30, 40]) await touch('touchMove', 180 - by, 210 + by)
    await touch('touchEnd', 140)
    await touch('touchEnd')
  }
  const scale = () =>
    page
      .locator('.current .frame')
      .evaluate((frame) => Number(/scale\((.+)\)/.exec((frame as HTMLElement).style.transform)?.[1] ?? 1))
  await pinch()
  const once = await scale()
  assert.ok(once > 2, `${once}`)
  await pinch()
  assert.ok((await scale()) >= once, 'it zooms further')
  await page.clock.runFor(1000)
  await page.locator('.viewer[data-bare="false"]').waitFor()
  opened.assertClean()
})
