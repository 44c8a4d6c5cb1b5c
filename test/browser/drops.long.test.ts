/** Files that are dragged over the page: very many at once, and none in the end. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { upload } from '../support/server.ts'
import { launchBrowser } from './browser.ts'
import { dragOf } from './drag.ts'
import { openPage, seePicture } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
const folder = await mkdtemp(join(tmpdir(), 'tintype-drops-'))
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

test('500 files that are dropped at once all go in', {
  skip,
  timeout: 480_000,
}, async () => {
  const files = await Promise.all(
    Array.from({ length: 500 }, async (_, n) => {
      const path = join(folder, `photo-${n}.png`)
      await writeFile(path, await photo({ width: 16, height: 12, seed: n + 1, type: 'image/png' }))
      return path
    }),
  )
  await using server = await startServer({ VARIANTS: 'thumb:320' })
  await using opened = await openPage(browser)
  const { page } = opened
  await page.goto(server.url)
  await page.getByText('No photos yet').waitFor()
  const drag = await dragOf(page, files)
  const overlay = page.getByText('Drop to add')
  await drag('dragEnter')
  await overlay.waitFor()
  await drag('dragOver')
  await drag('drop')
  await overlay.waitFor({ state: 'hidden' })
  await page.getByText('500 files added', { exact: true }).first().waitFor({ timeout: 400_000 })
  await page.locator('.tile img[data-shown="true"]').first().waitFor()
  const total = await page.evaluate(async () => (await (await fetch('/api/timeline')).json()).total)
  if (total !== 500) throw new Error(`${total} of 500 are there`)
  opened.assertClean()
})

test('what is dragged away again leaves no overlay behind, however the drag ends', { skip }, async () => {
  const path = join(folder, 'dragged.png')
  await writeFile(path, await photo({ width: 16, height: 12, type: 'image/png' }))
  await using server = await startServer()
  await using opened = await openPage(browser)
  const { page } = opened
  await page.goto(server.url)
  await page.getByText('No photos yet').waitFor()
  const drag = await dragOf(page, [path])
  const overlay = page.getByText('Drop to add')

  // From one element to another it stays; leaving the last one is leaving the window.
  const shown = await page.evaluate(async () => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['x'], 'x.png'))
    const [header, main] = [document.querySelector('header'), document.querySelector('main')]
    const states: boolean[] = []
    const send = async (type: string, element: Element | null) => {
      element?.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
      // Drawn in one frame, seen in the next.
      for (let frame = 0; frame < 2; frame++) await new Promise((resolve) => requestAnimationFrame(resolve))
      const root = document.querySelector('tintype-drop')?.shadowRoot
      states.push(root?.querySelector('[part=overlay]')?.hasAttribute('data-over') === true)
    }
    await send('dragenter', header)
    await send('dragenter', main)
    // As browsers do all the time: without it the drag is taken to be over, a second later.
    main?.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true }))
    await send('dragleave', header)
    await send('dragleave', main)
    return states
  })
  assert.deepEqual(shown, [true, true, true, false])

  // An element that is redrawn below the drag is never left, and of the end nothing is told.
  await page.evaluate(() => {
    const passing = Object.assign(document.createElement('div'), { id: 'passing' })
    passing.style.cssText = 'position: fixed; inset: 300px 400px; z-index: 99'
    document.body.append(passing)
  })
  await drag('dragEnter')
  await overlay.waitFor()
  await page.evaluate(() => document.querySelector('#passing')?.remove())
  await drag('dragOver')
  await drag('dragOver', 640, 30)
  await overlay.waitFor({ state: 'hidden' })

  await drag('dragEnter')
  await overlay.waitFor()
  opened.assertClean()
})

test('a picture of the page that is dragged about is not added to it', { skip }, async () => {
  await using server = await startServer()
  await using opened = await openPage(browser)
  const { page } = opened
  await page.goto(server.url)
  await page.getByText('No photos yet').waitFor()
  const drag = (...types: string[]) =>
    page.evaluate(async (types) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File(['x'], 'x.png'))
      const event = { dataTransfer, bubbles: true, cancelable: true }
      for (const type of types) document.body.dispatchEvent(new DragEvent(type, event))
      for (let frame = 0; frame < 2; frame++) await new Promise((resolve) => requestAnimationFrame(resolve))
    }, types)
  const overlay = page.getByText('Drop to add')
  await drag('dragstart', 'dragenter', 'dragover')
  assert.equal(await overlay.isVisible(), false)
  await drag('drop', 'dragend')
  assert.equal(await page.locator('tintype-uploads section').count(), 0)
  await drag('dragenter')
  await overlay.waitFor()
  await drag('dragleave')
  await overlay.waitFor({ state: 'hidden' })
  // Of a drag whose picture has gone meanwhile, nobody tells the end.
  await page.evaluate(() => {
    const picture = document.body.appendChild(document.createElement('img'))
    picture.dispatchEvent(new DragEvent('dragstart', { bubbles: true }))
    picture.remove()
  })
  await drag('dragenter')
  await overlay.waitFor()
  opened.assertClean()
})

test('files that are dropped over a photo are seen to go in', { skip }, async () => {
  const path = join(folder, 'over.png')
  await writeFile(path, await photo({ width: 64, height: 48, seed: 70, type: 'image/png' }))
  await using server = await startServer()
  const bytes = await photo({ width: 600, height: 400 })
  assert.equal((await upload(server.url, { name: 'open.jpg', bytes })).status, 201)
  await using opened = await openPage(browser)
  const { page } = opened
  await page.goto(server.url)
  await page.getByRole('button', { name: 'Photo: open.jpg' }).click()
  const viewer = page.getByRole('dialog', { name: 'open.jpg' })
  await viewer.waitFor()
  const drag = await dragOf(page, [path])
  await drag('dragEnter')
  await page.getByText('Drop to add').waitFor()
  // What is outside of the dialog lies below it, but for what is in the top layer as well.
  assert.equal(await page.locator('tintype-drop [part=overlay]:popover-open').count(), 1)
  await drag('dragOver')
  await drag('drop')
  await viewer.getByText('Adding 1 file.').waitFor()
  await page.keyboard.press('Escape')
  await seePicture(page, 'Photo: over.png')
  opened.assertClean()
})
