import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { openAltered } from './altered.ts'
import { launchBrowser } from './browser.ts'
import { openPage, seePicture, type TestPage } from './page.ts'
import { startServer } from './server.ts'

// The browser lacks something, hangs or refuses: another way is taken.

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

const open: <T>(
  script: (argument: T) => void,
  argument: T,
  options?: Parameters<typeof openAltered>[3],
) => Promise<TestPage> = (script, argument, options) =>
  openAltered({ browser, url: server.url }, script, argument, options)

/** A video of nine MiB: too large for a form. */
let videos = 0

/** Another file each time. */
async function largeVideo(): Promise<Buffer> {
  const free = Buffer.alloc(9 * 1024 ** 2)
  free.writeUInt32BE(free.length)
  free.write('free', 4)
  free.writeUInt32BE(++videos, 8)
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

test('a video of which the browser can play the sound alone says so', { skip }, async () => {
  await using opened = await open(() => {}, undefined)
  const { page } = opened
  const buffer = await clip('hevc.mp4')
  await page
    .locator('.header input[type=file]')
    .setInputFiles({ name: 'hevc.mp4', mimeType: 'video/mp4', buffer })
  await page.getByRole('button', { name: /^Video: hevc\.mp4/ }).click()
  await page
    .getByText('can’t play this video. It is coded as H.265 (HEVC). It can still be downloaded.')
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
  const text = (name: string) => ({ name, mimeType: 'image/png', buffer: Buffer.from(`only words: ${name}`) })
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

test('where some files have failed, the tray goes on saying how many were added', { skip }, async () => {
  await using opened = await openPage(browser, {}, /status of 415/)
  const { page } = opened
  await page.clock.install()
  await page.goto(server.url)
  const bytes = await photo({ width: 300, height: 200, seed: 77 })
  await page.locator('.header input[type=file]').setInputFiles([
    { name: 'words.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('only words') },
    { name: 'sound.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(bytes) },
  ])
  const tray = page.getByRole('region', { name: '1 file failed' })
  await tray.getByText('1 file added').waitFor()
  await seePicture(page, 'Photo: sound.jpg')
  await page.clock.fastForward(60_000)
  await tray.getByText('1 file added').waitFor()
  await tray.getByRole('button', { name: 'Dismiss words.jpg' }).click()
  await page.getByRole('region', { name: '1 file added' }).waitFor()
  await page.clock.fastForward(60_000)
  await page.locator('tintype-uploads section').waitFor({ state: 'detached' })
  opened.assertClean()
})

test('where the script of the tray can not be had, the page says so, and can be loaded again', {
  skip,
}, async () => {
  await using opened = await openPage(browser, {}, /net::ERR/)
  const { page } = opened
  await page.route(/\/assets\/uploads-[^/]*\.js$/, (route) => route.abort(), { times: 1 })
  await page.goto(server.url)
  await page.getByText('Uploads can’t be shown').waitFor()
  await page.getByRole('button', { name: 'Load the page again' }).click()
  await page.getByText('Uploads can’t be shown').waitFor({ state: 'detached' })
  const bytes = Buffer.from(await photo({ width: 300, height: 200, seed: 78 }))
  await page
    .locator('.header input[type=file]')
    .setInputFiles({ name: 'again.jpg', mimeType: 'image/jpeg', buffer: bytes })
  await page.getByRole('region', { name: '1 file added' }).waitFor()
  opened.assertClean()
})
