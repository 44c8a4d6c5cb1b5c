import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { after, afterEach, before, describe, test } from 'node:test'
import { createAgents, followsProxies } from './agents.ts'
import { createBucket } from './bucket.ts'
import { createSender } from './send.ts'
import { createHeaderSigner } from './sign.ts'

const credentials = { accessKeyId: 'k', secretAccessKey: 's' }
const times = { signReadTtl: 60, now: Date.now }
const sha256 = '00'.repeat(32)
const skip = followsProxies(process.versions.node) ? false : 'this Node does not follow proxies'

describe('on the way to S3', () => {
  const seen: { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders }[] = []
  let server: Server
  let url: string
  before(async () => {
    const answerTo = ({ method, url = '' }: IncomingMessage) => {
      if (method === 'POST')
        return '<InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>'
      if (method === 'PUT') return '<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>'
      return url.includes('uploadId') ? '<ListPartsResult/>' : 'x'
    }
    server = createServer((req, res) => {
      const { method, url, headers } = req
      seen.push({ method, url, headers })
      req.resume()
      req.on('end', () => res.writeHead(200, { etag: '"e"' }).end(answerTo(req)))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server.close()
    server.closeAllConnections()
  })
  afterEach(() => {
    seen.length = 0
  })

  test('everything goes by the proxy, but what NO_PROXY names', { skip }, async () => {
    const endpoint = 'http://s3.nowhere.test:9000'
    const proxy = { HTTP_PROXY: url }
    const bucket = createBucket({ name: 'photos', endpoint, credentials, proxy }, times)
    await bucket.put('k', Buffer.from('x'), { type: 'image/png', sha256 })
    await bucket.open('k')
    await bucket.listParts('k', 'id')
    assert.deepEqual(
      seen.map(({ method, url }) => `${method} ${url?.replace(/\?.*/, '')}`),
      ['PUT', 'GET', 'GET'].map((method) => `${method} ${endpoint}/photos/k`),
    )
    bucket.close()

    seen.length = 0
    const direct = { name: 'photos', endpoint: url, credentials }
    const spared = createBucket(
      { ...direct, proxy: { HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1' } },
      times,
    )
    await spared.put('k', Buffer.from('x'), { type: 'image/png', sha256 })
    assert.equal(seen[0]?.url, '/photos/k')
    spared.close()
  })

  test('a proxy that never makes a tunnel counts as silence', { skip }, async (t) => {
    const mute = createTcpServer(() => {})
    mute.listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const proxy = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`
    const signer = createHeaderSigner({
      bucket: 'photos',
      region: 'us-east-1',
      endpoint: 'https://s3.nowhere.test',
      credentials: async () => credentials,
    })
    const agents = createAgents({ HTTPS_PROXY: proxy })
    const sender = createSender(signer, { now: Date.now, idle: 100, agents })
    t.after(() => {
      sender.close()
      mute.close()
    })
    await assert.rejects(sender.send({ method: 'POST', key: 'k' }), /tunnel timed out|no connection to S3/)
    await assert.rejects(sender.stream({ key: 'k' }), /tunnel timed out|no connection to S3/)
  })

  test('each request that makes an object says how it is to be encrypted', async () => {
    const encryption = { algorithm: 'aws:kms', kmsKeyId: 'arn:aws:kms:1', bucketKey: true } as const
    const bucket = createBucket({ name: 'photos', endpoint: url, credentials, encryption }, times)
    const expected = {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'arn:aws:kms:1',
      'x-amz-server-side-encryption-bucket-key-enabled': 'true',
    }
    await bucket.put('k', Buffer.from('x'), { type: 'image/png', sha256 })
    await bucket.copy('k', 'l', { etag: '"e"', type: 'image/png', signal: AbortSignal.timeout(5000) })
    await bucket.createMultipart('k', { type: 'video/mp4' })
    assert.equal(seen.length, 3)
    const put = await bucket.putUrl('k', { size: 1, seconds: 60, type: 'image/png', sha256: null })
    const signed = new URL(put.url).searchParams.get('X-Amz-SignedHeaders')?.split(';')
    for (const [name, value] of Object.entries(expected)) {
      for (const { headers } of seen) assert.equal(headers[name], value)
      assert.equal(put.headers[name], value)
      assert.ok(signed?.includes(name))
    }
    // S3 refuses them with a part.
    await bucket.putPart('k', 'id', { number: 1, bytes: Buffer.from('x'), crc32: 0 })
    assert.equal(seen.at(-1)?.headers['x-amz-server-side-encryption'], undefined)
    bucket.close()
  })
})
