/** The owner's whole way through the gallery by the keys of a keyboard alone. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { until } from '../support/until.ts'
import { type AlbumOwner, bytesOf, heading, startAlbums, tiles } from './albums.ts'
import { launchBrowser } from './browser.ts'
import { focusOn, tabTo } from './keyboard.ts'
import { seePicture } from './page.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched

let ann: AlbumOwner
before(async () => {
  if (skip) return
  ann = await startAlbums(browser, { UNDO_WINDOW: '3600' })
  for (let n = 1; n <= 5; n++) await ann.send(`IMG_2024030${n}_120000.jpg`, n)
})
after(async () => {
  await ann?.[Symbol.asyncDispose]()
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

const photoOf = (day: number) => `Photo: IMG_2024030${day}_120000.jpg`

/** Notes each time at which something had the focus and, a moment later, nothing has. */
async function watchFocus(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const lost: string[] = []
    Object.assign(window, { lost })
    document.addEventListener('focusout', ({ target }) =>
      setTimeout(() => {
        const isGone = target instanceof HTMLElement && !target.isConnected
        if (isGone && document.activeElement === document.body) lost.push(target.outerHTML.slice(0, 120))
      }),
    )
  })
  return () => page.evaluate(() => (window as unknown as { lost: string[] }).lost)
}

test('keys go on from the photo that has the focus, whatever comes above it', { skip }, async () => {
  await using opened = await ann.openOwner('/')
  const { page } = opened
  await seePicture(page, photoOf(5))
  await page.getByRole('button', { name: photoOf(4), exact: true }).focus()
  const { id } = await ann.send('IMG_20240601_120000.jpg', 60)
  await seePicture(page, 'Photo: IMG_20240601_120000.jpg')
  await page.keyboard.press('ArrowRight')
  assert.equal(await page.locator(':focus').getAttribute('aria-label'), photoOf(3))
  await ann.change('DELETE', `/media/${id}`)
  opened.assertClean()
})

test('by keys alone: files, the tray, a date, a photo, its caption, Undo, an album, its link, and out', {
  skip,
}, async () => {
  await using opened = await ann.openOwner('/', /status of 415/)
  const { page } = opened
  const { keyboard } = page
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  // Chromium's dialog for file handles can't be answered from here: the one of all browsers can.
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showOpenFilePicker'))
  const lost = await watchFocus(page)
  await page.reload()
  await seePicture(page, photoOf(5))

  // Before the keys: the order to report it goes to the page by another way than these, and a busy page obeys keys first.
  const chooser = page.waitForEvent('filechooser')
  while ((await page.locator('.header input[type=file]:focus').count()) === 0) await keyboard.press('Tab')
  await keyboard.press('Enter')
  await (await chooser).setFiles([
    { name: 'keys.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await bytesOf(50)) },
    { name: 'words.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('only words') },
  ])
  await seePicture(page, 'Photo: keys.jpg')
  await page.getByRole('region', { name: '1 file failed' }).waitFor()
  await tabTo(page, 'Dismiss words.jpg')
  await keyboard.press('Enter')
  await page.locator('.header input[type=file]:focus').waitFor()

  while ((await page.locator('input[type=search]:focus').count()) === 0) await keyboard.press('Shift+Tab')
  await keyboard.type('2024-03')
  await keyboard.press('Enter')
  await until(
    () => tiles(page).count(),
    (count) => count === 5,
  )
  await tabTo(page, photoOf(5))
  await keyboard.press('ArrowRight')
  await focusOn(page, photoOf(4))
  await keyboard.press('Enter')
  await focusOn(page, 'Next')
  const frame = page.locator('.slide.current .frame')
  const transform = () => frame.evaluate((one) => (one as HTMLElement).style.transform)
  await keyboard.press('+')
  await keyboard.press('+')
  const zoomed = await transform()
  assert.match(zoomed, /scale/)
  await keyboard.press('ArrowRight')
  assert.notEqual(await transform(), zoomed)
  await keyboard.press('Escape')
  assert.equal(await transform(), '', 'Escape zooms out first')
  await tabTo(page, 'Add a caption')
  await keyboard.press('Enter')
  await keyboard.type('By keys')
  await keyboard.press('Enter')
  await focusOn(page, 'Edit caption')
  await keyboard.press('ArrowRight')
  await page.getByRole('dialog', { name: 'IMG_20240303_120000.jpg' }).waitFor()
  await keyboard.press('i')
  await focusOn(page, 'Next')
  await keyboard.press('i')
  await keyboard.press('Escape')
  await focusOn(page, photoOf(3))
  await keyboard.press('Escape')
  await page.waitForURL(`${ann.url}/`)

  await page.getByRole('button', { name: 'Photo: keys.jpg' }).waitFor()
  await tabTo(page, 'Photo: keys.jpg')
  await keyboard.press('ArrowRight')
  await focusOn(page, photoOf(5))
  await keyboard.press('x')
  await keyboard.press('Shift+ArrowRight')
  await keyboard.press('Shift+ArrowRight')
  await page.getByText('3 selected').waitFor()
  await keyboard.press('Delete')
  await page.getByText('3 photos deleted').waitFor()
  await focusOn(page, photoOf(2))
  await tabTo(page, 'Undo')
  await keyboard.press('Enter')
  await page.getByText('Restored.').waitFor()
  await focusOn(page, photoOf(5))

  await keyboard.press('x')
  await tabTo(page, 'Add to album')
  await keyboard.press('Enter')
  await page.locator('input[name=album-name]:focus').waitFor()
  await keyboard.type('Keys')
  await keyboard.press('Enter')
  await focusOn(page, photoOf(5))
  await tabTo(page, 'Show the album')
  await keyboard.press('Enter')
  await page.locator('h2:focus', { hasText: 'Keys' }).waitFor()
  await tabTo(page, 'Share')
  await keyboard.press('Enter')
  await page.locator('input[value=view]:focus').waitFor()
  await tabTo(page, 'Make the link')
  await keyboard.press('Enter')
  await focusOn(page, 'Copy link')
  await keyboard.press('Enter')
  await page.getByText('Copied.').waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  await tabTo(page, 'Done')
  await keyboard.press('Enter')
  await focusOn(page, 'Share')
  await keyboard.press('Enter')
  await page.locator('input[value=view]:focus').waitFor()
  await tabTo(page, 'End it')
  await keyboard.press('Enter')
  await focusOn(page, 'Keep it')
  await keyboard.press('Enter')
  await focusOn(page, 'End it')
  await keyboard.press('Enter')
  await focusOn(page, 'Keep it')
  await keyboard.press('Shift+Tab')
  await focusOn(page, 'End it now')
  await keyboard.press('Enter')
  await page.locator('input[value=view]:focus').waitFor()
  await keyboard.press('Escape')
  await focusOn(page, 'Share')
  assert.equal((await fetch(link)).status, 410, 'the link has ended')

  await page.getByRole('link', { name: 'Albums' }).last().focus()
  await keyboard.press('Enter')
  await page.locator('a:focus', { hasText: 'Keys' }).waitFor()
  await keyboard.press('Enter')
  await page.locator('h2:focus', { hasText: 'Keys' }).waitFor()
  await page.goBack()
  await page.locator('a:focus', { hasText: 'Keys' }).waitFor()

  assert.deepEqual(await lost(), [])
  await tabTo(page, 'Ann')
  await keyboard.press('Enter')
  await focusOn(page, 'Passkeys')
  await tabTo(page, 'Sign out')
  await keyboard.press('Enter')
  await page.locator('input[name=name]:focus').waitFor()
  assert.equal(await heading(page, 'Tintype').count(), 1)
  opened.assertClean()
})
