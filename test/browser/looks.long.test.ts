/** What is seen of the gallery that words of the page don't tell: what covers what, how wide an edge is, how long a line stays. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { startFamily } from '../people/family.ts'
import { upload } from '../support/server.ts'
import { startAlbums } from './albums.ts'
import { launchBrowser } from './browser.ts'
import { assertFits } from './fits.ts'
import { openPage, seePicture } from './page.ts'
import { startServer, type TestServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
let server: TestServer
const longName = 'Anneliese Wilhelmine von der Großen-Überraschung'

before(async () => {
  if (skip) return
  server = await startServer({ UNDO_WINDOW: '3600' })
  const caption =
    'A caption of so many words that they reach from one edge of the panel to the other. '.repeat(3)
  const wide = await photo({ width: 1800, height: 500, seed: 1 })
  const small = await photo({ width: 600, height: 400, seed: 2 })
  assert.equal((await upload(server.url, { name: 'wide.jpg', bytes: wide }, { caption })).status, 201)
  assert.equal((await upload(server.url, { name: 'small.jpg', bytes: small })).status, 201)
})
after(async () => {
  await server?.[Symbol.asyncDispose]()
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

const openGallery = async (options = {}, expected?: RegExp) => {
  const opened = await openPage(browser, options, expected)
  await opened.page.goto(server.url)
  await seePicture(opened.page, 'Photo: small.jpg')
  return opened
}

for (const width of [320, 1280])
  test(`a long caption goes round the button that hides the details, ${width} pixels wide`, {
    skip,
  }, async () => {
    await using opened = await openGallery({ viewport: { width, height: 800 } })
    const { page } = opened
    await page.getByRole('button', { name: /^Photo: .*wide\.jpg/ }).click()
    const fold = page.getByRole('button', { name: 'Hide details' })
    if ((await fold.count()) === 0) await page.getByRole('button', { name: 'Details' }).click()
    await page.locator('.caption-text').waitFor()
    const covered = await page.evaluate(() => {
      const text = document.createRange()
      text.selectNodeContents(document.querySelector('.caption-text') as Element)
      const icon = document.querySelector('.details-fold .icon')?.getBoundingClientRect()
      return [...text.getClientRects()].some(
        (line) => icon && line.right > icon.left && line.top < icon.bottom && line.bottom > icon.top,
      )
    })
    assert.equal(covered, false)
    opened.assertClean()
  })

test('a photo that is selected has an edge as wide on all sides, whatever its proportion', {
  skip,
}, async () => {
  await using opened = await openGallery({ reducedMotion: 'reduce' })
  const { page } = opened
  for (const name of ['small.jpg', 'wide.jpg']) {
    const picture = page.locator(`.tile-open[aria-label*="${name}"]`)
    await picture.focus()
    await page.keyboard.press('x')
    await picture.and(page.locator('[aria-pressed="true"]')).waitFor()
    const inner = await picture.boundingBox()
    const outer = await page.locator('.tile').filter({ has: picture }).boundingBox()
    assert.ok(inner && outer)
    const [across, down] = [outer.width - inner.width, outer.height - inner.height]
    assert.ok(across > 0 && Math.abs(across - down) < 1, `${name}: ${across} across, ${down} down`)
  }
  opened.assertClean()
})

test('a line that has but to be read is gone after six seconds; one that offers to undo stays', {
  skip,
}, async () => {
  await using opened = await openPage(browser)
  const { page } = opened
  await page.clock.install()
  await page.goto(server.url)
  await seePicture(page, 'Photo: small.jpg')
  await page.getByRole('button', { name: 'Photo: small.jpg' }).focus()
  await page.keyboard.press('x')
  await page.getByText('1 selected').waitFor()
  await page.keyboard.press('Delete')
  await page.getByText('Photo deleted.').waitFor()
  await page.clock.fastForward(20_000)
  await page.getByRole('button', { name: 'Undo' }).click()
  const line = page.getByText('Restored.')
  await line.waitFor()
  await page.clock.fastForward(6000)
  await line.waitFor({ state: 'detached' })
  opened.assertClean()
})

test('where nothing is found, a button leads back to all photos', { skip }, async () => {
  await using opened = await openGallery()
  const { page } = opened
  await page.getByRole('searchbox', { name: 'Search' }).fill('nothing of the kind')
  await page.getByText('Nothing found').waitFor()
  await page.getByRole('button', { name: 'Show all photos' }).click()
  await seePicture(page, 'Photo: small.jpg')
  assert.equal(new URL(page.url()).search, '')
  assert.equal(await page.getByRole('searchbox', { name: 'Search' }).inputValue(), '')
  opened.assertClean()
})

test('albums, and what was deleted, come by themselves when the server is there again', {
  skip,
}, async () => {
  const headers = { 'Content-Type': 'application/json' }
  const body = JSON.stringify({ name: 'At the lake', mediaIds: [] })
  const made = await fetch(`${server.url}/api/albums`, { method: 'POST', headers, body })
  const { id } = (await made.json()) as { id: string }
  await using opened = await openGallery({}, /net::ERR/)
  const { page } = opened
  for (const [path, api, trouble, sound] of [
    ['albums', '**/api/albums', 'The albums can’t be loaded', 'New album'],
    ['removed', /\/api\/media\?.*removed/, 'What was deleted can’t be loaded', 'Recently deleted'],
    [`album/${id}`, `**/api/albums/${id}`, 'This album can’t be shown', 'Rename the album'],
  ] as const) {
    await page.route(api, (route) => route.abort())
    await page.goto(`${server.url}/${path}`)
    await page.getByRole('heading', { name: trouble }).waitFor()
    await page.unroute(api)
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await page.getByRole('heading', { name: trouble }).waitFor({ state: 'detached' })
    await page
      .getByRole('main')
      .getByRole(path === 'removed' ? 'heading' : 'button', { name: sound })
      .waitFor()
  }
  opened.assertClean()
})

test('a long name of a person leaves room for all else in the head of the page', { skip }, async () => {
  await using family = await startFamily({ RATE_SIGN_IN: 'off' }, [longName])
  const [cookie = '', value = ''] = (await family.join(longName)).split('=')
  for (const width of [1100, 800, 320]) {
    await using opened = await openPage(browser, { viewport: { width, height: 700 } })
    const { page } = opened
    await page.context().addCookies([{ name: cookie, value, url: family.server.url }])
    await page.goto(family.server.url)
    await page.getByRole('button', { name: longName }).waitFor()
    const [wide, room] = await page.evaluate(() => [
      document.querySelector('.header')?.scrollWidth ?? 0,
      document.querySelector('.header')?.clientWidth ?? 0,
    ])
    assert.ok(wide <= room, `${wide} of ${room} at ${width}`)
    opened.assertClean()
  }
})

test('a short name of a person is whole on a phone held sideways: the search gives way', {
  skip,
}, async () => {
  await using family = await startFamily({ RATE_SIGN_IN: 'off' }, ['Ann'])
  const [cookie = '', value = ''] = (await family.join('Ann')).split('=')
  await using opened = await openPage(browser, {
    ...{ viewport: { width: 844, height: 390 }, hasTouch: true, isMobile: true },
  })
  const { page } = opened
  await page.context().addCookies([{ name: cookie, value, url: family.server.url }])
  await page.goto(family.server.url)
  await page.getByRole('link', { name: 'Albums' }).waitFor()
  // A third of a pixel is enough for dots in the place of letters.
  const isWhole = await page.locator('.account .label').evaluate((label) => {
    const text = document.createRange()
    text.selectNodeContents(label)
    return text.getBoundingClientRect().width <= label.getBoundingClientRect().width
  })
  assert.ok(isWhole, 'it is cut off')
  opened.assertClean()
})

test('with letters twice as large, all of the head of the page is on a phone’s screen', {
  skip,
}, async () => {
  await using opened = await openGallery({ viewport: { width: 390, height: 800 }, bypassCSP: true })
  const { page } = opened
  await page.addStyleTag({ content: ':root { font-size: 200% !important }' })
  for (const one of await page.locator('.header').locator('a, button, label, input[type=search]').all()) {
    const box = await one.boundingBox()
    assert.ok(box && box.x >= 0 && box.x + box.width <= 390, `cut off: ${await one.textContent()}`)
  }
  opened.assertClean()
})

test('on a phone that lies on its side, all of the QR code of a link is seen beside it', {
  skip,
}, async () => {
  await using ann = await startAlbums(browser)
  const { id } = await ann.makeAlbum('Summer', 0)
  await using opened = await ann.openOwner(`/album/${id}`)
  const { page } = opened
  await page.setViewportSize({ width: 844, height: 390 })
  await page.getByRole('button', { name: 'Share' }).click()
  await page.getByRole('button', { name: 'Make the link' }).click()
  const dialog = page.getByRole('dialog')
  for (const one of [
    dialog.getByRole('img', { name: 'The link as a QR code' }),
    dialog.getByRole('button', { name: 'Copy link' }),
  ]) {
    const [box, frame] = [await one.boundingBox(), await dialog.boundingBox()]
    assert.ok(box && frame)
    assert.ok(box.y >= frame.y && box.y + box.height <= frame.y + frame.height, 'a part is out of sight')
  }
  await assertFits(page)
  opened.assertClean()
})
