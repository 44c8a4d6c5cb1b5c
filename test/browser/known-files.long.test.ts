/** Files that are in the gallery already are told before a byte is sent. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { upload } from '../support/server.ts'
import { until } from '../support/until.ts'
import { assertAccessible } from './accessible.ts'
import { openAltered } from './altered.ts'
import { launchBrowser } from './browser.ts'
import { type Chosen, choose, file, watchUploads } from './chosen-files.ts'
import { openPage, seePicture } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

test('what is there already is not sent, and the rest is; it is added once more where one wants that', {
  skip,
}, async () => {
  await using server = await startServer()
  const [one, two, three] = [await file('one.jpg', 1), await file('two.jpg', 2), await file('three.jpg', 3)]
  for (const { buffer } of [one, two]) await upload(server.url, { name: 'there.jpg', bytes: buffer })
  await using opened = await openPage(browser)
  const { page } = opened
  const sent = watchUploads(page)
  await page.goto(server.url)
  await choose(page, [one, two, three])
  const tray = page.getByRole('region', { name: 'Not everything was added' })
  await tray.getByText('They are in your gallery already: one.jpg, two.jpg').waitFor()
  await seePicture(page, 'Photo: three.jpg')
  assert.equal(sent.length, 1)

  await tray.getByRole('button', { name: 'Add anyway' }).click()
  for (const name of ['one.jpg', 'two.jpg']) await seePicture(page, `Photo: ${name}`)
  await tray.waitFor({ state: 'detached' })
  assert.equal(sent.length, 3)

  await choose(page, [three])
  await page.getByText('It is in your gallery already.', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Dismiss three.jpg' }).click()
  assert.equal(sent.length, 3)
  opened.assertClean()
})

test('what is chosen twice is sent once, also by another name, while it is sent, and by a later choice', {
  skip,
}, async () => {
  await using server = await startServer()
  const files = await Promise.all([1, 2, 3, 4].map((n) => file(`${n}.jpg`, n)))
  const [one, two, three, four] = files as [Chosen, Chosen, Chosen, Chosen]
  await using opened = await openPage(browser)
  const { page } = opened
  const sent = watchUploads(page)
  await page.goto(server.url)
  await choose(page, [one, { ...one, name: 'copy.jpg' }, two])
  await page.locator('tintype-uploads li').getByText('It is the same as 1.jpg, and is sent once.').waitFor()
  await page.getByRole('button', { name: 'Hide the files' }).click()
  for (const name of ['1.jpg', '2.jpg']) await seePicture(page, `Photo: ${name}`)
  await page.locator('tintype-uploads header').getByText('Not everything was added').waitFor()
  assert.equal(sent.length, 2)
  await page.getByRole('button', { name: 'Show the files' }).click()
  await page.getByRole('button', { name: 'Add anyway' }).click()
  await seePicture(page, 'Photo: copy.jpg')
  assert.equal(sent.length, 3)

  const held = Promise.withResolvers<void>()
  await page.route('**/api/media', async (route) => {
    if (route.request().method() === 'POST') await held.promise
    await route.continue()
  })
  await choose(page, [three, four])
  await page.getByText('Uploading 2 files', { exact: true }).waitFor()
  await choose(page, [three, four])
  await page
    .locator('tintype-uploads li')
    .getByText('They were chosen twice, and are sent once: 3.jpg, 4.jpg')
    .waitFor()
  held.resolve()
  for (const name of ['3.jpg', '4.jpg']) await seePicture(page, `Photo: ${name}`)
  assert.equal(sent.length, 5)
  opened.assertClean()
})

test('while files are looked at, this is seen and told once, leaving is asked about, and it can be cancelled', {
  skip,
}, async () => {
  await using server = await startServer()
  await using opened = await openPage(browser, {}, /net::ERR_ABORTED/)
  const { page } = opened
  const sent = watchUploads(page)
  await page.goto(server.url)
  await page.getByText('No photos yet').waitFor()
  const news = await page.locator('tintype-uploads [role=status]').evaluateHandle((status) => {
    const heard: string[] = []
    const hear = () => status.textContent && heard.push(status.textContent)
    new MutationObserver(hear).observe(status, { childList: true, characterData: true, subtree: true })
    return heard
  })
  const isAsked = () =>
    page.evaluate(() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true })))
  await page.route(/\/api\/media\?.*sha256=/, () => {})
  const asked = page.waitForRequest(/sha256=/)
  await choose(page, [await file('one.jpg', 1), await file('two.jpg', 2)])
  const tray = page.getByRole('region', { name: 'Looking at 2 files…' })
  await tray.waitFor()
  assert.equal(await isAsked(), true)
  const request = await asked
  const given = page.waitForEvent('requestfailed', (failed) => failed === request)
  await assertAccessible(page)
  await tray.getByRole('button', { name: 'Cancel 2 files' }).click()
  await tray.waitFor({ state: 'detached' })
  await given
  await until(async () => !(await isAsked()))
  assert.deepEqual(await news.jsonValue(), ['Looking at 2 files.'])

  await page.unroute(/\/api\/media\?.*sha256=/)
  await choose(page, [await file('three.jpg', 3)])
  await seePicture(page, 'Photo: three.jpg')
  assert.equal(sent.length, 1)
  opened.assertClean()
})

test('files are counted together, also where the first are there before the last are looked at', {
  skip,
}, async () => {
  await using server = await startServer()
  const files = await Promise.all(Array.from({ length: 10 }, (_, n) => file(`${n}.jpg`, n)))
  await using opened = await openPage(browser)
  const { page } = opened
  await page.goto(server.url)
  const held = Promise.withResolvers<void>()
  let asked = 0
  await page.route(/\/api\/media\?.*sha256=/, async (route) => {
    if (++asked > 1) await held.promise
    await route.continue()
  })
  await choose(page, files)
  for (const n of [0, 7]) await seePicture(page, `Photo: ${n}.jpg`)
  await page.getByRole('region', { name: 'Looking at 2 files…' }).waitFor()
  held.resolve()
  await page.getByRole('region', { name: '10 files added' }).waitFor()
  await page.getByRole('status').filter({ hasText: '10 files uploaded.' }).waitFor()
  opened.assertClean()
})

test('a file that is chosen again, since it could not be read, is not told to be there already', {
  skip,
}, async () => {
  await using server = await startServer()
  const one = await file('one.jpg', 1)
  await upload(server.url, { name: 'there.jpg', bytes: one.buffer })
  const cannotRead = (name: string) => {
    const getFile = () => Promise.reject(new DOMException('no', 'NotFoundError'))
    Object.assign(globalThis, { showOpenFilePicker: async () => [{ kind: 'file', name, getFile }] })
  }
  await using opened = await openAltered({ browser, url: server.url }, cannotRead, 'one.jpg')
  const { page } = opened
  await page.locator('.header .picker.primary').click()
  await page.getByRole('region', { name: '1 file failed' }).waitFor()
  await choose(page, [one])
  await seePicture(page, 'Photo: one.jpg')
  await page.getByRole('region', { name: '1 file added' }).waitFor()
  opened.assertClean()
})

test('where the server can’t be asked, everything is sent', { skip }, async () => {
  await using server = await startServer()
  const one = await file('one.jpg', 1)
  await upload(server.url, { name: 'there.jpg', bytes: one.buffer })
  await using opened = await openPage(browser, {}, /status of 500/)
  const { page } = opened
  await page.goto(server.url)
  await page.route(/\/api\/media\?.*sha256=/, (route) => route.fulfill({ status: 500 }))
  await choose(page, [one])
  await seePicture(page, 'Photo: one.jpg')
  opened.assertClean()
})

test('a server that does not answer is asked once, and everything is sent', { skip }, async () => {
  await using server = await startServer()
  const files = await Promise.all(Array.from({ length: 20 }, (_, n) => file(`${n}.jpg`, n)))
  await using opened = await openPage(browser)
  const { page } = opened
  const sent = watchUploads(page)
  await page.goto(server.url)
  let asked = 0
  await page.route(/\/api\/media\?.*sha256=/, () => {
    asked++
  })
  const givenUp = page.waitForEvent('requestfailed', (request) => request.url().includes('sha256='))
  await choose(page, files)
  for (const n of [0, 19]) await seePicture(page, `Photo: ${n}.jpg`)
  assert.equal(sent.length, 20)
  assert.equal(asked, 1)
  await givenUp
  opened.assertClean()
})

test('a session that ends while files are looked at: they are looked for once one has signed in', {
  skip,
}, async () => {
  const token = 'a token that is long enough'
  await using server = await startServer({ TINTYPE_TOKEN: token })
  await using opened = await openPage(browser, {}, /status of 401/)
  const { page } = opened
  const sent = watchUploads(page)
  await page.clock.install()
  await page.goto(server.url)
  const signIn = async () => {
    await page.getByLabel('Token').fill(token)
    await page.keyboard.press('Enter')
  }
  await signIn()
  const [one, two] = [await file('one.jpg', 1), await file('two.jpg', 2)]
  await choose(page, [one])
  await seePicture(page, 'Photo: one.jpg')
  await page.context().clearCookies()
  await choose(page, [one, two])
  await page.getByText('2 uploads will go on when you have signed in.').waitFor()
  await page.clock.fastForward(20_000)
  await signIn()
  await seePicture(page, 'Photo: two.jpg')
  await page.getByText('It is in your gallery already.', { exact: true }).waitFor()
  assert.equal(sent.length, 2)
  opened.assertClean()
})
