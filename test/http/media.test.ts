import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Media, MediaPage } from '@tintype/protocol'
import sharp from 'sharp'
import { photo } from '../media/photos.ts'
import { mediaOf, problemOf, startServer, type TestServer, upload } from '../support/server.ts'

describe('the media routes', () => {
  let server: TestServer
  before(async () => {
    server = await startServer()
  })
  after(() => server.stop())

  const api = (path: string, init?: RequestInit) => fetch(`${server.url}/api${path}`, init)
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  const blobs = async () => {
    const entries = await readdir(join(server.directory, 's3', 'blobs'), {
      recursive: true,
      withFileTypes: true,
    })
    return entries.filter((entry) => entry.isFile()).length
  }

  test('a 12-megapixel photo makes the round trip byte for byte', async () => {
    const bytes = await photo({ width: 4000, height: 3000 })
    const response = await upload(server.url, { bytes, name: 'big.jpg' }, { caption: 'Hello' })
    assert.equal(response.status, 201)
    const media = await mediaOf(response)
    assert.equal(response.headers.get('location'), `/api/media/${media.id}`)
    const { type, kind, width, height, name, caption } = media
    const expected = {
      type: 'image/jpeg',
      kind: 'image',
      width: 4000,
      height: 3000,
      name: 'big.jpg',
      caption: 'Hello',
    }
    assert.deepEqual({ type, kind, width, height, name, caption }, expected)
    assert.equal(media.bytes, bytes.length)
    assert.equal(media.sha256, sha256(bytes))
    const original = await api(`/media/${media.id}/original`)
    assert.equal(sha256(new Uint8Array(await original.arrayBuffer())), media.sha256)
    assert.equal(original.headers.get('content-type'), 'image/jpeg')
    assert.equal(original.headers.get('x-content-type-options'), 'nosniff')
    assert.match(original.headers.get('cache-control') ?? '', /^private/)
  })

  test('the thumb stands upright, has at most 320 pixels and no metadata', async () => {
    const bytes = await photo({ width: 800, height: 600, orientation: 6, gps: true })
    const media = await mediaOf(await upload(server.url, { bytes }))
    assert.deepEqual([media.width, media.height], [600, 800])
    assert.match(media.placeholder ?? '', /^data:image\/webp;base64,/)
    const thumb = await (await fetch(media.urls.thumb ?? '')).arrayBuffer()
    const metadata = await sharp(thumb).metadata()
    assert.deepEqual([metadata.format, metadata.width, metadata.height], ['webp', 240, 320])
    assert.deepEqual(
      [metadata.exif, metadata.xmp, metadata.icc, metadata.orientation],
      [undefined, undefined, undefined, undefined],
    )
  })

  for (const type of ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'] as const) {
    test(`${type} is known by its bytes, whatever it is called`, async () => {
      const response = await upload(server.url, {
        bytes: await photo({ type }),
        name: 'x.txt',
        type: 'text/plain',
      })
      assert.equal((await mediaOf(response)).type, type)
    })
  }

  test('the object is unreadable without its signature, and with a changed one', async () => {
    const media = await mediaOf(await upload(server.url, { bytes: await photo() }))
    assert.equal((await fetch(media.urls.original)).status, 200)
    assert.equal((await fetch(media.urls.original.replace(/\?.*/, ''))).status, 403)
    assert.equal((await fetch(media.urls.original.replace('image%2Fjpeg', 'text%2Fhtml'))).status, 403)
    const { pathname } = new URL(media.urls.original)
    assert.match(pathname, /^\/api\/s3\/tintype\/media\/[\w-]{22}\/original\.jpg$/)
    // Keys of what is stored together are adjacent in each index, and nothing else has them.
    const folderOf = (url = '') => new URL(url).pathname.replace(/[^/]*$/, '')
    assert.equal(folderOf(media.urls.thumb), folderOf(media.urls.original))
    const other = await mediaOf(await upload(server.url, { bytes: await photo() }))
    assert.notEqual(folderOf(other.urls.original), folderOf(media.urls.original))
  })

  test('?download leads to a URL that makes browsers save the file', async () => {
    const media = await mediaOf(await upload(server.url, { bytes: await photo(), name: 'größe.jpg' }))
    const saved = await api(`/media/${media.id}/original?download`)
    assert.equal(
      saved.headers.get('content-disposition'),
      `attachment; filename="gr__e.jpg"; filename*=UTF-8''gr%C3%B6%C3%9Fe.jpg`,
    )
  })

  test('DELETE answers 204 when the objects are gone, then everything about it is 404', async () => {
    // With the first deletion the heartbeat's note comes into the bucket, and stays.
    const first = await mediaOf(await upload(server.url, { bytes: await photo() }))
    await api(`/media/${first.id}`, { method: 'DELETE' })
    const before = await blobs()
    const media = await mediaOf(await upload(server.url, { bytes: await photo() }))
    assert.equal(await blobs(), before + 2)
    assert.equal((await api(`/media/${media.id}`, { method: 'DELETE' })).status, 204)
    assert.equal(await blobs(), before)
    for (const method of ['GET', 'DELETE'])
      assert.equal((await api(`/media/${media.id}`, { method })).status, 404)
    assert.equal((await api(`/media/${media.id}/original`)).status, 404)
    assert.equal((await fetch(media.urls.original)).status, 403)
  })

  test('the list goes page by page, newest first', async () => {
    const made: string[] = []
    for (let seed = 1; seed <= 5; seed++)
      made.push((await mediaOf(await upload(server.url, { bytes: await photo({ seed }) }))).id)
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null && seen.length < 5) {
      const page = (await (await api(`/media?limit=2${cursor && `&cursor=${cursor}`}`)).json()) as MediaPage
      seen.push(...page.media.map((one) => one.id))
      cursor = page.next
    }
    assert.deepEqual(new Set(seen.slice(0, 5)), new Set(made))
  })

  for (const query of [
    'limit=0',
    'limit=-1',
    'limit=1e9',
    'limit=1001',
    'limit=x',
    'cursor=abc',
    'cursor=',
    'limit=1&limit=2',
  ]) {
    test(`GET /media?${query} is 400`, async () => {
      const response = await api(`/media?${query}`)
      assert.equal(response.status, 400)
      assert.equal(response.headers.get('content-type'), 'application/problem+json')
      assert.equal((await problemOf(response)).code, 'invalid_parameter')
    })
  }

  test('PATCH changes the caption and nothing else', async () => {
    const media = await mediaOf(await upload(server.url, { bytes: await photo() }))
    const patch = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') =>
      api(`/media/${media.id}`, { method: 'PATCH', body, headers: { 'content-type': type } })
    const changed = (await (await patch('{"caption":"<b>né 🌍</b>","owner":"x","key":"y"}')).json()) as Media
    assert.deepEqual(
      { ...changed, urls: null },
      { ...media, caption: '<b>né 🌍</b>', revision: 2, urls: null },
    )
    assert.equal(((await (await patch('{"caption":null}')).json()) as Media).caption, null)
    assert.equal((await patch('{"caption":')).status, 400)
    const latin1 = Uint8Array.from(Buffer.from('{"caption":"n\xe9"}', 'latin1'))
    assert.equal((await problemOf(await patch(latin1))).code, 'malformed_json')
    assert.equal((await patch('{"caption":5}')).status, 400)
    assert.equal((await patch('{"other":5}')).status, 400)
    assert.equal((await patch('{"caption":"x","data":{}}')).status, 400, "data is the app's alone")
    assert.equal((await patch('["caption"]')).status, 400)
    assert.equal((await patch(JSON.stringify({ caption: 'x'.repeat(2001) }))).status, 400)
    assert.equal((await patch('caption=x', 'text/plain')).status, 415)
  })

  test('PUT gives the same media new bytes under a new key', async () => {
    const media = await mediaOf(await upload(server.url, { bytes: await photo() }, { caption: 'kept' }))
    const bytes = await photo({ type: 'image/png', width: 30, height: 20 })
    const response = await upload(
      server.url,
      { bytes, name: 'new.png' },
      { path: `/api/media/${media.id}`, method: 'PUT' },
    )
    assert.equal(response.status, 200)
    const next = (await response.json()) as Media
    const { id, type, width, caption, createdAt } = next
    const expected = {
      id: media.id,
      type: 'image/png',
      width: 30,
      caption: 'kept',
      createdAt: media.createdAt,
    }
    assert.deepEqual({ id, type, width, caption, createdAt }, expected)
    assert.notEqual(new URL(next.urls.original).pathname, new URL(media.urls.original).pathname)
    assert.equal((await fetch(next.urls.original)).status, 200)
    const absent = await upload(
      server.url,
      { bytes },
      { path: '/api/media/AAAAAAAAAAAAAAAAAAAAAA', method: 'PUT' },
    )
    assert.equal(absent.status, 404)
  })

  test('several files are all taken, or none', async () => {
    const before = await blobs()
    const good = await photo()
    const refused = await upload(server.url, [
      { bytes: good },
      { bytes: Buffer.from('<html>'), name: 'b.png' },
    ])
    assert.equal(refused.status, 415)
    assert.equal(await blobs(), before)
    const taken = await upload(server.url, [
      { bytes: good, name: '1.jpg' },
      { bytes: good, name: '2.jpg' },
    ])
    const { media } = (await taken.json()) as { media: Media[] }
    assert.deepEqual(
      media.map((one) => one.name),
      ['1.jpg', '2.jpg'],
    )
    assert.equal(taken.headers.get('location'), null)
  })

  test('files of one form are listed in the order that the form had, page by page too', async () => {
    const bytes = await photo()
    const names = Array.from({ length: 10 }, (_, i) => `${i}.jpg`)
    await upload(server.url, { bytes, name: 'before.jpg' })
    const made = await upload(
      server.url,
      names.map((name) => ({ bytes, name })),
    )
    const { media } = (await made.json()) as { media: Media[] }
    assert.deepEqual(
      media.map((one) => one.name),
      names,
    )
    const listed: Media[] = []
    for (let cursor = ''; listed.length < 11; ) {
      const page = (await (await api(`/media?limit=3${cursor}`)).json()) as MediaPage
      listed.push(...page.media)
      cursor = `&cursor=${page.next}`
    }
    assert.deepEqual(
      listed.slice(0, 11).map((one) => one.name),
      [...names, 'before.jpg'],
    )
    const times = listed.slice(0, 10).map((one) => Date.parse(one.createdAt))
    assert.deepEqual(
      times,
      times.map((_, i) => (times[0] as number) - i),
    )
  })

  test('an Idempotency-Key makes the upload once', async () => {
    const bytes = await photo()
    const headers = { 'Idempotency-Key': 'key-1' }
    const first = await upload(server.url, { bytes }, { headers })
    const again = await upload(server.url, { bytes }, { headers })
    assert.deepEqual([first.status, again.status], [201, 200])
    assert.equal((await mediaOf(first)).id, (await mediaOf(again)).id)
    const other = await upload(server.url, { bytes: await photo({ seed: 9 }) }, { headers })
    assert.equal(other.status, 422)
    assert.equal((await problemOf(other)).code, 'idempotency_mismatch')
    assert.equal(
      (await upload(server.url, { bytes }, { headers: { 'Idempotency-Key': 'x'.repeat(256) } })).status,
      400,
    )
  })

  test('of two requests in flight with one key, one is told to wait or both get the same media', async () => {
    const bytes = await photo({ width: 2000, height: 1500 })
    const headers = { 'Idempotency-Key': 'key-2' }
    const both = await Promise.all([1, 2].map(() => upload(server.url, { bytes }, { headers })))
    const ids = await Promise.all(
      both.filter((one) => one.status < 300).map(async (one) => (await mediaOf(one)).id),
    )
    assert.equal(new Set(ids).size, 1)
    for (const { status } of both) assert.ok([200, 201, 409].includes(status))
  })

  test('other methods are 405 with Allow, other addresses 404', async () => {
    const response = await api('/media', { method: 'DELETE' })
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD, POST'])
    const options = await api('/media', { method: 'OPTIONS' })
    assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, POST'])
    assert.equal((await api('/nothing')).status, 404)
    assert.equal((await fetch(`${server.url}/nothing`)).status, 404)
    assert.equal((await api('/media/AAAAAAAAAAAAAAAAAAAAAA/original')).status, 404)
  })

  test('no line of the log holds a signature or a secret', () => {
    assert.ok(server.log.length > 50)
    for (const line of server.log) assert.doesNotMatch(line, /X-Amz-Signature|Signature=|secretAccessKey/i)
    for (const line of server.log) JSON.parse(line)
  })
})
