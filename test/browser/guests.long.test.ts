/** What somebody meets who was sent a link. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../support/until.ts'
import { assertAccessible } from './accessible.ts'
import { type AlbumOwner, bytesOf, heading, startAlbums, tiles } from './albums.ts'
import { launchBrowser } from './browser.ts'
import { assertFits } from './keyboard.ts'

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

test('a guest with a view link looks at an album and can do nothing else, until the link is ended', {
  skip,
}, async () => {
  const album = await ann.makeAlbum('Lisbon')
  const { url: link } = await ann.makeLink(album, { kind: 'view', expiresIn: 86_400 })
  await using guest = await ann.openGuest(link, /status of 4(0[45]|10)/)
  const { page } = guest
  await heading(page, 'Lisbon').waitFor()
  await page.getByText(/3 photos and videos, shared with you, until/).waitFor()
  await until(
    () => page.locator('.tile img[data-shown="true"]').count(),
    (count) => count === 3,
  )
  await assertAccessible(page)
  await assertFits(page)
  await tiles(page).first().tap()
  const viewer = page.getByRole('dialog')
  await viewer.waitFor()
  assert.match(new URL(page.url()).pathname, /^\/shared\/[\w-]+\/photo\/[\w-]+$/)
  for (const name of ['Delete', 'Details', 'Download original'])
    assert.equal(await page.getByRole('button', { name }).count(), 0, name)
  await page.locator('.current .frame[data-shown="true"]').waitFor()
  await assertAccessible(page)
  await page.reload()
  await viewer.waitFor()
  await page.goBack()
  await viewer.waitFor({ state: 'detached' })
  // What the owner replaces is another picture here, too, without a reload.
  const sources = () =>
    page.locator('.tile img').evaluateAll((all) => all.map((one) => one.getAttribute('src')))
  const before = await sources()
  const replaced = await fetch(`${ann.url}/api/media/${album.coverId}`, {
    method: 'PUT',
    headers: { Cookie: ann.cookie, 'Content-Type': 'image/jpeg' },
    body: (await bytesOf(77)) as BodyInit,
  })
  assert.equal(replaced.status, 200)
  await page.evaluate(() => dispatchEvent(new Event('focus')))
  await until(async () => {
    const now = await sources()
    return now.length === 3 && now.filter((one) => !before.includes(one)).length === 1
  })

  const status = await page.evaluate(
    async (id) => {
      const base = location.pathname.replace(/\/$/, '')
      return (await fetch(`${base}/api/media/${id}`, { method: 'DELETE' })).status
    },
    (await ann.makeAlbum('nothing', 1)).id,
  )
  assert.ok(status === 404 || status === 405, `${status}`)

  await using owner = await ann.openOwner(`/album/${album.id}`)
  await owner.page.getByRole('button', { name: 'Share' }).click()
  const dialog = owner.page.getByRole('dialog', { name: 'Share Lisbon' })
  await dialog.getByText('See the album').first().waitFor()
  await dialog.getByRole('button', { name: 'End it' }).click()
  await dialog.getByText('It ends at once').waitFor()
  await assertAccessible(owner.page)
  await dialog.getByRole('button', { name: 'End it now' }).click()
  await dialog.getByRole('heading', { name: 'Links to this album' }).waitFor({ state: 'detached' })

  await page.evaluate(() => dispatchEvent(new Event('focus')))
  await heading(page, 'This link has ended').waitFor()
  await page.getByText('Ask them for another one.').waitFor()
  await assertAccessible(page)

  // Nor does it ask again: the link does not come back.
  await page.clock.install()
  await page.reload()
  await heading(page, 'This link has ended').waitFor()
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.evaluate(() => dispatchEvent(new Event('focus')))
  await page.clock.fastForward(60_000)
  await page.evaluate(() => fetch('/healthz'))
  assert.deepEqual(asked, ['/healthz'])
  owner.assertClean()
  guest.assertClean()
})

test('a link that is full, narrowed, expired or not opened says so, and what to do', { skip }, async (t) => {
  const album = await ann.makeAlbum('Garden')
  const { url: link } = await ann.makeLink(album, { kind: 'drop', maxFiles: 5, expiresIn: 3600 })
  await using guest = await ann.openGuest(link, /status of 4(01|03|10)/)
  const { page } = guest
  await page.getByText('Send up to 5 photos and videos').waitFor()

  await using owner = await ann.openOwner(`/album/${album.id}`)
  await owner.page.getByRole('button', { name: 'Share' }).click()
  const dialog = owner.page.getByRole('dialog', { name: 'Share Garden' })
  await dialog.getByRole('button', { name: 'Allow less' }).click()
  const row = dialog.getByRole('listitem')
  await row.getByLabel('How many files').fill('1')
  await row.getByLabel('How many GB').fill('0.25')
  await assertAccessible(owner.page)
  await row.getByRole('button', { name: 'Save' }).click()
  await row.getByText('0 of 1 file sent, 0 bytes of 250 MB').waitFor()
  await page.evaluate(() => dispatchEvent(new Event('focus')))
  await page.getByText('Send up to 1 photo or video').waitFor()

  const input = page.locator('input[type=file][multiple]')
  await input.focus()
  await input.setInputFiles({
    ...{ name: 'only.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await bytesOf(20)) },
  })
  await page.getByText('nothing more can be sent by this link').waitFor()
  assert.equal(await page.locator('.guest-ways').isVisible(), false)
  await page.locator('main:focus').waitFor()
  await assertAccessible(page)

  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 3_700_000 })
  await page.evaluate(() => dispatchEvent(new Event('focus')))
  await heading(page, 'This link has ended').waitFor()
  t.mock.timers.reset()

  // Another phone, to which only the address was sent that this one shows.
  await using other = await ann.openGuest(page.url(), /status of 401/)
  await heading(other.page, 'Open the link again').waitFor()
  await assertAccessible(other.page)
  guest.assertClean()
})
