import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { photo } from '../media/photos.ts'
import { startProcess } from '../support/process.ts'
import { upload } from '../support/server.ts'
import { openPage, seePicture, type TestPage } from './page.ts'

/** A server with forty photos. */
export interface FortyPhotos extends AsyncDisposable {
  url: string
  /** At the same address. */
  restart(): Promise<void>
  /** The gallery. @param expected what the console may say */
  open(options?: object, expected?: RegExp): Promise<TestPage>
}

/** Two a day, the last first: IMG_20240312_120000.jpg is of the 12th of March. */
export const nameOf = (n: number) =>
  `IMG_202403${String(28 - Math.floor(n / 2)).padStart(2, '0')}_1${n % 2 ? 1 : 2}0000.jpg`
export const tile = (page: Page, n: number) => page.getByRole('button', { name: `Photo: ${nameOf(n)}` })
export const at = (page: Page) => new URL(page.url()).pathname

const shapes = [
  [1200, 800],
  [800, 1200],
  [1000, 1000],
] as const

export async function startFortyPhotos(browser: Browser): Promise<FortyPhotos> {
  const folder = await mkdtemp(join(tmpdir(), 'tintype-photos-'))
  const start = (port = '0') =>
    startProcess({ TINTYPE_DATA: join(folder, 'data'), UNDO_WINDOW: '3600', PORT: port })
  let server = await start()
  const { url } = server
  for (let n = 0; n < 40; n++) {
    const [width, height] = shapes[n % 3] ?? [3000, 2000]
    const size = n === 0 ? { width: 4000, height: 3000 } : { width, height }
    const sent = await upload(url, { name: nameOf(n), bytes: await photo({ ...size, seed: n + 1 }) })
    assert.equal(sent.status, 201)
  }
  return {
    url,
    async restart() {
      await server.terminate()
      server = await start(new URL(url).port)
    },
    async open(options = {}, expected) {
      const opened = await openPage(browser, options, expected)
      await opened.page.goto(url)
      await seePicture(opened.page, `Photo: ${nameOf(0)}`)
      return opened
    },
    async [Symbol.asyncDispose]() {
      await server.terminate()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
