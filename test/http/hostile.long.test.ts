import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { frameFlood, photo, pixelFlood } from '../media/photos.ts'
import { mediaOf, problemOf, startServer, type TestServer, upload } from '../support/server.ts'

/** The cases of hostile and unlucky input that a form upload can meet, each with the answer it must get. */
describe('hostile input', () => {
  let server: TestServer
  let jpeg: Buffer
  before(async () => {
    server = await startServer({ MAX_PHOTO_BYTES: '200kB', STALL_TIMEOUT: '1' })
    jpeg = await photo()
  })
  after(() => server.stop())

  const boundary = 'XbX'
  const part = (disposition: string, content: string | Uint8Array) =>
    Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ])
  const end = Buffer.from(`--${boundary}--\r\n`)
  const post = (body: Uint8Array | string, type = `multipart/form-data; boundary=${boundary}`) =>
    fetch(`${server.url}/api/media`, {
      method: 'POST',
      body: body as Uint8Array<ArrayBuffer>,
      headers: { 'content-type': type },
    })
  const filePart = (name = 'name="file"; filename="a.jpg"') => part(name, jpeg)

  const multipart: [id: string, what: string, body: () => Uint8Array, status: number, code?: string][] = [
    [
      'M1',
      'an index that would make a large array',
      () => Buffer.concat([part('name="a[1000000]"', 'x'), part('name="a[y]"', 'y'), filePart(), end]),
      400,
    ],
    [
      'M3',
      '__proto__ as a field',
      () => Buffer.concat([part('name="__proto__[x]"', 'x'), filePart(), end]),
      400,
    ],
    [
      'M3',
      'constructor.prototype as a field',
      () => Buffer.concat([part('name="constructor[prototype][x]"', 'x'), filePart(), end]),
      400,
    ],
    [
      'M4',
      '20,000 text fields',
      () => Buffer.concat([...Array.from({ length: 20_000 }, (_, i) => part(`name="f${i}"`, 'x')), end]),
      400,
      'too_many_fields',
    ],
    ['M6', 'no final boundary', () => filePart(), 400, 'malformed_multipart'],
    ['M6', 'a file cut in the middle', () => filePart().subarray(0, 300), 400, 'malformed_multipart'],
    [
      'M7',
      'an empty file name and a cut boundary',
      () =>
        Buffer.from(
          `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--${boundary}`,
        ),
      400,
    ],
    ['M9', 'a part without a name', () => Buffer.concat([part('filename="a.jpg"', jpeg), end]), 400],
    [
      'M9',
      'a file with an empty name',
      () => Buffer.concat([part('name=""; filename="a.jpg"', jpeg), end]),
      400,
    ],
    [
      'M13',
      'a file in another field',
      () => Buffer.concat([filePart('name="photo"; filename="a.jpg"'), end]),
      400,
      'unexpected_field',
    ],
    [
      'M13',
      '11 files',
      () => Buffer.concat([...Array.from({ length: 11 }, () => filePart()), end]),
      400,
      'too_many_files',
    ],
    [
      'M14',
      'an empty file',
      () => Buffer.concat([part('name="file"; filename="a.jpg"', ''), end]),
      400,
      'empty_file',
    ],
    ['M14', 'no file at all', () => Buffer.concat([part('name="caption"', 'x'), end]), 400, 'no_file'],
    [
      'M17',
      '1,000 parts',
      () => Buffer.concat([...Array.from({ length: 1000 }, () => filePart()), end]),
      400,
    ],
    [
      '',
      'a caption twice',
      () => Buffer.concat([part('name="caption"', 'x'), part('name="caption"', 'y'), filePart(), end]),
      400,
    ],
    ['', 'a caption with NUL', () => Buffer.concat([part('name="caption"', 'x\0'), filePart(), end]), 400],
    [
      'C3',
      'a file name with NUL',
      () => Buffer.concat([filePart('name="file"; filename="a\0.jpg"'), end]),
      400,
    ],
  ]
  for (const [id, what, body, status, code] of multipart) {
    test(`${id} ${what} is ${status}`, async () => {
      const response = await post(body())
      assert.equal(response.status, status)
      const problem = await problemOf(response)
      if (code) assert.equal(problem.code, code)
    })
  }

  for (const [type, status] of [
    ['multipart/form-data', 400],
    ['text/plain', 415],
    ['application/json', 415],
    ['multipart/mixed; boundary=x', 415],
  ] as const) {
    test(`M11, M12 a body of ${type} is ${status}`, async () =>
      assert.equal((await post('x', type)).status, status))
  }

  test('M15 the size limit is taken, one byte more is 413 with the limit', async () => {
    const limit = 200 * 1024
    const atLimit = Buffer.concat([jpeg, Buffer.alloc(limit - jpeg.length)])
    assert.equal((await upload(server.url, { bytes: atLimit })).status, 201)
    const over = await upload(server.url, { bytes: Buffer.concat([atLimit, Buffer.alloc(1)]) })
    const problem = await problemOf(over)
    assert.deepEqual([over.status, problem.code, problem.limit], [413, 'too_large', limit])
  })

  test('M15 a file far above the limit of one is 413 too, as long as the request may be larger', async () => {
    const over = await upload(server.url, { bytes: Buffer.concat([jpeg, Buffer.alloc(1024 * 1024)]) })
    assert.deepEqual([over.status, (await problemOf(over)).limit], [413, 200 * 1024])
  })

  test('a body far above every limit is refused by its Content-Length', async () => {
    const answer = await raw(
      `POST /api/media HTTP/1.1\r\nHost: ${host()}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 999999999999\r\n\r\n`,
    )
    assert.match(answer, /^HTTP\/1\.1 413 /)
  })

  test('M20 two ways to tell the length are 400', async () => {
    const both = `POST /api/media HTTP/1.1\r\nHost: ${host()}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`
    assert.match(await raw(both), /^HTTP\/1\.1 400 /)
    const twice = `POST /api/media HTTP/1.1\r\nHost: ${host()}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n`
    assert.match(await raw(twice), /^HTTP\/1\.1 400 /)
  })

  test('T2 a body that stops midway is 408 after the stall time-out', async () => {
    const answer = await raw(
      `POST /api/media HTTP/1.1\r\nHost: ${host()}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 5000\r\n\r\n--x\r\n`,
    )
    assert.match(answer, /^HTTP\/1\.1 408 /)
    assert.match(answer, /"code":"too_slow"/)
  })

  test('forms of S3, which say who sends them behind their first byte, are not taken by the embedded S3', async () => {
    const response = await fetch(`${server.url}/api/s3/tintype`, { method: 'POST', body: new FormData() })
    assert.equal(response.status, 405)
    assert.equal(response.headers.get('allow'), 'GET, HEAD, PUT')
  })

  for (const path of ['/api/uploads', '/session']) {
    test(`T2 JSON to ${path} that stops midway is 408 too`, async () => {
      const answer = await raw(
        `POST ${path} HTTP/1.1\r\nHost: ${host()}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"name"`,
      )
      assert.match(answer, /^HTTP\/1\.1 408 /)
    })
  }

  const media: [id: string, what: string, bytes: () => Uint8Array | Promise<Uint8Array>, status: number][] = [
    ['C1', 'HTML sent as image/png', () => Buffer.from('<!doctype html><script>alert(1)</script>'), 415],
    [
      'C4',
      'SVG with a script',
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
      415,
    ],
    ['C8', 'TIFF', () => photo({ type: 'image/tiff' }), 415],
    ['C8', 'PDF', () => Buffer.from('%PDF-1.7\n1 0 obj'), 415],
    ['C9', 'a picture that says 64,250 x 64,250', () => pixelFlood(), 422],
    ['C10', 'a GIF of 40,000 frames in 200 kB', () => frameFlood(12_000), 422],
    ['C11', 'half a JPEG', async () => half(await photo({ width: 400, height: 300 })), 422],
    ['C11', 'half a PNG', async () => half(await photo({ width: 200, height: 100, type: 'image/png' })), 422],
    [
      'C11',
      'half a WebP',
      async () => half(await photo({ width: 400, height: 300, type: 'image/webp' })),
      422,
    ],
    [
      'C14',
      'the first bytes of a HEIC alone',
      () => Buffer.from('00000018667479706865696300000000686569636d696631', 'hex'),
      422,
    ],
    ['C18', 'ZIP', () => Buffer.from('504b0304140000000800', 'hex'), 415],
    ['C18', 'a Windows program', () => Buffer.concat([Buffer.from('MZ'), Buffer.alloc(500)]), 415],
    [
      'C18',
      'a video without an index',
      () => Buffer.from('000000186674797069736f6d0000020069736f6d6d703432', 'hex'),
      422,
    ],
    ['', 'one byte', () => Buffer.from([0xff]), 415],
    ['', 'the first bytes of a JPEG alone', () => Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 422],
  ]
  for (const [id, what, bytes, status] of media) {
    test(`${id} ${what} is ${status}`, async () => {
      const response = await upload(server.url, { bytes: await bytes(), type: 'image/png', name: 'x.png' })
      assert.equal(response.status, status)
      assert.ok((await problemOf(response)).detail.length > 20)
    })
  }

  test('C2, C6 a polyglot and a wrong extension are served with the type of their bytes', async () => {
    const polyglot = Buffer.concat([jpeg, Buffer.from('<script>alert(1)</script>')])
    const response = await upload(server.url, { bytes: polyglot, name: 'a.jpg.php', type: 'text/html' })
    const one = await mediaOf(response)
    const served = await fetch(one.urls.original)
    assert.deepEqual(
      [served.headers.get('content-type'), served.headers.get('x-content-type-options')],
      ['image/jpeg', 'nosniff'],
    )
    assert.match(one.urls.original, /original\.jpg\?/)
  })

  test('after all of this the server is well and nothing is left over', async () => {
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    assert.equal((await upload(server.url, { bytes: jpeg })).status, 201)
    assert.ok(!server.log.some((line) => line.includes('"code":"internal"')))
  })

  const host = () => new URL(server.url).host

  /** Sends these bytes and waits until the server has closed the connection. */
  function raw(text: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.on('data', (data) => {
      answer += data
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
    return promise
  }
})

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length / 2)
}
