/** Albums: what their owner makes, and what comes into them. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { albumRoutes } from '@tintype/protocol'
import { until } from '../support/until.ts'
import { assertAccessible } from './accessible.ts'
import { type AlbumOwner, bytesOf, heading, startAlbums, tiles } from './albums.ts'
import { launchBrowser } from './browser.ts'
import { assertFits } from './keyboard.ts'
import { seePicture } from './page.ts'

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

test('three photos become an album, a drop link of it fills it from a phone, and its owner sees them arrive', {
  skip,
}, async () => {
  await using opened = await ann.openOwner()
  const { page } = opened
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await seePicture(page, 'Photo: 3.jpg')
  for (const n of [1, 2, 3]) {
    await page.getByRole('button', { name: `Photo: ${n}.jpg` }).focus()
    await page.keyboard.press('x')
  }
  await page.getByRole('button', { name: 'Add to album' }).click()
  await page.getByRole('dialog', { name: 'Add 3 photos to an album' }).waitFor()
  await page.getByLabel('Name of the album').fill('Summer')
  await assertAccessible(page)
  await page.getByRole('button', { name: 'Add to a new album' }).click()
  await page.getByText('Added to Summer.').waitFor()
  await page.getByRole('button', { name: 'Show the album' }).click()
  await heading(page, 'Summer').waitFor()
  await until(
    () => tiles(page).count(),
    (count) => count === 3,
  )
  assert.match(new URL(page.url()).pathname, /^\/album\/[\w-]+$/)
  assert.equal(await page.title(), 'Summer · Tintype')

  // The viewer, Back and a reload, as everywhere.
  await page.getByRole('button', { name: 'Photo: 2.jpg' }).click()
  await page.getByRole('dialog', { name: '2.jpg' }).waitFor()
  assert.match(new URL(page.url()).pathname, /^\/album\/[\w-]+\/photo\/[\w-]+$/)
  await page.reload()
  await page.getByRole('dialog', { name: '2.jpg' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await until(
    () => tiles(page).count(),
    (count) => count === 3,
  )
  await assertAccessible(page)

  await page.getByRole('button', { name: 'Share' }).click()
  const dialog = page.getByRole('dialog', { name: 'Share Summer' })
  await dialog.getByRole('radio', { name: 'send photos into it' }).check()
  await dialog.getByLabel('How many files').fill('20')
  await dialog.getByLabel('How many GB').fill('0.5')
  await assertAccessible(page)
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  const field = dialog.getByRole('textbox', { name: 'Send photos and videos into the album' })
  const link = await field.inputValue()
  assert.ok(link.startsWith(`${ann.url}/s/`), link)
  await dialog.getByRole('img', { name: 'The link as a QR code' }).waitFor()
  await page.keyboard.press('Enter')
  await dialog.getByText('Copied.').waitFor()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link)
  await assertAccessible(page)
  await dialog.getByRole('button', { name: 'Done' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.locator('button:focus', { hasText: 'Share' }).press('Enter')
  await dialog.getByText('0 of 20 files sent, 0 bytes of 500 MB').waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })

  await using guest = await ann.openGuest(link)
  await heading(guest.page, 'Summer').waitFor()
  assert.match(new URL(guest.page.url()).pathname, /^\/shared\/[\w-]+$/)
  await guest.page
    .getByText('Send up to 20 photos and videos into this album, 500 MB together, until')
    .waitFor()
  await assertAccessible(guest.page)
  await assertFits(guest.page)
  const files = await Promise.all(
    [10, 11].map(async (seed) => ({
      name: `guest-${seed}.jpg`,
      mimeType: 'image/jpeg',
      buffer: Buffer.from(await bytesOf(seed)),
    })),
  )
  await guest.page.locator('input[type=file][multiple]').setInputFiles(files)
  await guest.page.getByText('Thank you. What you have sent is in the album.').waitFor()
  for (const { name } of files) await guest.page.getByRole('img', { name }).waitFor()
  await guest.page.getByText('Send up to 18 photos and videos').waitFor()
  await assertAccessible(guest.page)
  await assertFits(guest.page)

  // Without a reload.
  for (const { name } of files) await seePicture(page, `Photo: ${name}`)
  await page.getByText('5 photos and videos').waitFor()

  // What was sent can be taken back, also after a reload.
  await guest.page.reload()
  await guest.page.getByRole('button', { name: 'Take guest-10.jpg back' }).tap()
  await guest.page.getByRole('dialog', { name: 'Take this photo back?' }).waitFor()
  await assertAccessible(guest.page)
  await guest.page.getByRole('button', { name: 'Take it back' }).tap()
  await guest.page.getByRole('img', { name: 'guest-10.jpg' }).waitFor({ state: 'detached' })
  await until(
    () => tiles(page).count(),
    (count) => count === 4,
  )
  guest.assertClean()
  opened.assertClean()
})

test('an open photo is added to an album, from the bar or by keys from its details, at any width', {
  skip,
}, async () => {
  await ann.makeAlbum('Tower', 0)
  await using opened = await ann.openOwner()
  const { page } = opened
  for (const [width, name] of [
    [1280, '3.jpg'],
    [390, '2.jpg'],
  ] as const) {
    await page.setViewportSize({ width, height: 844 })
    await page.getByRole('button', { name: `Photo: ${name}` }).click()
    const viewer = page.getByRole('dialog', { name })
    const dialog = page.getByRole('dialog', { name: 'Add 1 photo to an album' })
    const add = viewer.getByRole('button', { name: 'Add to album', exact: true })
    await add.click()
    await dialog.getByRole('button', { name: 'Tower' }).waitFor()
    await assertAccessible(page)
    await assertFits(page)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.keyboard.press('i')
    assert.equal(await add.count(), 1)
    await add.focus()
    await page.keyboard.press('Enter')
    await dialog.getByRole('button', { name: 'Tower' }).press('Enter')
    await viewer.getByText('Added to Tower.').waitFor()
    await add.and(page.locator(':focus')).waitFor()
    await assertFits(page)
    await page.keyboard.press('i')
    await viewer.getByRole('button', { name: 'Close' }).click()
  }
  await page.getByRole('button', { name: 'Show the album' }).click()
  await heading(page, 'Tower').waitFor()
  await until(
    () => tiles(page).count(),
    (count) => count === 2,
  )
  opened.assertClean()
})

test('what another tab does to an album and its links shows by itself, in the album and in the list', {
  skip,
}, async () => {
  const album = await ann.makeAlbum('Bakery')
  const path = albumRoutes.album(album.id)
  await using first = await ann.openOwner(`/album/${album.id}`, /status of 404/)
  await using second = await ann.openOwner('/albums')
  const [shown, listed] = [first.page, second.page.getByRole('listitem')]
  await until(async () => (await tiles(shown).count()) === 3)
  const row = listed.filter({ hasText: 'Bakery' })
  await row.getByText('3 photos and videos').waitFor()

  await ann.change('PATCH', path, { name: 'The bakery' })
  await heading(shown, 'The bakery').waitFor()
  await listed.filter({ hasText: 'The bakery' }).waitFor()
  const ids = [album.coverId as string]
  await ann.change('POST', albumRoutes.albumMediaRemove(album.id), { ids })
  await until(async () => (await tiles(shown).count()) === 2)
  await listed.filter({ hasText: 'The bakery' }).getByText('2 photos and videos').waitFor()
  await ann.change('POST', albumRoutes.albumMedia(album.id), { ids })
  await until(async () => (await tiles(shown).count()) === 3)

  await shown.getByRole('button', { name: 'Share' }).click()
  const dialog = shown.getByRole('dialog', { name: 'Share The bakery' })
  await dialog.getByRole('button', { name: 'Make the link' }).waitFor()
  const { link } = await ann.makeLink(album, { kind: 'drop', maxFiles: 9, maxBytes: 2e9 })
  await dialog.getByText('0 of 9 files sent, 0 bytes of 2 GB').waitFor()
  await ann.change('PATCH', albumRoutes.albumLink(album.id, link.id), { maxFiles: 4 })
  await dialog.getByText('0 of 4 files sent').waitFor()
  await ann.change('DELETE', albumRoutes.albumLink(album.id, link.id))
  await dialog.getByText('0 of 4 files sent').waitFor({ state: 'detached' })
  await shown.keyboard.press('Escape')

  await ann.change('DELETE', path)
  await heading(shown, 'This album can’t be shown').waitFor()
  await listed.filter({ hasText: 'The bakery' }).waitFor({ state: 'detached' })
  first.assertClean()
  second.assertClean()
})

test('what is chosen while an album is open goes into it', { skip }, async () => {
  const album = await ann.makeAlbum('Harbour', 1)
  await using opened = await ann.openOwner(`/album/${album.id}`)
  const { page } = opened
  await heading(page, 'Harbour').waitFor()
  await page.locator('.header input[type=file]').setInputFiles({
    ...{ name: 'boat.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await bytesOf(40)) },
  })
  await seePicture(page, 'Photo: boat.jpg')
  await page.getByText('2 photos and videos').waitFor()
  await page.getByRole('link', { name: 'Albums' }).first().click()
  await page.getByRole('link', { name: /Harbour.*2 photos and videos/ }).waitFor()
  opened.assertClean()
})

test('an album whose deletion takes a while is not asked for meanwhile, nor deleted twice', {
  skip,
}, async () => {
  const { id } = await ann.makeAlbum('Going')
  await using listed = await ann.openOwner('/albums')
  await using opened = await ann.openOwner(`/album/${id}`)
  const { page } = opened
  await heading(page, 'Going').waitFor()
  let deletions = 0
  await page.route(`**${albumRoutes.album(id)}`, async (route) => {
    if (route.request().method() !== 'DELETE') return route.continue()
    deletions++
    const response = await route.fetch()
    // The other page hears of it as this one does.
    await listed.page.getByRole('link', { name: 'Going' }).waitFor({ state: 'detached' })
    await route.fulfill({ response })
  })
  await page.getByRole('button', { name: 'Delete album' }).click()
  const confirm = page.getByRole('dialog').getByRole('button', { name: 'Delete' })
  await confirm.click()
  await confirm.click({ force: true })
  await page.getByText('The album Going is deleted.').waitFor()
  assert.equal(deletions, 1)
  opened.assertClean()
})
