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
