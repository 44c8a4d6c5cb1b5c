import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Media, MediaPage } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { sha256 } from '../support/direct.ts'
import { openRaw } from '../support/raw-http.ts'
import { problemOf, startServer, type TestServer } from '../support/server.ts'

/** What FilePond 4.32 sends, and what it makes of the answers: it knows statuses, and the text that it is told as an id. */
describe("FilePond's server protocol", () => {
  let server: TestServer
  let jpeg: Buffer

  before(async () => {
    server = await startServer()
    jpeg = await photo()
  })
  after(() => server.stop())

  const ask = (query: string, init: RequestInit = {}) =>
    fetch(`${server.url}/api/filepond${query}`, { redirect: 'manual', ...init })
  const find = async (id: string) => {
    const { media } = (await (await fetch(`${server.url}/api/media`)).json()) as MediaPage
    return media.find((one) => one.id === id)
  }
  const form = (file?: Uint8Array, name = 'filepond') => {
    const body = new FormData()
    body.append(name, '{}')
    if (file) body.append(name, new Blob([file as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }), 'a.jpg')
    return body
  }
  async function begin(size = jpeg.length): Promise<string> {
    const headers = { 'Upload-Length': String(size) }
    const response = await ask('', { method: 'POST', headers, body: form() })
    assert.equal(response.status, 201)
    return response.text()
  }
  const headersOf = (offset: number) => ({
    'Content-Type': 'application/offset+octet-stream',
    'Upload-Offset': String(offset),
    'Upload-Length': String(jpeg.length),
    // As its `setRequestHeader` makes it.
    'Upload-Name': Buffer.from('Straße – 1.jpg').toString('latin1'),
  })
  const chunk = (id: string, from: number, to?: number) =>
    ask(`?patch=${id}`, {
      method: 'PATCH',
      headers: headersOf(from),
      body: new Uint8Array(jpeg.subarray(from, to)),
    })
  const offsetOf = async (id: string) => {
    const { headers, status } = await ask(`?patch=${id}`, { method: 'HEAD' })
    assert.equal(status, 200)
    return Number(headers.get('upload-offset'))
  }

  for (const name of ['filepond', 'file'])
    test(`a file in one form, in the field ${name}: the answer is the id of the media`, async () => {
      const response = await ask('', { method: 'POST', body: form(jpeg, name) })
      assert.deepEqual(
        [response.status, response.headers.get('content-type')],
        [201, 'text/plain; charset=utf-8'],
      )
      const media = (await find(await response.text())) as Media
      assert.deepEqual([media.sentSha256, media.name], [sha256(jpeg), 'a.jpg'])
    })

  test('a file in chunks: the id that was answered first is that of the media', async () => {
    const id = await begin()
    for (const from of [0, 300, 600])
      assert.equal((await chunk(id, from, from === 600 ? undefined : from + 300)).status, 204)
    const media = (await find(id)) as Media
    assert.deepEqual([media.sentSha256, media.name], [sha256(jpeg), 'Straße – 1.jpg'])
    assert.equal((await chunk(id, jpeg.length)).status, 204, 'an empty one after the last')
    assert.equal(await offsetOf(id), jpeg.length)
  })

  test('a chunk of which the answer was lost may come again', async () => {
    const id = await begin()
    for (const [from, to] of [
      [0, 300],
      [0, 300],
      [300, 600],
      [0, 300],
      [600, undefined],
      [600, undefined],
    ] as const)
      assert.equal((await chunk(id, from, to)).status, 204)
    assert.equal((await find(id))?.sentSha256, sha256(jpeg))
  })

  test('a chunk that breaks off is kept as a whole or not at all: how far it is, is where one begins', async () => {
    const id = await begin()
    assert.equal((await chunk(id, 0, 300)).status, 204)
    const { socket, next } = openRaw(server.url)
    const fields = Object.entries({
      ...headersOf(300),
      Host: new URL(server.url).host,
      'Content-Length': '300',
      Expect: '100-continue',
    })
    socket.write(`PATCH /api/filepond?patch=${id} HTTP/1.1\r\n`)
    socket.write(fields.map(([name, value]) => `${name}: ${value}\r\n`).join(''), 'latin1')
    socket.write('\r\n')
    assert.equal((await next()).status, 100)
    socket.write(jpeg.subarray(300, 400))
    // Asking cuts off what still comes.
    assert.equal(await offsetOf(id), 300)
    socket.destroy()
    assert.equal((await chunk(id, 300, 600)).status, 204)
    assert.equal((await chunk(id, 600)).status, 204)
    assert.equal((await find(id))?.sentSha256, sha256(jpeg))
  })

  test('a chunk behind what has come is 409', async () => {
    const id = await begin()
    const wrong = await chunk(id, 300, 600)
    assert.deepEqual([wrong.status, (await problemOf(wrong)).code], [409, 'mismatching_offset'])
  })

  test('what is refused says why, to the chunk that comes again, too', async () => {
    const id = await begin(400)
    const words = () =>
      ask(`?patch=${id}`, {
        method: 'PATCH',
        headers: { ...headersOf(0), 'Upload-Length': '400' },
        body: 'x'.repeat(400),
      })
    for (const again of [false, true]) {
      const refused = await words()
      assert.deepEqual(
        [refused.status, (await problemOf(refused)).code],
        [415, 'unsupported_type'],
        String(again),
      )
    }
  })

  test('revert ends what has not come whole, and removes a media', async () => {
    const open = await begin()
    const [inChunks, inForm] = [
      await begin(),
      await (await ask('', { method: 'POST', body: form(jpeg) })).text(),
    ]
    await chunk(inChunks, 0)
    for (const id of [open, inChunks, inForm]) {
      assert.equal((await ask('', { method: 'DELETE', body: id })).status, 204)
      assert.equal(await find(id), undefined)
      assert.equal((await ask('', { method: 'DELETE', body: id })).status, 404)
    }
    assert.equal((await ask('', { method: 'DELETE', body: 'none' })).status, 404)
  })

  test('load and restore lead to the file, and files at other addresses are not fetched', async () => {
    const id = await (await ask('', { method: 'POST', body: form(jpeg) })).text()
    for (const name of ['load', 'restore']) {
      const { status, headers } = await ask(`?${name}=${id}`)
      assert.equal(status, 302)
      const file = await fetch(headers.get('location') as string)
      assert.match(file.headers.get('content-disposition') ?? '', /filename="?a\.jpg/)
      assert.equal(sha256(new Uint8Array(await file.arrayBuffer())), sha256(jpeg))
    }
    assert.equal((await ask('?load=none')).status, 404)
    assert.equal((await ask('?fetch=https://example.org/a.jpg')).status, 400)
  })

  test('a form without a file, a chunk of another type, and one without an offset are refused', async () => {
    assert.equal((await ask('', { method: 'POST', body: form() })).status, 400)
    const id = await begin()
    const body = new Uint8Array(jpeg)
    const other = await ask(`?patch=${id}`, {
      method: 'PATCH',
      headers: { ...headersOf(0), 'Content-Type': 'image/jpeg' },
      body,
    })
    assert.equal(other.status, 415)
    const { 'Upload-Offset': _, ...without } = headersOf(0)
    assert.equal((await ask(`?patch=${id}`, { method: 'PATCH', headers: without, body })).status, 400)
  })
})
