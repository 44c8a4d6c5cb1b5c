import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import express from 'express'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { createTintype, type Tintype } from '../../packages/tintype/src/tintype.ts'
import { buildClient, clientPage, serveClientPage } from '../support/client-page.ts'
import { launchBrowser } from './browser.ts'
import { openPage } from './page.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

/** An Express app as the README has it, without a bucket, that serves a page of its own; and a page somewhere else. */
let app: { url: string; stop(): Promise<void> }
let elsewhere: { url: string; stop(): void }
const log: string[] = []
before(async () => {
  if (skip) return
  const script = await buildClient()
  elsewhere = await serveClientPage(script)
  app = await startApp(script, elsewhere.url)
})
after(async () => {
  elsewhere?.stop()
  await app?.stop()
})

test('without a bucket a page of the app sends 20 MB straight to the storage, and shows it', {
  skip,
}, async () => {
  await using opened = await openPage(browser)
  const { page } = opened
  await page.goto(app.url)
  const media = await send(page, app.url, '/api')
  assert.ok(media.urls.original.startsWith(`${app.url}/api/s3/`), media.urls.original)
  assert.equal(await draw(page, media.urls.thumb ?? ''), 320)
  opened.assertClean()
})

test('so does a page of an origin that is listed in origins', { skip }, async () => {
  await using opened = await openPage(browser)
  const { page } = opened
  await page.goto(elsewhere.url)
  const media = await send(page, app.url, `${app.url}/api`)
  assert.ok(media.urls.original.startsWith(`${app.url}/api/s3/`), media.urls.original)
  assert.equal(await draw(page, media.urls.thumb ?? ''), 320)
  opened.assertClean()
})

test('a page of another origin is refused, and reads nothing', { skip }, async () => {
  await using opened = await openPage(browser, {}, /CORS|ERR_FAILED|403/)
  const { page } = opened
  await page.goto(elsewhere.url.replace('localhost', '127.0.0.1'))
  const refused = await page.evaluate((url) => fetch(`${url}/api/media`).then(() => 'read', String), app.url)
  assert.match(refused, /Failed to fetch/)
})

test('says once, loudly, where it keeps things', { skip }, () => {
  const lines = log.map((line) => JSON.parse(line)).filter(({ event }) => event === 'storage.embedded')
  assert.equal(lines.length, 1)
  assert.equal(lines[0].level, 'warn')
  assert.match(lines[0].directory, /^\/.*tintype-embedded-/)
})

/** 20 MB that are quick to make and to decode. */
const picture = sharp({ create: { width: 2640, height: 2600, channels: 3, background: '#48a' } })
  .png({ compressionLevel: 0 })
  .toBuffer()

async function startApp(script: string, other: string) {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-embedded-'))
  const tintype: Tintype = await createTintype({
    directory,
    authenticate: () => 'me',
    origins: [other],
    log: {
      info: () => {},
      warn: (event, fields) => log.push(JSON.stringify({ level: 'warn', event, ...fields })),
      error: (event, fields) => log.push(JSON.stringify({ level: 'error', event, ...fields })),
    },
  })
  const server = createServer(
    express()
      .use('/api', tintype.router)
      .get('/', (_req, res) => void res.type('html').send(clientPage))
      .get('/client.js', (_req, res) => void res.type('js').send(script))
      .get('/big.png', async (_req, res) => {
        res
          .set('Access-Control-Allow-Origin', '*')
          .type('png')
          .send(await picture)
      }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close()
      server.closeAllConnections()
      await tintype.close()
      await rm(directory, { recursive: true })
    },
  }
}

/** Has the page upload the large picture with the client. */
function send(page: Page, from: string, endpoint: string): Promise<Media> {
  return page.evaluate(
    async ([url, endpoint]) => {
      const blob = await (await fetch(`${url}/big.png`)).blob()
      if (blob.size < 20e6) throw new Error(`only ${blob.size} bytes`)
      const { upload } = globalThis as unknown as {
        upload(file: File, options: { endpoint: string | undefined }): Promise<unknown>
      }
      return (await upload(new File([blob], 'big.png', { type: 'image/png' }), { endpoint })) as never
    },
    [from, endpoint],
  )
}

/** @returns the width that was drawn */
function draw(page: Page, url: string): Promise<number> {
  return page.evaluate(async (src) => {
    const image = Object.assign(new Image(), { src })
    await image.decode()
    return image.naturalWidth
  }, url)
}
