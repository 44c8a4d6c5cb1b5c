/** One photo, and what is done with it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../support/until.ts'
import { assertAccessible } from './accessible.ts'
import { launchBrowser } from './browser.ts'
import { at, type FortyPhotos, nameOf, startFortyPhotos, tile } from './forty-photos.ts'
import { openPage, seePicture } from './page.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched

let photos: FortyPhotos
before(async () => {
  if (!skip) photos = await startFortyPhotos(browser)
})
after(async () => {
  await photos?.[Symbol.asyncDispose]()
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

test('each photo has an address: Back closes it, a reload stays, and a link to it opens it with those beside it', {
  skip,
}, async () => {
  await using opened = await photos.open()
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
  await page.goto(`${photos.url}/photo/AAAAAAAAAAAAAAAAAAAAAA`)
  await page.getByText('There is no such photo or video').waitFor()
  await page.getByRole('button', { name: 'Show all photos' }).click()
  await seePicture(page, `Photo: ${nameOf(0)}`)
  opened.assertClean()
})

test('the original is loaded when one zooms beyond what is there, by wheel, double click or keys', {
  skip,
}, async () => {
  await using opened = await photos.open()
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
  await using opened = await photos.open({
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
  await using opened = await photos.open({}, /net::ERR|status of (404|5\d\d)/)
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
  await photos.restart()
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
  await using opened = await photos.open()
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

test('a caption that could not be saved stays written, through a reload, and is saved later', {
  skip,
}, async () => {
  await using opened = await photos.open({}, /net::ERR|ERR_INTERNET/)
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
