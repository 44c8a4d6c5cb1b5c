import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { sha256 } from '../support/direct.ts'
import { notByWeb } from '../support/door.ts'
import { openRaw } from '../support/raw-http.ts'
import { mediaOf, problemOf, startServer, type TestServer } from '../support/server.ts'

const mebibyte = 1024 * 1024
const partial = 'application/partial-upload'
const registered = 'https://iana.org/assignments/http-problem-types#'
const interim = { skip: notByWeb('interim') }

/** draft-ietf-httpbis-resumable-upload */
describe('the IETF draft of resumable uploads', () => {
  let server: TestServer
  let jpeg: Buffer
  let video: Buffer

  before(async () => {
    server = await startServer({ MAX_PHOTO_BYTES: '8MB', MAX_VIDEO_BYTES: '20MB' })
    jpeg = await photo()
    video = await largeVideo(7 * mebibyte)
  })
  after(() => server.stop())

  const send = (method: string, url: string, headers: Record<string, string>, body?: Uint8Array) =>
    fetch(new URL(url, `${server.url}/api/`), {
      method,
      headers,
      ...(body ? { body: new Uint8Array(body) } : {}),
    })
  /** A version's own field for completeness. */
  const complete = (version: number | undefined, is: boolean): Record<string, string> => ({
    ...(version === undefined ? {} : { 'upload-draft-interop-version': String(version) }),
    ...(version === 3 ? { 'upload-incomplete': is ? '?0' : '?1' } : { 'upload-complete': is ? '?1' : '?0' }),
  })
  const completeness = (response: Response, version?: number) =>
    version === 3
      ? response.headers.get('upload-incomplete') === '?0'
      : response.headers.get('upload-complete') === '?1'
  async function begin(body = jpeg.subarray(0, 0), version?: number, headers = {}): Promise<string> {
    const response = await send('POST', 'files', { ...complete(version, false), ...headers }, body)
    assert.equal(response.status, 201, await response.clone().text())
    return response.headers.get('location') as string
  }
  const append = (url: string, offset: number, body: Uint8Array, headers: Record<string, string>) =>
    send('PATCH', url, { 'content-type': partial, 'upload-offset': String(offset), ...headers }, body)

  for (const version of [3, 4, 5, 6, 7, 8, undefined]) {
    test(`version ${version ?? 'of the latest text'}: creation, offset, append, and the media in the end`, async () => {
      const name = { 'content-disposition': 'inline; filename="a.jpg"', 'content-type': 'image/jpeg' }
      const created = await send(
        'POST',
        'media',
        { ...complete(version, false), ...name },
        jpeg.subarray(0, 50),
      )
      const url = created.headers.get('location') as string
      assert.deepEqual([created.status, completeness(created, version)], [201, false])
      const limit = version === 6 ? /max-size=20971520.*expires=\d+/ : /max-size=20971520.*max-age=\d+/
      assert.match(created.headers.get('upload-limit') ?? '', limit)
      const type: Record<string, string> = version !== undefined && version < 6 ? { 'content-type': '' } : {}
      const more = await append(url, 50, jpeg.subarray(50, 100), { ...complete(version, false), ...type })
      assert.deepEqual([more.status, completeness(more, version)], [version === 3 ? 201 : 204, false])
      const head = await send('HEAD', url, version === undefined ? {} : complete(version, false))
      assert.deepEqual(
        [
          head.status,
          head.headers.get('upload-offset'),
          head.headers.get('cache-control'),
          completeness(head, version),
        ],
        [204, '100', 'no-store', false],
      )
      const done = await append(url, 100, jpeg.subarray(100), { ...complete(version, true), ...type })
      assert.deepEqual([done.status, completeness(done, version)], [201, true])
      const media = await mediaOf(done)
      assert.deepEqual([media.sentSha256, media.name], [sha256(jpeg), 'a.jpg'])
      assert.equal(done.headers.get('location'), `/api/media/${media.id}`)
      const after = await send('HEAD', url, complete(version, false))
      assert.deepEqual(
        [
          completeness(after, version),
          after.headers.get('upload-length'),
          after.headers.get('content-location'),
        ],
        [true, String(jpeg.length), `/api/media/${media.id}`],
      )
    })
  }

  test(
    'a program that speaks version 8 as iOS does goes on where its connection was cut',
    interim,
    async () => {
      const first = openRaw(server.url)
      const { host } = new URL(server.url)
      first.socket.write(
        [
          'POST /api/media HTTP/1.1',
          `Host: ${host}`,
          'Content-Type: video/mp4',
          'Upload-Draft-Interop-Version: 8',
          'Upload-Complete: ?1',
          `Upload-Length: ${video.length}`,
          `Content-Length: ${video.length}`,
          'Content-Disposition: inline; filename="IMG_1.mp4"',
          'User-Agent: Photos/1 CFNetwork/3860.100.1 Darwin/25.0.0',
          '',
          '',
        ].join('\r\n'),
      )
      const offer = await first.next()
      assert.deepEqual([offer.status, offer.headers.get('upload-draft-interop-version')], [104, '8'])
      const url = offer.headers.get('location') as string
      assert.ok(url.startsWith(`${server.url}/api/files/`), url)
      first.socket.write(video.subarray(0, 6 * mebibyte))
      const progress = await first.next()
      assert.deepEqual([progress.status, progress.headers.get('upload-offset')], [104, String(5 * mebibyte)])
      assert.equal(progress.headers.get('location'), undefined)
      first.socket.destroy()

      const second = openRaw(server.url)
      const path = new URL(url).pathname
      second.socket.write(`HEAD ${path} HTTP/1.1\r\nHost: ${host}\r\nUpload-Draft-Interop-Version: 8\r\n\r\n`)
      const head = await second.next()
      assert.deepEqual([head.status, head.headers.get('upload-complete')], [204, '?0'])
      const offset = Number(head.headers.get('upload-offset'))
      assert.ok(offset >= 5 * mebibyte && offset <= 6 * mebibyte, String(offset))
      const rest = video.subarray(offset)
      second.socket.write(
        [
          `PATCH ${path} HTTP/1.1`,
          `Host: ${host}`,
          'Upload-Draft-Interop-Version: 8',
          'Upload-Complete: ?1',
          `Upload-Offset: ${offset}`,
          'Content-Type: application/partial-upload',
          `Content-Length: ${rest.length}`,
          '',
          '',
        ].join('\r\n'),
      )
      second.socket.write(rest)
      let answer = await second.next()
      while (answer.status === 104) answer = await second.next()
      assert.deepEqual([answer.status, answer.headers.get('upload-complete')], [201, '?1'])
      const { media } = JSON.parse(answer.body) as { media: [Media] }
      assert.deepEqual([media[0].sha256, media[0].name], [sha256(video), 'IMG_1.mp4'])
      second.socket.destroy()
    },
  )

  test('nobody gets an interim answer who has not asked for it: HTTP/1.0, no version, a version of tomorrow', async () => {
    for (const [protocol, version] of [
      ['HTTP/1.0', 'Upload-Draft-Interop-Version: 8\r\n'],
      ['HTTP/1.1', ''],
      ['HTTP/1.1', 'Upload-Draft-Interop-Version: 99\r\n'],
    ]) {
      const { socket, next } = openRaw(server.url)
      const head = `POST /api/media ${protocol}\r\nHost: ${new URL(server.url).host}\r\nUpload-Complete: ?1\r\n${version}`
      socket.write(`${head}Content-Length: ${jpeg.length}\r\n\r\n`)
      socket.write(jpeg)
      assert.equal((await next()).status, 201)
      socket.destroy()
    }
  })

  test('a client that waits for 100 (Continue) gets it beside 104', interim, async () => {
    const { socket, next } = openRaw(server.url)
    socket.write(
      `POST /api/media HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nUpload-Complete: ?1\r\nUpload-Draft-Interop-Version: 8\r\nExpect: 100-continue\r\nContent-Length: ${jpeg.length}\r\n\r\n`,
    )
    assert.deepEqual([(await next()).status, (await next()).status], [104, 100])
    socket.write(jpeg)
    assert.equal((await next()).status, 201)
    socket.destroy()
  })

  test('an older request that still sends is cut off by a newer one, and loses nothing that came', async () => {
    const url = await begin()
    const path = new URL(url, server.url).pathname
    const older = openRaw(server.url)
    older.socket.write(
      `PATCH ${path} HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nUpload-Complete: ?1\r\nUpload-Offset: 0\r\nContent-Type: ${partial}\r\nContent-Length: ${jpeg.length}\r\n\r\n`,
    )
    older.socket.write(jpeg.subarray(0, 300))
    let offset = 0
    for (let asked = 0; offset === 0 && asked < 20; asked++) {
      offset = Number((await send('HEAD', url, {})).headers.get('upload-offset'))
    }
    if (offset > 0) assert.equal(offset, 300)
    const done = await append(url, offset, jpeg.subarray(offset), complete(8, true))
    assert.equal((await mediaOf(done)).sentSha256, sha256(jpeg))
    older.socket.destroy()
  })

  test('digests are checked: of the content, and of the whole', async () => {
    const digest = (bytes: Uint8Array, name = 'sha-256') =>
      `${name}=:${createHash(name.replace('-', '')).update(bytes).digest('base64')}:`
    const url = await begin(jpeg.subarray(0, 10), 8, {
      'content-digest': digest(jpeg.subarray(0, 10), 'sha-512'),
    })
    const wrong = await append(url, 10, jpeg.subarray(10), {
      ...complete(8, true),
      'content-digest': digest(jpeg),
    })
    assert.deepEqual([wrong.status, (await problemOf(wrong)).code], [400, 'checksum_mismatch'])
    assert.equal((await send('HEAD', url, {})).headers.get('upload-offset'), '10')
    const right = await append(url, 10, jpeg.subarray(10), {
      ...complete(8, true),
      'content-digest': digest(jpeg.subarray(10)),
    })
    assert.equal((await mediaOf(right)).sentSha256, sha256(jpeg))
    const other = await send('POST', 'media', { ...complete(8, true), 'repr-digest': digest(video) }, jpeg)
    assert.deepEqual(
      [other.status, (await problemOf(other)).code, other.headers.get('upload-complete')],
      [422, 'upload_refused', '?1'],
    )
    const malformed = await send(
      'POST',
      'media',
      { ...complete(8, true), 'content-digest': 'sha-256=x' },
      jpeg,
    )
    assert.equal(malformed.status, 400)
  })

  test('what is complete takes no more', async () => {
    const url = await begin(jpeg)
    const none = new Uint8Array()
    const done = await append(url, jpeg.length, none, complete(8, true))
    assert.equal((await mediaOf(done.clone())).sentSha256, sha256(jpeg))
    // Its answer may have been lost.
    for (const isLast of [true, false]) {
      const again = await append(url, jpeg.length, none, complete(8, isLast))
      assert.deepEqual([again.status, again.headers.get('upload-complete')], [201, '?1'])
      assert.equal((await mediaOf(again)).id, (await mediaOf(done.clone())).id)
    }
    for (const [what, offset, body, headers, status, type] of [
      ['it begins elsewhere', 20, jpeg.subarray(20), {}, 409, 'mismatching-upload-offset'],
      ['it begins elsewhere, without bytes', 20, none, {}, 409, 'mismatching-upload-offset'],
      ['it would be longer', jpeg.length, jpeg, {}, 400, 'inconsistent-upload-length'],
      ['another length', jpeg.length, none, { 'upload-length': '9' }, 400, 'inconsistent-upload-length'],
    ] as const) {
      const refused = await append(url, offset, body, { ...complete(8, true), ...headers })
      const { type: found } = await problemOf(refused)
      assert.deepEqual([refused.status, found], [status, registered + type], what)
      assert.equal(refused.headers.get('upload-complete'), '?0', what)
      if (status === 409) assert.equal(refused.headers.get('upload-offset'), String(jpeg.length))
    }
  })

  test('an offset that is another one is 409, with both of them', async () => {
    const url = await begin(jpeg.subarray(0, 20))
    const wrong = await append(url, 30, jpeg.subarray(30), complete(8, true))
    const problem = await problemOf(wrong)
    assert.deepEqual(
      [wrong.status, wrong.headers.get('upload-offset'), problem.type],
      [409, '20', `${registered}mismatching-upload-offset`],
    )
    assert.deepEqual([problem['expected-offset'], problem['provided-offset']], [20, 30])
  })

  test('an upload that outgrows its length ends there', async () => {
    const url = await begin(jpeg.subarray(0, 20), 8, { 'upload-length': '30' })
    const body = new Blob([new Uint8Array(jpeg.subarray(20))]).stream()
    const over = await fetch(url, {
      method: 'PATCH',
      headers: { 'content-type': partial, 'upload-offset': '20', ...complete(8, true) },
      body,
      duplex: 'half',
    } as RequestInit)
    assert.equal(over.status, 413)
    assert.match(over.headers.get('upload-limit') ?? '', /max-size/)
    assert.equal((await append(url, 20, jpeg.subarray(20, 30), complete(8, true))).status, 413)
  })

  test('one that says by its Content-Length that it would does, too', async () => {
    const url = await begin(jpeg.subarray(0, 20), 8, { 'upload-length': '30' })
    const over = await append(url, 20, jpeg.subarray(20), complete(8, false))
    assert.deepEqual([over.status, over.headers.get('upload-complete')], [413, '?0'])
    assert.equal((await send('HEAD', url, {})).status, 413)
  })

  test('DELETE cancels', async () => {
    const url = await begin(jpeg.subarray(0, 20), 8)
    assert.equal((await send('DELETE', url, {})).status, 204)
    assert.equal((await send('HEAD', url, {})).status, 404)
  })

  test('OPTIONS says what is taken', async () => {
    for (const path of ['files', 'media']) {
      const { headers } = await send('OPTIONS', path, {})
      assert.equal(headers.get('accept-patch'), partial)
      assert.match(headers.get('upload-limit') ?? '', /max-size=20971520/)
    }
  })

  for (const [what, act, status, code] of [
    [
      'lengths that contradict each other',
      () => send('POST', 'files', { ...complete(8, true), 'upload-length': '5' }, jpeg),
      400,
      'inconsistent_length',
    ],
    [
      'too large',
      () => send('POST', 'files', { ...complete(8, false), 'upload-length': String(21 * mebibyte) }),
      413,
      'too_large',
    ],
    [
      'an append of another type',
      async () => append(await begin(), 0, jpeg, { ...complete(8, true), 'content-type': 'image/jpeg' }),
      415,
      'unsupported_body',
    ],
    [
      'an append without completeness',
      async () => append(await begin(), 0, jpeg, {}),
      400,
      'invalid_parameter',
    ],
    [
      'an append without an offset',
      async () => send('PATCH', await begin(), { 'content-type': partial, ...complete(8, true) }, jpeg),
      400,
      'invalid_parameter',
    ],
    ['nothing', () => send('POST', 'media', complete(8, true)), 400, 'empty_file'],
  ] as const) {
    test(`${what}: ${status} ${code}`, async () => {
      const response = await act()
      const isAboutUpload = code !== 'invalid_parameter' && code !== 'empty_file'
      if (isAboutUpload) assert.equal(response.headers.get('upload-complete'), '?0')
      assert.deepEqual([response.status, (await problemOf(response)).code], [status, code])
    })
  }
})
