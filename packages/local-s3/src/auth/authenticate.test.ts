import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { Bucket, root, startTestServer, type TestServer } from '../testing/server.ts'
import { presign, sha256, signHeaders } from '../testing/sign.ts'

const minute = 60_000

describe('authentication', () => {
  let s3: TestServer
  const path = `/${Bucket}/a`
  const get = { method: 'GET', path }

  before(async () => {
    s3 = await startTestServer()
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'hello' }))
    await s3.client.send(new PutObjectCommand({ Bucket, Key: "a b+(c)!*'~/%C3%/ü/😀//.", Body: 'odd' }))
  })
  after(() => s3.close())

  const expect = async (
    answer: Promise<{ status: number; code: string | undefined }>,
    status: number,
    code?: string,
  ) => {
    const { status: actual, code: actualCode } = await answer
    assert.deepEqual([actual, actualCode], [status, code])
  }
  const presigned = (change: Partial<Parameters<typeof presign>[0]> = {}, expires?: number | string) =>
    s3.send({
      method: 'GET',
      ...change,
      path: presign({ ...s3.unsigned(get), ...change }, expires),
      query: undefined as never,
    })

  test('nothing is served to the anonymous, not even the list of buckets', async () => {
    for (const target of ['/', `/${Bucket}`, path, '/nowhere']) {
      for (const method of ['GET', 'PUT', 'DELETE', 'POST']) {
        await expect(s3.send({ method, path: target }), 403, 'AccessDenied')
      }
    }
  })

  test('a signature in the headers lets in; with a wrong secret or for another path it does not', async () => {
    await expect(s3.signed(get), 200)
    const credentials = { ...root, secretAccessKey: 'wrong' }
    await expect(s3.signed({ ...get, credentials }), 403, 'SignatureDoesNotMatch')
    const { headers } = signHeaders(s3.unsigned(get), sha256(''))
    await expect(s3.send({ path: `/${Bucket}/b`, headers }), 403, 'SignatureDoesNotMatch')
    await expect(s3.send({ path, query: 'partNumber=1', headers }), 403, 'SignatureDoesNotMatch')
    await expect(s3.send({ path, method: 'DELETE', headers }), 403, 'SignatureDoesNotMatch')
  })

  test('an unknown access key is InvalidAccessKeyId', async () => {
    const credentials = { accessKeyId: 'nobody', secretAccessKey: 'x' }
    await expect(s3.signed({ ...get, credentials }), 403, 'InvalidAccessKeyId')
  })

  test('other versions of the signature are refused by name', async () => {
    await expect(s3.send({ path, headers: { authorization: 'AWS key:c2ln' } }), 400, 'InvalidRequest')
    await expect(s3.send({ path, query: 'AWSAccessKeyId=key&Expires=1&Signature=x' }), 400, 'InvalidRequest')
  })

  test('a header cannot be half an authorization', async () => {
    for (const authorization of [
      'AWS4-HMAC-SHA256',
      'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0',
    ]) {
      await expect(s3.send({ path, headers: { authorization } }), 400, 'AuthorizationHeaderMalformed')
    }
  })

  test('two signatures in one request are one too many', async () => {
    const { headers } = signHeaders(s3.unsigned(get), sha256(''))
    await expect(s3.send({ path: presign(s3.unsigned(get)), headers }), 400, 'InvalidArgument')
  })

  test('keys of any characters are signed as they are, never normalised', async () => {
    const Key = "a b+(c)!*'~/%C3%/ü/😀//."
    const url = await getSignedUrl(s3.plain, new GetObjectCommand({ Bucket, Key }))
    assert.equal((await s3.send({ path: url.replace(s3.url, '') })).text, 'odd')
    await expect(s3.signed({ path: `/${Bucket}/x/../a` }), 404, 'NoSuchKey')
    await expect(s3.signed({ path: `/${Bucket}//a` }), 404, 'NoSuchKey')
  })

  test('a broken escape or bytes that are not UTF-8 are InvalidURI', async () => {
    await expect(s3.signed({ path: `/${Bucket}/%ZZ` }), 400, 'InvalidURI')
    await expect(s3.signed({ path: `/${Bucket}/%FF` }), 400, 'InvalidURI')
  })

  test('a plus sign in the query is a plus sign', async () => {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'plus+sign', Body: 'x' }))
    const answer = await s3.signed({ path: `/${Bucket}`, query: 'list-type=2&prefix=plus%2Bsign' })
    assert.match(answer.text, /<Key>plus\+sign<\/Key>/)
  })

  test('each x-amz header that is sent must be signed', async () => {
    const { headers } = signHeaders(s3.unsigned(get), sha256(''))
    const added = await s3.send({ path, headers: { ...headers, 'x-amz-meta-a': 'b' } })
    assert.deepEqual([added.status, added.code], [403, 'AccessDenied'])
    assert.match(added.text, /<HeadersNotSigned>x-amz-meta-a<\/HeadersNotSigned>/)
    const url = presign(s3.unsigned({ ...get, method: 'PUT' }))
    await expect(
      s3.send({ method: 'PUT', path: url, headers: { 'x-amz-acl': 'private' } }),
      403,
      'AccessDenied',
    )
    await expect(
      s3.send({ method: 'PUT', path: url, headers: { 'X-Amz-Copy-Source': path } }),
      403,
      'AccessDenied',
    )
  })

  test('the host must be signed', async () => {
    const sent = { ...get, signedHeaders: ['x-amz-content-sha256', 'x-amz-date'] }
    await expect(s3.signed(sent), 403, 'AccessDenied')
  })

  test('each signed header must be sent as it was signed', async () => {
    const unsigned = s3.unsigned({
      method: 'PUT',
      path,
      headers: { 'content-type': 'image/png', 'if-none-match': '*' },
    })
    const url = presign(unsigned)
    const headers = { 'content-type': 'image/png', 'if-none-match': '*' }
    await expect(s3.send({ method: 'PUT', path: url, headers }), 412, 'PreconditionFailed')
    await expect(
      s3.send({ method: 'PUT', path: url, headers: { 'content-type': 'image/png' } }),
      403,
      'SignatureDoesNotMatch',
    )
    await expect(
      s3.send({ method: 'PUT', path: url, headers: { ...headers, 'content-type': 'text/html' } }),
      403,
      'SignatureDoesNotMatch',
    )
  })

  test('a signed content-length holds the body to its size', async () => {
    const url = presign(
      s3.unsigned({ method: 'PUT', path: `/${Bucket}/sized`, headers: { 'content-length': '3' } }),
    )
    await expect(s3.send({ method: 'PUT', path: url, headers: { 'content-length': '3' }, body: 'abc' }), 200)
    await expect(
      s3.send({ method: 'PUT', path: url, headers: { 'content-length': '4' }, body: 'abcd' }),
      403,
      'SignatureDoesNotMatch',
    )
  })

  test('the scope must be of this region, this service and the day of the request', async () => {
    const region = await s3.signed({ ...get, region: 'eu-west-1' })
    assert.deepEqual([region.status, region.code], [400, 'AuthorizationHeaderMalformed'])
    assert.match(region.text, /<Region>us-east-1<\/Region>/)
    await expect(s3.signed({ ...get, scopeDate: '20200101' }), 400, 'AuthorizationHeaderMalformed')
    await expect(presigned({ region: 'eu-west-1' }), 400, 'AuthorizationQueryParametersError')
    await expect(presigned({ scopeDate: '20200101' }), 400, 'AuthorizationQueryParametersError')
  })

  test('clocks may differ by fifteen minutes', async () => {
    await expect(s3.signed({ ...get, time: Date.now() - 14 * minute }), 200)
    await expect(s3.signed({ ...get, time: Date.now() + 14 * minute }), 200)
    await expect(s3.signed({ ...get, time: Date.now() - 16 * minute }), 403, 'RequestTimeTooSkewed')
    await expect(s3.signed({ ...get, time: Date.now() + 16 * minute }), 403, 'RequestTimeTooSkewed')
  })

  test('a presigned URL lives from its date to its expiry, a week at the most', async () => {
    await expect(presigned(), 200)
    await expect(presigned({ time: Date.now() - 30_000 }), 200)
    await expect(presigned({ time: Date.now() - 61_000 }), 403, 'AccessDenied')
    await expect(presigned({ time: Date.now() + 16 * minute }), 403, 'AccessDenied')
    await expect(presigned({ time: Date.now() - 6 * 24 * 60 * minute }, 604_800), 200)
    for (const expires of [0, -1, 604_801, 'x', '0x10', '1e3', '%205', '']) {
      await expect(presigned({}, expires), 400, 'AuthorizationQueryParametersError')
    }
  })

  test('a presigned URL without one of its parameters is refused', async () => {
    const url = presign(s3.unsigned(get))
    for (const name of ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders']) {
      const broken = url.replace(new RegExp(`X-Amz-${name}=[^&]*&`), '')
      const { status } = await s3.send({ path: broken })
      assert.ok(status === 400 || status === 403, `${name}: ${status}`)
    }
    await expect(
      s3.send({ path: url.replace(/&X-Amz-Signature=.*/, '') }),
      400,
      'AuthorizationQueryParametersError',
    )
  })

  test('every byte of a presigned URL is covered', async () => {
    const url = presign(s3.unsigned({ ...get, query: 'response-content-type=text%2Fplain' }))
    await expect(s3.send({ path: url }), 200)
    await expect(s3.send({ path: url.replace('/a?', '/b?') }), 403, 'SignatureDoesNotMatch')
    await expect(s3.send({ path: url.replace('plain', 'html') }), 403, 'SignatureDoesNotMatch')
    await expect(s3.send({ path: url.replace('Expires=60', 'Expires=600') }), 403, 'SignatureDoesNotMatch')
    await expect(s3.send({ path: `${url}&x=y` }), 403, 'SignatureDoesNotMatch')
    await expect(s3.send({ path: `${url}0` }), 403, 'SignatureDoesNotMatch')
  })

  test('a target may be a whole URL, as clients of proxies send it', async () => {
    const url = presign(s3.unsigned(get))
    await expect(s3.send({ path: `http://${s3.host}${url}` }), 200)
    await expect(s3.send({ path: `http://${s3.host}` }), 403, 'AccessDenied')
  })

  test('white space of a value that is no white space of HTTP is signed', async () => {
    await expect(s3.signed({ ...get, headers: { 'x-amz-meta-a': 'b\u00a0' } }), 200)
    await expect(s3.signed({ ...get, headers: { 'x-amz-meta-a': 'b' } }), 200)
  })

  test('a session token is unknown here', async () => {
    const headers = { 'x-amz-security-token': 'x' }
    await expect(s3.signed({ ...get, headers }), 400, 'InvalidToken')
  })

  test('signatures in the headers need x-amz-content-sha256, with a value that means something', async () => {
    await expect(s3.signed(get, 'nonsense'), 400, 'InvalidArgument')
    await expect(s3.signed(get, 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD'), 501, 'NotImplemented')
    const { headers } = signHeaders(s3.unsigned(get), sha256(''))
    const { 'x-amz-content-sha256': _, ...rest } = headers
    await expect(s3.send({ path, headers: rest }), 400, 'InvalidRequest')
  })

  test('x-amz parameters of a presigned URL count as headers', async () => {
    const url = await getSignedUrl(
      s3.plain,
      new PutObjectCommand({ Bucket, Key: 'hoisted', Metadata: { a: 'b' }, StorageClass: 'STANDARD' }),
    )
    assert.match(url, /x-amz-meta-a=b/)
    assert.equal((await fetch(url, { method: 'PUT', body: 'x' })).status, 200)
    const { Metadata } = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'hoisted' }))
    assert.deepEqual(Metadata, { a: 'b' })
  })
})
