import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { MediaPage } from '@tintype/protocol'
import type { Page } from 'playwright-core'
import { launchBrowser } from '../browser/browser.ts'
import { openPage } from '../browser/page.ts'
import { sha256Of, writeVideo } from '../browser/video.ts'
import { freePort, missing } from '../proxies/programs.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'
import { type Door, startDoor } from './door.ts'
import { sendAsIos } from './ios.ts'
import { folder, install, type Pages, servePages } from './pages.ts'

/** `UPLOADERS_MB=200` sends what a phone films in two minutes. */
const megabytes = Number(process.env.UPLOADERS_MB ?? 30)
const bytes = megabytes * 1_000_000
const timeout = 180_000 + megabytes * 2000

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched

describe(`a video of ${megabytes} MB through two kills of the server and a lost network`, () => {
  let directory: string
  let file: string
  let pages: Pages
  let door: Door
  let server: ServerProcess
  let port: number
  let env: Record<string, string>
  let seed = 0

  before(async () => {
    install()
    directory = await mkdtemp(join(tmpdir(), 'tintype-interrupted-'))
    door = await startDoor()
    port = await freePort()
    const served = await servePages()
    pages = served
    await served.build(door.url)
    env = { ORIGINS: served.url, PUBLIC_URL: door.url, TINTYPE_DATA: join(directory, 'data') }
    await start()
  })
  after(async () => {
    pages.stop()
    door.stop()
    await server.kill()
    await rm(directory, { recursive: true, force: true })
    if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
  })

  async function start(): Promise<void> {
    server = await startProcess({ ...env, PORT: String(port) })
    door.open(port)
  }

  async function begin(name: string): Promise<void> {
    file = join(directory, `${name}.mp4`)
    await writeVideo(file, bytes, ++seed)
  }

  /** At three tenths, and at what would be five and a half; the network is for the client to lose. */
  async function killTwice(): Promise<void> {
    for (const tenths of [3, 2.5]) {
      await door.holdAt((bytes / 10) * tenths)
      await server.kill()
      door.close()
      await start()
    }
    await door.holdAt((bytes / 10) * 2.5)
  }

  /** For a client that is told nothing, and learns late that its connection is gone. */
  async function loseNetwork(): Promise<void> {
    door.lose()
    await setTimeout(1500)
    door.reset()
    door.open(port)
  }

  /** The file that was sent is in the list, once, and in the gallery. */
  async function assertThere(): Promise<void> {
    const sha256 = await sha256Of(file)
    const { media } = (await (await fetch(`${door.url}/api/media`)).json()) as MediaPage
    assert.deepEqual(
      media.filter(({ sentSha256 }) => sentSha256 === sha256).map((one) => [one.name, one.bytes]),
      [[basename(file), bytes]],
    )
    if (skip) return
    await using opened = await openPage(browser)
    await opened.page.goto(door.url)
    await opened.page.getByRole('button', { name: `Video: ${basename(file)}` }).waitFor()
  }

  /** The example starts again by itself when it is back online: its library doesn't. */
  const startsAgain = async (page: Page) => {
    await page.getByRole('status').getByText('Failed').waitFor()
    return undefined
  }

  for (const [uploader, comeBack] of [
    ['tus-js-client', startsAgain],
    ['uppy-tus', undefined],
    ['uppy-aws-s3', startsAgain],
    ['react-dropzone', undefined],
    [
      'filepond',
      // It gives up after three retries, and asks how far it is when somebody presses its button.
      async (page: Page) => {
        await page.getByRole('status').getByText('Failed').waitFor()
        return () => page.locator('.filepond--action-retry-item-processing').dispatchEvent('click')
      },
    ],
  ] as const)
    test(uploader, { skip, timeout }, async () => {
      await begin(uploader)
      await using opened = await openPage(browser, {}, /net::ERR|tus|Tus|status of|Network error/)
      const { page } = opened
      page.setDefaultTimeout(timeout)
      await page.goto(`${pages.url}/${uploader}/`)
      const killed = killTwice()
      await page.locator('input[type=file]').setInputFiles(file)
      await killed
      await page.context().setOffline(true)
      door.cut()
      const retry = await comeBack?.(page)
      door.open(port)
      await page.context().setOffline(false)
      await retry?.()
      await page.getByRole('status').getByText(/^Done/).waitFor()
      await assertThere()
      opened.assertClean()
    })

  for (const [what, command, args] of [
    ['curl', 'curl', ['-sS', '--retry', '9', '--retry-all-errors', '--retry-delay', '1', '-T']],
    ['curl-by-the-draft', join(folder, 'curl/upload.sh'), []],
  ] as const)
    test(what, { skip: missing('curl'), timeout }, async () => {
      await begin(what)
      const killed = killTwice()
      const to = command === 'curl' ? `${door.url}/api/media/` : `${door.url}/api`
      const child = spawn(command, [...args, file, to], { stdio: ['ignore', 'ignore', 'inherit'] })
      const ended = once(child, 'exit')
      await killed
      await loseNetwork()
      assert.deepEqual(await ended, [0, null])
      await assertThere()
    })

  test('what iOS 26 sends', { timeout }, async () => {
    await begin('ios')
    const killed = killTwice()
    const sent = sendAsIos(file, `${door.url}/api`)
    await killed
    await loseNetwork()
    const { status, headers } = await sent
    assert.ok(status === 201 || (status === 204 && headers.get('upload-complete') === '?1'), String(status))
    await assertThere()
  })
})
