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
/** Where requests of pages of other sites came that were refused. */
const crossSite: string[] = []
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

test('it sends forms, also to a route of the app, reads, changes and deletes', { skip }, async () => {
  await using opened = await openPage(browser, {}, /404|415/)
  const { page } = opened
  await page.goto(elsewhere.url)
  const seen = await page.evaluate(useEverything, app.url)
  assert.deepEqual(seen, {
    types: ['image/png', 'image/png', 'image/png'],
    listed: true,
    caption: 'On the beach',
    located: true,
    progress: true,
    missing: [404, 'not_found', true],
    refused: [415, 'unsupported_type', true],
    deleted: 204,
  })
  opened.assertClean()
})

test('its cookies go along where they are asked to, by form and straight to the storage', {
  skip,
}, async () => {
  await using opened = await openPage(browser)
  const { page } = opened
  // Cookies don't know of ports.
  await page.context().addCookies([{ name: 'user', value: 'ann', url: elsewhere.url }])
  await page.goto(elsewhere.url)
  const endpoint = `${app.url.replace('127.0.0.1', 'localhost')}/api`
  const ids = await page.evaluate(async (endpoint) => {
    const { upload } = globalThis as unknown as { upload(file: File, options: object): Promise<Media> }
    const canvas = Object.assign(document.createElement('canvas'), { width: 60, height: 40 })
    const blob = await new Promise<Blob>((resolve) => canvas.toBlob((made) => resolve(made as Blob)))
    const send = (name: string, options: object) =>
      upload(new File([blob], name, { type: 'image/png' }), { endpoint, ...options })
    return [
      (await send('a.png', { credentials: 'include' })).id,
      (await send('b.png', { credentials: 'include', formLimit: 0 })).id,
      (await send('c.png', {})).id,
    ]
  }, endpoint)
  const ofAnn = ids.map((id) => fetch(`${endpoint}/media/${id}`, { headers: { Cookie: 'user=ann' } }))
  assert.deepEqual(
    (await Promise.all(ofAnn)).map(({ status }) => status),
    [200, 200, 404],
  )
  opened.assertClean()
})

test('a page of another origin is refused, reads nothing, and writes nothing', { skip }, async () => {
  await using opened = await openPage(browser, {}, /CORS|ERR_FAILED|403/)
  const { page } = opened
  const count = async () =>
    ((await (await fetch(`${app.url}/api/media`)).json()) as { media: [] }).media.length
  const before = await count()
  await page.goto(elsewhere.url.replace('localhost', '127.0.0.1'))
  const refused = await page.evaluate(async (url) => {
    const form = new FormData()
    for (const name of ['file', 'photo']) form.append(name, new Blob(['GIF89a']), 'a.gif')
    const ask = (path: string, init: RequestInit) => fetch(url + path, init).then(() => 'read', String)
    const answers = await Promise.all([
      ask('/api/media', {}),
      ask('/api/media', { method: 'POST', body: form }),
      ask('/posts', { method: 'POST', body: form }),
      ask('/posts', { method: 'POST', body: form, headers: { 'Idempotency-Key': 'x' } }),
      ask('/api/media/AAAAAAAAAAAAAAAAAAAAAA', { method: 'DELETE' }),
    ])
    // It needs not read to write: browsers send this without asking first.
    for (const path of ['/api/media', '/posts'])
      await ask(path, { method: 'POST', body: form, mode: 'no-cors' })
    return answers
  }, app.url)
  for (const one of refused) assert.match(one, /Failed to fetch/)
  assert.equal(await count(), before)
  assert.deepEqual(crossSite.sort(), ['/api/media', '/api/media', '/posts', '/posts'])
})

test('says once, loudly, where it keeps things', { skip }, () => {
  const lines = log.map((line) => JSON.parse(line)).filter(({ event }) => event === 'storage.embedded')
  assert.equal(lines.length, 1)
  assert.equal(lines[0].level, 'warn')
  assert.match(lines[0].directory, /^\/.*tintype-embedded-/)
})

/** What a front end does, in a page of another port than the app's. */
async function useEverything(url: string) {
  const { upload } = globalThis as unknown as {
    upload(file: File, options: { endpoint: string }): Promise<Media>
  }
  const api = `${url}/api`
  const canvas = Object.assign(document.createElement('canvas'), { width: 60, height: 40 })
  canvas.getContext('2d')?.fillRect(0, 0, 30, 40)
  const blob = await new Promise<Blob>((resolve) =>
    canvas.toBlob((made) => resolve(made as Blob), 'image/png'),
  )
  const file = new File([blob], 'small.png', { type: 'image/png' })
  const form = (name: string, content: Blob) => {
    const form = new FormData()
    form.append(name, content, 'small.png')
    return form
  }
  const known = async (response: Response) => {
    const { code } = (await response.json()) as { code: string }
    return [response.status, code, (response.headers.get('X-Request-Id') ?? '').length > 10]
  }

  const media = await upload(file, { endpoint: api })
  const image = Object.assign(new Image(), { src: media.urls.thumb })
  await image.decode()
  const sent = await fetch(`${api}/media`, { method: 'POST', body: form('file', file) })
  const second = ((await sent.json()) as { media: Media[] }).media[0] as Media
  // Headers of its own, and progress: the browser asks first.
  const xhr = new XMLHttpRequest()
  const posted = await new Promise<{ media: Media[]; progress: boolean }>((resolve, reject) => {
    let progress = false
    xhr.upload.onprogress = () => {
      progress = true
    }
    xhr.onload = () => resolve({ media: JSON.parse(xhr.responseText), progress })
    xhr.onerror = reject
    xhr.open('POST', `${url}/posts`)
    xhr.withCredentials = true
    xhr.setRequestHeader('Idempotency-Key', crypto.randomUUID())
    xhr.send(form('photo', file))
  })
  const page = (await (await fetch(`${api}/media`, { credentials: 'include' })).json()) as { media: Media[] }
  const patched = await fetch(`${api}/media/${media.id}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ caption: 'On the beach' }),
  })
  const refused = await fetch(`${url}/posts`, { method: 'POST', body: form('photo', new Blob(['<html>'])) })
  const deleted = await Promise.all(
    [media, second, ...posted.media].map(({ id }) => fetch(`${api}/media/${id}`, { method: 'DELETE' })),
  )
  return {
    types: [media.type, second.type, posted.media[0]?.type],
    listed: page.media.some(({ id }) => id === posted.media[0]?.id),
    caption: ((await patched.json()) as Media).caption,
    located: (sent.headers.get('Location') ?? '').includes(second.id),
    progress: posted.progress,
    missing: await known(await fetch(`${api}/media/${media.id}`)),
    refused: await known(refused),
    deleted: Math.max(...deleted.map(({ status }) => status)),
  }
}

/** 20 MB that are quick to make and to decode. */
const picture = sharp({ create: { width: 2640, height: 2600, channels: 3, background: '#48a' } })
  .png({ compressionLevel: 0 })
  .toBuffer()

async function startApp(script: string, other: string) {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-embedded-'))
  const tintype: Tintype = await createTintype({
    directory,
    authenticate: (req) => /user=(\w+)/.exec(req.headers.cookie ?? '')?.[1] ?? 'me',
    origins: [other],
    log: {
      info: () => {},
      warn: (event, fields) => log.push(JSON.stringify({ level: 'warn', event, ...fields })),
      error: (event, fields) => log.push(JSON.stringify({ level: 'error', event, ...fields })),
    },
  })
  const photos = tintype.upload('photo')
  const server = createServer(
    express()
      .use((req, res, next) => {
        res.once('finish', () => {
          if (res.statusCode === 403) crossSite.push(req.originalUrl)
        })
        next()
      })
      .use('/api', tintype.router)
      .options('/posts', photos)
      .post('/posts', photos, (req, res) => void res.json(req.media))
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
