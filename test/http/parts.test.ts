import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { mediaOf, startServer, type TestServer } from '../support/server.ts'

/** Forms that are odd in their parts, and sound. */
describe('odd forms', () => {
  let server: TestServer
  let jpeg: Buffer
  before(async () => {
    server = await startServer()
    jpeg = await photo()
  })
  after(() => server.stop())

  const boundary = 'XbX'
  const end = `--${boundary}--\r\n`
  const part = (disposition: string, content: string | Uint8Array) =>
    Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ])
  const form = (...parts: Buffer[]) => Buffer.concat([...parts, Buffer.from(end)])

  for (const disposition of ['name="file"; filename=""', 'name="file"']) {
    test(`a file without a name is taken, and named: ${disposition}`, async () => {
      const response = await fetch(`${server.url}/api/media`, {
        method: 'POST',
        body: form(part(disposition, jpeg)) as Uint8Array<ArrayBuffer>,
        headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      })
      assert.equal(response.status, 201)
      assert.equal((await mediaOf(response)).name, 'photo.jpg')
    })
  }

  const post = (body: Buffer, type = `multipart/form-data; boundary=${boundary}`) =>
    fetch(`${server.url}/api/media`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { 'content-type': type },
    })
  const file = 'name="file"; filename="a.jpg"'
  const sound: [what: string, body: () => Buffer, type?: string][] = [
    [
      'headers that a form has no use for, twice',
      () => form(part(`${file}\r\nX-A: 1\r\nX-A: 2\r\nx-a: 3`, jpeg)),
    ],
    ['a backslash before the closing quote', () => form(part('name="file"; filename="a\\"', jpeg))],
    [
      'an empty part without a second line break',
      () => form(part('name="empty"', '').subarray(0, -2), part(file, jpeg)),
    ],
    [
      'text fields of one name',
      () => form(part('name="tags"', 'a'), part('name="tags"', 'b'), part(file, jpeg)),
    ],
    ['M23 text under the name of the file', () => form(part('name="file"', '{"a":1}'), part(file, jpeg))],
    [
      'a boundary behind a parameter that looks like one',
      () => form(part(file, jpeg)),
      `multipart/form-data; x="; boundary=decoy"; xboundary=decoy; Boundary="${boundary}"; charset=utf-8`,
    ],
  ]
  for (const [what, body, type] of sound) {
    test(`a form is taken that has ${what}`, async () => {
      const response = await post(body(), type)
      assert.equal(response.status, 201)
      assert.equal(((await response.json()) as { media: unknown[] }).media.length, 1)
    })
  }

  const refused: [what: string, body: () => Buffer, type?: string][] = [
    ['two file names', () => form(part(`${file}; filename="b.jpg"`, jpeg))],
    ['two names', () => form(part(`${file}; name="file"`, jpeg))],
    ['two dispositions', () => form(part(`${file}\r\nContent-Disposition: form-data; name=b`, jpeg))],
    ['two content types', () => form(part(`${file}\r\nContent-Type: a/b\r\nContent-Type: a/b`, jpeg))],
    ['two boundaries', () => form(part(file, jpeg)), `multipart/form-data; boundary=${boundary}; boundary=b`],
    ['a bare carriage return in a name', () => form(part('name="file"; filename="a\r.jpg"', jpeg))],
    ['a bare line feed in a header', () => form(part(`${file}\nX: y`, jpeg))],
    [
      'text that is not UTF-8',
      () => form(part('name="caption"', Buffer.from('n\xe9', 'latin1')), part(file, jpeg)),
    ],
    [
      'text that is not in the charset that it claims',
      () =>
        form(part('name="a"\r\nContent-Type: text/plain; charset=utf-8', Buffer.of(0xff)), part(file, jpeg)),
    ],
    ['NUL in a name', () => form(part('name="fi\0le"; filename="a.jpg"', jpeg))],
  ]
  for (const [what, body, type] of refused) {
    test(`M22 a form is refused that has ${what}`, async () => {
      assert.equal((await post(body(), type)).status, 400)
    })
  }

  test('T6 fifty parts with long headers, byte by byte, do not keep the server from others', async () => {
    const { host, hostname, port } = new URL(server.url)
    const header = (i: number) => part(`name="f${i}"; x="${'x'.repeat(8_000)}"`, 'x')
    const file = part('name="file"; filename="a.jpg"', jpeg)
    const body = form(...Array.from({ length: 50 }, (_, i) => header(i)), file)
    const socket = connect(Number(port), hostname)
    const answered = new Promise((resolve) => socket.once('data', (answer) => resolve(String(answer))))
    socket.write(
      `POST /api/media HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n` +
        `Content-Type: multipart/form-data; boundary=${boundary}\r\n\r\n`,
    )
    socket.write(
      `${Array.from(body, (byte) => `1\r\n${String.fromCharCode(byte)}\r\n`).join('')}0\r\n\r\n`,
      'latin1',
    )
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    assert.match(String(await answered), /^HTTP\/1\.1 201/)
    socket.destroy()
  })
})
