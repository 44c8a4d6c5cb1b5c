import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Locator, Page, Route } from 'playwright-core'
import { photo } from '../media/photos.ts'
import { upload } from '../support/server.ts'
import { until } from '../support/until.ts'
import { launchBrowser } from './browser.ts'
import { openPage, seePicture } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

/** Objects that the page loads, by the end of their keys, such as `original.jpg`. */
function watchObjects(page: Page): string[] {
  const objects: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (pathname.includes('/s3/')) objects.push(pathname.slice(pathname.lastIndexOf('/') + 1))
  })
  return objects
}

/** Pixels of the picture that an `<img>` has chosen, and of the place that it is shown in. */
const widths = (image: Locator) =>
  image.evaluate(async (img: HTMLImageElement) => {
    const chosen = new Image()
    chosen.src = img.currentSrc
    await chosen.decode()
    return {
      picture: chosen.naturalWidth,
      place: Math.round(img.getBoundingClientRect().width * devicePixelRatio),
    }
  })

for (const [width, height, deviceScaleFactor] of [
  [1280, 800, 1],
  [1280, 800, 2],
  [390, 844, 3],
] as const) {
  test(`at ${width} pixels and a density of ${deviceScaleFactor}, photos are sharp, and no original is loaded`, {
    skip,
  }, async () => {
    await using server = await startServer()
    for (const [wide, high] of [
      [4000, 3000],
      [1500, 2000],
      [3000, 1000],
    ] as const) {
      const sent = await upload(server.url, {
        bytes: await photo({ width: wide, height: high }),
        name: `${wide}.jpg`,
      })
      assert.equal(sent.status, 201)
    }
    await using opened = await openPage(browser, { viewport: { width, height }, deviceScaleFactor })
    const { page } = opened
    const objects = watchObjects(page)
    await page.goto(server.url)
    for (const name of ['4000.jpg', '1500.jpg', '3000.jpg']) {
      await seePicture(page, `Photo: ${name}`)
      const tile = await widths(page.getByRole('button', { name: `Photo: ${name}` }).locator('img'))
      assert.ok(tile.picture >= tile.place, `${name}: ${tile.picture} pixels on ${tile.place}`)
      assert.ok(tile.picture <= tile.place * 3, `${name}: ${tile.picture} pixels on ${tile.place}`)
    }

    await page.getByRole('button', { name: 'Photo: 4000.jpg' }).click()
    const viewer = page.getByRole('dialog', { name: '4000.jpg' })
    await viewer.locator('.current .frame[data-shown="true"]').waitFor()
    const large = await widths(viewer.locator('.current .frame img'))
    assert.ok(large.picture >= large.place * 0.8, `${large.picture} pixels on ${large.place}`)
    assert.deepEqual(
      objects.filter((key) => key.startsWith('original')),
      [],
    )
    assert.ok(objects.length >= 4)
    opened.assertClean()
  })
}

test('what was added just now shows its thumb until its size is made; what is older does not load it', {
  skip,
}, async () => {
  await using server = await startServer()
  await upload(server.url, { bytes: await photo({ width: 4000, height: 3000 }), name: 'photo.jpg' })
  await using opened = await openPage(browser, { deviceScaleFactor: 2 })
  const { page } = opened
  const size = Promise.withResolvers<Route>()
  await page.route(/\/image\?/, (route) => size.resolve(route))
  const objects = watchObjects(page)
  const thumb = page.waitForResponse(/\/thumb\.webp/)
  await page.goto(server.url)
  assert.equal((await thumb).status(), 200)
  await (await size.promise).continue()
  await seePicture(page, 'Photo: photo.jpg')

  objects.length = 0
  await page.unrouteAll()
  await page.clock.setSystemTime(Date.now() + 120_000)
  await page.goto('about:blank')
  await page.goto(server.url)
  await seePicture(page, 'Photo: photo.jpg')
  assert.deepEqual(
    objects.filter((key) => key.startsWith('thumb')),
    [],
  )
  opened.assertClean()
})

test('a photo whose sizes can’t be had is shown in the large variant, else in the small one', {
  skip,
}, async () => {
  await using server = await startServer()
  await upload(server.url, { bytes: await photo({ width: 4000, height: 3000 }), name: 'photo.jpg' })
  await using opened = await openPage(browser)
  const { page } = opened
  await page.route(/\/image\?/, (route) => route.fulfill({ status: 422 }))
  /** How wide the picture is that the viewer shows in the end. */
  const shown = async () => {
    await page.goto(server.url)
    await page.getByRole('button', { name: 'Photo: photo.jpg' }).click()
    const frame = page
      .getByRole('dialog', { name: 'photo.jpg' })
      .locator('.current .frame[data-shown="true"]')
    await frame.waitFor()
    // 0 while it turns to another one.
    return widths(frame.locator('img').first()).then(
      ({ picture }) => picture,
      () => 0,
    )
  }
  await until(shown, (wide) => wide === 2048)
  await page.route(/\/s3\/.*\/view/, (route) => route.abort())
  await until(shown, (wide) => wide === 320)
})

test('a tile of which no picture can be had says its name, until one can', { skip }, async () => {
  await using server = await startServer()
  await upload(server.url, { name: 'gone.jpg', bytes: await photo({ width: 900, height: 600 }) })
  await using opened = await openPage(browser, {}, /net::ERR_FAILED/)
  const { page } = opened
  const pictures = /\/image\?|\/s3\//
  await page.route(pictures, (route) => route.abort())
  await page.goto(server.url)
  const name = page.locator('.tile-name').getByText('gone.jpg')
  await name.waitFor()
  await page.unroute(pictures)
  await page.reload()
  await seePicture(page, 'Photo: gone.jpg')
  await name.waitFor({ state: 'detached' })
  opened.assertClean()
})

test('without JavaScript tiles are sharp, too, and a photo opens in a size for screens', {
  skip,
}, async () => {
  await using server = await startServer()
  await upload(server.url, { bytes: await photo({ width: 4000, height: 3000 }) })
  await using opened = await openPage(browser, { deviceScaleFactor: 2, javaScriptEnabled: false })
  const { page } = opened
  const objects = watchObjects(page)
  const picture = page.waitForResponse((response) => response.url().includes('/s3/'))
  await page.goto(`${server.url}/plain`)
  assert.equal((await picture).status(), 200)
  await page.locator('li a').first().click()
  await page.waitForURL('**/s3/**')
  assert.deepEqual(
    objects.filter((key) => key.startsWith('original')),
    [],
  )
})
