/** Every state of the page: what axe finds in it in light and in dark, and whether it fits a phone. */
import { after, before, test } from 'node:test'
import { personRoutes } from '@tintype/protocol'
import { upload } from '../support/server.ts'
import { assertAccessible } from './accessible.ts'
import { type AlbumOwner, bytesOf, startAlbums } from './albums.ts'
import { launchBrowser } from './browser.ts'
import { assertFits } from './fits.ts'
import { openPage } from './page.ts'
import { startServer } from './server.ts'
import { albums } from './states/albums.ts'
import { gallery } from './states/gallery.ts'
import { guests } from './states/guests.ts'
import { people } from './states/people.ts'
import { plain } from './states/plain.ts'
import type { State, StatesWorld } from './states/state.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched

const states = { ...gallery, ...albums, ...people, ...guests, ...plain }
const schemes = ['light', 'dark'] as const
let ann: AlbumOwner
let world: StatesWorld

before(async () => {
  if (skip) return
  ann = await startAlbums(browser, { UNDO_WINDOW: '2592000', TINTYPE_TOKEN: 'a token that is long enough' })
  const photos: string[] = []
  for (let n = 0; n < 4; n++) photos.unshift((await ann.send(`${n}.jpg`, n)).id)
  const album = await ann.makeAlbum('A week at the lake')
  const link = (given: object) => ann.makeLink(album, { kind: 'drop', ...given })
  const [view, drop] = [await link({ kind: 'view' }), await link({ maxFiles: 20 })]
  const [full, ended] = [await link({ maxFiles: 1 }), await link({})]
  await fillUp(full.url)
  await ann.change('DELETE', `/albums/${album.id}/links/${ended.link.id}`)
  const gone = await ann.send('deleted.jpg', 20)
  await ann.change('DELETE', `/media/${gone.id}`)
  const { person } = await ann.family.people.add('Cleo')
  // A token of Bob's, and Bob.
  const cookie = await ann.family.join('Bob')
  await fetch(ann.url + personRoutes.tokens, {
    method: 'POST',
    headers: { Cookie: cookie, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Backup' }),
  })
  world = {
    ...{ photos, album: album.id, emptyAlbum: (await ann.makeAlbum('Empty', 0)).id },
    ...{ view: view.url, drop: drop.url, full: full.url, ended: ended.url },
    invitation: `/invite/${await ann.family.people.invite(person)}`,
    picture: { name: 'sent.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await bytesOf(30)) },
  }
})
after(async () => {
  await ann?.[Symbol.asyncDispose]()
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

/** Sends the one file that a link allows. */
async function fillUp(link: string): Promise<void> {
  await using guest = await ann.openGuest(link)
  const buffer = Buffer.from(await bytesOf(31))
  await guest.page
    .locator('input[type=file][multiple]')
    .setInputFiles({ name: 'only.jpg', mimeType: 'image/jpeg', buffer })
  await guest.page.getByText('nothing more can be sent by this link').waitFor()
}

/** A page of this state. */
async function openState(state: State) {
  const { as = 'Ann', at = () => '/', show } = state
  const opened = await openPage(browser)
  const { page } = opened
  if (as !== 'nobody') {
    const [cookie = '', value = ''] = (await ann.family.join(as)).split('=')
    await page.context().addCookies([{ name: cookie, value, url: ann.url }])
  }
  await page.goto(new URL(at(world), ann.url).href)
  await show(page, world)
  return opened
}

for (const [name, state] of Object.entries(states)) {
  test(`accessible in light and dark, and fits a screen and 360 pixels: ${name}`, { skip }, async () => {
    await using opened = await openState(state)
    const { page } = opened
    await assertFits(page)
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme })
      await assertAccessible(page)
    }
    await page.setViewportSize({ width: 360, height: 780 })
    await assertFits(page)
    await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'))
    await assertFits(page)
  })
}

test('accessible in light and dark: what is about to be deleted for good', { skip }, async () => {
  await using server = await startServer({ UNDO_WINDOW: '0' })
  await upload(server.url, { bytes: await bytesOf(1) })
  await using opened = await openPage(browser)
  const { page } = opened
  await page.goto(server.url)
  await page.locator('.tile-open').first().click()
  await page.keyboard.press('Delete')
  await page.getByRole('alertdialog').or(page.getByRole('dialog')).last().waitFor()
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme })
    await assertAccessible(page)
  }
})
