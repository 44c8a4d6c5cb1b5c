/** Albums and their links without a pointer: by the keys of a keyboard alone. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { albumRoutes } from '@tintype/protocol'
import { until } from '../support/until.ts'
import { assertAccessible } from './accessible.ts'
import { type AlbumOwner, bytesOf, heading, startAlbums, tiles } from './albums.ts'
import { launchBrowser } from './browser.ts'
import { assertFits, focusOn, tabTo } from './keyboard.ts'
import { openPage, seePicture } from './page.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched

let ann: AlbumOwner
before(async () => {
  if (skip) return
  ann = await startAlbums(browser)
  for (let n = 0; n < 4; n++) await ann.send(`${n}.jpg`, n)
})
after(async () => {
  await ann?.[Symbol.asyncDispose]()
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

test('by keys alone, at 390 pixels: an album is made, renamed, emptied and deleted, and its photos stay', {
  skip,
}, async () => {
  await ann.makeAlbum('Another', 1)
  await using opened = await ann.openOwner('/albums')
  const { page } = opened
  await page.setViewportSize({ width: 390, height: 844 })
  await heading(page, 'Albums').waitFor()
  await assertAccessible(page)
  await assertFits(page)
  await tabTo(page, 'New album')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'New album' }).waitFor()
  await assertFits(page)
  await page.keyboard.type('Keys')
  await page.keyboard.press('Enter')
  await heading(page, 'Keys').waitFor()
  await page.getByText('Nothing in this album yet').waitFor()
  await assertAccessible(page)
  await assertFits(page)

  await tabTo(page, 'Rename the album')
  await page.keyboard.press('Enter')
  await page.keyboard.type('Keyboard')
  await page.keyboard.press('Enter')
  await heading(page, 'Keyboard').waitFor()
  await focusOn(page, 'Rename the album')

  const [album] = await ann.albumsNamed('Keyboard')
  const added = await ann.send('in-it.jpg', 30)
  await fetch(`${ann.url}/api${albumRoutes.albumMedia(album?.id ?? '')}`, {
    method: 'POST',
    headers: { Cookie: ann.cookie, 'Content-Type': 'application/json' },
    body: JSON.stringify({ ids: [added.id] }),
  })
  await page.reload()
  await seePicture(page, 'Photo: in-it.jpg')
  while ((await page.locator('.tile-open:focus').count()) === 0) await page.keyboard.press('Tab')
  await page.keyboard.press('x')
  await tabTo(page, 'Take out of the album')
  await page.keyboard.press('Enter')
  await page.getByText('1 photo taken out of the album. It is still in your gallery.').waitFor()
  await page.getByText('Nothing in this album yet').waitFor()

  await tabTo(page, 'Delete album')
  await page.keyboard.press('Enter')
  await page.getByText('Its photos and videos stay in your gallery.').waitFor()
  await focusOn(page, 'Cancel')
  await assertAccessible(page)
  await tabTo(page, 'Delete')
  await page.keyboard.press('Enter')
  await heading(page, 'Albums').waitFor()
  assert.equal((await ann.albumsNamed('Keyboard')).length, 0)
  assert.equal(
    (await fetch(`${ann.url}/api/media/${added.id}`, { headers: { Cookie: ann.cookie } })).status,
    200,
  )
  opened.assertClean()
})

test('a guest does everything by keys alone: chooses files, takes one back, and walks through an album', {
  skip,
}, async () => {
  const album = await ann.makeAlbum('Meadow')
  const drop = await ann.makeLink(album, { kind: 'drop' })
  const view = await ann.makeLink(album, { kind: 'view', original: true })
  await using opened = await openPage(browser, {}, /status of 415/)
  const { page } = opened
  // Chromium's dialog for file handles can't be answered from here: the one of all browsers can.
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showOpenFilePicker'))
  const chooser = page.waitForEvent('filechooser')
  await page.goto(drop.url)
  await page.getByText('Send photos and videos into this album.').waitFor()
  while ((await page.locator('input[type=file]:focus').count()) === 0) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await (await chooser).setFiles([
    { name: 'keys.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await bytesOf(50)) },
    { name: 'words.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('only words') },
  ])
  await page.getByRole('img', { name: 'keys.jpg' }).waitFor()
  await page.getByRole('region', { name: '1 file failed' }).waitFor()
  await assertAccessible(page)
  await tabTo(page, 'Take keys.jpg back')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await page.locator('[aria-label="Take keys.jpg back"]:focus').waitFor()
  await page.keyboard.press('Enter')
  await tabTo(page, 'Take it back')
  await page.keyboard.press('Enter')
  await page.getByRole('img', { name: 'keys.jpg' }).waitFor({ state: 'detached' })
  assert.notEqual(await page.locator(':focus').count(), 0, 'the focus is lost')

  await page.goto(view.url)
  await heading(page, 'Meadow').waitFor()
  await until(
    () => page.locator('.tile img[data-shown="true"]').count(),
    (count) => count === 3,
  )
  while ((await page.locator('.tile-open:focus').count()) === 0) await page.keyboard.press('Tab')
  await page.keyboard.press('x')
  assert.equal(await page.getByRole('region', { name: 'Selected' }).count(), 0)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('link', { name: 'Download original' }).waitFor()
  await page.keyboard.press('Delete')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.locator('.tile-open:focus').waitFor()
  assert.equal(await tiles(page).count(), 3)
  opened.assertClean()
})
