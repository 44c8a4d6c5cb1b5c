import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { photo } from '../media/photos.ts'
import { launchBrowser } from './browser.ts'
import { openPage, seePicture, type TestPage } from './page.ts'
import { startServer } from './server.ts'

// The browser lacks something, hangs or refuses: another way is taken, and every file has a word about it.

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
const server = skip ? (null as never) : await startServer()
after(async () => {
  if (typeof launched === 'string') return
  await server[Symbol.asyncDispose]()
  await launched[Symbol.asyncDispose]()
})

const png = () => photo({ width: 300, height: 200, type: 'image/png' })
const clip = (name: string) => readFile(new URL(`../media/files/${name}`, import.meta.url))
const panel = (page: Page) => page.locator('.upload-panel')

/** A page of the gallery that differs from others by what `script` does before anything else runs. */
async function open<T>(
  script: (argument: T) => void,
  argument: T,
  options: Parameters<typeof openPage>[1] = {},
): Promise<TestPage> {
  const opened = await openPage(browser, options)
  // From the start: the browser needs a moment to hand its file dialog over.
  opened.page.on('filechooser', () => {})
  await opened.page.addInitScript(script as never, argument)
  await opened.page.goto(server.url)
  await opened.page.locator('.header input[type=file]').waitFor({ state: 'attached' })
  return opened
}

/** A video of nine MiB: too large for a form. */
async function largeVideo(): Promise<Buffer> {
  const free = Buffer.alloc(9 * 1024 ** 2)
  free.writeUInt32BE(free.length)
  free.write('free', 4)
  return Buffer.concat([await clip('index-first.mp4'), free])
}

test('a browser of 2022 uploads small files and large ones', { skip }, async () => {
  const forget = () => {
    const newer: [object, string[]][] = [
      [Promise, ['withResolvers', 'try']],
      [AbortSignal, ['any', 'timeout']],
      [Array, ['fromAsync']],
      [Array.prototype, ['toSorted', 'toReversed', 'toSpliced', 'with', 'findLast', 'findLastIndex']],
      [Set.prototype, ['union', 'intersection', 'difference', 'isSubsetOf', 'isSupersetOf']],
      [Object, ['groupBy']],
      [Map, ['groupBy']],
      [String.prototype, ['isWellFormed', 'toWellFormed']],
      [ArrayBuffer.prototype, ['transfer', 'resize']],
      [Uint8Array.prototype, ['toHex', 'toBase64']],
      [Blob.prototype, ['bytes']],
      [URL, ['canParse', 'parse']],
      [globalThis, ['Iterator', 'navigation', 'scheduler', 'requestIdleCallback', 'showOpenFilePicker']],
      [Reflect.get(globalThis, 'DataTransferItem').prototype, ['getAsFileSystemHandle']],
      [Reflect.get(globalThis, 'Navigator').prototype, ['userActivation', 'userAgentData']],
    ]
    for (const [owner, names] of newer) for (const name of names) Reflect.deleteProperty(owner, name)
    // Safari reads blobs by no buffer of ours.
    const { stream } = Blob.prototype
    Blob.prototype.stream = function () {
      return stream.call(this).pipeThrough(new TransformStream())
    }
  }
  await using opened = await open(forget, undefined)
  const { page } = opened
  await page.locator('.header input[type=file]').setInputFiles([
    { name: 'old.png', mimeType: 'image/png', buffer: await png() },
    { name: 'old.mp4', mimeType: 'video/mp4', buffer: await largeVideo() },
  ])
  await seePicture(page, 'Photo: old.png')
  await page.getByRole('button', { name: /^Video: old\.mp4/ }).waitFor()
  opened.assertClean()
})

test('an IndexedDB that never answers holds no upload up for long', { skip }, async () => {
  const hang = () => {
    Reflect.get(globalThis, 'indexedDB').open = () => new EventTarget() as never
  }
  await using opened = await open(hang, undefined)
  const { page } = opened
  const buffer = await largeVideo()
  await page
    .locator('.header input[type=file]')
    .setInputFiles({ name: 'stuck.mp4', mimeType: 'video/mp4', buffer })
  await page.getByRole('button', { name: /^Video: stuck\.mp4/ }).waitFor()
  opened.assertClean()
})

test('a tab lets go of the database when another one deletes it', { skip }, async () => {
  await using opened = await open(() => {}, undefined)
  const { page } = opened
  await page.locator('.header input[type=file]').setInputFiles({
    ...{ name: 'first.mp4', mimeType: 'video/mp4', buffer: await largeVideo() },
  })
  await page.getByRole('button', { name: /^Video: first\.mp4/ }).waitFor()
  const other = await page.context().newPage()
  await other.goto(server.url)
  const outcome = await other.evaluate(
    () =>
      new Promise((resolve) => {
        const request = Reflect.get(globalThis, 'indexedDB').deleteDatabase('tintype')
        request.onsuccess = () => resolve('deleted')
        request.onblocked = () => resolve('blocked')
      }),
  )
  assert.equal(outcome, 'deleted')
})

/** Makes the dialog for handles answer with these: a name, and what opening the file throws. */
const answerWith = ({ files, bytes }: { files: [string, string?][]; bytes: number[] }) => {
  const handle = ([name, fails]: [string, string?]) => ({
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
  const files: [string, string?][] = [
    ['one.png'],
    ['gone.png', 'NotFoundError'],
    ['two.png'],
    ['no.png', 'NotAllowedError'],
  ]
  await using opened = await open(answerWith, { files, bytes: [...(await png())] })
  const { page } = opened
  await page.locator('.header .picker').click()
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
    await page.locator('.header .picker').click()
    await chooser
  }
  assert.equal(await panel(page).count(), 0)
  opened.assertClean()
})

test('where neither dialog opens there is a word', { skip }, async () => {
  const fail = () => {
    const showOpenFilePicker = () => Promise.reject(new DOMException('not in this frame', 'SecurityError'))
    Object.assign(globalThis, { showOpenFilePicker })
    // Without a press of somebody browsers open none; what a test does counts as one.
    Object.defineProperty(navigator, 'userActivation', { value: { isActive: false } })
  }
  await using opened = await open(fail, undefined)
  const { page } = opened
  await page.locator('.header .picker').click()
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
    await page.locator('.header .picker').click()
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
            : resolve(new File([Uint8Array.from(bytes)], name, { type })),
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
    [...(await png())],
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
  const paste = (selector: string, text: boolean) =>
    page.locator(selector).evaluate((target, text) => {
      const clipboardData = new DataTransfer()
      if (text) clipboardData.setData('text/plain', 'cell A1')
      clipboardData.items.add(new File(['no picture'], 'image.png', { type: 'image/png' }))
      return !target.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
      )
    }, text)
  assert.equal(await paste('textarea', true), false)
  assert.equal(await panel(page).count(), 0)
  // No field could do anything with a picture alone; and a focus on the button is no field.
  assert.equal(await paste('textarea', false), true)
  assert.equal(await paste('.header input[type=file]', true), true)
})

test('a video of which the browser can play the sound alone says so', { skip }, async () => {
  await using opened = await open(() => {}, undefined)
  const { page } = opened
  const buffer = await clip('hevc.mp4')
  await page
    .locator('.header input[type=file]')
    .setInputFiles({ name: 'hevc.mp4', mimeType: 'video/mp4', buffer })
  await page.getByRole('button', { name: /^Video: hevc\.mp4/ }).click()
  await page
    .getByText('can play the sound of this video, but not its picture. It can still be downloaded.')
    .waitFor()
  assert.equal(await page.locator('video').count(), 0)
  opened.assertClean()
})

test('a server that never answers leaves no empty page, and can be asked again', { skip }, async () => {
  await using opened = await openPage(browser, {}, /net::ERR/)
  const { page } = opened
  await page.clock.install()
  await page.route('**/session', () => {}, { times: 1 })
  await page.goto(server.url)
  await page.getByRole('list', { name: 'Loading photos' }).waitFor()
  await page.clock.fastForward(31_000)
  await page.getByText('The photos can’t be loaded').waitFor()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.locator('.header').waitFor()
  opened.assertClean()
})

test('the focus stays in the list of uploads when a row goes, and comes to the picker after the last', {
  skip,
}, async () => {
  await using opened = await openPage(browser, {}, /status of 415/)
  const { page } = opened
  await page.goto(server.url)
  const text = (name: string) => ({ name, mimeType: 'image/png', buffer: Buffer.from('only words') })
  await page.locator('.header input[type=file]').setInputFiles(['a.png', 'b.png', 'c.png'].map(text))
  await page.getByRole('region', { name: '3 files failed' }).waitFor()
  await page.getByRole('button', { name: 'Dismiss b.png' }).focus()
  for (const next of ['c.png', 'a.png']) {
    await page.keyboard.press('Enter')
    await page
      .locator(':focus')
      .and(page.getByRole('button', { name: `Dismiss ${next}` }))
      .waitFor()
  }
  await page.keyboard.press('Enter')
  await page.locator('.header input[type=file]:focus').waitFor({ state: 'attached' })
  opened.assertClean()
})
