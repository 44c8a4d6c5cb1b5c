import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import express, { type RequestHandler } from 'express'
import multer from 'multer'
import { photo } from '../media/photos.ts'
import { sha256 } from '../support/direct.ts'
import { problemOf, upload } from '../support/server.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'

/** Middleware of the app that looks at the body before we do, or beside us. */
describe('a body that others read too', () => {
  let app: StorageApp
  const heard = new Map<string, Buffer[]>()
  const jpeg = photo({ width: 1200, height: 900 })

  before(async () => {
    const listen =
      (how: 'on' | 'once'): RequestHandler =>
      (req, _res, next) => {
        const chunks: Buffer[] = []
        heard.set(req.path, chunks)
        req[how]('data', (chunk: Buffer) => chunks.push(chunk))
        next()
      }
    app = await startStorageApp({
      routes(server, tintype) {
        const answer: RequestHandler = (req, res) => void res.status(201).json(req.media)
        server.post('/hashed', listen('on'), tintype.upload('file'), answer)
        server.post('/peeked', listen('once'), tintype.upload('file'), answer)
        server.post('/json', express.json(), tintype.upload('file'), answer)
        server.post('/text', express.text({ type: '*/*', limit: '9mb' }), tintype.upload('file'), answer)
        server.post('/multer', multer().any(), tintype.upload('file'), answer)
      },
    })
  })
  after(() => app.stop())

  test('arrives whole for us and for a listener beside us, whatever it keeps', async () => {
    const bytes = await jpeg
    const response = await upload(app.url, { bytes }, { path: '/hashed' })
    assert.equal(response.status, 201)
    const [media] = (await response.json()) as { sha256: string }[]
    assert.equal(media?.sha256, sha256(bytes))
    const body = Buffer.concat(heard.get('/hashed') ?? [])
    const at = body.indexOf(bytes.subarray(0, 100))
    assert.equal(
      createHash('sha256')
        .update(body.subarray(at, at + bytes.length))
        .digest('hex'),
      sha256(bytes),
    )
  })

  test('leaves a chunk that somebody has asked for once as it is', async () => {
    const response = await upload(app.url, { bytes: await jpeg }, { path: '/peeked' })
    assert.equal(response.status, 201)
    assert.ok((heard.get('/peeked')?.[0]?.length ?? 0) > 0)
  })

  test('of JSON is 415 on a route for files, also when a parser has read it already', async () => {
    for (const path of ['/json', '/hashed', '/parsed/media']) {
      const response = await fetch(app.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"a":1}',
      })
      const { code } = await problemOf(response)
      assert.deepEqual([path, response.status, code], [path, 415, 'unsupported_body'])
    }
  })

  test('that was empty when a parser read it is not waited for', async () => {
    for (const [path, type, code] of [
      ['/parsed/uploads', 'application/json', 'invalid_parameter'],
      ['/text', 'multipart/form-data; boundary=B', 'unsupported_body'],
    ]) {
      const body = new ReadableStream({ start: (controller) => controller.close() })
      const headers = { 'content-type': type as string }
      const response = await fetch(app.url + path, {
        method: 'POST',
        headers,
        body,
        duplex: 'half',
      } as RequestInit)
      assert.deepEqual([path, (await problemOf(response)).code], [path, code])
    }
  })

  for (const path of ['/text', '/multer']) {
    test(`that ${path.slice(1)} has read before us is refused with what to do about it`, async () => {
      const response = await upload(app.url, { bytes: await jpeg }, { path })
      const { code, detail } = await problemOf(response)
      assert.deepEqual([response.status, code], [415, 'unsupported_body'])
      assert.match(detail, /another parser.*before/)
    })
  }
})
