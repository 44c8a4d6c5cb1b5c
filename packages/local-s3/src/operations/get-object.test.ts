import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import {
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { Bucket, refusal, startTestServer, type TestServer } from '../testing/server.ts'

describe('GetObject, HeadObject and GetObjectAttributes', () => {
  let s3: TestServer
  before(async () => {
    s3 = await startTestServer()
  })
  after(() => s3.close())

  const put = (Key: string, Body: string | Buffer, more = {}) =>
    s3.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
  const get = (Key: string, more = {}) => s3.client.send(new GetObjectCommand({ Bucket, Key, ...more }))
  const read = async (Key: string, more = {}) => (await get(Key, more)).Body?.transformToString()

  test('response-* parameters override headers, and cannot smuggle in others', async () => {
    await put('override', 'x', { ContentType: 'text/plain' })
    const answer = await get('override', {
      ResponseContentType: 'text/html',
      ResponseContentDisposition: 'attachment; filename="ü.txt"',
      ResponseCacheControl: 'no-cache',
      ResponseContentLanguage: 'en',
      ResponseContentEncoding: 'identity',
      ResponseExpires: new Date(0),
    })
    assert.equal(answer.ContentType, 'text/html')
    assert.equal(answer.CacheControl, 'no-cache')
    assert.equal(answer.ContentLanguage, 'en')
    assert.equal(answer.ExpiresString, 'Thu, 01 Jan 1970 00:00:00 GMT')
    const query = 'response-content-type=a%0D%0ASet-Cookie%3Ax'
    const smuggled = await s3.signed({ path: `/${Bucket}/override`, query })
    assert.equal(smuggled.headers['set-cookie'], undefined)
    assert.equal(smuggled.status, 200)
  })

  test('ranges: first bytes, last bytes, open end, beyond the end, and none that can be satisfied', async () => {
    await put('range', '0123456789')
    const range = async (value: string) => {
      const { status, headers, text } = await s3.signed({
        path: `/${Bucket}/range`,
        headers: { range: value },
      })
      return [status, headers['content-range'], text]
    }
    assert.deepEqual(await range('bytes=2-4'), [206, 'bytes 2-4/10', '234'])
    assert.deepEqual(await range('bytes=7-'), [206, 'bytes 7-9/10', '789'])
    assert.deepEqual(await range('bytes=-3'), [206, 'bytes 7-9/10', '789'])
    assert.deepEqual(await range('bytes=-99'), [206, 'bytes 0-9/10', '0123456789'])
    assert.deepEqual(await range('bytes=8-99'), [206, 'bytes 8-9/10', '89'])
    for (const ignored of ['bytes=4-2', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=-', 'x']) {
      assert.deepEqual(await range(ignored), [200, undefined, '0123456789'])
    }
    for (const impossible of ['bytes=10-', 'bytes=-0']) {
      const [status, contentRange, xml] = await range(impossible)
      assert.deepEqual([status, contentRange], [416, 'bytes */10'])
      assert.match(String(xml), /<Code>InvalidRange<\/Code>.*<ActualObjectSize>10</)
    }
    const head = await s3.signed({
      method: 'HEAD',
      path: `/${Bucket}/range`,
      headers: { range: 'bytes=1-2' },
    })
    assert.deepEqual([head.status, head.headers['content-length']], [206, '2'])
  })

  test('If-Range with another ETag asks for the whole', async () => {
    const { ETag = '' } = await put('if-range', '0123456789')
    const path = `/${Bucket}/if-range`
    const send = (etag: string) => s3.signed({ path, headers: { range: 'bytes=0-1', 'if-range': etag } })
    assert.equal((await send(ETag)).text, '01')
    assert.equal((await send('"other"')).text, '0123456789')
  })

  test('an empty object is an object, of which no range can be had', async () => {
    await put('empty', '')
    assert.equal(await read('empty'), '')
    await assert.rejects(get('empty', { Range: 'bytes=0-' }), refusal('InvalidRange', 416))
  })

  test('a key that is not there is NoSuchKey, a bucket that is not there NoSuchBucket', async () => {
    await assert.rejects(get('absent'), refusal('NoSuchKey', 404))
    await assert.rejects(
      s3.client.send(new HeadObjectCommand({ Bucket, Key: 'absent' })),
      refusal('NotFound', 404),
    )
    const elsewhere = { Bucket: 'no-such-bucket', Key: 'a' }
    await assert.rejects(s3.client.send(new GetObjectCommand(elsewhere)), refusal('NoSuchBucket', 404))
    await assert.rejects(
      s3.client.send(new PutObjectCommand({ ...elsewhere, Body: 'x' })),
      refusal('NoSuchBucket', 404),
    )
    const head = await s3.signed({ method: 'HEAD', path: `/${Bucket}/absent` })
    assert.deepEqual([head.status, head.text], [404, ''])
  })

  test('an overwritten object is the new one; a reader of the old one reads it to its end', async () => {
    const old = Buffer.alloc(8 * 2 ** 20, 'a')
    await put('replaced', old)
    const answer = await get('replaced')
    await put('replaced', 'new')
    const body = await text(answer.Body as Readable)
    assert.ok(body === old.toString())
    assert.equal(await read('replaced'), 'new')
  })

  test('the one version is called null', async () => {
    await put('version', 'x')
    assert.equal(await read('version', { VersionId: 'null' }), 'x')
    await assert.rejects(get('version', { VersionId: 'abc' }), refusal('NoSuchVersion', 404))
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'version', VersionId: 'null' }))
    await assert.rejects(get('version'), refusal('NoSuchKey', 404))
  })

  test('GetObjectAttributes tells size, ETag and checksum', async () => {
    const { ETag } = await put('attributes', 'abc', { ChecksumAlgorithm: 'SHA256' })
    const answer = await s3.client.send(
      new GetObjectAttributesCommand({
        Bucket,
        Key: 'attributes',
        ObjectAttributes: ['ETag', 'ObjectSize', 'StorageClass', 'Checksum', 'ObjectParts'],
      }),
    )
    assert.equal(`"${answer.ETag}"`, ETag)
    assert.equal(answer.ObjectSize, 3)
    assert.equal(answer.StorageClass, 'STANDARD')
    assert.equal(answer.Checksum?.ChecksumSHA256, createHash('sha256').update('abc').digest('base64'))
    assert.equal(answer.Checksum?.ChecksumType, 'FULL_OBJECT')
    assert.equal(answer.ObjectParts, undefined)
    const path = `/${Bucket}/attributes`
    const wrong = await s3.signed({
      path,
      query: 'attributes=',
      headers: { 'x-amz-object-attributes': 'Nonsense' },
    })
    assert.equal(wrong.code, 'InvalidArgument')
  })
})
