import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, afterEach, before, describe, test } from 'node:test'
import { type Bucket, createBucket } from './bucket.ts'
import { isWorthRepeating, type Meaning, meaningOf } from './meaning.ts'

/** A refusal of S3's: status, code, message. HEAD gets the status alone, as from S3. */
type Refusal = readonly [status: number, code: string, message?: string]

const kms =
  'User: arn:aws:iam::123456789012:user/app is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1'
const noList =
  'User: arn:aws:iam::123456789012:user/app is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::photos" because no identity-based policy allows the s3:ListBucket action'
const noGet = noList.replaceAll('s3:ListBucket', 's3:GetObject')

const refusals: [Meaning | undefined, Refusal][] = [
  ['absent', [404, 'NoSuchKey']],
  ['absent', [404, 'NoSuchUpload']],
  ['denied', [403, 'AccessDenied', 'Access Denied']],
  ['denied', [403, 'UnauthorizedAccess', 'Of a compatible service.']],
  [undefined, [403, 'html', 'The page of a firewall.']],
  ['broken', [502, 'html', 'The page of a proxy.']],
  [undefined, [400, 'constructor', 'The name of what every object has.']],
  ['encryption', [403, 'AccessDenied', kms]],
  [
    'encryption',
    [
      403,
      'AccessDenied',
      'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
    ],
  ],
  ['encryption', [400, 'KMS.DisabledException', 'The key is disabled.']],
  ['encryption', [400, 'InvalidRequest', 'The encryption method specified is not supported with KMS.']],
  ['locked', [403, 'AccessDenied', 'Access Denied because object protected by object lock.']],
  [
    'locked',
    [
      400,
      'InvalidRequest',
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
    ],
  ],
  ['credentials', [403, 'InvalidAccessKeyId']],
  ['credentials', [403, 'SignatureDoesNotMatch']],
  ['credentials', [400, 'ExpiredToken']],
  ['clock', [403, 'RequestTimeTooSkewed']],
  ['place', [404, 'NoSuchBucket']],
  ['place', [301, 'PermanentRedirect']],
  ['archived', [403, 'InvalidObjectState']],
  ['conflict', [409, 'OperationAborted']],
  ['conflict', [409, 'ConditionalRequestConflict']],
  ['busy', [503, 'SlowDown']],
  ['broken', [429, 'SomeGatewaysOwn']],
  ['broken', [503, 'AProxysOwn']],
  ['broken', [500, 'InternalError']],
  [undefined, [400, 'InvalidRequest', 'Missing required header.']],
]

describe('what S3 answers', () => {
  let answers: (req: IncomingMessage) => Refusal | { status: number; headers?: Record<string, string> }
  const seen: string[] = []
  const server = createServer((req, res) => {
    seen.push(req.method ?? '')
    req.resume()
    req.on('end', () => {
      const answer = answers(req)
      if (!('length' in answer)) return void res.writeHead(answer.status, answer.headers).end()
      const [status, code, message = 'Because.'] = answer
      res.writeHead(status, { 'content-type': 'application/xml' })
      if (code === 'html') return void res.end(req.method === 'HEAD' ? '' : '<html>Blocked.</html>')
      res.end(req.method === 'HEAD' ? '' : `<Error><Code>${code}</Code><Message>${message}</Message></Error>`)
    })
  })
  let bucket: Bucket
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const credentials = { accessKeyId: 'k', secretAccessKey: 's' }
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
  const put = () => bucket.put('k', Buffer.from('x'), { type: 'image/png', sha256: '00'.repeat(32) })
  const reason = (error: unknown) => meaningOf((error as Error).cause)
  const unavailable = (error: unknown) => (error as { code?: string }).code === 'storage_unavailable'

  for (const [meaning, refusal] of refusals) {
    const [status, code, message = ''] = refusal
    test(`${status} ${code} ${message.slice(0, 60)} is ${meaning ?? 'of no known kind'}`, async () => {
      answers = () => refusal
      await assert.rejects(put(), (error) => {
        assert.equal(isWorthRepeating(error), meaning === undefined || meaning === 'broken')
        return unavailable(error) && reason(error) === meaning
      })
    })
  }

  test('a moment is waited, and the same asked again, where S3 says that nothing was done', async () => {
    for (const refusal of [
      [503, 'SlowDown'],
      [409, 'ConditionalRequestConflict'],
    ] as const) {
      let left = 2
      seen.length = 0
      answers = () => (left-- > 0 ? refusal : { status: 200, headers: { etag: '"e"' } })
      await put()
      assert.deepEqual(seen, ['PUT', 'PUT', 'PUT'])
    }
  })

  test('a write is not asked again under its key when S3 has failed, a deletion is', async () => {
    let left = 1
    answers = () => (left-- > 0 ? [500, 'InternalError'] : { status: 204 })
    await assert.rejects(put(), unavailable)
    assert.deepEqual(seen, ['PUT'])
    left = 1
    await bucket.delete('k')
  })

  for (const [what, refusal] of [
    ['says so', [404, 'NoSuchKey']],
    ['may not say so', [403, 'AccessDenied', 'Access Denied']],
    ['names the permission to list', [403, 'AccessDenied', noList]],
  ] as [string, Refusal][]) {
    test(`an object is absent where S3 ${what}`, async () => {
      answers = () => refusal
      assert.equal(await bucket.head('k'), undefined)
      await bucket.ping()
    })
  }

  for (const refusal of [
    [403, 'AccessDenied', kms],
    [403, 'AccessDenied', noGet],
    [403, 'RequestTimeTooSkewed'],
    [403, 'SignatureDoesNotMatch'],
    [404, 'NoSuchBucket'],
    [400, 'ExpiredToken'],
    [403, 'InvalidObjectState'],
    [403, 'html', 'The page of a firewall.'],
    [404, 'html', 'The page of a proxy.'],
  ] as Refusal[]) {
    test(`${refusal[1]} ${refusal[2]?.slice(0, 80) ?? ''} says nothing about the object`, async () => {
      answers = () => refusal
      await assert.rejects(bucket.head('k'), unavailable)
      await assert.rejects(bucket.ping(), unavailable)
      await assert.rejects(bucket.delete('k'), unavailable)
    })
  }

  test('an object that may not be deleted is not gone', async () => {
    for (const refusal of [
      [403, 'AccessDenied', 'Access Denied'],
      [403, 'AccessDenied', 'Access Denied because object protected by object lock.'],
      [405, 'MethodNotAllowed'],
    ] as Refusal[]) {
      answers = () => refusal
      await assert.rejects(bucket.delete('k'), unavailable)
    }
  })

  test('an S3 that can not list multipart uploads counts as one that may not be asked', async () => {
    for (const refusal of [
      [501, 'NotImplemented'],
      [405, 'MethodNotAllowed'],
    ] as const) {
      answers = () => refusal
      assert.equal(await bucket.openMultiparts('k'), 'denied')
      await assert.rejects(bucket.createMultipart('k', { type: 'video/mp4' }), unavailable)
    }
  })

  test('an abort that a policy denies is told apart from one that fails', async () => {
    answers = () => [403, 'AccessDenied', 'Access Denied']
    assert.equal(await bucket.abortMultipart('k', 'id'), 'denied')
    assert.equal(await bucket.openMultiparts('k'), 'denied')
    assert.equal(await bucket.listParts('k', 'id'), 'denied')
    answers = () => [403, 'html']
    await assert.rejects(bucket.abortMultipart('k', 'id'), unavailable)
    answers = () => [501, 'NotImplemented']
    assert.equal(await bucket.abortMultipart('k', 'id'), 'denied')
    assert.equal(await bucket.openMultiparts('k'), 'denied')
    answers = () => [403, 'RequestTimeTooSkewed']
    await assert.rejects(bucket.abortMultipart('k', 'id'), unavailable)
    await assert.rejects(bucket.openMultiparts('k'), unavailable)
    await assert.rejects(bucket.listParts('k', 'id'), unavailable)
  })
})
