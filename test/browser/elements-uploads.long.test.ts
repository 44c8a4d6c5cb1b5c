/** `<tintype-uploads>` in a page of one's own: all files in a line, what was left out, and the tray that floats. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { photo } from '../media/photos.ts'
import { assertAccessible } from './accessible.ts'
import { launchBrowser } from './browser.ts'
import { assertFits } from './fits.ts'
import { openElements } from './own-elements.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
const server = skip ? (null as never) : await startServer()
after(async () => {
  if (typeof launched === 'string') return
  await server[Symbol.asyncDispose]()
  await launched[Symbol.asyncDispose]()
})

const named = (name: string) => ({
  ...{ name, mimeType: 'image/png', buffer: Buffer.from(`only words: ${name}`) },
})
const png = async (seed: number) => ({
  ...{ name: `${seed}.png`, mimeType: 'image/png' },
  buffer: Buffer.from(await photo({ width: 60, height: 40, type: 'image/png', seed })),
})
const choose = (page: Page, files: ReturnType<typeof named>[]) =>
  page.locator('#drop input').setInputFiles(files)
const tray = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const hold = (page: Page) => page.route('**/api/media', () => {})
const phone = { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true }

/** What screen readers hear from now on. */
const listen = (page: Page) =>
  page.locator('tintype-uploads [role=status]').evaluateHandle((status) => {
    const heard: string[] = []
    new MutationObserver(() => heard.push(status.textContent ?? '')).observe(status, { childList: true })
    return heard
  })

test('many files are one line, with a bar over all, and the first fifty have a row', { skip }, async () => {
  await using opened = await openElements(browser, server, {}, {}, /net::ERR/)
  const { page } = opened
  await hold(page)
  const heard = await listen(page)
  await choose(
    page,
    Array.from({ length: 60 }, (_, n) => named(`${n}.png`)),
  )
  const all = tray(page, 'Uploading 60 files')
  await all.getByText('and 10 more files').waitFor()
  assert.equal(await all.getByRole('listitem').count(), 50)
  assert.equal(await all.locator('header progress').count(), 1)
  await all.getByRole('button', { name: 'Pause all' }).press('Enter')
  // Those that are under way go on: a form can't be paused.
  const rest = tray(page, 'Uploading 3 files')
  await rest.getByRole('button', { name: 'Resume all' }).and(page.locator(':focus')).waitFor()
  await rest.getByRole('button', { name: 'Hide the files' }).click()
  await rest.getByRole('list').waitFor({ state: 'hidden' })
  await rest.getByRole('button', { name: 'Cancel all' }).click()
  await rest.waitFor({ state: 'detached' })
  await page.locator('#drop input:focus').waitFor()
  assert.deepEqual((await heard.jsonValue())[0], 'Uploading 60 files.')
  opened.assertClean()
})

test('what was added is told for a while and to screen readers, alike refusals in one row', {
  skip,
}, async () => {
  await using opened = await openElements(browser, server, {}, {}, /status of 415/)
  const { page } = opened
  await page.clock.install()
  const heard = await listen(page)
  await choose(page, [await png(1), ...['a', 'b', 'c', 'd'].map((name) => named(`${name}.png`))])
  const failed = tray(page, '4 files failed')
  await failed.getByText('1 file added').waitFor()
  const row = failed.getByRole('listitem').filter({ hasText: 'a.png, b.png, c.png, d.png' })
  await row.getByText('4 files', { exact: true }).waitFor()
  assert.equal((await heard.jsonValue()).at(-1), '1 file uploaded. 4 files could not be uploaded.')
  await row.getByRole('button', { name: 'Dismiss 4 files' }).click()
  // It is in the queue still.
  await tray(page, '1 file added').getByRole('listitem').getByText('Added').waitFor()
  await page.getByRole('button', { name: 'Dismiss 1.png' }).click()
  await page.clock.fastForward(10_000)
  await page.locator('tintype-uploads section').waitFor({ state: 'detached' })
  assert.equal(await page.locator('tintype-uploads').getAttribute('data-shown'), null)
  opened.assertClean()
})

test('a page tells what it leaves out, with what can be done about it, and that it looks at files', {
  skip,
}, async () => {
  await using opened = await openElements(browser, server, { attributes: 'single' })
  const { page } = opened
  const heard = await listen(page)
  await page.evaluate(() => {
    const list = document.querySelector('tintype-uploads')
    document.querySelector('#drop')?.addEventListener('leftout', (event) => {
      event.preventDefault()
      const { name, message } = (event as CustomEvent<{ name: string; message: string }>).detail
      list?.note(name, message)
    })
    list?.note('<b>plan</b>.txt', 'It is no photo.', {
      label: 'Add anyway',
      run: () => (document.title = 'Added'),
    })
    list?.note('notes.txt', 'Nor is this.')
  })
  const left = tray(page, 'Not everything was added')
  await left.getByText('<b>plan</b>.txt').waitFor()
  assert.deepEqual(await heard.jsonValue(), ['<b>plan</b>.txt: It is no photo. notes.txt: Nor is this.'])
  await left.getByRole('button', { name: 'Add anyway' }).press('Enter')
  await left.getByRole('button', { name: 'Dismiss notes.txt' }).and(page.locator(':focus')).waitFor()
  assert.equal(await page.title(), 'Added')
  const dropped = await page.evaluateHandle(() => {
    const data = new DataTransfer()
    for (const name of ['a.png', 'b.png']) data.items.add(new File(['x'], name, { type: 'image/png' }))
    return data
  })
  await hold(page)
  await page.locator('#drop [part=zone]').dispatchEvent('drop', { dataTransfer: dropped })
  await page.getByRole('listitem').filter({ hasText: 'only one is taken' }).waitFor()
  await page.getByRole('button', { name: 'Cancel a.png' }).click()
  await left.getByRole('button', { name: 'Dismiss all' }).click()

  await page.locator('tintype-uploads').evaluate((list) => {
    const cancel = () => Object.assign(list, { looking: undefined })
    Object.assign(list, { looking: { count: 12, cancel } })
  })
  const looking = tray(page, 'Looking at 12 files…')
  await looking.getByRole('listitem').getByText('Being looked at…').waitFor()
  await looking.getByRole('button', { name: 'Cancel 12 files' }).click()
  await looking.waitFor({ state: 'detached' })
  opened.assertClean()
})

test('screen readers hear how it ended together with what the page notes in that moment', {
  skip,
}, async () => {
  await using opened = await openElements(browser, server)
  const { page } = opened
  const heard = await listen(page)
  await page.evaluate(() => {
    const list = document.querySelector('tintype-uploads')
    const stop = list?.uploads?.subscribe(() => {
      if (list.uploads?.items[0]?.state !== 'done') return
      stop?.()
      list.note('plan.txt', 'It is no photo.')
    })
  })
  await choose(page, [await png(30)])
  await page.getByRole('listitem').filter({ hasText: 'plan.txt' }).waitFor()
  assert.equal((await heard.jsonValue()).at(-1), '1 file uploaded. plan.txt: It is no photo.')
  opened.assertClean()
})

test('it shows another drop once `for` names that, and does not say that the first has ended', {
  skip,
}, async () => {
  await using opened = await openElements(browser, server, {}, {}, /net::ERR/)
  const { page } = opened
  await hold(page)
  const heard = await listen(page)
  await choose(page, [named('a.png'), named('b.png')])
  const first = tray(page, 'Uploading 2 files')
  await first.waitFor()
  await page.evaluate(() => {
    const other = Object.assign(document.createElement('tintype-drop'), { id: 'other' })
    document.body.append(other)
    document.querySelector('tintype-uploads')?.setAttribute('for', 'other')
  })
  await first.waitFor({ state: 'detached' })
  await page.locator('#other input').setInputFiles(named('c.png'))
  await tray(page, 'Uploading 1 file').getByText('c.png').waitFor()
  assert.deepEqual(await heard.jsonValue(), ['Uploading 2 files.', 'Uploading 1 file.'])
  opened.assertClean()
})

test('a file that can’t be read is chosen again in its row, and the page hears nothing of that', {
  skip,
}, async () => {
  await using opened = await openElements(browser, server)
  const { page } = opened
  await page.evaluate(() => {
    const told: string[] = []
    for (const name of ['files', 'leftout']) document.addEventListener(name, () => told.push(name))
    Object.assign(window, { told })
    document.querySelector('tintype-drop')?.uploads.add([{ name: '7.png', cause: new Error('gone') }])
  })
  const row = page.getByRole('listitem').filter({ hasText: '7.png' })
  const again = row.getByLabel('Choose 7.png again')
  await again.setInputFiles(await png(8))
  await page.getByRole('listitem').getByText('This is another file than 7.png').waitFor()
  await again.setInputFiles(await png(7))
  await row.and(page.locator('[data-state=done]')).waitFor()
  const picture = row.locator('[part=preview] img')
  assert.equal(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth), 60)
  assert.deepEqual(await page.evaluate(() => Reflect.get(window, 'told')), [])
  opened.assertClean()
})

test('where it floats it folds by itself before it covers much, unless it has the focus', {
  skip,
}, async () => {
  await using opened = await openElements(browser, server, {}, phone, /net::ERR/)
  const { page } = opened
  await hold(page)
  const files = Array.from({ length: 8 }, (_, n) => named(`${n}.png`))
  await choose(page, files)
  const all = tray(page, 'Uploading 8 files')
  // In the page it covers nothing.
  await all.getByRole('button', { name: 'Hide the files' }).waitFor()
  await all.getByRole('button', { name: 'Cancel all' }).click()
  await all.waitFor({ state: 'detached' })
  await page.locator('tintype-uploads').evaluate((list) => list.toggleAttribute('floating', true))
  await choose(page, files)
  await all.getByRole('button', { name: 'Show the files' }).waitFor()
  await assertFits(page)
  await all.getByRole('button', { name: 'Show the files' }).tap()
  await all.getByRole('button', { name: 'Cancel 7.png' }).press('Enter')
  await tray(page, 'Uploading 7 files').getByRole('button', { name: 'Hide the files' }).waitFor()
  await assertFits(page)
  opened.assertClean()
})

test('rows glide to their places, unless one wants less motion', { skip }, async () => {
  await using opened = await openElements(browser, server, {}, {}, /net::ERR/)
  const { page } = opened
  await hold(page)
  for (const reducedMotion of ['no-preference', 'reduce'] as const) {
    await page.emulateMedia({ reducedMotion })
    await choose(
      page,
      ['a', 'b', 'c'].map((name) => named(`${name}.png`)),
    )
    await tray(page, 'Uploading 3 files').waitFor()
    const moving = await page.evaluate(async () => {
      const { uploads } = document.querySelector('tintype-uploads') ?? {}
      uploads?.remove(uploads.items[0]?.id ?? '')
      await Promise.resolve()
      const root = document.querySelector('tintype-uploads')?.shadowRoot
      return [...(root?.querySelectorAll('li') ?? [])].map((row) => row.getAnimations().length)
    })
    assert.deepEqual(moving, reducedMotion === 'reduce' ? [0, 0] : [1, 1])
    await page.getByRole('button', { name: 'Cancel all' }).click()
    await page.locator('tintype-uploads section').waitFor({ state: 'detached' })
  }
  opened.assertClean()
})

for (const [what, options, style] of [
  ['a phone', phone, ''],
  // As wide as a window of 1280 pixels then is.
  ['a window at 400 %', { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 }, ''],
  ['a dark page', { colorScheme: 'dark' }, ':root { color-scheme: light dark }'],
] as const)
  test(`the tray can be read and used on ${what}, also in German`, { skip }, async () => {
    const page_ = { language: 'de', style }
    await using opened = await openElements(browser, server, page_, options, /status of 415|net::ERR/)
    const { page } = opened
    await page.locator('tintype-uploads').evaluate((list) => list.toggleAttribute('floating', true))
    await choose(page, [named('a.png'), await png(20)])
    await tray(page, '1 Datei fehlgeschlagen').getByText('1 Datei hinzugefügt').waitFor()
    await hold(page)
    await choose(page, [named('c.png'), named('d.png'), named('e.png')])
    await page.evaluate(() => {
      const list = document.querySelector('tintype-uploads')
      const label = 'Alle Dateien trotzdem hochladen und die ersetzen, die schon da sind'
      list?.note('plan.txt', 'Das ist kein Foto.', { label, run() {} })
    })
    await tray(page, '3 Dateien werden hochgeladen').waitFor()
    for (const name of ['Dateien verbergen', 'Dateien zeigen']) {
      await assertAccessible(page)
      await assertFits(page)
      const fold = page.getByRole('button', { name })
      if ((await fold.count()) > 0) await fold.click()
    }
    opened.assertClean()
  })
