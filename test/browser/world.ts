import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Media } from '@tintype/protocol'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { type ServerProcess, startProcess } from '../support/process.ts'
import { openPage } from './page.ts'
import { startStorage, type TestStorage } from './storage.ts'
import { sha256Of, writeVideo } from './video.ts'

/** Connections that are cut, what a server says that was killed, and plain HTTP show on the console. */
const expected = /net::ERR|status of (403|5\d\d)|Cross-Origin-Opener-Policy/

export interface World extends AsyncDisposable {
  storage: TestStorage
  server: ServerProcess
  page: Page
  path: string
  /** Writes a video of so many MiB and gives it to the page. */
  choose(mebibytes: number): Promise<void>
  /** Waits for the video's tile, and compares what is stored with the file. */
  finish(path: string): Promise<void>
  /** Ends the tab as a crash would: nothing in it is told. */
  killTab(): Promise<void>
  openTab(): Promise<Page>
  restartServer(): Promise<void>
}

/** A server and its bucket on another origin, both its own, and a page of the gallery. */
export async function startWorld(
  browser: Browser,
  env: Record<string, string> = {},
  context?: BrowserContext,
): Promise<World> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'tintype-world-'))
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const path = join(folder, 'clip.mp4')
  const storage = stack.use(await startStorage())
  const serverEnv = { TINTYPE_DATA: join(folder, 'data'), ...storage.env, ...env }
  let server = await startProcess(serverEnv)
  stack.defer(() => server.kill())
  const opened = stack.use(await openPage(context ?? browser, {}, expected))
  let { page } = opened
  await page.goto(server.url)
  const all = stack.move()
  return {
    storage,
    path,
    get server() {
      return server
    },
    get page() {
      return page
    },
    async choose(mebibytes) {
      await writeVideo(path, mebibytes * 1024 ** 2)
      await page.locator('.header input[type=file]').setInputFiles(path)
    },
    async finish(sent) {
      await page.getByRole('button', { name: /^Video: clip\.mp4/ }).waitFor({ timeout: 120_000 })
      // Node knows no names that only the browser was told of.
      const own = `http://localhost:${new URL(server.url).port}`
      const answer = await fetch(`${own}/api/media`)
      const { media } = (await answer.json()) as { media: Media[] }
      assert.equal(media.length, 1)
      assert.equal(media[0]?.sentSha256, await sha256Of(sent))
      assert.equal(media[0]?.bytes, (await stat(sent)).size)
      opened.assertClean()
    },
    async killTab() {
      const devtools = await page.context().newCDPSession(page)
      const gone = page.waitForEvent('crash')
      // Its answer never comes: the one that would give it is gone.
      devtools.send('Page.crash').catch(() => {})
      await gone
      await page.close()
    },
    async openTab() {
      page = await page.context().newPage()
      page.setDefaultTimeout(60_000)
      await page.goto(server.url)
      return page
    },
    async restartServer() {
      await server.kill()
      server = await startProcess({ ...serverEnv, PORT: new URL(server.url).port })
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
