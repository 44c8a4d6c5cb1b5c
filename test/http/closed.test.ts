import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import type { Response as Answer } from 'express'
import { photo } from '../media/photos.ts'
import { notByWeb } from '../support/door.ts'
import { mediaOf, problemOf, upload } from '../support/server.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'

describe('after close()', () => {
  let app: StorageApp
  let jpeg: Buffer
  let media: Media

  before(async () => {
    jpeg = await photo()
    app = await startStorageApp({
      routes(express, tintype) {
        express.post('/posts', tintype.upload('file'), (req, res) => res.json(req.media))
        const storage = tintype.storage()
        const file = () => ({ stream: Readable.from([jpeg]), originalname: 'a.jpg' })
        express.post('/multer/keep', (req, res) => storage._handleFile(req, file(), codeTo(res)))
        express.post('/multer/remove', (req, res) => storage._removeFile(req, { media }, codeTo(res)))
      },
    })
    media = await mediaOf(await upload(app.url, { bytes: jpeg }))
    await app.tintype.close()
  })
  after(() => app.stop())

  const json = { 'Content-Type': 'application/json' }
  const requests: Record<string, (url: string) => Promise<Response>> = {
    'a list': (url) => fetch(`${url}/api/media`),
    'a media': (url) => fetch(`${url}/api/media/${media.id}`),
    'what never was': (url) => fetch(`${url}/api/media/nothing`),
    'a picture': (url) => fetch(`${url}/api/media/${media.id}/thumb`, { redirect: 'manual' }),
    'a caption': (url) =>
      fetch(`${url}/api/media/${media.id}`, { method: 'PATCH', headers: json, body: '{"caption":"a"}' }),
    'a deletion': (url) => fetch(`${url}/api/media/${media.id}`, { method: 'DELETE' }),
    'an upload': (url) => upload(url, { bytes: jpeg }),
    'a direct upload': (url) =>
      fetch(`${url}/api/uploads`, {
        method: 'POST',
        headers: json,
        body: '{"name":"a.jpg","size":9,"type":"image/jpeg"}',
      }),
    "an upload by the app's own route": (url) => upload(url, { bytes: jpeg }, { path: '/posts' }),
  }
  for (const [what, request] of Object.entries(requests)) {
    test(`${what} is 503 shutting_down`, async () => {
      const response = await request(app.url)
      assert.deepEqual([response.status, (await problemOf(response)).code], [503, 'shutting_down'])
      if (!notByWeb('connection')) assert.equal(response.headers.get('connection'), 'close')
    })
  }

  test('the calls of the library are refused with shutting_down', async () => {
    const { tintype } = app
    const { id } = media
    const refused = { code: 'shutting_down' }
    await assert.rejects(tintype.media.get(id), refused)
    await assert.rejects(tintype.media.get('nothing'), refused)
    await assert.rejects(tintype.media.list({ owner: 'ann' }), refused)
    await assert.rejects(tintype.media.update(id, { caption: null }), refused)
    await assert.rejects(tintype.media.claim(id, { by: 'post:1' }), refused)
    await assert.rejects(tintype.media.url(id), refused)
    await assert.rejects(tintype.media.remove(id), refused)
    await assert.rejects(tintype.check(), refused)
  })

  test("Multer's storage engine hands shutting_down to its callback", async () => {
    for (const path of ['/multer/keep', '/multer/remove']) {
      const response = await fetch(app.url + path, { method: 'POST' })
      assert.deepEqual(await response.json(), { code: 'shutting_down' })
    }
  })

  test('closing again is nothing', async () => {
    await app.tintype.close()
  })
})

const codeTo = (res: Answer) => (error?: unknown) =>
  void res.json({ code: (error as { code?: string }).code })
