import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { sha256 } from '../support/direct.ts'
import { problemOf, startServer, type TestServer } from '../support/server.ts'

const mebibyte = 1024 * 1024
const type = 'application/offset+octet-stream'
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** https://tus.io/protocols/resumable-upload */
describe('tus 1.0.0', () => {
  let server: TestServer
  let jpeg: Buffer
  let video: Buffer

  before(async () => {
    server = await startServer({ MAX_PHOTO_BYTES: '8MB', MAX_VIDEO_BYTES: '20MB' })
    jpeg = await photo()
    video = await largeVideo(12 * mebibyte)
  })
  after(() => server.stop())

  function send(method: string, url: string, headers: Record<string, string> = {}, body?: Uint8Array) {
    const sent = { 'tus-resumable': '1.0.0', ...(body ? { 'content-type': type } : {}), ...headers }
    const to = new URL(url, `${server.url}/api/`)
    return fetch(to, { method, headers: sent, ...(body ? { body: new Uint8Array(body) } : {}) })
  }
  const create = (size: number, headers: Record<string, string> = {}, body?: Uint8Array) =>
    send('POST', 'files', { 'upload-length': String(size), ...headers }, body)
  const append = (url: string, offset: number, body: Uint8Array, headers: Record<string, string> = {}) =>
    send('PATCH', url, { 'upload-offset': String(offset), ...headers }, body)
  async function begin(size: number, headers: Record<string, string> = {}): Promise<string> {
    const response = await create(size, headers)
    assert.equal(response.status, 201)
    return response.headers.get('location') as string
  }
  async function mediaAt(response: Response): Promise<Media> {
    const location = response.headers.get('content-location')
    assert.ok(location, `${response.status} has no Content-Location`)
    return (await (await fetch(new URL(location, server.url))).json()) as Media
  }

  test('a photo that comes in one PATCH is media when it is answered', async () => {
    const metadata = `filename ${base64('an Meer.jpg')},filetype ${base64('image/jpeg')},caption ${base64('Sun')}`
    const created = await create(jpeg.length, { 'upload-metadata': metadata })
    const url = created.headers.get('location') as string
    assert.deepEqual([created.status, created.headers.get('tus-resumable')], [201, '1.0.0'])
    assert.ok(Date.parse(created.headers.get('upload-expires') ?? '') > Date.now())
    const done = await append(url, 0, jpeg)
    assert.deepEqual([done.status, done.headers.get('upload-offset')], [204, String(jpeg.length)])
    const media = await mediaAt(done)
    assert.deepEqual([media.name, media.caption, media.sentSha256], ['an Meer.jpg', 'Sun', sha256(jpeg)])
    const head = await send('HEAD', url)
    assert.deepEqual(
      ['upload-offset', 'upload-length', 'upload-metadata', 'cache-control'].map((name) =>
        head.headers.get(name),
      ),
      [String(jpeg.length), String(jpeg.length), metadata, 'no-store'],
    )
    assert.equal((await mediaAt(head)).id, media.id)
  })

  test('a video comes in pieces of any size, and has its SHA-256', async () => {
    const url = await begin(video.length, { 'upload-metadata': `filename ${base64('a.mp4')}` })
    let at = 0
    for (const size of [1, 100_000, 5 * mebibyte, 1, 6 * mebibyte, 3 * mebibyte, mebibyte]) {
      const piece = video.subarray(at, at + size)
      if (piece.length === 0) break
      const response = await append(url, at, piece)
      at += piece.length
      assert.deepEqual([response.status, response.headers.get('upload-offset')], [204, String(at)])
      if (at === video.length) assert.equal((await mediaAt(response)).sha256, sha256(video))
      else assert.equal((await send('HEAD', url)).headers.get('upload-offset'), String(at))
    }
    assert.equal(at, video.length)
  })

  test('the bytes may come with the creation, all of them or the first', async () => {
    const whole = await create(jpeg.length, {}, jpeg)
    assert.deepEqual([whole.status, whole.headers.get('upload-offset')], [201, String(jpeg.length)])
    assert.equal((await mediaAt(whole)).sentSha256, sha256(jpeg))
    const first = await create(jpeg.length, {}, jpeg.subarray(0, 100))
    assert.equal(first.headers.get('upload-offset'), '100')
    const rest = await append(first.headers.get('location') as string, 100, jpeg.subarray(100))
    assert.equal((await mediaAt(rest)).sentSha256, sha256(jpeg))
  })

  test('the length may be told later', async () => {
    const created = await send('POST', 'files', { 'upload-defer-length': '1' })
    const url = created.headers.get('location') as string
    await append(url, 0, jpeg.subarray(0, 10))
    assert.equal((await send('HEAD', url)).headers.get('upload-defer-length'), '1')
    const done = await append(url, 10, jpeg.subarray(10), { 'upload-length': String(jpeg.length) })
    assert.equal((await mediaAt(done)).sentSha256, sha256(jpeg))
    assert.equal((await send('HEAD', url)).headers.get('upload-length'), String(jpeg.length))
  })

  test('pieces are put together in the order that is asked for, once they are whole', async () => {
    for (const whole of [jpeg, video]) {
      const cut = Math.floor(whole.length / 2) + 1
      const partial = { 'upload-concat': 'partial' }
      const first = await begin(cut, partial)
      const second = await begin(whole.length - cut, partial)
      await append(second, 0, whole.subarray(cut))
      const concat = `final;${new URL(first, server.url).pathname} ${second}`
      const early = await send('POST', 'files', { 'upload-concat': concat })
      assert.deepEqual([early.status, (await problemOf(early)).code], [400, 'invalid_parameter'])
      const done = await append(first, 0, whole.subarray(0, cut))
      assert.equal(done.headers.get('content-location'), null)
      assert.equal((await send('HEAD', first)).headers.get('upload-concat'), 'partial')
      const final = await send('POST', 'files', {
        'upload-concat': concat,
        'upload-metadata': `filename ${base64('whole')}`,
      })
      assert.equal(final.status, 201)
      const media = await mediaAt(final)
      assert.deepEqual([media.sentSha256, media.name], [sha256(whole), 'whole'])
      const head = await send('HEAD', final.headers.get('location') as string)
      assert.deepEqual(
        [head.headers.get('upload-length'), head.headers.get('upload-concat')],
        [String(whole.length), concat],
      )
      assert.equal((await append(final.headers.get('location') as string, 0, jpeg)).status, 403)
      for (const again of [await send('POST', 'files', { 'upload-concat': concat }), head])
        assert.equal((await mediaAt(again)).id, media.id)
      const used = await send('HEAD', first)
      assert.deepEqual([used.status, used.headers.get('upload-offset')], [200, String(cut)])
      assert.equal((await mediaAt(used)).id, media.id)
      const other = await send('POST', 'files', { 'upload-concat': `final;${second} ${first}` })
      assert.deepEqual([other.status, (await problemOf(other)).code], [400, 'invalid_parameter'])
      assert.equal((await send('DELETE', first)).status, 204)
    }
  })

  test('pieces that are put together twice at once are one upload', async () => {
    const partial = { 'upload-concat': 'partial' }
    const pieces = [jpeg.subarray(0, 700), jpeg.subarray(700)]
    const urls = await Promise.all(
      pieces.map(async (piece) => (await create(piece.length, partial, piece)).headers.get('location')),
    )
    const final = () => send('POST', 'files', { 'upload-concat': `final;${urls.join(' ')}` })
    const answers = await Promise.all([final(), final(), final()])
    const ids = await Promise.all(answers.map(async (answer) => (await mediaAt(answer)).id))
    assert.deepEqual([...new Set(answers.map(({ status }) => status)), new Set(ids).size], [201, 1])
  })

  test('of what is complete, a request without bytes gets the answer again, and others are refused', async () => {
    const url = await begin(jpeg.length)
    const media = await mediaAt(await append(url, 0, jpeg))
    const again = await append(url, jpeg.length, new Uint8Array())
    assert.deepEqual([again.status, again.headers.get('upload-offset')], [204, String(jpeg.length)])
    assert.equal((await mediaAt(again)).id, media.id)
    const earlier = await append(url, 7, jpeg.subarray(7))
    assert.deepEqual([earlier.status, earlier.headers.get('upload-offset')], [409, String(jpeg.length)])
    assert.equal((await append(url, jpeg.length, jpeg)).status, 403)
  })

  test('what does not have its checksum is not taken, and may be sent again', async () => {
    const checksum = (algorithm: string, bytes: Uint8Array) =>
      `${algorithm} ${createHash(algorithm).update(bytes).digest('base64')}`
    for (const algorithm of ['sha1', 'sha256', 'md5']) {
      const url = await begin(jpeg.length)
      await append(url, 0, jpeg.subarray(0, 5))
      const wrong = await append(url, 5, jpeg.subarray(5), { 'upload-checksum': checksum(algorithm, jpeg) })
      const { code, status } = await problemOf(wrong)
      assert.deepEqual([wrong.status, status, code], [460, 460, 'checksum_mismatch'])
      assert.equal((await send('HEAD', url)).headers.get('upload-offset'), '5')
      const right = await append(url, 5, jpeg.subarray(5), {
        'upload-checksum': checksum(algorithm, jpeg.subarray(5)),
      })
      assert.equal((await mediaAt(right)).sentSha256, sha256(jpeg))
    }
    const unknown = await append(await begin(9), 0, jpeg, { 'upload-checksum': 'crc9 AAAA' })
    assert.equal(unknown.status, 400)
  })

  test('DELETE ends an upload', async () => {
    const url = await begin(jpeg.length)
    await append(url, 0, jpeg.subarray(0, 100))
    assert.equal((await send('DELETE', url)).status, 204)
    for (const method of ['HEAD', 'DELETE']) assert.equal((await send(method, url)).status, 404)
    assert.equal((await append(url, 100, jpeg.subarray(100))).status, 404)
  })

  test('clients that know no PATCH and DELETE say so by POST', async () => {
    const url = await begin(jpeg.length)
    const done = await send('POST', url, { 'x-http-method-override': 'PATCH', 'upload-offset': '0' }, jpeg)
    assert.equal(done.status, 204)
    assert.equal((await mediaAt(done)).sentSha256, sha256(jpeg))
  })

  test('OPTIONS tells what can be done', async () => {
    const { status, headers } = await fetch(`${server.url}/api/files`, { method: 'OPTIONS' })
    assert.deepEqual(
      [
        status,
        headers.get('tus-version'),
        headers.get('tus-max-size'),
        headers.get('tus-checksum-algorithm'),
      ],
      [204, '1.0.0', String(20 * mebibyte), 'sha1,sha256,sha512,md5'],
    )
    assert.match(headers.get('tus-extension') ?? '', /creation-with-upload.*concatenation/)
  })

  test('a file that is refused stays so, and says why each time it is asked for', async () => {
    const url = await begin(1000)
    const refused = await append(url, 0, jpeg.subarray(0, 1000))
    assert.deepEqual([refused.status, (await problemOf(refused)).code], [422, 'not_decodable'])
    assert.equal((await send('HEAD', url)).status, 422)
    const noPicture = await append(await begin(7 * mebibyte), 0, new Uint8Array(6 * mebibyte))
    assert.deepEqual([noPicture.status, (await problemOf(noPicture)).code], [415, 'unsupported_type'])
  })

  test('what fails before its address was told leaves no upload', async () => {
    const usage = async () => (await fetch(`${server.url}/api/usage`)).json()
    const piece = await begin(1000, { 'upload-concat': 'partial' })
    await append(piece, 0, jpeg.subarray(0, 1000))
    const before = await usage()
    const wrong = `sha1 ${createHash('sha1').update('other').digest('base64')}`
    assert.equal((await create(jpeg.length, { 'upload-checksum': wrong }, jpeg)).status, 460)
    assert.equal((await create(1000, {}, jpeg.subarray(0, 1000))).status, 422)
    assert.equal((await send('POST', 'files', { 'upload-concat': `final;${piece} ${piece}` })).status, 422)
    assert.deepEqual(await usage(), before)
    assert.equal((await send('HEAD', piece)).status, 200)
  })

  for (const [what, act, status, code] of [
    ['another version', () => create(9, { 'tus-resumable': '0.2.2' }), 412, 'unsupported_version'],
    ['no length', () => send('POST', 'files'), 400, 'invalid_parameter'],
    ['a length that is none', () => create(-1), 400, 'invalid_parameter'],
    ['two lengths', () => create(9, { 'upload-defer-length': '1' }), 400, 'invalid_parameter'],
    ['an empty file', () => create(0), 400, 'empty_file'],
    ['a file that is too large', () => create(21 * mebibyte), 413, 'too_large'],
    ['metadata that are none', () => create(9, { 'upload-metadata': 'a b c' }), 400, 'invalid_parameter'],
    [
      'metadata of one name twice',
      () => create(9, { 'upload-metadata': 'a YQ==,a YQ==' }),
      400,
      'invalid_parameter',
    ],
    ['another offset', async () => append(await begin(9), 3, jpeg.subarray(0, 3)), 409, 'mismatching_offset'],
    [
      'no offset',
      async () => send('PATCH', await begin(9), {}, jpeg.subarray(0, 3)),
      400,
      'invalid_parameter',
    ],
    [
      'another type',
      async () => append(await begin(9), 0, jpeg, { 'content-type': 'image/jpeg' }),
      415,
      'unsupported_body',
    ],
    [
      'a compressed body',
      async () => append(await begin(9), 0, jpeg.subarray(0, 9), { 'content-encoding': 'gzip' }),
      415,
      'unsupported_body',
    ],
    ['more than announced', async () => append(await begin(9), 0, jpeg), 413, 'too_large'],
    ['an upload that is not there', () => append(`files/${'A'.repeat(22)}`, 0, jpeg), 404, 'not_found'],
    [
      'pieces that are none',
      () => send('POST', 'files', { 'upload-concat': 'final;/files/x' }),
      400,
      'invalid_parameter',
    ],
  ] as const) {
    test(`${what} is ${status} ${code}`, async () => {
      const response = await act()
      assert.deepEqual([response.status, (await problemOf(response)).code], [status, code])
      assert.equal(response.headers.get('tus-resumable'), '1.0.0')
      if (status === 412) assert.equal(response.headers.get('tus-version'), '1.0.0')
      if (status === 409) assert.equal(response.headers.get('upload-offset'), '0')
    })
  }
})
