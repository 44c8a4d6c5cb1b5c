import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { launchBrowser } from './browser.ts'
import { assertFits, focused, focusOn, tabTo } from './keyboard.ts'
import { openPage, seePicture } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

let pictures = 0
/** Another one each time: what was chosen twice is sent once. */
const file = async (name: string) => ({
  name,
  mimeType: 'image/png',
  buffer: await photo({ width: 300, height: 200, type: 'image/png', seed: ++pictures }),
})

test('without JavaScript the page leads to a plain form that uploads and lists', { skip }, async () => {
  await using server = await startServer()
  await using opened = await openPage(browser, { javaScriptEnabled: false })
  const { page } = opened
  await page.goto(server.url)
  await page.waitForURL('**/plain')
  await page.locator('input[type=file]').setInputFiles(await file('plain.png'))
  await page.getByLabel('Caption').fill('No script at all')
  const picture = page.waitForResponse((response) => response.url().includes('/s3/'))
  await page.getByRole('button', { name: 'Upload' }).click()
  await page.getByText('No script at all').waitFor()
  assert.equal(new URL(page.url()).pathname, '/plain')
  assert.equal((await picture).status(), 200)
  opened.assertClean()
})

test('everything can be done with the keyboard on a page 390 pixels wide', { skip }, async () => {
  await using server = await startServer()
  await using opened = await openPage(browser, { viewport: { width: 390, height: 844 } })
  const { page } = opened
  // Chromium's dialog for file handles can't be answered from here: the one of all browsers can.
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showOpenFilePicker'))
  // Listens before the page is there: the browser needs a moment to hand its file dialog over.
  const chooser = page.waitForEvent('filechooser')
  await page.goto(server.url)
  await page.getByText('No photos yet').waitFor()

  while ((await page.locator('input[type=file]:focus').count()) === 0) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await (await chooser).setFiles([await file('one.png'), await file('two.png')])
  await seePicture(page, 'Photo: one.png')
  await seePicture(page, 'Photo: two.png')
  await assertFits(page)

  // Tab leads to one photo, arrows to those beside it.
  while ((await page.locator('.tile-open:focus').count()) === 0) await page.keyboard.press('Tab')
  if ((await focused(page, 'Photo: one.png').count()) === 0) await page.keyboard.press('ArrowRight')
  await focusOn(page, 'Photo: one.png')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'one.png' }).waitFor()
  await assertFits(page)
  await tabTo(page, 'Details')
  await page.keyboard.press('Enter')
  await tabTo(page, 'Add a caption')
  await page.keyboard.press('Enter')
  await page.keyboard.type('By keys alone')
  await page.keyboard.press('Enter')
  await page.getByText('Saved').waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.type('not this')
  await page.keyboard.press('Escape')
  await page.locator('.caption-text', { hasText: 'By keys alone' }).waitFor()

  const isNewer = (await page.locator('.tile-open').first().getAttribute('aria-label'))?.includes('one.png')
  await page.keyboard.press(isNewer ? 'ArrowRight' : 'ArrowLeft')
  await page.getByRole('dialog', { name: 'two.png' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await focusOn(page, 'Photo: two.png')

  await page.keyboard.press('Enter')
  await tabTo(page, 'Delete')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Photo: two.png' }).waitFor({ state: 'detached' })
  await page.getByRole('dialog', { name: 'one.png' }).waitFor()
  await page.keyboard.press('Escape')
  await focusOn(page, 'Photo: By keys alone (one.png)')
  opened.assertClean()
})

test('a server with a token asks for it, and once more when the session has ended', { skip }, async () => {
  const token = 'correct horse battery staple'
  await using server = await startServer({ TINTYPE_TOKEN: token })
  await using opened = await openPage(browser, {}, /status of 401/)
  const { page } = opened
  await page.goto(server.url)
  const field = page.getByLabel('Access token')
  await field.fill('open sesame, please')
  await field.press('Enter')
  await page.getByRole('alert').getByText('token').waitFor()
  await field.fill(token)
  await field.press('Enter')
  await page.getByText('No photos yet').waitFor()

  // It ends while the user is writing: the work goes on where it was.
  await page.locator('input[type=file]').setInputFiles(await file('first.png'))
  await page.getByRole('button', { name: 'Photo: first.png' }).click()
  await page.getByRole('button', { name: 'Add a caption' }).click()
  await page.getByLabel('Caption').fill('Not lost')
  await page.context().clearCookies()
  // Something else may have told of it before: then the form is above the button.
  await page.getByRole('button', { name: 'Save' }).dispatchEvent('click')
  const cover = page.getByRole('dialog', { name: 'Sign in' })
  await cover.waitFor()
  for (let n = 0; n < 3; n++) await page.keyboard.press('Escape')
  await field.fill(token)
  await field.press('Enter')
  await cover.waitFor({ state: 'detached' })
  // What was asked for waits for the sign-in, and needs no second click.
  await page.getByText('Saved').waitFor()
  await page.locator('.caption-text', { hasText: 'Not lost' }).waitFor()
  await page.getByRole('button', { name: 'Close' }).click()

  // It ends while files are on their way; the answer to one comes only after signing in again.
  const ended = Promise.withResolvers<void>()
  const signedIn = Promise.withResolvers<void>()
  const isHeld = Promise.withResolvers<void>()
  let begun = 0
  let hasEnded = false
  // It stays to the end: to take it away while requests come leaves some of them unanswered.
  await page.route('**/api/media', async (route) => {
    if (hasEnded) return route.continue()
    const isHeldBack = begun++ === 0
    await ended.promise
    const { cookie: _, ...headers } = await route.request().allHeaders()
    const response = await route.fetch({ headers })
    const answer = {
      status: response.status(),
      contentType: response.headers()['content-type'] ?? '',
      body: await response.body(),
    }
    if (isHeldBack) {
      isHeld.resolve()
      await signedIn.promise
    }
    await route.fulfill(answer)
  })
  const names = ['1.png', '2.png', '3.png', '4.png', '5.png']
  const sent = page.waitForRequest('**/api/media')
  await page.locator('input[type=file]').setInputFiles(await Promise.all(names.map(file)))
  await sent
  await page.context().clearCookies()
  hasEnded = true
  ended.resolve()
  await page.getByText('5 uploads will go on when you have signed in.').waitFor()
  await isHeld.promise
  await field.fill(token)
  await field.press('Enter')
  // Three go at a time, and any of those may be the one that waits.
  for (const name of ['4.png', '5.png']) await seePicture(page, `Photo: ${name}`)
  signedIn.resolve()
  for (const name of names) await seePicture(page, `Photo: ${name}`)
  assert.equal(await field.count(), 0)
  await page.setViewportSize({ width: 390, height: 844 })
  await assertFits(page)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await field.waitFor()
  await page.reload()
  await field.waitFor()
  opened.assertClean()
})

test('a link on another site shows a signed-in user what it names; a form there writes nothing', {
  skip,
}, async () => {
  const token = 'correct horse battery staple'
  await using server = await startServer({ TINTYPE_TOKEN: token })
  await using opened = await openPage(browser, {}, /status of 40/)
  const { page } = opened
  await page.goto(server.url)
  await page.getByLabel('Access token').fill(token)
  await page.keyboard.press('Enter')
  await page.locator('input[type=file]').setInputFiles(await file('mailed.png'))
  await seePicture(page, 'Photo: mailed.png')
  const list = await page.evaluate(async () => (await fetch('/api/media')).json())
  const original = `${server.url}/api/media/${list.media[0].id}/original`

  // Another site to the browser: the same machine by its number.
  const mail = createServer((_req, res) => {
    res.setHeader('Content-Type', 'text/html')
    res.end(`<!doctype html><a id="plain" href="${server.url}/plain">a</a> <a id="original" href="${original}">b</a>
      <form method="post" action="${server.url}/api/media" enctype="multipart/form-data"><button>c</button></form>`)
  })
  await new Promise<void>((resolve) => mail.listen(0, '127.0.0.1', resolve))
  try {
    const mailbox = `http://127.0.0.1:${(mail.address() as AddressInfo).port}`
    await page.goto(mailbox)
    await page.locator('#plain').click()
    await page.getByRole('img', { name: 'mailed.png' }).waitFor()
    await page.goto(mailbox)
    const picture = page.waitForResponse((one) => one.url().includes('/api/s3/'))
    await page.locator('#original').click()
    assert.deepEqual(
      [(await picture).status(), await (await picture).headerValue('content-type')],
      [200, 'image/png'],
    )
    await page.goto(mailbox)
    const written = page.waitForResponse((one) => one.url() === `${server.url}/api/media`)
    await page.locator('button').click()
    assert.equal((await written).status(), 403)
  } finally {
    mail.close()
    mail.closeAllConnections()
  }
})
