import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { notByWeb } from '../support/door.ts'
import { openRaw } from '../support/raw-http.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'

const jpeg = await photo()
const json = Buffer.from(`{"name":"a.jpg","size":${jpeg.length},"type":"image/jpeg"}`)

interface Asking {
  path: string
  type: string
  body: Buffer
  version?: string
}

/** Statuses of all answers, to a client that sends the body when it is told to, or is told of HTTP/1.0 that it may. */
async function statuses(url: string, { path, type, body, version = '1.1' }: Asking): Promise<number[]> {
  const { socket, next } = openRaw(url)
  const lines = [
    `POST ${path} HTTP/${version}`,
    `Host: ${new URL(url).host}`,
    'Expect: 100-continue',
    `Content-Type: ${type}`,
    `Content-Length: ${body.length}`,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  if (version === '1.0') socket.write(body)
  const all: number[] = []
  for (;;) {
    const { status } = await next()
    all.push(status)
    if (status >= 200) break
    if (all.length === 1) socket.write(body)
  }
  socket.destroy()
  return all
}

/** RFC 9110 section 10.1.1. */
describe('a client that waits with its body', { skip: notByWeb('continue') }, () => {
  let server: TestServer
  let app: StorageApp
  before(async () => {
    server = await startServer()
    app = await startStorageApp({})
  })
  after(() => Promise.all([server.stop(), app.stop()]))

  for (const [what, asking] of Object.entries({
    'a photo': { path: '/api/media', type: 'image/jpeg', body: jpeg },
    JSON: { path: '/api/uploads', type: 'application/json', body: json },
  })) {
    test(`${what}: it is told once to go on`, async () => {
      assert.deepEqual(await statuses(server.url, asking), [100, 201])
    })

    test(`${what}: so it is in an app, where Node tells it`, async () => {
      assert.deepEqual(await statuses(app.url, asking), [100, 201])
    })

    test(`${what}: by HTTP/1.0 it is told nothing, which would be the answer`, async () => {
      assert.deepEqual(await statuses(server.url, { ...asking, version: '1.0' }), [201])
      assert.deepEqual(await statuses(app.url, { ...asking, version: '1.0' }), [201])
    })
  }

  test('a form of the site', async () => {
    const form = { path: '/session', type: 'application/x-www-form-urlencoded', body: Buffer.from('token=a') }
    assert.deepEqual(await statuses(server.url, form), [100, 204])
  })
})
