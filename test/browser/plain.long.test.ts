/** All that `/plain` promises, in a browser that runs no script: sign in, upload, list, view, caption, download, delete, sign out. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { assertAccessible } from './accessible.ts'
import { launchBrowser } from './browser.ts'
import { openPage } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

const token = 'a-token-of-thirty-two-characters'

test('without JavaScript one does everything that is basic, and signs out', { skip }, async () => {
  await using server = await startServer({ TINTYPE_TOKEN: token })
  await using opened = await openPage(
    browser,
    { javaScriptEnabled: false, viewport: { width: 390, height: 844 } },
    // Chromium lays its own page around a picture, and has its style refused by the picture's policy.
    /status of 401|Applying inline style violates.*'default-src 'none''/,
  )
  const { page } = opened
  await page.goto(`${server.url}/plain`)
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('No photos yet.').waitFor()

  const buffer = Buffer.from(await photo({ width: 300, height: 200 }))
  await page.locator('input[type=file]').setInputFiles({ name: 'beach.jpg', mimeType: 'image/jpeg', buffer })
  await page.getByRole('button', { name: 'Upload' }).click()
  await page.getByRole('img', { name: 'beach.jpg' }).waitFor()

  await page.getByRole('link', { name: 'Edit, download, delete' }).click()
  await page.getByRole('heading', { name: 'beach.jpg' }).waitFor()
  await page.getByLabel('Caption').fill('Low tide <3')
  await page.getByRole('button', { name: 'Save the caption' }).click()
  await page.getByRole('img', { name: 'Low tide <3' }).waitFor()
  assert.equal(await page.getByLabel('Caption').inputValue(), 'Low tide <3')
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/plain-photo.png` })

  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download the original' }).click()
  const saved = await download
  assert.equal(saved.suggestedFilename(), 'beach.jpg')
  assert.ok((await readFile(await saved.path())).length > 100)

  // What is large opens by a link of its own, and Back leads to the photo.
  await page.getByRole('img', { name: 'Low tide <3' }).click()
  await page.waitForURL(/\/s3\/|\/image/)
  await page.goBack()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('No photos yet.').waitFor()
  assert.equal(new URL(page.url()).pathname, '/plain')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Token').waitFor()
  opened.assertClean()
})

test('the page of a photo is accessible, with and without a caption', { skip }, async () => {
  await using server = await startServer()
  const body = new FormData()
  const bytes = await photo({ width: 300, height: 200 })
  body.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }), 'beach.jpg')
  const sent = await fetch(`${server.url}/api/media`, { method: 'POST', body })
  const { media } = (await sent.json()) as { media: { id: string }[] }
  await using opened = await openPage(browser)
  await opened.page.goto(`${server.url}/plain/photo/${media[0]?.id}`)
  await assertAccessible(opened.page)
  await opened.page.goto(`${server.url}/plain`)
  await assertAccessible(opened.page)
})
