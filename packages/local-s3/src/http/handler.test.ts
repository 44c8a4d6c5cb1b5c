import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createLocalS3, type RequestEvent } from '../index.ts'
import { Bucket, refusal, root, startTestServer } from '../testing/server.ts'
import { presign } from '../testing/sign.ts'

describe('the request handler', () => {
  test('answers Expect: 100-continue only after authentication, so that an unauthenticated client sends nothing', async () => {
    const s3 = await startTestServer()
    try {
      const unsigned = s3.unsigned({ method: 'PUT', path: `/${Bucket}/a` })
      const attempt = async (path: string) => {
        const { hostname, port } = new URL(s3.url)
        const headers = { host: s3.host, 'content-length': '4', expect: '100-continue' }
        const upload = request({ hostname, port, method: 'PUT', path, headers })
        let continued = false
        upload.on('continue', () => {
          continued = true
          upload.end('data')
        })
        upload.flushHeaders()
        const [response] = (await once(upload, 'response')) as [IncomingMessage]
        await text(response)
        upload.destroy()
        return [response.statusCode, continued]
      }
      assert.deepEqual(await attempt(`/${Bucket}/a`), [403, false])
      assert.deepEqual(await attempt(`${presign(unsigned)}0`), [403, false])
      assert.deepEqual(await attempt(presign({ ...unsigned, path: '/no-such-bucket/a' })), [404, false])
      assert.deepEqual(await attempt(presign(unsigned)), [200, true])
    } finally {
      await s3.close()
    }
  })

  for (const kind of ['a plain server', 'a router that takes the prefix off']) {
    test(`can be mounted below a path of ${kind}`, async () => {
      const directory = await mkdtemp(join(tmpdir(), 'local-s3-'))
      const s3 = await createLocalS3({ directory, identities: [root], buckets: [Bucket], basePath: '/s3' })
      const route = (request: IncomingMessage, response: ServerResponse) => {
        Object.assign(request, { originalUrl: request.url, url: request.url?.slice('/s3'.length) })
        s3.handle(request, response)
      }
      const server = createServer(kind === 'a plain server' ? s3.handle : route).listen(0, '127.0.0.1')
      server.on('checkContinue', s3.handle)
      await once(server, 'listening')
      const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/s3`
      const client = new S3Client({ endpoint, forcePathStyle: true, region: 'us-east-1', credentials: root })
      try {
        const Key = 'a b/ü'
        await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
        const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key }))
        assert.match(url, /\/s3\/bucket\/a%20b\//)
        assert.equal(await (await fetch(url)).text(), 'x')
        assert.equal((await fetch(url.replace('/s3/', '/s4/'))).ok, false)
      } finally {
        client.destroy()
        server.closeAllConnections()
        server.close()
        await s3.close()
        await rm(directory, { recursive: true })
      }
    })
  }

  test('verifies a request for the address that it counts as sent to, by whatever host and path it came', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'local-s3-'))
    const s3 = await createLocalS3({ directory, identities: [root], buckets: [Bucket] })
    const server = createServer((request, response) => {
      const target = (request.url ?? '').replace(/^\/deep\/mount/, '')
      s3.handleAt({ host: 'storage.example', target }, request, response)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const ask = async (method: string, path: string, host: string, body?: string) => {
      const sent = request({ port, host: '127.0.0.1', method, path, headers: { host } }).end(body)
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      return [response.statusCode, await text(response)]
    }
    const unsigned = (method: string, host = 'storage.example') =>
      presign({ method, path: `/${Bucket}/a%20b`, headers: { host }, credentials: root })
    try {
      assert.deepEqual(await ask('PUT', unsigned('PUT'), 'photos.example:8443', 'x'), [200, ''])
      for (const path of [unsigned('GET'), `/deep/mount${unsigned('GET')}`]) {
        assert.deepEqual(await ask('GET', path, `${Bucket}.localhost`), [200, 'x'])
      }
      const [status] = await ask('GET', unsigned('GET', 'photos.example'), 'photos.example')
      assert.equal(status, 403)
    } finally {
      server.closeAllConnections()
      server.close()
      await s3.close()
      await rm(directory, { recursive: true })
    }
  })

  test('tells its log of each request, without anything that is secret', async () => {
    const events: RequestEvent[] = []
    const s3 = await startTestServer({ log: (event) => events.push(event) })
    try {
      await s3.client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }))
      const url = await getSignedUrl(s3.plain, new GetObjectCommand({ Bucket, Key: 'absent' }))
      await (await fetch(url)).text()
      await s3.send({ path: '/' })
      const shown = events.map(({ method, path, operation, identity, status, code }) => ({
        method,
        path,
        operation,
        identity,
        status,
        code,
      }))
      assert.deepEqual(shown, [
        {
          method: 'PUT',
          path: '/bucket/a',
          operation: 'PutObject',
          identity: root.accessKeyId,
          status: 200,
          code: undefined,
        },
        {
          method: 'GET',
          path: '/bucket/absent',
          operation: 'GetObject',
          identity: root.accessKeyId,
          status: 404,
          code: 'NoSuchKey',
        },
        {
          method: 'GET',
          path: '/',
          operation: undefined,
          identity: undefined,
          status: 403,
          code: 'AccessDenied',
        },
      ])
      assert.doesNotMatch(JSON.stringify(events), /X-Amz|Signature|secret/)
    } finally {
      await s3.close()
    }
  })

  test('cuts the connection when a blob cannot be read, and logs it; a reader that hangs up is no fault', async () => {
    const events: RequestEvent[] = []
    const logged = new EventEmitter()
    const log = (event: RequestEvent) => {
      events.push(event)
      logged.emit('event')
    }
    const s3 = await startTestServer({ log })
    try {
      await s3.client.send(new PutObjectCommand({ Bucket, Key: 'large', Body: Buffer.alloc(20_000_000) }))
      const url = await getSignedUrl(s3.plain, new GetObjectCommand({ Bucket, Key: 'large' }))
      const hangUp = request(url).end()
      const [response] = (await once(hangUp, 'response')) as [IncomingMessage]
      const seen = once(logged, 'event')
      response.destroy()
      await seen
      assert.deepEqual(events.at(-1)?.code, undefined)
      for (const folder of await readdir(join(s3.directory, 'blobs'))) {
        await rm(join(s3.directory, 'blobs', folder), { recursive: true })
      }
      const broken = once(logged, 'event')
      await assert.rejects(fetch(url).then((answer) => answer.text()))
      await broken
      assert.equal(events.at(-1)?.code, 'InternalError')
      assert.match(String(events.at(-1)?.error), /ENOENT/)
    } finally {
      await s3.close()
    }
  })

  test('answers errors with XML, a request id and the resource; HEAD with the status alone', async () => {
    const s3 = await startTestServer()
    try {
      const { status, headers, text: xml } = await s3.signed({ path: `/${Bucket}/a%3Cb` })
      assert.equal(status, 404)
      assert.equal(headers['content-type'], 'application/xml')
      const id = headers['x-amz-request-id']
      assert.ok(
        xml.endsWith(
          `<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&lt;b</Key><Resource>/bucket/a&lt;b</Resource><RequestId>${id}</RequestId><HostId>local-s3</HostId></Error>`,
        ),
        xml,
      )
      const head = await s3.signed({ method: 'HEAD', path: `/${Bucket}/absent` })
      assert.deepEqual([head.status, head.text], [404, ''])
    } finally {
      await s3.close()
    }
  })

  test('waits for what is under way when it closes, and answers 503 from then on', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'local-s3-'))
    const s3 = await createLocalS3({ directory, identities: [root], buckets: [Bucket] })
    const server = createServer(s3.handle).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const host = `127.0.0.1:${port}`
    const headers = { host, 'content-length': '4' }
    const unsigned = { method: 'PUT', path: `/${Bucket}/slow`, headers, credentials: root }
    const upload = request({ port, host: '127.0.0.1', method: 'PUT', path: presign(unsigned), headers })
    upload.write('da')
    await once(server, 'request')
    const closed = s3.close()
    const late = await fetch(`http://${host}/`)
    assert.equal(late.status, 503)
    upload.end('ta')
    const [response] = (await once(upload, 'response')) as [IncomingMessage]
    assert.equal(response.statusCode, 200)
    await closed
    server.closeAllConnections()
    server.close()
    const again = await startTestServer({ directory })
    const { Body } = await again.client.send(new GetObjectCommand({ Bucket, Key: 'slow' }))
    assert.equal(await Body?.transformToString(), 'data')
    await again.close()
    await rm(directory, { recursive: true })
  })

  test('refuses a request that expects another owner of the bucket', async () => {
    const s3 = await startTestServer()
    try {
      await assert.rejects(
        s3.client.send(new GetObjectCommand({ Bucket, Key: 'a', ExpectedBucketOwner: '111111111111' })),
        refusal('AccessDenied', 403),
      )
    } finally {
      await s3.close()
    }
  })

  test('does not read without end what follows a refused request', async ({ mock }) => {
    const s3 = await startTestServer()
    const socket = connect(Number(new URL(s3.url).port), '127.0.0.1')
    try {
      mock.timers.enable({ apis: ['setTimeout'] })
      socket.write(`PUT /${Bucket}/a HTTP/1.1\r\nHost: ${s3.host}\r\nContent-Length: 1000000\r\n\r\na`)
      const [answer] = await once(socket, 'data')
      assert.match(String(answer), /^HTTP\/1.1 403 /)
      mock.timers.tick(29_000)
      assert.equal(socket.closed, false)
      mock.timers.tick(2_000)
      await once(socket, 'close')
    } finally {
      mock.timers.reset()
      socket.destroy()
      await s3.close()
    }
  })

  test('does not wait for ever for what a form says before its file', async ({ mock }) => {
    const events = new EventEmitter()
    const s3 = await startTestServer({ log: (event) => events.emit('event', event) })
    const socket = connect(Number(new URL(s3.url).port), '127.0.0.1')
    try {
      mock.timers.enable({ apis: ['setTimeout'] })
      const type = 'multipart/form-data; boundary=b'
      socket.write(
        `POST /${Bucket} HTTP/1.1\r\nHost: ${s3.host}\r\nExpect: 100-continue\r\nContent-Type: ${type}\r\nContent-Length: 1000000\r\n\r\n`,
      )
      // It is read from now on.
      await once(socket, 'data')
      await new Promise((resolve) => setImmediate(resolve))
      mock.timers.tick(31_000)
      const [{ code }] = await once(events, 'event')
      assert.equal(code, 'RequestTimeout')
    } finally {
      mock.timers.reset()
      socket.destroy()
      await s3.close()
    }
  })
})
