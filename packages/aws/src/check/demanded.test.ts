import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { BucketOptions } from '../../../tintype/src/bucket/bucket.ts'
import { demandedChecksum, demandedEncryption } from './demanded.ts'
import { createSubject } from './subject.ts'

/** A bucket with a policy or a lock, as S3 answers then. */
describe('what a bucket demands of each object', () => {
  let demands: (req: IncomingMessage) => [code: string, message: string] | undefined
  const server = createServer((req, res) => {
    req.resume()
    req.on('end', () => {
      const refusal = demands(req)
      if (!refusal) return void res.writeHead(200, { etag: '"e"' }).end()
      const [code, message] = refusal
      res.writeHead(403, { 'content-type': 'application/xml' })
      res.end(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`)
    })
  })
  let options: BucketOptions
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    options = { name: 'photos', endpoint, credentials: { accessKeyId: 'k', secretAccessKey: 's' } }
  })
  after(() => {
    server.close()
    server.closeAllConnections()
  })
  async function ask<T>(
    what: (subject: ReturnType<typeof createSubject>) => Promise<T>,
    more: Partial<BucketOptions> = {},
  ): Promise<T> {
    const subject = createSubject({ ...options, ...more })
    try {
      return await what(subject)
    } finally {
      subject.close()
    }
  }

  test('a header for encryption is found by trying', async () => {
    const denied: [string, string] = ['AccessDenied', 'Access Denied']
    demands = (req) => (req.headers['x-amz-server-side-encryption'] === 'aws:kms' ? undefined : denied)
    const finding = await ask(demandedEncryption)
    assert.equal(finding?.verdict, 'failed')
    assert.match(finding?.remedy ?? '', /S3_SSE to aws:kms/)
    demands = () => denied
    assert.equal(await ask(demandedEncryption), undefined)
  })

  test('a checksum is found too, unless it is sent with everything', async () => {
    const message =
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters'
    demands = (req) =>
      Object.keys(req.headers).some((name) => /^content-md5$|^x-amz-checksum-/.test(name))
        ? undefined
        : ['InvalidRequest', message]
    assert.match((await ask(demandedChecksum))?.remedy ?? '', /S3_REQUIRE_CHECKSUM/)
    assert.equal(await ask(demandedChecksum, { requireChecksum: true }), undefined)
    demands = () => undefined
    assert.equal(await ask(demandedChecksum), undefined)
  })
})
