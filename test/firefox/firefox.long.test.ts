/** The gallery in the Firefox that is installed: what people do every day. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { TintypeImage } from '../../packages/client/src/element/image.ts'
import { photo } from '../media/photos.ts'
import { password, startFamily } from '../people/family.ts'
import { until } from '../support/until.ts'
import { type FirefoxPage, launchFirefox, named } from './firefox.ts'

const launched = await launchFirefox()
const skip = typeof launched === 'string' && launched
const firefox = launched as Exclude<typeof launched, string>
const folder = await mkdtemp(join(tmpdir(), 'tintype-firefox-'))
after(async () => {
  if (!skip) await firefox[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** So many photos on disk. */
async function photos(count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, n) => `photo-${n}.jpg`)
  for (const [seed, name] of names.entries())
    await writeFile(join(folder, name), await photo({ width: 320, height: 240, seed: seed + 1 }))
  return names.map((name) => join(folder, name))
}

/** A page of which everything that goes wrong is kept. */
async function openPage(expected: RegExp): Promise<{ page: FirefoxPage; troubles: string[] }> {
  const page = await firefox.newPage()
  const troubles: string[] = []
  page.on('console', (message) => {
    const { type, text } = { type: message.type(), text: message.text() }
    if (['error', 'warn'].includes(type) && !expected.test(text)) troubles.push(text)
  })
  page.on('pageerror', (error) => troubles.push(String(error)))
  return { page, troubles }
}

async function signIn(page: FirefoxPage): Promise<void> {
  await page.locator('#name').fill('Ann')
  await page.locator('#password').fill(password)
  await page.locator(named('button', 'Sign in')).click()
}

const drawn = (page: FirefoxPage) =>
  page.$$eval('.tile tintype-image', (all) => all.filter((one) => (one as TintypeImage).complete).length)
const choose = async (page: FirefoxPage, files: string[]) => {
  await page.locator('.header').wait()
  await (await page.$('.header >>> input[type=file]'))?.uploadFile(...files)
}

test('signs in, sends 20 photos, looks at one, deletes it, undoes that, reloads, goes back and signs out', {
  skip,
}, async () => {
  await using family = await startFamily({ RATE_SIGN_IN: 'off', UNDO_WINDOW: '600' }, ['Ann'])
  await family.join('Ann')
  const { page, troubles } = await openPage(/401/)
  await page.setViewport({ width: 1280, height: 800 })
  await page.goto(family.server.url)
  await signIn(page)
  await choose(page, await photos(20))
  await until(async () => (await drawn(page)) === 20)

  await page.locator(named('button', 'Photo: photo-7.jpg')).click()
  await page.locator(named('dialog', 'photo-7.jpg')).wait()
  assert.match(page.url(), /\/photo\/[\w-]+$/)
  await page.reload()
  await page.locator(named('dialog', 'photo-7.jpg')).wait()
  await page.goBack()
  await until(async () => new URL(page.url()).pathname === '/')

  await page.locator(named('button', 'Photo: photo-7.jpg')).click()
  await page.locator(named('dialog', 'photo-7.jpg')).wait()
  await page.keyboard.press('Delete')
  await page.locator(named('button', 'Undo')).click()
  await page.keyboard.press('Escape')
  await until(async () => (await drawn(page)) === 20)
  await page.reload()
  await until(async () => (await drawn(page)) === 20)

  await page.locator(named('button', 'Ann')).click()
  await page.locator(named('button', 'Sign out')).click()
  await signIn(page)
  await until(async () => (await drawn(page)) === 20)
  assert.deepEqual(troubles, [])
})

test('photos that were on their way when the page was loaded anew go on by themselves', {
  skip,
}, async () => {
  await using family = await startFamily({ RATE_SIGN_IN: 'off' }, ['Ann'])
  await family.join('Ann')
  const { page, troubles } = await openPage(/401|NetworkError|NS_ERROR|blocked/)
  await page.goto(family.server.url)
  await signIn(page)
  // None of them gets through.
  let isCut = true
  page.on('request', (request) => {
    const isSent = request.method() === 'POST' && new URL(request.url()).pathname === '/api/media'
    const answered = isCut && isSent ? request.abort() : request.continue()
    // The browser may have been closed meanwhile.
    answered.catch(() => {})
  })
  await page.setRequestInterception(true)
  await choose(page, await photos(20))
  await until(async () => (await keptFiles(page)) === 20)
  // Leaving is asked about.
  let asked = 0
  page.on('dialog', (dialog) => {
    asked++
    void dialog.accept()
  })
  isCut = false
  await page.reload()
  await until(async () => (await drawn(page)) === 20)
  assert.equal(asked, 1)
  assert.deepEqual(troubles, [])
})

/** How many the browser keeps for this page. */
const keptFiles = (page: FirefoxPage) =>
  page.evaluate(async () => {
    const count = async (directory: FileSystemDirectoryHandle): Promise<number> => {
      let found = 0
      const entries = directory as unknown as { values(): AsyncIterable<FileSystemHandle> }
      for await (const entry of entries.values())
        found +=
          entry.kind === 'directory'
            ? await count(entry as FileSystemDirectoryHandle)
            : +entry.name.endsWith('.json')
      return found
    }
    return count(await navigator.storage.getDirectory())
  })
