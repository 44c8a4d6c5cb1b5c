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

  for (const uploader of ['tus-js-client', 'uppy-tus', 'uppy-xhr-upload', 'uppy-aws-s3', 'react-dropzone']) {
    for (const which of ['photo', 'video']) {
      test(`${uploader}: a ${which}`, async () => {
        const file = which === 'photo' ? small : large
        await using opened = await openPage(browser)
        await opened.page.goto(`${pages.url}/${uploader}/`)
        await opened.page.getByLabel('Photo or video').setInputFiles(file)
        await finish(opened.page, file)
        opened.assertClean()
      })
    }
  }

  test('uppy-xhr-upload: the file as the body', async () => {
    await using opened = await openPage(browser)
    await opened.page.goto(`${pages.url}/uppy-xhr-upload/`)
    await opened.page.getByLabel('as the body').check()
    await opened.page.getByLabel('Photo or video').setInputFiles(small)
    await finish(opened.page, small)
    opened.assertClean()
  })

  for (const uploader of ['tus-js-client', 'uppy-tus', 'uppy-xhr-upload', 'uppy-aws-s3', 'react-dropzone']) {
    test(`${uploader}: why a file is refused is told`, async () => {
      await using opened = await openPage(browser, {}, /status of 4\d\d|tus|Uppy/)
      await opened.page.goto(`${pages.url}/${uploader}/`)
      const buffer = Buffer.from('only words')
      await opened.page
        .getByLabel('Photo or video')
        .setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer })
      await opened.page
        .getByRole('status')
        .getByText(/Failed: .*(JPEG|unsupported_type|not a)/)
        .waitFor()
    })
  }

  test('curl -T', { skip: missing('curl') }, async () => {
    const { stdout } = await promisify(execFile)('curl', ['-sST', large, `${server.local}/api/media/`])
    const { media } = JSON.parse(stdout) as { media: [Media] }
    assert.equal(media[0].sentSha256, await sha256Of(large))
  })
})
