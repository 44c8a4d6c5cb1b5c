/** What `<tintype-drop>` takes: folders, drops anywhere, what is pasted, files with handles; and what it leaves out. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { photo } from '../media/photos.ts'
import { assertAccessible } from './accessible.ts'
import { launchBrowser } from './browser.ts'
import { dragOf } from './drag.ts'
import { openElements, scriptOf } from './own-elements.ts'
import { openPage } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
const folder = await mkdtemp(join(tmpdir(), 'tintype-elements-'))
const server = skip ? (null as never) : await startServer()
after(async () => {
  await rm(folder, { recursive: true, force: true })
  if (typeof launched === 'string') return
  await server[Symbol.asyncDispose]()
  await launched[Symbol.asyncDispose]()
})

let pictures = 0
const png = () => photo({ width: 60, height: 40, type: 'image/png', seed: ++pictures })
const added = (page: Page, name: string) =>
  page.getByRole('listitem').filter({ hasText: name }).getByText('Added').waitFor()
const overlay = '[part=overlay][data-over]'

test('a dropped folder is taken at any depth, and what is left out of it is said', { skip }, async () => {
  const trip = join(folder, 'trip')
  await mkdir(join(trip, 'day', 'evening'), { recursive: true })
  await mkdir(join(folder, 'nothing'))
  await writeFile(join(trip, 'top.png'), await png())
  await writeFile(join(trip, 'day', 'evening', 'deep.png'), await png())
  await writeFile(join(trip, 'day', 'plan.txt'), 'a plan')
  for (const [language, texts] of [
    ['en', ['trip 1 file left out (not photos or videos): plan.txt', 'nothing This folder is empty.']],
    [
      'de',
      ['trip 1 Datei ausgelassen (keine Fotos oder Videos): plan.txt', 'nothing Dieser Ordner ist leer.'],
    ],
  ] as const) {
    await using opened = await openElements(browser, server, { language })
    const { page } = opened
    const { x, y } = (await page.locator('tintype-drop').boundingBox()) ?? assert.fail()
    const drag = await dragOf(page, [trip, join(folder, 'nothing')])
    await drag('dragEnter', x + 20, y + 20)
    await drag('dragOver', x + 20, y + 20)
    await page.locator('[part=zone][data-over]').waitFor()
    assert.equal(await page.locator(overlay).count(), 0)
    await drag('drop', x + 20, y + 20)
    for (const name of ['top.png', 'deep.png'])
      await page
        .getByRole('listitem')
        .filter({ hasText: name })
        .and(page.locator('[data-state=done]'))
        .waitFor()
    const notes = page.locator('tintype-drop').getByRole('alert')
    assert.deepEqual((await notes.allInnerTexts()).toSorted(), [...texts].toSorted())
    // A name from right to left turns nothing that stands after it.
    const name = notes.locator('b').first()
    assert.equal(await name.evaluate((element) => getComputedStyle(element).unicodeBidi), 'isolate')
    await assertAccessible(page)
    await page.locator('tintype-drop input').setInputFiles([])
    opened.assertClean()
  }
})

test('the whole page takes drops, and shows where they go', { skip }, async () => {
  const path = join(folder, 'anywhere.png')
  await writeFile(path, await png())
  await using opened = await openElements(browser, server, { attributes: 'whole-page' })
  const { page } = opened
  // A dialog lies above all of the page.
  await page.evaluate(() => {
    const dialog = Object.assign(document.createElement('dialog'), { textContent: 'Above' })
    document.body.append(dialog)
    dialog.showModal()
  })
  const drag = await dragOf(page, [path])
  await drag('dragEnter', 900, 700)
  await drag('dragOver', 900, 700)
  await page.getByText('Drop to add').waitFor()
  assert.equal(await page.locator(`${overlay}:popover-open`).count(), 1)
  await drag('drop', 900, 700)
  await page.locator(overlay).waitFor({ state: 'detached' })
  await added(page, 'anywhere.png')

  // It can be taken from the page, and put back, and have it no more.
  await page.evaluate(() => {
    document.querySelector('dialog')?.close()
    const drop = document.querySelector('tintype-drop')
    drop?.removeAttribute('whole-page')
  })
  const over = (selector: string) =>
    page.locator(selector).evaluate((element) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File(['x'], 'x.png', { type: 'image/png' }))
      return !element.dispatchEvent(
        new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true }),
      )
    })
  assert.equal(await over('body'), false)
  assert.equal(await over('[part=zone]'), true)
  opened.assertClean()
})

test('another place on the page that takes drops keeps its own', { skip }, async () => {
  await using opened = await openElements(browser, server, { attributes: 'whole-page' })
  const { page } = opened
  const taken = await page.evaluate(async () => {
    const own = document.body.appendChild(document.createElement('tintype-drop'))
    const taken: string[] = []
    for (const drop of document.querySelectorAll('tintype-drop'))
      drop.addEventListener('files', (event) => {
        event.preventDefault()
        taken.push(drop.id || 'own')
      })
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['x'], 'x.png', { type: 'image/png' }))
    const zone = own.shadowRoot?.querySelector('[part=zone]')
    for (const type of ['dragenter', 'dragover', 'drop'])
      zone?.dispatchEvent(
        new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true, composed: true }),
      )
    while (taken.length === 0) await new Promise((resolve) => requestAnimationFrame(resolve))
    return taken
  })
  assert.deepEqual(taken, ['own'])
  assert.equal(await page.locator(overlay).count(), 0)
  opened.assertClean()
})

test('what is pasted is taken where the page wants it', { skip }, async () => {
  const bytes = [...(await png())]
  const paste = (page: Page) =>
    page.evaluate((bytes) => {
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File([Uint8Array.from(bytes)], 'image.png', { type: 'image/png' }))
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
      return !document.body.dispatchEvent(event)
    }, bytes)
  await using plain = await openElements(browser, server)
  assert.equal(await paste(plain.page), false)
  await using opened = await openElements(browser, server, { attributes: 'paste' })
  assert.equal(await paste(opened.page), true)
  await added(opened.page, 'Pasted ')
  opened.assertClean()
})

test('an app may look at files first, and adds them itself', { skip }, async () => {
  await using opened = await openElements(browser, server)
  const { page } = opened
  await page.evaluate(() => {
    const drop = document.querySelector('tintype-drop')
    drop?.addEventListener('files', (event) => {
      event.preventDefault()
      const files = (event as CustomEvent).detail as File[]
      document.title = files.map(({ name }) => name).join()
      Reflect.get(drop, 'uploads').add(files.filter(({ name }) => name.startsWith('good')))
    })
  })
  const mimeType = 'image/png'
  await page.locator('tintype-drop input').setInputFiles([
    { name: 'good.png', mimeType, buffer: Buffer.from(await png()) },
    { name: 'bad.png', mimeType, buffer: Buffer.from(await png()) },
  ])
  await added(page, 'good.png')
  assert.equal(await page.title(), 'good.png,bad.png')
  assert.equal(await page.getByRole('listitem').count(), 1)
  opened.assertClean()
})

test('one file alone is taken where there is place for one, and the others are named', { skip }, async () => {
  await using opened = await openElements(browser, server, { attributes: 'single paste' })
  const { page } = opened
  const paste = (names: string[], isTold = true) =>
    page.evaluate(
      ({ names, isTold }) => {
        const clipboardData = new DataTransfer()
        for (const name of names) clipboardData.items.add(new File([name], name, { type: 'image/png' }))
        const drop = document.querySelector('tintype-drop')
        drop?.addEventListener(
          'leftout',
          (event) => {
            document.title = (event as CustomEvent).detail.files.join()
            if (!isTold) event.preventDefault()
          },
          { once: true },
        )
        drop?.addEventListener('files', (event) => event.preventDefault(), { once: true })
        document.body.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
        )
      },
      { names, isTold },
    )
  const notes = page.locator('tintype-drop').getByRole('alert')
  await paste(['a.png', 'b.png', 'c.png'])
  assert.match((await notes.innerText()).trim(), /2 files left out \(only one is taken\): b\.png, c\.png$/)
  await paste(['a.png', 'd.png'], false)
  assert.equal(await page.title(), 'd.png')
  assert.equal(await notes.count(), 0)
  opened.assertClean()
})

test('a button of the page opens the dialog, whose files come with what reads them again', {
  skip,
}, async () => {
  await using opened = await openElements(browser, server, { attributes: 'accept="image/png,.heic"' })
  const { page } = opened
  const asked = await page.evaluate(() => {
    let asked: unknown
    const handle = { kind: 'file', name: 'a.png', getFile: async () => new File(['x'], 'a.png') }
    const showOpenFilePicker = async (options: unknown) => {
      asked = options
      return [handle]
    }
    Object.assign(globalThis, { showOpenFilePicker })
    const drop = document.querySelector('tintype-drop')
    return new Promise((resolve) => {
      drop?.addEventListener('files', (event) => {
        event.preventDefault()
        const [{ file, handle: own }] = (event as CustomEvent).detail
        resolve({ asked, name: file.name, isOwn: own === handle })
      })
      Reflect.get(drop ?? {}, 'choose').call(drop)
    })
  })
  const accept = { 'image/png': [], 'application/octet-stream': ['.heic'] }
  assert.deepEqual(asked, {
    asked: { multiple: true, types: [{ description: 'Photos and videos', accept }] },
    name: 'a.png',
    isOwn: true,
  })
  opened.assertClean()
})

test('React sets what the element needs before it looks, and hears of files first', { skip }, async () => {
  await using opened = await openPage(browser)
  const { page } = opened
  const body =
    '<!doctype html><html lang="en"><title>Mine</title><body><script type="module" src="react.js"></script>'
  const code = await scriptOf('react-drop.ts')
  await page.route('**/react.html', (route) => route.fulfill({ contentType: 'text/html', body }))
  await page.route('**/react.js', (route) => route.fulfill({ contentType: 'text/javascript', body: code }))
  await page.goto(`${server.url}/react.html`)
  await page.getByText('or anywhere').waitFor()
  const send = async (name: string) => {
    const buffer = Buffer.from(await png())
    await page.getByLabel('Pick photos').setInputFiles({ name, mimeType: 'image/png', buffer })
  }
  await send('bad.png')
  await page.getByText('bad.png is refused here').waitFor()
  await send('good.png')
  await added(page, 'good.png')
  assert.equal(await page.getByRole('listitem').count(), 1)
  await page.getByRole('button', { name: 'Look' }).click()
  await page.getByRole('button', { name: 'Cancel 2 files' }).click()
  await page.getByRole('button', { name: 'Cancel 2 files' }).waitFor({ state: 'detached' })
  const drag = await dragOf(page, [join(folder, 'anywhere.png')])
  await drag('dragEnter', 900, 700)
  await page.getByText('Drop to add').waitFor()
  opened.assertClean()
})
