import assert from 'node:assert/strict'
import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { MediaPage } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { mediaOf, startServer, type TestServer, upload } from '../support/server.ts'

describe('compression', () => {
  let server: TestServer
  before(async () => {
    server = await startServer()
    for (let seed = 1; seed <= 8; seed++) await upload(server.url, { bytes: await photo({ seed }) })
  })
  after(() => server.stop())

  /** The answer as it is on the wire, which fetch hides. */
  async function get(path: string, accept: string, headers: Record<string, string> = {}) {
    const { promise, resolve } = Promise.withResolvers<import('node:http').IncomingMessage>()
    request(server.local + path, { headers: { 'accept-encoding': accept, ...headers } }, resolve).end()
    const response = await promise
    const { 'content-encoding': encoding, vary } = response.headers
    return { status: response.statusCode, encoding, vary, bytes: await buffer(response) }
  }

  test('scripts, styles, the page without JavaScript and lists are compressed, as the client can take it', async () => {
    const html = (await get('/', 'identity')).bytes.toString()
    const [script = ''] = /assets\/[^"]+\.js/.exec(html) ?? []
    const [style = ''] = /assets\/[^"]+\.css/.exec(html) ?? []
    for (const path of [`/${script}`, `/${style}`, '/plain', '/api/media']) {
      const plain = await get(path, 'identity')
      assert.equal(plain.encoding, undefined)
      for (const [accept, decompress] of [
        ['gzip', gunzipSync],
        ['br', brotliDecompressSync],
      ] as const) {
        const packed = await get(path, accept)
        assert.equal(packed.encoding, accept, path)
        assert.match(packed.vary ?? '', /Accept-Encoding/i)
        assert.ok(packed.bytes.length < plain.bytes.length / 2, `${path}: ${packed.bytes.length}`)
        assert.equal(decompress(packed.bytes).length, plain.bytes.length)
      }
    }
  })

  test('a list costs less than half a kilobyte for each photo', async () => {
    const { bytes } = await get('/api/media', 'br')
    const { media } = JSON.parse(brotliDecompressSync(bytes).toString()) as MediaPage
    assert.equal(media.length, 8)
    assert.ok(bytes.length / media.length < 512, `${bytes.length / media.length} bytes`)
  })

  test('photos, parts of something and answers to uploads go as they are', async () => {
    const made = await upload(server.url, { bytes: await photo() })
    assert.equal(made.headers.get('content-encoding'), null)
    const { pathname, search } = new URL((await mediaOf(made)).urls.original)
    const shown = await get(pathname + search, 'gzip, br')
    assert.deepEqual([shown.status, shown.encoding, shown.vary], [200, undefined, undefined])
    const icon = await get('/icon.svg', 'gzip', { range: 'bytes=0-99' })
    assert.deepEqual([icon.status, icon.encoding, icon.bytes.length], [206, undefined, 100])
  })
})
