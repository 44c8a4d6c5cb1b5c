import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { after, afterEach, before, describe, test } from 'node:test'
import { type Bucket, createBucket } from './bucket.ts'
import { createBucketListing } from './listing.ts'
import { s3Trouble } from './remedy.ts'

const sha256 = '00'.repeat(32)
const credentials = { accessKeyId: 'k', secretAccessKey: 's' }
const emptyPage = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>'
const refusal = (code: string) => `<Error><Code>${code}</Code><Message>Because.</Message></Error>`

describe('what is asked again', () => {
  const seen: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((req, res) => {
    seen.push(req.method ?? '')
    req.resume()
    req.on('end', () => answer(req, res))
  })
  let answer: (req: IncomingMessage, res: ServerResponse) => void
  let endpoint: string
  let bucket: Bucket
  before(async () => {
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    bucket = createBucket({ name: 'photos', endpoint, credentials }, { signReadTtl: 60, now: Date.now })
  })
  after(() => {
    bucket.close()
    server.close()
    server.closeAllConnections()
  })
  afterEach(() => {
    seen.length = 0
  })
  const good = ({ method }: IncomingMessage, res: ServerResponse) =>
    method === 'DELETE'
      ? void res.writeHead(204).end()
      : void res.writeHead(200, { etag: '"e"', 'content-length': 1 }).end('x')
  const put = () => bucket.put('k', Buffer.from('x'), { type: 'image/png', sha256 })
  const read = () => bucket.read('k', { range: { start: 0, end: 1 } })
  const unavailable = { code: 'storage_unavailable' }

  /** Leaves `count` connections that S3 will close as soon as they are used again, as a balancer does. */
  async function deadConnections(count: number): Promise<void> {
    const waiting: (() => void)[] = []
    answer = (req, res) => {
      waiting.push(() => good(req, res))
      if (waiting.length === count) for (const one of waiting) one()
    }
    await Promise.all(Array.from({ length: count }, read))
    seen.length = 0
    const old = new Set(sockets)
    answer = (req, res) => (old.has(req.socket) ? req.socket.destroy() : good(req, res))
  }

  for (const [what, work] of [
    ['a read', read],
    ['a stream', () => bucket.open('k')],
    ['a listing of parts', () => bucket.listParts('k', 'id').catch(() => {})],
    ['a deletion', () => bucket.delete('k')],
  ] as [string, () => Promise<unknown>][]) {
    test(`${what}, at once and on a new connection, when a kept one turned out to be closed`, async () => {
      await deadConnections(3)
      await work()
      assert.equal(seen.length, 2)
    })
  }

  for (const [what, write] of [
    ['an object', put],
    ['a part', () => bucket.putPart('k', 'id', { number: 1, bytes: Buffer.from('x'), crc32: 0 })],
    ['an upload', () => bucket.createMultipart('k', { type: 'video/mp4' })],
    ['the end of an upload', () => bucket.completeMultipart('k', 'id', [])],
  ] as [string, () => Promise<unknown>][]) {
    test(`${what} that is written is not: it may have been done`, async () => {
      await deadConnections(1)
      await assert.rejects(write(), unavailable)
      assert.equal(seen.length, 1)
    })
  }

  test('a connection that is closed before it answered anything is given up at once', async () => {
    answer = (req) => void req.socket.destroy()
    await assert.rejects(
      createAlone((one) => one.read('k', { range: { start: 0, end: 1 } })),
      unavailable,
    )
    assert.equal(seen.length, 1)
  })

  for (const [status, code] of [
    [500, 'InternalError'],
    [502, ''],
    [503, 'SlowDown'],
    [429, 'TooMany'],
    [200, 'InternalError'],
  ] as const) {
    test(`${status} ${code} is, three times in all`, async () => {
      answer = (_req, res) => void res.writeHead(status).end(code && refusal(code))
      await assert.rejects(bucket.listParts('k', 'id'), unavailable)
      assert.equal(seen.length, 3)
    })
  }

  for (const code of ['AccessDenied', 'InvalidAccessKeyId', 'html']) {
    test(`403 ${code} is not`, async () => {
      answer = (_req, res) => void res.writeHead(403).end(code === 'html' ? '<html/>' : refusal(code))
      await assert.rejects(read(), unavailable)
      assert.equal(seen.length, 1)
    })
  }

  test('the signal of the caller ends it', async () => {
    const controller = new AbortController()
    answer = (_req, res) => {
      controller.abort()
      res.writeHead(503).end(refusal('SlowDown'))
    }
    const range = { start: 0, end: 1 }
    await assert.rejects(bucket.read('k', { range, signal: controller.signal }), unavailable)
    assert.equal(seen.length, 1)
  })

  test('a page of a listing is, also where S3 did not answer', async () => {
    const listing = createBucketListing({ name: 'photos', endpoint, credentials })
    const answers = [
      (req: IncomingMessage) => void req.socket.destroy(),
      (_req: IncomingMessage, res: ServerResponse) => void res.writeHead(500).end(),
      (_req: IncomingMessage, res: ServerResponse) => void res.writeHead(200).end(emptyPage),
    ]
    answer = (req, res) => answers[seen.length - 1]?.(req, res)
    assert.equal(await listing.object('k'), undefined)
    assert.equal(seen.length, 3)
    listing.close()
  })

  for (const [status, code, headers, body] of [
    [301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-west-1' }, ''],
    [307, 'TemporaryRedirect', { 'x-amz-bucket-region': 'eu-west-1' }, ''],
    [400, 'AuthorizationHeaderMalformed', {}, '<Region>eu-west-1</Region>'],
    [400, 'IllegalLocationConstraintException', { 'x-amz-bucket-region': 'eu-west-1' }, ''],
  ] as const) {
    test(`a bucket in another region (${code}) is not asked again, and the region is named`, async () => {
      answer = (_req, res) =>
        void res
          .writeHead(status, { ...headers, location: 'http://elsewhere.test' })
          .end(`<Error><Code>${code}</Code><Message>Wrong.</Message>${body}</Error>`)
      await assert.rejects(bucket.head('k'), (error: Error) => {
        assert.match(String(error.cause), /The bucket is in eu-west-1\./)
        assert.match(s3Trouble(error).remedy, /is in eu-west-1.*AWS_REGION/)
        return true
      })
      // HEAD, and a GET to hear why.
      assert.deepEqual(seen, ['HEAD', 'GET'])
    })
  }

  async function createAlone<T>(work: (one: Bucket) => Promise<T>): Promise<T> {
    const one = createBucket({ name: 'photos', endpoint, credentials }, { signReadTtl: 60, now: Date.now })
    try {
      return await work(one)
    } finally {
      one.close()
    }
  }
})
