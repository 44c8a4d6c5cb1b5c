/**
 * Pictures of the gallery's states from a real run, with photos that are made on the spot, into docs/screenshots.
 *
 *     node scripts/screenshots.ts [NAME...]
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Album, albumRoutes, type MadeShareLink, type Media, type NewShareLink } from '@tintype/protocol'
import type { Page } from 'playwright-core'
import { createPeople } from '../packages/server/src/people/people.ts'
import { openPeopleDatabase } from '../packages/server/src/records/people-database.ts'
import { systemClock } from '../packages/tintype/src/clock.ts'
import { launchBrowser } from '../test/browser/browser.ts'
import { scene } from '../test/gallery/scenes.ts'
import { startProcess } from '../test/support/process.ts'
import { mediaOf, upload } from '../test/support/server.ts'
import { shootAccount } from './screenshots/account.ts'
import { type Look, phone, screen, shoot as shootPage } from './screenshots/shoot.ts'

const target = fileURLToPath(new URL('../docs/screenshots/', import.meta.url))
const shapes = [
  [1500, 1000],
  [1000, 1500],
  [1600, 1200],
  [1600, 900],
  [1200, 1600],
  [1500, 1500],
  [2400, 800],
] as const
const captions = ['The lake before the storm', null, 'First light', null, null, 'From the hut', null]

const launched = await launchBrowser()
if (typeof launched === 'string') throw new Error(launched)
await using browser = launched
const folder = await mkdtemp(join(tmpdir(), 'tintype-screenshots-'))
await mkdir(target, { recursive: true })
const data = join(folder, 'data')
const server = await startProcess({ TINTYPE_DATA: data, UNDO_WINDOW: '2592000' })
const full = await startProcess({ TINTYPE_DATA: join(folder, 'full'), QUOTA_MEDIA: '3' })

/** Empty: all of them. */
const wanted = process.argv.slice(2)

/** @param from the address, of the server or below it */
async function shoot(name: string, look: Look, show?: (page: Page) => Promise<unknown>, from = '/') {
  if (wanted.length > 0 && !wanted.includes(name)) return
  const address = new URL(from, server.url).href
  await shootPage(browser.browser, join(target, `${name}.webp`), address, look, show)
}

const seePhotos = (page: Page) => page.locator('.tile img[data-shown="true"]').first().waitFor()
const see =
  (text: string | RegExp) =>
  (page: Page): Promise<void> =>
    page.getByText(text).first().waitFor()
const open = async (page: Page, n: number) => {
  await page.locator('.tile-open').nth(n).click()
  await page.locator('.current .frame[data-shown="true"]').waitFor()
}
const choose = async (page: Page, files: { name: string; buffer: Buffer }[]) =>
  page
    .locator('input[type=file][multiple]')
    .first()
    .setInputFiles(files.map((file) => ({ ...file, mimeType: 'image/jpeg' })))
const pictures = (...seeds: number[]) =>
  Promise.all(
    seeds.map(async (seed) => ({
      name: `IMG_20261101_1${seed}.jpg`,
      buffer: Buffer.from(await scene({ seed, width: 1200, height: 900 })),
    })),
  )
async function ask<T>(path: string, body: object): Promise<T> {
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch(`${server.url}/api${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(await answer.text())
  return (await answer.json()) as T
}

try {
  await shoot('empty', screen, see('No photos yet'))
  const media: Media[] = []
  for (let n = 0; n < 36; n++) {
    const [width, height] = shapes[n % shapes.length] ?? [1500, 1000]
    const day = new Date(
      Date.UTC(2026, 9, 24) - Math.floor(n / 5) ** 2 * 9 * 86_400_000 - (n % 3 ? 0 : 86_400_000),
    )
    const name = `IMG_${day.toISOString().slice(0, 10).replaceAll('-', '')}_1${n % 10}${10 + n}00.jpg`
    const caption = captions[n % captions.length]
    const bytes = await scene({ seed: n + 1, width, height })
    media.push(await mediaOf(await upload(server.url, { name, bytes }, caption ? { caption } : {})))
  }
  await shoot('grid', screen, seePhotos)
  await shoot('grid-dark', { ...screen, dark: true }, seePhotos)
  await shoot('grid-phone', phone, seePhotos)
  await shoot('grid-360-dark', { width: 360, height: 740, dark: true }, seePhotos)
  await shoot('grid-zoomed', { ...screen, zoom: 2 }, seePhotos)
  await shoot('photo', screen, (page) => open(page, 2))
  await shoot('photo-phone', phone, (page) => open(page, 0))
  await shoot('photo-sideways', { width: 844, height: 390 }, (page) => open(page, 0))
  await shoot('details-phone-dark', { ...phone, dark: true }, async (page) => {
    await open(page, 0)
    await page.getByRole('button', { name: 'Details' }).click()
  })
  await shoot('selected', screen, async (page) => {
    await seePhotos(page)
    for (const n of [1, 5])
      await page
        .locator('.tile-open')
        .nth(n)
        .click({ modifiers: ['Shift'] })
    await see('5 selected')(page)
  })
  await shoot('uploading', screen, async (page) => {
    await seePhotos(page)
    await page.route('**/api/media', () => {})
    await choose(page, await pictures(71, 72, 73))
    await page.locator('tintype-uploads li progress').first().waitFor()
  })
  await shoot('failed', phone, async (page) => {
    await choose(page, [{ name: 'scan.jpg', buffer: Buffer.from('only words') }, ...(await pictures(74))])
    await see('1 file failed')(page)
  })
  await shoot('offline', phone, async (page) => {
    await seePhotos(page)
    await page.context().setOffline(true)
    await page.locator('.tile-open').nth(3).tap()
    await page.locator('.viewer').waitFor()
    await page.waitForTimeout(500)
  })
  for (let n = 0; n < 3; n++) await upload(full.url, { bytes: await scene({ seed: 80 + n }) })
  await shoot(
    'full',
    phone,
    async (page) => {
      await see('3 of 3')(page)
      await choose(page, await pictures(84))
      await see('1 file failed')(page)
    },
    full.url,
  )

  const some = media.slice(5, 12).map(({ id }) => id)
  const album = await ask<Album>(albumRoutes.albums, { name: 'A week at the lake', mediaIds: some })
  for (const [name, from] of [
    ['In the mountains', 13],
    ['Grandmother’s garden', 20],
  ] as const)
    await ask(albumRoutes.albums, { name, mediaIds: media.slice(from, from + 6).map(({ id }) => id) })
  const link = (given: NewShareLink) => ask<MadeShareLink>(albumRoutes.albumLinks(album.id), given)
  const week = 7 * 86_400
  const drop = await link({ kind: 'drop', maxFiles: 20, expiresIn: week })
  const view = await link({ kind: 'view', expiresIn: week })
  const ended = await link({ kind: 'view' })
  await shoot('albums', screen, see('In the mountains'), '/albums')
  await shoot('album', screen, seePhotos, `/album/${album.id}`)
  await shoot('album-phone-dark', { ...phone, dark: true }, seePhotos, `/album/${album.id}`)
  await shoot(
    'share',
    screen,
    async (page) => {
      await page.getByRole('button', { name: 'Share' }).click()
      await page.getByRole('radio', { name: 'send photos' }).check()
    },
    `/album/${album.id}`,
  )
  const makeLink = async (page: Page) => {
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('radio', { name: 'send photos' }).check()
    await page.getByRole('button', { name: 'Make the link' }).click()
    await page.getByRole('img', { name: 'QR code' }).waitFor()
  }
  await shoot('shared-link', phone, makeLink, `/album/${album.id}`)
  await shoot('shared-link-dark', { ...screen, dark: true }, makeLink, `/album/${album.id}`)
  await shoot('guest-view-phone', phone, seePhotos, view.url)
  await shoot(
    'guest-drop-phone',
    phone,
    async (page) => {
      await choose(page, await pictures(91, 92, 93))
      await see('Thank you')(page)
      await page.locator('tintype-uploads section').waitFor({ state: 'detached' })
    },
    drop.url,
  )
  const { pathname } = new URL(`${server.url}/api${albumRoutes.albumLink(album.id, ended.link.id)}`)
  await shoot(
    'guest-ended-phone',
    phone,
    async (page) => {
      await seePhotos(page)
      await fetch(server.url + pathname, { method: 'DELETE' })
      await page.evaluate(() => dispatchEvent(new Event('focus')))
      await see('This link has ended')(page)
    },
    ended.url,
  )

  await shoot('deleted', screen, async (page) => {
    await open(page, 6)
    await page.keyboard.press('Delete')
    await see('Photo deleted.')(page)
  })
  await shoot('recently-deleted', phone, see('Restore'), '/removed')
  await shoot(
    'album-live-phone',
    phone,
    async (page) => {
      await seePhotos(page)
      const guest = await browser.browser.newPage()
      await guest.goto(drop.url)
      await choose(guest, await pictures(94))
      await see('Thank you')(guest)
      await guest.close()
      const tile = page.getByRole('button', { name: 'Photo: IMG_20261101_194.jpg' })
      await tile.locator('img[data-shown="true"]').waitFor()
    },
    `/album/${album.id}`,
  )

  const database = await openPeopleDatabase({ file: join(data, 'tintype.db') })
  const people = createPeople(database, systemClock)
  const { person } = await people.add('Ann')
  const invitation = `/invite/${await people.invite(person)}`
  // The server looks once a second whether there is somebody.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await shoot('invited-phone', phone, see('Welcome, Ann'), invitation)
  await shoot('sign-in', screen, see('Sign in to see yours'))
  await shoot('sign-in-phone-dark', { ...phone, dark: true }, see('Sign in to see yours'))
  await shootAccount(shoot, people, server)
  await database.close()
} finally {
  await server.terminate()
  await full.terminate()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}
