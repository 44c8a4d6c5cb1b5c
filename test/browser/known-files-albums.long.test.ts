/** Files that are in the gallery already, or on their way, and are chosen for an album: they are sent once. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { MediaPage } from '@tintype/protocol'
import { mediaOf, upload } from '../support/server.ts'
import { launchBrowser } from './browser.ts'
import { choose, file, watchUploads } from './chosen-files.ts'
import { openPage, seePicture } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

/** @returns its id */
async function makeAlbum(url: string, name: string): Promise<string> {
  const made = await fetch(`${url}/api/albums`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  assert.equal(made.status, 201)
  return ((await made.json()) as { id: string }).id
}

test('an album gets what is in the gallery already', { skip }, async () => {
  await using server = await startServer()
  const one = await file('one.jpg', 1)
  const { id } = await mediaOf(await upload(server.url, { name: 'there.jpg', bytes: one.buffer }))
  const album = await makeAlbum(server.url, 'Lake')
  await using opened = await openPage(browser)
  const { page } = opened
  const sent = watchUploads(page)
  await page.goto(`${server.url}/album/${album}`)
  await page.getByRole('heading', { name: 'Lake' }).waitFor()
  for (const files of [[one], [one, { ...one, name: 'same.jpg' }]]) {
    await choose(page, files)
    const toast = page.locator('.toast', { hasText: '1 photo was in your gallery already' })
    await toast.waitFor()
    await seePicture(page, 'Photo: there.jpg')
    await toast.getByRole('button', { name: 'Dismiss' }).click()
  }
  assert.equal(sent.length, 0)
  const { media } = (await (await fetch(`${server.url}/api/albums/${album}/media`)).json()) as {
    media: { id: string }[]
  }
  assert.deepEqual(
    media.map((inside) => inside.id),
    [id],
  )
  opened.assertClean()
})

test('a file that is on its way goes into each album for which it is chosen, and is sent once', {
  skip,
}, async () => {
  await using server = await startServer()
  const [lake, sea] = [await makeAlbum(server.url, 'Lake'), await makeAlbum(server.url, 'Sea')]
  const one = await file('one.jpg', 1)
  await using opened = await openPage(browser)
  const { page } = opened
  const sent = watchUploads(page)
  const held = Promise.withResolvers<void>()
  await page.route('**/api/media', async (route) => {
    if (route.request().method() === 'POST') await held.promise
    await route.continue()
  })
  await page.goto(server.url)
  await choose(page, [one])
  await page.getByText('Uploading 1 file', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Albums' }).click()
  for (const name of ['Lake', 'Sea']) {
    await page.getByRole('link', { name }).click()
    await page.getByRole('heading', { name }).waitFor()
    const looked = page.waitForResponse(/sha256=/)
    await choose(page, [{ ...one, name: 'same.jpg' }])
    await looked
    await page.getByText('Uploading 1 file', { exact: true }).waitFor()
    if (name === 'Lake') await page.goBack()
  }
  await choose(page, [one])
  await page.locator('tintype-uploads li').getByText('It is the same as one.jpg, and is sent once.').waitFor()
  held.resolve()
  await seePicture(page, 'Photo: one.jpg')
  assert.equal(sent.length, 1)
  for (const album of [lake, sea]) {
    const { media } = (await (await fetch(`${server.url}/api/albums/${album}/media`)).json()) as MediaPage
    assert.deepEqual(
      media.map(({ name }) => name),
      ['one.jpg'],
    )
  }
  opened.assertClean()
})
