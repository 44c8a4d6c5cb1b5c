import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { sha256 } from '../support/direct.ts'
import { openRaw } from '../support/raw-http.ts'
import { mediaOf, problemOf, startServer, type TestServer } from '../support/server.ts'

const mebibyte = 1024 * 1024
const none = new Uint8Array()

let server: TestServer
let jpeg: Buffer

before(async () => {
  server = await startServer({ MAX_PHOTO_BYTES: '8MB', MAX_VIDEO_BYTES: '20MB' })
  jpeg = await photo()
})
after(() => server.stop())

function send(method: string, url: string, headers: Record<string, string>, body?: Uint8Array) {
  const to = new URL(url, `${server.url}/api/`)
  return fetch(to, { method, headers, ...(body ? { body: new Uint8Array(body) } : {}) })
}
const fields = (response: Response, ...names: string[]) => names.map((name) => response.headers.get(name))

/** What tests of other servers ask for, and no test of ours did: docs/protocols.md lists all of it. */
describe('the IETF draft, as others test it', () => {
  const some = { 'upload-complete': '?0' }
  const last = { 'upload-complete': '?1' }
  const begin = async (headers: Record<string, string> = {}) =>
    (await send('POST', 'files', { ...some, ...headers }, none)).headers.get('location') as string
  const append = (url: string, offset: number | string, body: Uint8Array, headers: Record<string, string>) =>
    send(
      'PATCH',
      url,
      { 'content-type': 'application/partial-upload', 'upload-offset': String(offset), ...headers },
      body,
    )
  const head = (url: string) => send('HEAD', url, {})

  test('the length that was told first is kept, and another one refused', async () => {
    const url = await begin({ 'upload-length': '100' })
    const other = await append(url, 0, jpeg.subarray(0, 32), { ...some, 'upload-length': '50' })
    assert.deepEqual([other.status, (await problemOf(other)).code], [400, 'inconsistent_length'])
    assert.deepEqual(fields(other, 'upload-complete'), ['?0'])
    assert.equal((await append(url, 0, jpeg.subarray(0, 32), some)).status, 204)
    assert.deepEqual(fields(await head(url), 'upload-length', 'upload-offset'), ['100', '32'])
  })

  test('a length that is not known is not told, and follows from the last append', async () => {
    const url = await begin()
    assert.deepEqual(fields(await head(url), 'upload-length'), [null])
    assert.equal((await append(url, 0, jpeg, last)).status, 201)
    assert.deepEqual(fields(await head(url), 'upload-length'), [String(jpeg.length)])
  })

  test('GET tells what HEAD tells, without content', async () => {
    const url = await begin({ 'upload-length': '100' })
    const names = ['upload-offset', 'upload-complete', 'upload-length', 'cache-control']
    const got = await send('GET', url, {})
    assert.deepEqual([got.status, await got.text()], [204, ''])
    assert.deepEqual(fields(got, ...names), ['0', '?0', '100', 'no-store'])
    assert.match(got.headers.get('upload-limit') ?? '', /^max-size=\d+, min-size=1, max-age=\d+$/)
  })

  test('fields that a question need not have are passed over', async () => {
    const url = await begin()
    assert.equal((await send('HEAD', url, { ...some, 'upload-offset': '10' })).status, 204)
  })

  test('a digest that is asked for is not told', async () => {
    const url = await begin({ 'want-repr-digest': 'sha-256=10' })
    assert.deepEqual(fields(await head(url), 'repr-digest'), [null])
  })

  test('an append without bytes that is not the last changes nothing', async () => {
    const url = await begin()
    await append(url, 0, jpeg.subarray(0, 32), some)
    const empty = await append(url, 32, none, some)
    assert.deepEqual([empty.status, ...fields(empty, 'upload-offset', 'upload-complete')], [204, '32', '?0'])
  })

  test('an offset that is no number is 400, one that has passed is 409, and the told one goes on', async () => {
    const url = await begin()
    await append(url, 0, jpeg.subarray(0, 32), some)
    assert.equal((await append(url, 'abc', jpeg.subarray(32), some)).status, 400)
    const passed = await append(url, 5, jpeg.subarray(5), some)
    assert.deepEqual([passed.status, ...fields(passed, 'upload-offset')], [409, '32'])
    const done = await append(url, Number(passed.headers.get('upload-offset')), jpeg.subarray(32), last)
    assert.equal((await mediaOf(done)).sentSha256, sha256(jpeg))
  })

  test('one byte behind a length that is reached ends the upload', async () => {
    const url = await begin({ 'upload-length': '50' })
    assert.equal((await append(url, 0, jpeg.subarray(0, 50), some)).status, 204)
    assert.deepEqual(fields(await head(url), 'upload-complete'), ['?0'])
    const over = await append(url, 50, jpeg.subarray(50, 51), some)
    assert.deepEqual([over.status, ...fields(over, 'upload-complete')], [413, '?0'])
    assert.equal((await head(url)).status, 413)
  })

  test('of two appends at once one is taken', async () => {
    const url = await begin()
    const both = await Promise.all([0, 1].map(() => append(url, 0, jpeg.subarray(0, 32), some)))
    assert.equal(both.filter(({ status }) => status === 204).length, 1)
    assert.deepEqual(fields(await head(url), 'upload-offset'), ['32'])
  })

  test('what is cancelled while bytes of it come is gone', async () => {
    const url = await begin()
    const { socket, next } = openRaw(server.url)
    const { pathname, host } = new URL(url, server.url)
    const type = 'Content-Type: application/partial-upload'
    const about = `Host: ${host}\r\n${type}\r\nUpload-Offset: 0\r\nUpload-Complete: ?1\r\nContent-Length: ${jpeg.length}`
    socket.write(`PATCH ${pathname} HTTP/1.1\r\n${about}\r\n\r\n`)
    socket.write(jpeg.subarray(0, 300))
    // Or it comes before that one: both are right.
    assert.equal((await send('DELETE', url, {})).status, 204)
    assert.ok([404, 409].includes((await next()).status))
    socket.destroy()
    for (const method of ['HEAD', 'DELETE']) assert.equal((await send(method, url, {})).status, 404)
    assert.equal((await append(url, 0, jpeg, last)).status, 404)
  })

  test('a complete upload is not cancelled: its media is deleted', async () => {
    const url = await begin()
    await append(url, 0, jpeg, last)
    const refused = await send('DELETE', url, {})
    assert.deepEqual([refused.status, (await problemOf(refused)).code], [409, 'conflict'])
  })

  test('OPTIONS may say Upload-Complete; what is no Boolean says nothing', async () => {
    assert.equal((await send('OPTIONS', 'files', last)).status, 204)
    const sent = await send(
      'POST',
      'media',
      { 'upload-complete': 'true', 'content-type': 'image/jpeg' },
      jpeg,
    )
    assert.deepEqual([sent.status, ...fields(sent, 'upload-complete')], [201, null])
  })
})

/** https://tus.io/protocols/resumable-upload */
describe('tus, as others test it', () => {
  const tus = { 'tus-resumable': '1.0.0' }
  const body = { 'content-type': 'application/offset+octet-stream' }
  const create = (headers: Record<string, string>, bytes?: Uint8Array) =>
    send('POST', 'files', { ...tus, ...(bytes ? body : {}), ...headers }, bytes)
  const begin = async (headers: Record<string, string>) =>
    (await create(headers)).headers.get('location') as string
  const append = (url: string, offset: number, bytes: Uint8Array, headers: Record<string, string> = {}) =>
    send('PATCH', url, { ...tus, ...body, 'upload-offset': String(offset), ...headers }, bytes)
  const head = (url: string) => send('HEAD', url, tus)
  const length = { 'upload-length': String(jpeg?.length ?? 0) }

  before(() => {
    length['upload-length'] = String(jpeg.length)
  })

  test('names of metadata without a value are kept as they were sent', async () => {
    const metadata = 'is_confidential,filename YS5qcGc=,empty '
    const url = await begin({ ...length, 'upload-metadata': metadata })
    assert.deepEqual(fields(await head(url), 'upload-metadata'), [metadata.trim()])
    assert.deepEqual(fields(await head(await begin(length)), 'upload-metadata'), [null])
  })

  test('Upload-Defer-Length is 1 or nothing', async () => {
    for (const value of ['0', '2', '-1', 'hello', '']) {
      const refused = await create({ 'upload-defer-length': value })
      assert.deepEqual([refused.status, value], [400, value])
    }
  })

  test('the length is told before the last bytes, with them, or after them', async () => {
    const half = Math.ceil(jpeg.length / 2)
    for (const [before, withLast, afterwards] of [
      [length, {}, undefined],
      [{}, length, undefined],
      [{}, {}, length],
    ] as const) {
      const url = await begin({ 'upload-defer-length': '1' })
      assert.equal((await append(url, 0, jpeg.subarray(0, half), before)).status, 204)
      const second = await append(url, half, jpeg.subarray(half), withLast)
      assert.deepEqual([second.status, ...fields(second, 'upload-offset')], [204, String(jpeg.length)])
      const done = afterwards ? await append(url, jpeg.length, none, afterwards) : second
      assert.equal(done.status, 204)
      assert.match(done.headers.get('content-location') ?? '', /^\/api\/media\//)
    }
  })

  test('a length that was told is not changed', async () => {
    const url = await begin(length)
    const other = await append(url, 0, jpeg.subarray(0, 10), { 'upload-length': '999' })
    assert.deepEqual([other.status, (await problemOf(other)).code], [400, 'inconsistent_length'])
  })

  test('without its length an upload may have no more than is taken at all', async () => {
    const told = await append(await begin({ 'upload-defer-length': '1' }), 0, jpeg, {
      'upload-length': String(21 * mebibyte),
    })
    assert.equal(told.status, 413)
    const come = await append(await begin({ 'upload-defer-length': '1' }), 0, new Uint8Array(21 * mebibyte))
    assert.equal(come.status, 413)
  })

  test('a body of another type is no part of what is created, and more than announced is refused', async () => {
    const other = await create({ ...length, 'content-type': 'application/json' }, jpeg)
    assert.deepEqual([other.status, ...fields(other, 'upload-offset')], [201, '0'])
    assert.equal((await create({ 'upload-length': '100' }, jpeg)).status, 413)
  })

  test('checksums of what comes with the creation are checked', async () => {
    const checksum = (bytes: Uint8Array) => `sha1 ${createHash('sha1').update(bytes).digest('base64')}`
    const right = await create({ ...length, 'upload-checksum': checksum(jpeg) }, jpeg)
    assert.deepEqual([right.status, ...fields(right, 'upload-offset')], [201, String(jpeg.length)])
    assert.equal((await create({ ...length, 'upload-checksum': checksum(none) }, jpeg)).status, 460)
  })

  test('what was put together takes no bytes, neither with its creation nor later', async () => {
    const partial = { 'upload-concat': 'partial' }
    const piece = (await create({ ...length, ...partial }, jpeg)).headers.get('location') as string
    const concat = { 'upload-concat': `final; ${new URL(piece, server.url).pathname}/` }
    assert.equal((await create(concat, jpeg)).status, 403)
    const final = await create(concat)
    assert.deepEqual([final.status, ...fields(final, 'upload-offset')], [201, String(jpeg.length)])
    assert.equal((await append(final.headers.get('location') as string, 5, jpeg)).status, 403)
  })

  test('pieces that are none, or would be too much together, are refused', async () => {
    for (const concat of ['final;', 'PARTIAL', 'partial;', '']) {
      const refused = await create({ 'upload-concat': concat, ...(concat === 'final;' ? {} : length) })
      assert.deepEqual([refused.status, concat], [400, concat])
    }
    const large = { 'upload-length': String(11 * mebibyte), 'upload-concat': 'partial' }
    const urls = []
    for (let made = 0; made < 2; made++) urls.push(await begin(large))
    for (const url of urls) assert.equal((await append(url, 0, new Uint8Array(11 * mebibyte))).status, 204)
    assert.equal((await create({ 'upload-concat': `final;${urls.join(' ')}` })).status, 413)
  })

  test('what came before a connection broke is kept, and a sender that stops holds up nobody', async () => {
    for (const end of ['destroy', 'resetAndDestroy', undefined] as const) {
      const url = await begin(length)
      const { socket } = openRaw(server.url)
      const { pathname, host } = new URL(url, server.url)
      const about = `Host: ${host}\r\nTus-Resumable: 1.0.0\r\nContent-Type: ${body['content-type']}\r\nUpload-Offset: 0`
      socket.write(`PATCH ${pathname} HTTP/1.1\r\n${about}\r\nContent-Length: ${jpeg.length}\r\n\r\n`)
      await new Promise((resolve) => socket.write(jpeg.subarray(0, 300), resolve))
      if (end) socket[end]()
      const asked = await head(url)
      const offset = Number(asked.headers.get('upload-offset'))
      // Zero where this question was faster than those bytes.
      assert.ok(asked.status === 200 && (offset === 300 || offset === 0), `${asked.status}, ${offset}`)
      assert.equal((await append(url, offset, jpeg.subarray(offset))).status, 204)
      socket.destroy()
    }
  })

  test('other methods are 405', async () => {
    for (const path of ['files', `files/${'A'.repeat(22)}`])
      assert.equal((await send('PUT', path, tus, jpeg)).status, 405)
  })

  test('paths that name no upload are 404, whatever they look like', async () => {
    for (const path of ['files/dont_exist', 'files/..%2F..%2Fetc', 'files/%00', 'files/a%2Fb'])
      for (const method of ['HEAD', 'PATCH', 'DELETE']) {
        const headers = method === 'PATCH' ? { ...tus, ...body, 'upload-offset': '0' } : tus
        const { status } = await send(method, path, headers, method === 'PATCH' ? jpeg : undefined)
        assert.deepEqual([status, method, path], [404, method, path])
      }
  })

  test('the address of an upload is that by which the server was asked, whatever a proxy says', async () => {
    const headers = { 'x-forwarded-host': 'other.example', forwarded: 'host=other.example;proto=https' }
    const url = await begin({ ...length, ...headers })
    assert.ok(url.startsWith(`${server.url}/api/files/`), url)
  })
})
