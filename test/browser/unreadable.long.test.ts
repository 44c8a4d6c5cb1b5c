import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { photo } from '../media/photos.ts'
import { openAltered } from './altered.ts'
import { launchBrowser } from './browser.ts'
import { seePicture, type TestPage } from './page.ts'
import { startServer } from './server.ts'

// Files that are chosen, dropped or pasted and can not be had: every one has a word about it.

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
const server = skip ? (null as never) : await startServer()
after(async () => {
  if (typeof launched === 'string') return
  await server[Symbol.asyncDispose]()
  await launched[Symbol.asyncDispose]()
})

let pictures = 0
/** Another one each time: what is there already is not sent again. */
const png = () => photo({ width: 300, height: 200, type: 'image/png', seed: ++pictures })
const panel = (page: Page) => page.locator('tintype-uploads section')

const open: <T>(
  script: (argument: T) => void,
  argument: T,
  options?: Parameters<typeof openAltered>[3],
) => Promise<TestPage> = (script, argument, options) =>
  openAltered({ browser, url: server.url }, script, argument, options)

/** Makes the dialog for handles answer with these: a name, its bytes, and what opening the file throws. */
const answerWith = (files: [string, number[], string?][]) => {
  const handle = ([name, bytes, fails]: [string, number[], string?]) => ({
    kind: 'file',
    name,
    queryPermission: async () => 'granted',
    async getFile() {
      if (fails) throw new DOMException('no', fails)
      return new File([Uint8Array.from(bytes)], name, { type: 'image/png' })
    },
  })
  Object.assign(globalThis, { showOpenFilePicker: async () => files.map(handle) })
}

test('one of several chosen files that cannot be opened has a row, the others go on', { skip }, async () => {
  await using opened = await open(answerWith, [
    ['one.png', [...(await png())]],
    ['gone.png', [], 'NotFoundError'],
    ['two.png', [...(await png())]],
    ['no.png', [], 'NotAllowedError'],
  ])
  const { page } = opened
  await page.locator('.header .picker.primary').click()
  await seePicture(page, 'Photo: one.png')
  await seePicture(page, 'Photo: two.png')
  const rows = panel(page).getByRole('listitem')
  await rows
    .filter({ hasText: 'gone.png' })
    .getByText('was moved, renamed or deleted. Choose it again.')
    .waitFor()
  await rows.filter({ hasText: 'no.png' }).getByText('may not read this file. Choose it again.').waitFor()
  await rows
    .filter({ hasText: 'gone.png' })
    .locator('input[type=file]')
    .setInputFiles({ name: 'gone.png', mimeType: 'image/png', buffer: await png() })
  await seePicture(page, 'Photo: gone.png')
  await page.getByRole('region', { name: '1 file failed' }).waitFor()
  opened.assertClean()
})

test('where the dialog for handles fails, the plain one opens', { skip }, async () => {
  const fail = () => {
    const showOpenFilePicker = () => Promise.reject(new DOMException('not in this frame', 'SecurityError'))
    Object.assign(globalThis, { showOpenFilePicker })
  }
  await using opened = await open(fail, undefined)
  const { page } = opened
  for (let n = 0; n < 2; n++) {
    const chooser = page.waitForEvent('filechooser')
    await page.locator('.header .picker.primary').click()
    await chooser
  }
  assert.equal(await panel(page).count(), 0)
  opened.assertClean()
})

test('where neither dialog opens there is a word', { skip }, async () => {
  const fail = () => {
    const showOpenFilePicker = () => Promise.reject(new DOMException('not in this frame', 'SecurityError'))
    Object.assign(globalThis, { showOpenFilePicker })
    // Without a user gesture browsers open none; what a test does counts as one.
    Object.defineProperty(navigator, 'userActivation', { value: { isActive: false } })
  }
  await using opened = await open(fail, undefined)
  const { page } = opened
  await page.locator('.header .picker.primary').click()
  await panel(page).getByText('Press the button again').waitFor()
  opened.assertClean()
})

test('on a phone the click is left to the plain input, whose chooser offers the camera', {
  skip,
}, async () => {
  const count = () => {
    const showOpenFilePicker = () => Promise.reject(new Error('it must not be asked'))
    Object.assign(globalThis, { showOpenFilePicker })
  }
  const phone = { isMobile: true, hasTouch: true, viewport: { width: 412, height: 915 } }
  const android = { userAgent: 'Mozilla/5.0 (Linux; Android 10; K) Chrome/140.0.0.0 Mobile Safari/537.36' }
  for (const options of [phone, android]) {
    await using opened = await open(count, undefined, options)
    const { page } = opened
    const chooser = page.waitForEvent('filechooser')
    await page.locator('.header .picker.primary').click()
    await chooser
    opened.assertClean()
  }
})

test('of a dropped folder nothing is left out in silence', { skip }, async () => {
  await using opened = await open(() => {}, undefined)
  const { page } = opened
  await page.evaluate(
    (bytes) => {
      type Entry = Record<string, unknown>
      const file = (name: string, type = 'image/png', fails = false): Entry => ({
        ...{ isFile: true, isDirectory: false, name },
        file: (resolve: (file: File) => void, reject: (error: unknown) => void) =>
          fails
            ? reject(new DOMException('locked', 'NotReadableError'))
            : resolve(new File([Uint8Array.from(bytes[name] ?? [])], name, { type })),
      })
      const folder = (name: string, children: Entry[], fails = false): Entry => ({
        ...{ isFile: false, isDirectory: true, name },
        createReader: () => ({
          readEntries(resolve: (entries: Entry[]) => void, reject: (error: unknown) => void) {
            if (children.length === 0 && fails) reject(new DOMException('gone', 'NotFoundError'))
            else resolve(children.splice(0, 2))
          },
        }),
      })
      const roots = [
        folder('trip', [
          ...[
            file('in.png'),
            file('locked.png', 'image/png', true),
            file('a.txt', 'text/plain'),
            file('.DS_Store', ''),
          ],
          ...[
            file('b.zip', 'application/zip'),
            file('.secret.png'),
            folder('deeper', [file('deep.png')], true),
          ],
        ]),
        folder('nothing', []),
        { ...folder('broken', []), createReader: null },
      ]
      const transfer = new DataTransfer()
      for (const { name } of roots) transfer.items.add(new File([], String(name)))
      let next = 0
      Reflect.get(globalThis, 'DataTransferItem').prototype.webkitGetAsEntry = () => roots[next++] as never
      const drop = new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })
      Reflect.get(globalThis, 'document').body.dispatchEvent(drop)
    },
    { 'in.png': [...(await png())], 'deep.png': [...(await png())] } as Record<string, number[]>,
  )
  await seePicture(page, 'Photo: in.png')
  await seePicture(page, 'Photo: deep.png')
  const rows = panel(page).getByRole('listitem')
  const texts = await rows.allInnerTexts()
  const words = [
    /^trip\s+2 files left out \(not photos or videos\): a\.txt, b\.zip$/,
    /^trip\s+1 file left out \(hidden\): \.secret\.png$/,
    /^trip\/deeper\s+This folder can’t be read to its end\./,
    /^nothing\s+This folder is empty\.$/,
    /^broken\s+This folder can’t be read to its end\./,
    /^locked\.png\s+.* Choose it again\.$/,
  ]
  for (const word of words)
    assert(
      texts.some((text) => word.test(text.trim())),
      `${word} in ${texts.join('\n')}`,
    )
  assert.equal(texts.length, words.length)
  await page.getByRole('button', { name: 'Dismiss all' }).click()
  await panel(page).waitFor({ state: 'detached' })
  opened.assertClean()
})

test('a drop that holds nothing readable has a word', { skip }, async () => {
  await using opened = await open(() => {}, undefined)
  const { page } = opened
  await page.evaluate(() => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([], 'x'))
    Object.defineProperty(transfer, 'items', {
      value: [{ kind: 'file', webkitGetAsEntry: () => null, getAsFile: () => null }],
    })
    const drop = new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })
    Reflect.get(globalThis, 'document').body.dispatchEvent(drop)
  })
  await panel(page).getByText('is no file that the browser can read').waitFor()
  opened.assertClean()
})

test('text with a picture of it beside it, pasted into a field, is the field’s', { skip }, async () => {
  await using opened = await open(() => {}, undefined)
  const { page } = opened
  const name = 'captioned.png'
  await page
    .locator('.header input[type=file]')
    .setInputFiles({ name, mimeType: 'image/png', buffer: await png() })
  await page.getByRole('button', { name: `Photo: ${name}` }).click()
  await page.getByRole('button', { name: 'Add a caption' }).click()
  // It says for a while that the picture was added.
  await panel(page).waitFor({ state: 'detached' })
  const paste = (selector: string, text: boolean) =>
    page
      .locator(selector)
      .first()
      .evaluate((target, text) => {
        const clipboardData = new DataTransfer()
        if (text) clipboardData.setData('text/plain', 'cell A1')
        clipboardData.items.add(new File(['no picture'], 'image.png', { type: 'image/png' }))
        return !target.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true, composed: true }),
        )
      }, text)
  assert.equal(await paste('textarea', true), false)
  assert.equal(await panel(page).count(), 0)
  // No field could do anything with a picture alone; and a focus on the button is no field.
  assert.equal(await paste('textarea', false), true)
  assert.equal(await paste('.header input[type=file]', true), true)
})
