import assert from 'node:assert/strict'
import { once } from 'node:events'
import { maxHeaderSize } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { type ErrorCode, errorTable } from '@tintype/protocol'
import { openRaw } from '../support/raw-http.ts'
import { startServer, type TestServer } from '../support/server.ts'

/** M20, and its like: Node's parser ends them before there is a request. */
describe('what is no request', () => {
  let server: TestServer
  before(async () => {
    server = await startServer()
  })
  after(() => server.stop())

  const form =
    'POST /api/media HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=B\r\n'
  const cases: Record<string, [text: string, code: ErrorCode]> = {
    'two lengths': [`${form}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, 'malformed_request'],
    'a length and chunks': [
      `${form}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'malformed_request',
    ],
    'a chunk without a size': [
      `${form}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n`,
      'malformed_request',
    ],
    'a method that there is not': ['get /api/media HTTP/1.1\r\nHost: localhost\r\n\r\n', 'malformed_request'],
    'a TLS hello': ['\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', 'malformed_request'],
    'no Host': ['GET /api/media HTTP/1.1\r\nConnection: close\r\n\r\n', 'malformed_request'],
    'a long address': [
      `GET /api/media?cursor=${'a'.repeat(maxHeaderSize)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      'headers_too_large',
    ],
  }
  for (const [what, [text, code]] of Object.entries(cases)) {
    test(`${what}: problem details, and the connection ends`, async () => {
      const { socket, next } = openRaw(server.url)
      const closed = once(socket, 'close')
      socket.write(text)
      const { status, headers, body } = await next()
      const problem = JSON.parse(body)
      assert.equal(status, errorTable[code].status)
      assert.equal(headers.get('content-type'), 'application/problem+json')
      assert.equal(headers.get('connection'), 'close')
      assert.equal(headers.get('x-request-id'), problem.requestId)
      assert.deepEqual([problem.status, problem.code], [status, code])
      if (code === 'headers_too_large') assert.equal(problem.limit, maxHeaderSize)
      await closed
    })
  }

  test('in the middle of an answer the connection is cut, and nothing gets into the answer', async () => {
    const { socket, next } = openRaw(server.url)
    const closed = once(socket, 'close')
    socket.write('GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n')
    assert.equal((await next()).status, 200)
    let more = ''
    socket.on('data', (chunk) => {
      more += chunk
    })
    socket.write('nonsense\r\n\r\n')
    await closed
    assert.doesNotMatch(more, /HTTP\/1\.1|problem/)
  })

  test('requests that come before the answers are answered in order, and by the hundred end the connection', async () => {
    const get = 'GET /api/session-of-nobody HTTP/1.1\r\nHost: localhost\r\n\r\n'
    const some = openRaw(server.url)
    some.socket.write(get.repeat(50) + get.repeat(50))
    for (let at = 0; at < 100; at++) assert.equal((await some.next()).status, 404)
    some.socket.write(get)
    assert.equal((await some.next()).status, 404)
    some.socket.destroy()
    const many = openRaw(server.url)
    const closed = once(many.socket, 'close')
    const before = server.log.length
    many.socket.write(get.repeat(1000))
    await closed
    const answered = server.log.slice(before).filter((line) => line.includes('"event":"http.request"'))
    assert.ok(answered.length <= 101, `${answered.length} of 1,000 were begun`)
    assert.ok(server.log.some((line) => line.includes('"code":"too_many_requests"')))
  })
})
