import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { photo } from '../media/photos.ts'
import { mediaOf, problemOf, startServer, type TestServer, upload } from '../support/server.ts'

/** What a request says of its body: once, and not compressed. */
describe('headers about the body', () => {
  let server: TestServer
  let jpeg: Buffer
  let id: string
  before(async () => {
    server = await startServer()
    jpeg = await photo()
    id = (await mediaOf(await upload(server.url, { bytes: jpeg }))).id
  })
  after(() => server.stop())

  const form = (encoding: string, path: string, method = 'POST') =>
    upload(server.url, { bytes: jpeg }, { path, method, headers: { 'Content-Encoding': encoding } })
  const json = (encoding: string, path: string, body: object, method = 'POST') =>
    fetch(server.url + path, {
      method,
      headers: { 'Content-Encoding': encoding, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  const sha256 = 'a'.repeat(64)
  const ways: [way: string, send: (encoding: string) => Promise<Response>, status: number][] = [
    ['POST /api/media', (encoding) => form(encoding, '/api/media'), 201],
    ['PUT /api/media/:id', (encoding) => form(encoding, `/api/media/${id}`, 'PUT'), 200],
    [
      'PATCH /api/media/:id',
      (encoding) => json(encoding, `/api/media/${id}`, { caption: 'x' }, 'PATCH'),
      200,
    ],
    [
      'POST /api/uploads',
      (encoding) => json(encoding, '/api/uploads', { name: 'a', size: 9, type: 'image/png', sha256 }),
      201,
    ],
    [
      'POST /api/uploads/:id/parts',
      (encoding) => json(encoding, `/api/uploads/${id}/parts`, { parts: [] }),
      404,
    ],
    ['POST /api/uploads/:id/complete', (encoding) => json(encoding, `/api/uploads/${id}/complete`, {}), 404],
    ['POST /session', (encoding) => json(encoding, '/session', { token: 'x' }), 204],
  ]
  for (const [way, send, status] of ways) {
    test(`M21 ${way} takes no body that claims to be compressed`, async () => {
      for (const encoding of ['gzip', 'br', 'deflate', 'zstd', 'identity, gzip']) {
        const refused = await send(encoding)
        assert.deepEqual([refused.status, (await problemOf(refused)).code], [415, 'unsupported_body'])
        assert.equal(refused.headers.get('accept-encoding'), 'identity')
      }
      for (const encoding of ['identity', '']) {
        const taken = await send(encoding)
        await taken.arrayBuffer()
        assert.equal(taken.status, status)
      }
    })
  }

  test('M21 a form that really is compressed is 415 as well', async () => {
    const body = gzipSync(
      `--B\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\nx\r\n--B--\r\n`,
    )
    const headers = { 'Content-Encoding': 'gzip', 'Content-Type': 'multipart/form-data; boundary=B' }
    const response = await fetch(`${server.url}/api/media`, { method: 'POST', headers, body })
    assert.equal(response.status, 415)
  })

  test('M22 a sign-in with two tokens is 400', async () => {
    const body = new URLSearchParams('token=a&token=b')
    assert.equal((await fetch(`${server.url}/session`, { method: 'POST', body })).status, 400)
  })

  for (const doubled of [
    'Content-Type: multipart/form-data; boundary=X',
    'Host: elsewhere.example',
    'Authorization: Bearer x\r\nAuthorization: Bearer y',
    'Content-Length: 3',
    'Idempotency-Key: x\r\nIdempotency-Key: y',
  ]) {
    test(`M22 a second ${doubled.replace(/:.*/s, '')} is 400`, async () => {
      const { host, hostname, port } = new URL(server.url)
      const socket = connect(Number(port), hostname)
      socket.write(
        `POST /api/media HTTP/1.1\r\nHost: ${host}\r\nContent-Type: multipart/form-data; boundary=B\r\n` +
          `Content-Length: 2\r\n${doubled}\r\nConnection: close\r\n\r\n--`,
      )
      const chunks: Buffer[] = []
      for await (const chunk of socket) chunks.push(chunk)
      assert.match(String(Buffer.concat(chunks)), /^HTTP\/1\.1 400/)
    })
  }
})
