import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import type { Media, MediaPage } from '@tintype/protocol'
import type { Page } from 'playwright-core'
import { launchBrowser, type TestBrowser } from '../browser/browser.ts'
import { openPage } from '../browser/page.ts'
import { sha256Of, writeVideo } from '../browser/video.ts'
import { photo } from '../media/photos.ts'
import { missing } from '../proxies/programs.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { install, type Pages, servePages } from './pages.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched

const uploaders = [
  'tus-js-client',
  'uppy-tus',
  'uppy-xhr-upload',
  'uppy-aws-s3',
  'filepond',
  'react-dropzone',
]

/** The pages of examples/uploaders as they stand, on another origin than the server. */
describe('uploaders that people have, unchanged, in Chromium', { skip }, () => {
  const { browser } = launched as TestBrowser
  let server: TestServer
  let pages: Pages
  let directory: string
  let small: string
  let large: string

  before(async () => {
    install()
    const served = await servePages()
    pages = served
    server = await startServer({ ORIGINS: served.url, MAX_FORM_VIDEO_BYTES: '50MB' })
    await served.build(server.local)
    directory = await mkdtemp(join(tmpdir(), 'tintype-uploaders-'))
    small = join(directory, 'Strand – 1.jpg')
    large = join(directory, 'clip.mp4')
    await writeFile(small, await photo({ width: 640, height: 480 }))
    await writeVideo(large, 20 * 1024 ** 2)
  })
  after(async () => {
    pages.stop()
    await server.stop()
    await rm(directory, { recursive: true, force: true })
    await (launched as TestBrowser)[Symbol.asyncDispose]()
  })

  async function list(): Promise<Media[]> {
    return ((await (await fetch(`${server.local}/api/media`)).json()) as MediaPage).media
  }

  /** What the page tells when it is done is the media of this file. */
  async function finish(page: Page, file: string): Promise<Media> {
    const status = page.getByRole('status')
    await status.getByText(/Done|Failed/).waitFor()
    const [, id] = /^Done: \/api\/media\/(\S+)$/.exec((await status.textContent()) ?? '') ?? []
    assert.ok(id, `the page says: ${await status.textContent()}`)
    const media = (await list()).find((one) => one.id === id)
    assert.ok(media, 'it is in the list')
    assert.equal(media.sentSha256, await sha256Of(file))
    assert.ok(file.endsWith(media.name), `named ${media.name}`)
    return media
  }

  for (const uploader of uploaders) {
    for (const which of ['photo', 'video']) {
      test(`${uploader}: a ${which}`, async () => {
        const file = which === 'photo' ? small : large
        await using opened = await openPage(browser)
        await opened.page.goto(`${pages.url}/${uploader}/`)
        await opened.page.locator('input[type=file]').setInputFiles(file)
        await finish(opened.page, file)
        opened.assertClean()
      })
    }
  }

  test('uppy-xhr-upload: the file as the body', async () => {
    await using opened = await openPage(browser)
    await opened.page.goto(`${pages.url}/uppy-xhr-upload/`)
    await opened.page.getByLabel('as the body').check()
    await opened.page.locator('input[type=file]').setInputFiles(small)
    await finish(opened.page, small)
    opened.assertClean()
  })

  for (const uploader of uploaders) {
    test(`${uploader}: why a file is refused is told`, async () => {
      await using opened = await openPage(browser, {}, /status of 4\d\d|tus|Uppy/)
      await opened.page.goto(`${pages.url}/${uploader}/`)
      const buffer = Buffer.from('only words')
      await opened.page
        .locator('input[type=file]')
        .setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer })
      await opened.page
        .getByRole('status')
        .getByText(/Failed: .*(JPEG|unsupported_type|not a)/)
        .waitFor()
    })
  }

  test('filepond: its button for undo removes the media', async () => {
    await using opened = await openPage(browser)
    const { page } = opened
    await page.goto(`${pages.url}/filepond/`)
    await page.locator('input[type=file]').setInputFiles(small)
    const { id } = await finish(page, small)
    await page.locator('.filepond--action-revert-item-processing').dispatchEvent('click')
    await page.getByRole('status').getByText('Removed').waitFor()
    assert.equal(
      (await list()).find((one) => one.id === id),
      undefined,
    )
    opened.assertClean()
  })

  test("a page of another origin may send and read the fields of the IETF's draft", async () => {
    await using opened = await openPage(browser)
    await opened.page.goto(`${pages.url}/tus-js-client/`)
    const bytes = [...(await photo({ width: 320, height: 200 }))]
    const told = await opened.page.evaluate(
      async ({ api, bytes }) => {
        const draft = { 'Upload-Draft-Interop-Version': '8', 'Upload-Complete': '?0' }
        const file = new Uint8Array(bytes)
        const begun = await fetch(`${api}/media`, {
          method: 'POST',
          headers: { ...draft, 'Content-Type': 'image/jpeg' },
          body: file.subarray(0, 500),
        })
        const address = begun.headers.get('Location') ?? ''
        const asked = await fetch(address, { method: 'HEAD', headers: draft })
        const done = await fetch(address, {
          method: 'PATCH',
          headers: {
            ...draft,
            'Upload-Complete': '?1',
            'Upload-Offset': '500',
            'Content-Type': 'application/partial-upload',
          },
          body: file.subarray(500),
        })
        const read = (response: Response, ...names: string[]) =>
          names.map((name) => response.headers.get(name))
        return {
          begun: read(begun, 'Upload-Offset', 'Upload-Complete', 'Upload-Draft-Interop-Version'),
          asked: read(asked, 'Upload-Offset', 'Upload-Complete'),
          limit: read(asked, 'Upload-Limit').join(),
          done: [done.status, ...read(done, 'Upload-Complete')],
          media: read(done, 'Content-Location').join(),
        }
      },
      { api: `${server.local}/api`, bytes },
    )
    assert.deepEqual(told.begun, ['500', '?0', '8'])
    assert.deepEqual(told.asked, ['500', '?0'])
    assert.match(told.limit, /max-size=\d+/)
    assert.deepEqual(told.done, [201, '?1'])
    assert.match(told.media, /^\/api\/media\/[\w-]+$/)
  })

  test('curl -T', { skip: missing('curl') }, async () => {
    const { stdout } = await promisify(execFile)('curl', ['-sST', large, `${server.local}/api/media/`])
    const { media } = JSON.parse(stdout) as { media: [Media] }
    assert.equal(media[0].sentSha256, await sha256Of(large))
  })
})
