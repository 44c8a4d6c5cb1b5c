import assert from 'node:assert/strict'
import { readFile, stat, utimes } from 'node:fs/promises'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { launchBrowser, openProfile } from './browser.ts'
import { assertOnce } from './storage.ts'
import { writeVideo } from './video.ts'
import { freePort, startWorld, type World } from './world.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

const partSize = 8 * 1024 ** 2
const megabytes = (bytes: number) => Math.round(bytes / 1e6)

test('a large file goes in parallel parts to another origin, and memory stays flat', { skip }, async () => {
  await using world = await startWorld(browser)
  await flat(world, 200 * 1024 ** 2)
})

const long = process.env.TEST_LONG ? false : 'takes a minute: set TEST_LONG=1'
test('so does one of 2 GB', { skip: skip || long }, async () => {
  await using world = await startWorld(browser)
  await flat(world, 2 * 1024 ** 3)
})

test('a network that is lost midway and comes back costs no part that had arrived', { skip }, async () => {
  await using world = await startWorld(browser)
  const { storage, page, path } = world
  await world.choose(48)
  await storage.holdAfter(3)
  storage.cut()
  await page.context().setOffline(true)
  assert.equal(await failed(page).count(), 0)
  storage.restore()
  await page.context().setOffline(false)
  await world.finish(path)
  assertOnce(storage.seen)
})

test('a tab that is killed midway goes on when the file is chosen again', { skip }, async () => {
  await using world = await startWorld(browser)
  const { storage, path } = world
  await world.choose(48)
  await storage.holdAfter(3)
  await world.killTab()
  storage.release()
  const page = await world.openTab()
  const row = page.locator('tintype-uploads li', { hasText: 'clip.mp4' })
  await row.getByText('choose it again').waitFor()
  await row.locator('input[type=file]').setInputFiles(path)
  await world.finish(path)
  assertOnce(storage.seen)
})

test('where the browser keeps file handles, it goes on by itself', { skip }, async () => {
  // Chromium keeps handles in lasting profiles alone: with others the packaged one breaks down.
  await using profile = await openProfile()
  await using world = await startWorld(browser, {}, profile.context)
  const { storage } = world
  await writeVideo(world.path, 40 * 1024 ** 2)
  await keepInPage(world.page, world.path)
  await world.page.getByRole('button', { name: 'Choose photos' }).click()
  await storage.holdAfter(2)
  await world.killTab()
  storage.release()
  await world.openTab()
  await world.finish(world.path)
  assertOnce(storage.seen)
})

test('a server that is killed midway and starts again costs no part that had arrived', {
  skip,
}, async () => {
  await using world = await startWorld(browser)
  const { storage, path } = world
  await world.choose(48)
  await storage.holdAfter(3)
  await world.restartServer()
  storage.release()
  await world.finish(path)
  assertOnce(storage.seen)
})

test('a file that looks the same and is another one since begins anew', { skip }, async () => {
  await using world = await startWorld(browser)
  const { storage, path } = world
  await world.choose(48)
  await storage.holdAfter(3)
  await world.killTab()
  storage.release()
  const { atime, mtime } = await stat(path)
  await writeVideo(path, 48 * 1024 ** 2, 2)
  await utimes(path, atime, mtime)
  const page = await world.openTab()
  await page.locator('tintype-uploads li input[type=file]').setInputFiles(path)
  await world.finish(path)
  const uploads = new Set(storage.seen.map(({ upload }) => upload))
  assert.equal(uploads.size, 2)
})

test('a file that is replaced on the disk midway is said to be, and goes on when chosen again', {
  skip,
}, async () => {
  await using world = await startWorld(browser)
  const { storage, page, path } = world
  await world.choose(48)
  await storage.holdAfter(2)
  await writeVideo(path, 48 * 1024 ** 2, 2)
  const later = new Date(Date.now() + 10_000)
  await utimes(path, later, later)
  storage.release()
  const row = page.locator('tintype-uploads li', { hasText: 'clip.mp4' })
  await row.getByText('The file has changed since it was chosen').waitFor()
  await row.getByText('Choose it again.').waitFor()
  await row.locator('input[type=file]').setInputFiles(path)
  await world.finish(path)
})

test('URLs that expire midway are signed anew', { skip }, async () => {
  await using world = await startWorld(browser, { SIGN_WRITE_TTL: '2' })
  const { storage, path } = world
  await world.choose(48)
  await storage.holdAfter(2)
  // S3 goes by its own clock: what is held has to be let go after the URLs' two seconds.
  await new Promise((resolve) => setTimeout(resolve, 3100))
  storage.release()
  await world.finish(path)
  assert(storage.seen.some(({ status }) => status === 403))
  assertOnce(storage.seen)
})

test('pages on plain HTTP, without WebCrypto and locks, do the same', { skip }, async () => {
  const port = await freePort()
  await using profile = await openProfile(['--host-resolver-rules=MAP photos.test 127.0.0.1'])
  const address = { PORT: String(port), PUBLIC_URL: `http://photos.test:${port}` }
  await using world = await startWorld(browser, address, profile.context)
  const { storage, page, path } = world
  assert.equal(await page.evaluate(() => globalThis.isSecureContext), false)
  await world.choose(48)
  await storage.holdAfter(3)
  await page.getByRole('button', { name: 'Pause clip.mp4' }).click()
  storage.release()
  await page.getByRole('button', { name: 'Resume clip.mp4' }).click()
  await world.finish(path)
  assertOnce(storage.seen)
})

test('pause keeps what has arrived, resume goes on', { skip }, async () => {
  await using world = await startWorld(browser)
  const { storage, page, path } = world
  await world.choose(48)
  await storage.holdAfter(3)
  await page.getByRole('button', { name: 'Pause clip.mp4' }).click()
  storage.release()
  await page.getByText('Paused at').waitFor()
  await page.getByRole('button', { name: 'Resume clip.mp4' }).click()
  await world.finish(path)
  assertOnce(storage.seen)
})

test('cancel ends the upload at the server too', { skip }, async () => {
  await using world = await startWorld(browser)
  const { storage, page, server } = world
  const begun = page.waitForResponse((response) => response.url().endsWith('/api/uploads'))
  const ended = page.waitForResponse((response) => response.request().method() === 'DELETE')
  await world.choose(48)
  await storage.holdAfter(1)
  await page.getByRole('button', { name: 'Cancel clip.mp4' }).click()
  storage.release()
  assert.equal((await ended).status(), 204)
  const { id } = (await (await begun).json()) as { id: string }
  assert.equal((await fetch(`${server.url}/api/uploads/${id}`)).status, 404)
  await page.reload()
  await page.getByText('No photos yet').waitFor()
  assert.equal(await page.locator('tintype-uploads li').count(), 0)
})

test('two tabs with the same file send it once', { skip }, async () => {
  await using world = await startWorld(browser)
  const { storage, path, page } = world
  await world.choose(48)
  await storage.holdAfter(2)
  const second = await page.context().newPage()
  await second.goto(world.server.url)
  await second.getByText('No photos yet').waitFor()
  assert.equal(await second.locator('tintype-uploads li').count(), 0)
  await second.locator('.header input[type=file]').setInputFiles(path)
  await second.locator('tintype-uploads li', { hasText: 'clip.mp4' }).waitFor()
  storage.release()
  await second.getByRole('button', { name: /^Video: clip\.mp4/ }).waitFor({ timeout: 120_000 })
  await world.finish(path)
  assertOnce(storage.seen)
})

test('a file below 16 MiB goes by one PUT', { skip }, async () => {
  await using world = await startWorld(browser)
  await world.choose(10)
  await world.finish(world.path)
  assert.deepEqual(
    world.storage.seen.map(({ part, status }) => [part, status]),
    [[0, 200]],
  )
})

/** Sends a file of `bytes` bytes and compares the peak memory of page and server with what they had before. */
async function flat(world: World, bytes: number): Promise<void> {
  const { storage, path, server } = world
  const rows = Math.ceil(bytes / partSize)
  const pids = { page: await newestRenderer(), server: server.child.pid }
  const before = await peaks(pids)
  await world.choose(bytes / 1024 ** 2)
  await world.finish(path)
  const after = await peaks(pids)
  assert.equal(storage.seen.length, rows)
  assertOnce(storage.seen)
  assert(storage.most > 1 && storage.most <= 5, `${storage.most} at once`)
  if (!before || !after) return
  for (const who of ['page', 'server'] as const) {
    const grown = after[who] - before[who]
    assert(grown < 180e6, `the ${who} has grown by ${megabytes(grown)} MB`)
  }
}

const failed = (page: Page) => page.locator('tintype-uploads li[data-state="failed"]')

/** Most memory that each has had, in bytes; undefined where the system doesn't tell. */
async function peaks<T extends string>(pids: Record<T, number | undefined>) {
  const peak = async (pid: number | undefined) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024
  }
  try {
    const all = Object.entries(pids).map(async ([who, pid]) => [who, await peak(pid as number)])
    return Object.fromEntries(await Promise.all(all)) as Record<T, number>
  } catch {
    return undefined
  }
}

/** The process that runs the newest page. */
async function newestRenderer(): Promise<number | undefined> {
  const devtools = await browser.newBrowserCDPSession()
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
  await devtools.detach()
  return processInfo.findLast(({ type }) => type === 'renderer')?.id
}

/** Puts the file where the page can have a handle to it without a dialog, and makes the dialog answer with it. */
async function keepInPage(page: Page, path: string): Promise<void> {
  const input = page.locator('.header input[type=file]')
  await input.evaluate((element) => {
    element.addEventListener('change', (event) => event.stopImmediatePropagation(), {
      capture: true,
      once: true,
    })
  })
  await input.setInputFiles(path)
  await input.evaluate(async (element) => {
    const [file] = (element as HTMLInputElement).files ?? []
    const root = await navigator.storage.getDirectory()
    const handle = await root.getFileHandle('clip.mp4', { create: true })
    const writable = await handle.createWritable()
    await writable.write(file as File)
    await writable.close()
    Object.assign(window, { showOpenFilePicker: async () => [handle] })
  })
}
