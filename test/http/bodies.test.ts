import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import type { Media } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { sha256 } from '../support/direct.ts'
import { mediaOf, problemOf, startServer, type TestServer, upload } from '../support/server.ts'

/** A file that is the body of a request: `curl -T`, Shortcuts, `fetch` with a Blob. */
describe('a file as the body', () => {
  let server: TestServer
  let jpeg: Buffer

  before(async () => {
    server = await startServer({ MAX_PHOTO_BYTES: '1MB', MAX_VIDEO_BYTES: '12MB' })
    jpeg = await photo()
  })
  after(() => server.stop())

  const send = (path: string, body: BodyInit, headers: Record<string, string> = {}, method = 'POST') =>
    fetch(`${server.url}/api/media${path}`, { method, body, headers, duplex: 'half' } as RequestInit)
  const bytes = () => new Uint8Array(jpeg)

  test('is answered as a form is: 201, Location, and the media', async () => {
    const response = await send('?name=beach.jpg&caption=Sunset', bytes(), { 'content-type': 'image/jpeg' })
    assert.equal(response.status, 201)
    const media = await mediaOf(response)
    assert.equal(response.headers.get('location'), `/api/media/${media.id}`)
    assert.deepEqual(
      [media.name, media.caption, media.sentSha256, media.type],
      ['beach.jpg', 'Sunset', sha256(jpeg), 'image/jpeg'],
    )
  })

  for (const [what, header, name] of [
    ['in quotes', 'inline; filename="a b.jpg"', 'a b.jpg'],
    ['in UTF-8', "attachment; filename=x.jpg; filename*=UTF-8''stra%C3%9Fe.jpg", 'straße.jpg'],
    ['with a path', 'inline; filename="../../a.jpg"', 'a.jpg'],
    ['of another kind', 'form-data; filename="a.jpg"', 'photo.jpg'],
  ] as const) {
    test(`has the name that Content-Disposition gives it ${what}`, async () => {
      const response = await send('', bytes(), {
        'content-type': 'image/jpeg',
        'content-disposition': header,
      })
      assert.equal((await mediaOf(response)).name, name)
    })
  }

  for (const type of ['application/octet-stream', 'image/png', 'video/mp4', undefined]) {
    test(`is taken by its bytes where it is announced as ${type ?? 'nothing'}`, async () => {
      const response = await send('', bytes(), type === undefined ? {} : { 'content-type': type })
      assert.deepEqual([response.status, (await mediaOf(response)).type], [201, 'image/jpeg'])
    })
  }

  test('needs no Content-Length', async () => {
    const body = new Blob([bytes()]).stream()
    const response = await send('', body, { 'content-type': 'image/jpeg' })
    assert.equal((await mediaOf(response)).sentSha256, sha256(jpeg))
  })

  test('that is a large video goes through memory to S3', async () => {
    const video = await largeVideo(9 * 1024 * 1024)
    const media = await mediaOf(await send('?name=a.mp4', new Uint8Array(video)))
    assert.deepEqual([media.kind, media.bytes, media.sha256], ['video', video.length, sha256(video)])
  })

  test('is made once for an Idempotency-Key', async () => {
    const headers = { 'content-type': 'image/jpeg', 'idempotency-key': 'body' }
    const first = await send('', bytes(), headers)
    const again = await send('', bytes(), headers)
    assert.deepEqual([first.status, again.status], [201, 200])
    assert.equal((await mediaOf(again)).id, (await mediaOf(first)).id)
    const other = await send('?caption=Other', bytes(), headers)
    assert.deepEqual([other.status, (await problemOf(other)).code], [422, 'idempotency_mismatch'])
  })

  test('PUT with a name behind the address makes a media; with an id it replaces one', async () => {
    const made = await send('/at%20sea.jpg', bytes(), {}, 'PUT')
    assert.equal(made.status, 201)
    const { id, name } = await mediaOf(made)
    assert.equal(name, 'at sea.jpg')
    const larger = await photo({ width: 64, height: 48 })
    const replaced = await send(`/${id}`, new Uint8Array(larger), { 'content-type': 'image/jpeg' }, 'PUT')
    const media = (await replaced.json()) as Media
    assert.deepEqual([replaced.status, media.id, media.width, media.name], [200, id, 64, 'at sea.jpg'])
    const stale = await send(`/${id}`, bytes(), { 'if-match': '"1"' }, 'PUT')
    assert.equal(stale.status, 412)
    assert.equal((await send(`/${'A'.repeat(22)}`, bytes(), {}, 'PUT')).status, 404)
    assert.equal(
      (await upload(server.url, { bytes: jpeg }, { path: '/api/media/a.jpg', method: 'PUT' })).status,
      404,
    )
  })

  for (const [what, body, headers, status, code] of [
    ['empty', new Uint8Array(), { 'content-type': 'image/jpeg' }, 400, 'empty_file'],
    ['no picture', new Uint8Array(1000), { 'content-type': 'image/jpeg' }, 415, 'unsupported_type'],
    ['text', 'hello', { 'content-type': 'text/plain' }, 415, 'unsupported_body'],
    [
      'a form of another kind',
      'a=b',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_body',
    ],
    ['compressed', new Uint8Array(9), { 'content-encoding': 'gzip' }, 415, 'unsupported_body'],
    ['a part of a file', undefined, { 'content-range': 'bytes 0-9/90' }, 400, 'invalid_parameter'],
    ['above the limits', new Uint8Array(13 * 1024 * 1024), {}, 413, 'too_large'],
    ['above the limit of its kind', undefined, { 'content-type': 'video/mp4' }, 413, 'too_large'],
    [
      'named malformed',
      undefined,
      { 'content-disposition': 'inline; filename="a' },
      400,
      'malformed_request',
    ],
  ] as const) {
    test(`that is ${what} is ${status} ${code}`, async () => {
      const large = Buffer.concat([jpeg, Buffer.alloc(what.endsWith('kind') ? 1_100_000 : 0)])
      const response = await send('', body ?? new Uint8Array(large), headers)
      assert.deepEqual([response.status, (await problemOf(response)).code], [status, code])
    })
  }

  test('whose text beside it is too much is 400', async () => {
    const response = await send(`?caption=${'x'.repeat(2001)}`, bytes())
    assert.deepEqual([response.status, (await problemOf(response)).code], [400, 'invalid_parameter'])
  })

  test('is what curl -T sends', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'tintype-curl-'))
    t.after(() => rm(folder, { recursive: true }))
    const file = join(folder, 'IMG 1.jpg')
    await writeFile(file, Buffer.concat([jpeg, Buffer.alloc(900_000)]))
    const run = promisify(execFile)('curl', ['-sS', '-T', file, `${server.url}/api/media/`])
    const answer = await run.catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return undefined
    })
    // A program of the machine, which npm does not bring.
    if (!answer) return t.skip('curl is not installed')
    const { media } = JSON.parse(answer.stdout) as { media: [Media] }
    assert.equal(media[0].name, 'IMG 1.jpg')
  })
})
