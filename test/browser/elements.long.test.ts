/** The web components in a page of one's own: five lines, by role and name. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { assertAccessible } from './accessible.ts'
import { launchBrowser } from './browser.ts'
import { assertFits } from './fits.ts'
import { openElements } from './own-elements.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

const notes = { name: 'no-photo.png', mimeType: 'image/png', buffer: Buffer.from('nothing of the kind') }
const tram = async (seed = 1) => ({
  ...{ name: 'tram.png', mimeType: 'image/png' },
  buffer: Buffer.from(await photo({ width: 600, height: 400, type: 'image/png', seed })),
})

test('a page takes photos and shows them in five lines, by role and name, in two languages', {
  skip,
}, async () => {
  await using server = await startServer()
  await using opened = await openElements(browser, server)
  const { page, shown } = opened
  const field = page.getByLabel('Choose photos and videos')
  await field.setInputFiles([await tram(), notes])
  const list = page.getByRole('list', { name: 'Uploads' })
  await list.getByRole('listitem').filter({ hasText: 'tram.png' }).getByText('Added').waitFor()
  const refused = list.getByRole('listitem').filter({ hasText: 'no-photo.png' })
  await refused.and(page.locator('[data-state=failed]')).waitFor()
  const image = page.getByRole('img', { name: 'tram.png' })
  await image.waitFor()
  await page.waitForFunction(() => {
    const image = document.querySelector('tintype-image')?.shadowRoot?.querySelector('img')
    return image?.complete && image.naturalWidth > 0 && image.srcset !== ''
  })
  await refused.getByRole('button', { name: 'Dismiss no-photo.png' }).press('Enter')
  await refused.waitFor({ state: 'detached' })
  // A drag that is cancelled ends without an event in some browsers.
  const zone = page.locator('tintype-drop [part=zone]')
  const dragged = await page.evaluateHandle(() => {
    const data = new DataTransfer()
    data.items.add(new File(['x'], 'a.png', { type: 'image/png' }))
    return data
  })
  await zone.dispatchEvent('dragover', { dataTransfer: dragged })
  await page.locator('tintype-drop [data-over]').waitFor()
  await page.locator('tintype-drop [data-over]').waitFor({ state: 'detached' })
  shown.language = 'de'
  await page.reload()
  await page.getByLabel('Fotos und Videos auswählen').waitFor()
})

for (const [name, style] of [
  ['a plain page', ''],
  [
    'a page that is dark where people asked for that',
    ':root { color-scheme: light dark; background: Canvas }',
  ],
  ['a page whose colours are its own', 'body { background: #14121a; color: #eee8ff }'],
] as const)
  test(`what they say can be read, and fits 360 pixels, on ${name}`, { skip }, async () => {
    await using server = await startServer()
    const phone = { viewport: { width: 360, height: 780 }, colorScheme: 'dark' }
    await using opened = await openElements(browser, server, { style }, phone, /status of 415/)
    const { page } = opened
    const state = (of: string) => page.locator(`tintype-uploads [data-state=${of}]`).first().waitFor()
    const field = page.locator('tintype-drop input')
    await field.setInputFiles([await tram(), notes])
    await state('done')
    await state('failed')
    await page.route('**/api/media', () => {})
    await field.setInputFiles([await tram(2)])
    await state('uploading')
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      await assertAccessible(page)
    }
    await assertFits(page)
    opened.assertClean()
  })

test('why a file was refused is said in the language of the page', { skip }, async () => {
  await using server = await startServer()
  await using opened = await openElements(browser, server, { language: 'de' }, {}, /status of 415/)
  const { page } = opened
  await page.getByLabel('Fotos und Videos auswählen').setInputFiles([notes])
  await page.getByText('Dateien dieser Art werden hier nicht angenommen').waitFor()
  await page.getByRole('region', { name: '1 Datei fehlgeschlagen' }).waitFor()
  opened.assertClean()
})

test('the focus stays among the uploads, whatever a press does to them', { skip }, async () => {
  await using server = await startServer()
  await using opened = await openElements(browser, server, {}, {}, /net::ERR|status of 415/)
  const { page } = opened
  await page.route('**/api/media', () => {})
  const named = (name: string) => ({ ...notes, name, buffer: Buffer.from(`a text: ${name}`) })
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  await page.locator('tintype-drop input').setInputFiles(names.map((name) => named(`${name}.png`)))
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  await button('Pause h.png').press('Enter')
  await button('Resume h.png').and(page.locator(':focus')).waitFor()
  await button('Cancel g.png').press('Enter')
  await button('Cancel h.png').and(page.locator(':focus')).waitFor()
  await page.keyboard.press('Enter')
  await button('Cancel f.png').and(page.locator(':focus')).waitFor()
  for (const name of ['f', 'e', 'd', 'c', 'b', 'a']) {
    await button(`Cancel ${name}.png`).and(page.locator(':focus')).waitFor()
    await page.keyboard.press('Enter')
  }
  await page.locator('tintype-drop input:focus').waitFor()
  opened.assertClean()
})

test('an image has its size, and its preview, before any of it is loaded', { skip }, async () => {
  await using server = await startServer()
  await using opened = await openElements(browser, server)
  const { page } = opened
  await page.route(/\/(image|thumb|view|original)|X-Amz/, () => {})
  await page.locator('tintype-drop input').setInputFiles([await tram()])
  const image = page.locator('tintype-image')
  await image.locator('[part=placeholder]').waitFor()
  const box = await image.boundingBox()
  assert.deepEqual([box?.width, Math.round(box?.height ?? 0)], [320, 213])
  // The page's own style goes before.
  await page.addStyleTag({ content: 'tintype-image { width: 100px; height: 100px; --tintype-fit: cover }' })
  const picture = await image.locator('[part=image]').boundingBox()
  assert.deepEqual([picture?.width, picture?.height], [100, 100])
  opened.assertClean()
})

test('an image that can not be had in a width is shown by the next best, and an expired address is asked for anew', {
  skip,
}, async () => {
  await using server = await startServer()
  await using opened = await openElements(browser, server, {}, {}, /status of 403|net::ERR_FAILED/)
  const { page } = opened
  let asked = 0
  let isFresh = false
  await page.route('**/image?*', (route) => route.abort())
  await page.route(/\/api\/media\/[^/?]+$/, (route) => {
    isFresh = true
    return route.continue()
  })
  await page.route(/X-Amz/, (route) => {
    asked++
    return isFresh ? route.continue() : route.fulfill({ status: 403, body: 'expired' })
  })
  await page.evaluate(() => {
    let told = 0
    document.addEventListener('stale', async ({ target }) => {
      document.title = `asked ${++told}`
      const image = target as HTMLElement & { media: { id: string } }
      image.media = await (await fetch(`/api/media/${image.media.id}`)).json()
    })
  })
  await page.locator('tintype-drop input').setInputFiles([await tram()])
  const shown = await page.waitForFunction(() => {
    const element = document.querySelector('tintype-image')
    const image = element?.shadowRoot?.querySelector('img')
    return image?.complete && image.naturalWidth > 0 && Reflect.get(element ?? {}, 'currentSrc')
  })
  assert.match(await shown.jsonValue(), /X-Amz/)
  assert.equal(await page.title(), 'asked 1')
  await page.locator('tintype-image [part=placeholder]').waitFor({ state: 'detached' })
  // What it says changes, and it is not loaded again.
  const before = asked
  await page.locator('tintype-image').evaluate((element) => element.setAttribute('alt', 'A tram'))
  await page.getByRole('img', { name: 'A tram' }).waitFor()
  assert.equal(asked, before)
  opened.assertClean()
})
