import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectAclCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectAclCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { Bucket, refusal, startTestServer, type TestServer } from '../testing/server.ts'
import { chunked, presign, signChunks, signHeaders } from '../testing/sign.ts'

describe('objects', () => {
  let s3: TestServer
  before(async () => {
    s3 = await startTestServer()
  })
  after(() => s3.close())

  const put = (Key: string, Body: string | Buffer, more = {}) =>
    s3.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
  const get = (Key: string, more = {}) => s3.client.send(new GetObjectCommand({ Bucket, Key, ...more }))
  const read = async (Key: string, more = {}) => (await get(Key, more)).Body?.transformToString()

  for (const mode of ['WHEN_SUPPORTED', 'WHEN_REQUIRED'] as const) {
    test(`what the SDK puts in checksum mode ${mode} comes back byte for byte`, async () => {
      const client = s3.clientFor({ requestChecksumCalculation: mode, responseChecksumValidation: mode })
      const Body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251))
      const stream = new PutObjectCommand({
        Bucket,
        Key: `${mode}/stream`,
        Body: Readable.from([Body.subarray(0, 70_000), Body.subarray(70_000)]),
        ContentLength: Body.length,
      })
      const whole = new PutObjectCommand({ Bucket, Key: `${mode}/whole`, Body })
      for (const command of [whole, stream]) {
        const { ETag } = await client.send(command)
        assert.equal(ETag, `"${createHash('md5').update(Body).digest('hex')}"`)
        const back = await client.send(new GetObjectCommand({ Bucket, Key: command.input.Key }))
        assert.deepEqual(Buffer.from((await back.Body?.transformToByteArray()) ?? []), Body)
        assert.equal(back.ETag, ETag)
      }
    })
  }

  test('content headers and metadata come back as they were sent', async () => {
    const headers = {
      CacheControl: 'no-store',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de',
      ContentType: 'text/x-test',
      Metadata: { a: 'b', 'with-dash': 'c d' },
    }
    await put('headers', 'x', headers)
    for (const Command of [HeadObjectCommand, GetObjectCommand]) {
      const answer = await s3.client.send(new Command({ Bucket, Key: 'headers' }))
      const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Metadata } =
        answer
      assert.deepEqual(
        { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Metadata },
        headers,
      )
      assert.equal(answer.ContentLength, 1)
      assert.ok(answer.LastModified && Math.abs(answer.LastModified.getTime() - Date.now()) < 5000)
    }
    await put('typeless', 'x')
    assert.equal((await get('typeless')).ContentType, 'application/octet-stream')
    await s3.signed({ method: 'PUT', path: `/${Bucket}/bare`, headers: { 'content-length': '1' }, body: 'x' })
    assert.equal((await get('bare')).ContentType, 'binary/octet-stream')
  })

  test('metadata beyond ASCII comes back in the form of RFC 2047, metadata beyond 2 KB is refused', async () => {
    const path = `/${Bucket}/umlaut`
    const headers = { 'content-length': '0', 'x-amz-meta-name': 'ÄMÄZÕÑ S3' }
    assert.equal((await s3.signed({ method: 'PUT', path, headers })).status, 200)
    const back = await s3.signed({ method: 'HEAD', path })
    assert.equal(back.headers['x-amz-meta-name'], '=?UTF-8?B?w4RNw4Raw5XDkSBTMw==?=')
    await assert.rejects(
      put('big', 'x', { Metadata: { a: 'b'.repeat(2048) } }),
      refusal('MetadataTooLarge', 400),
    )
    await put('fits', 'x', { Metadata: { a: 'b'.repeat(2047) } })
    const query = `x-amz-meta-%C3%BC=x`
    const url = presign(s3.unsigned({ method: 'PUT', path, query, headers: { 'content-length': '0' } }))
    const unnamable = await s3.send({ method: 'PUT', path: url, headers: { 'content-length': '0' } })
    assert.equal(unnamable.code, 'InvalidArgument')
  })

  test('aws-chunked is a coding of the transfer and does not come back', async () => {
    const path = `/${Bucket}/coding`
    const body = chunked([Buffer.from('data')])
    const headers = { 'content-encoding': 'aws-chunked,gzip', 'x-amz-decoded-content-length': '4' }
    const { status } = await s3.signed(
      { method: 'PUT', path, headers, body },
      'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    )
    assert.equal(status, 200)
    assert.equal((await s3.signed({ method: 'HEAD', path })).headers['content-encoding'], 'gzip')
  })

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

  test('keys go up to 1,024 bytes of UTF-8', async () => {
    await put('ü'.repeat(512), 'x')
    await assert.rejects(put(`${'ü'.repeat(512)}a`, 'x'), refusal('KeyTooLongError', 400))
  })

  test('keys are never paths: dots, slashes and NUL are characters as any other', async () => {
    const keys = [
      '../../escape',
      '..',
      '.',
      '/absolute',
      'a//b',
      'a/./b',
      'C:\\x',
      'nul\0byte',
      '%2e%2e%2f',
      'line\nbreak',
    ]
    for (const Key of keys) {
      const path = `/${Bucket}/${Key.split('/').map(encodeURIComponent).join('/')}`
      const headers = { 'content-length': String(Key.length) }
      assert.equal((await s3.signed({ method: 'PUT', path, headers, body: Key })).status, 200, Key)
    }
    for (const Key of keys) {
      const path = `/${Bucket}/${Key.split('/').map(encodeURIComponent).join('/')}`
      assert.equal((await s3.signed({ path })).text, Key)
    }
    assert.deepEqual(
      (await readdir(s3.directory)).filter((name) => !name.startsWith('local-s3.db')),
      ['blobs'],
    )
    for (const folder of await readdir(`${s3.directory}/blobs`)) {
      assert.match(folder, /^[0-9a-f]{2}$/)
      for (const file of await readdir(`${s3.directory}/blobs/${folder}`))
        assert.match(file, /^[0-9a-f]{32}$/)
    }
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

  test('deleting succeeds, also when nothing is there', async () => {
    await put('gone', 'x')
    const remove = new DeleteObjectCommand({ Bucket, Key: 'gone' })
    assert.equal((await s3.client.send(remove)).$metadata.httpStatusCode, 204)
    assert.equal((await s3.client.send(remove)).$metadata.httpStatusCode, 204)
    await assert.rejects(get('gone'), refusal('NoSuchKey', 404))
  })

  test('DeleteObjects deletes up to 1,000 keys, tells of each or, when quiet, of none', async () => {
    const keys = ['d1', 'd 2', 'd<3>&', 'd\n4', ' d5 ']
    for (const key of keys) await put(key, 'x')
    const Objects = [...keys, 'absent'].map((Key) => ({ Key }))
    const loud = await s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
    assert.deepEqual(
      loud.Deleted?.map(({ Key }) => Key),
      [...keys, 'absent'],
    )
    for (const key of keys) await assert.rejects(get(key), refusal('NoSuchKey', 404))
    const quiet = await s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }))
    assert.deepEqual([quiet.Deleted, quiet.Errors], [undefined, undefined])
    const many = Array.from({ length: 1001 }, (_, i) => ({ Key: `${i}` }))
    await assert.rejects(
      s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: many } })),
      refusal('MalformedXML', 400),
    )
  })

  test('DeleteObjects needs a digest of its body, and XML that is well-formed', async () => {
    const post = (body: string, headers = {}) =>
      s3.signed({ method: 'POST', path: `/${Bucket}`, query: 'delete=', headers, body })
    const good = '<Delete><Object><Key>a</Key></Object></Delete>'
    assert.equal((await post(good)).code, 'InvalidRequest')
    const md5 = (body: string) => ({ 'content-md5': createHash('md5').update(body).digest('base64') })
    assert.equal((await post(good, md5(good))).status, 200)
    assert.equal((await post(good, md5('other'))).code, 'BadDigest')
    for (const bad of [
      '',
      '<Delete>',
      '<Other/>',
      '<Delete></Delete>',
      `<!DOCTYPE x [<!ENTITY a "b">]>${good}`,
    ]) {
      assert.equal((await post(bad, md5(bad))).code, 'MalformedXML', bad)
    }
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

  test('the one version is called null', async () => {
    await put('version', 'x')
    assert.equal(await read('version', { VersionId: 'null' }), 'x')
    await assert.rejects(get('version', { VersionId: 'abc' }), refusal('NoSuchVersion', 404))
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'version', VersionId: 'null' }))
    await assert.rejects(get('version'), refusal('NoSuchKey', 404))
  })

  test('what is not served says NotImplemented and never passes for a plain request', async () => {
    await put('plain', 'x')
    await assert.rejects(
      s3.client.send(new GetObjectTaggingCommand({ Bucket, Key: 'plain' })),
      refusal('NotImplemented', 501),
    )
    for (const query of [
      'tagging=',
      'retention=',
      'torrent=',
      'invented=',
      'uploadId=',
      'partNumber=1',
      'select=',
    ]) {
      const answer = await s3.signed({
        method: 'PUT',
        path: `/${Bucket}/plain`,
        query,
        headers: { 'content-length': '1' },
        body: 'y',
      })
      assert.deepEqual([query, answer.status, answer.code], [query, 501, 'NotImplemented'])
    }
    const headers: Record<string, string>[] = [
      { 'x-amz-server-side-encryption': 'AES256' },
      { 'x-amz-tagging': 'a=b' },
      { 'x-amz-object-lock-mode': 'GOVERNANCE' },
      { 'x-amz-website-redirect-location': '/' },
      { 'x-amz-storage-class': 'GLACIER' },
    ]
    for (const header of headers) {
      const answer = await s3.signed({
        method: 'PUT',
        path: `/${Bucket}/plain`,
        headers: { ...header, 'content-length': '1' },
        body: 'y',
      })
      assert.deepEqual([header, answer.code], [header, 'NotImplemented'])
    }
    assert.equal(await read('plain'), 'x')
  })

  test('ACLs cannot be set; they say that the owner may do everything', async () => {
    await put('acl', 'x', { ACL: 'private' })
    await assert.rejects(
      put('acl', 'y', { ACL: 'public-read' }),
      refusal('AccessControlListNotSupported', 400),
    )
    await assert.rejects(
      s3.client.send(new PutObjectAclCommand({ Bucket, Key: 'acl', ACL: 'public-read' })),
      refusal('AccessControlListNotSupported', 400),
    )
    const { Grants, Owner } = await s3.client.send(new GetObjectAclCommand({ Bucket, Key: 'acl' }))
    assert.deepEqual(
      Grants?.map(({ Permission }) => Permission),
      ['FULL_CONTROL'],
    )
    assert.equal(Grants?.[0]?.Grantee?.ID, Owner?.ID)
    assert.equal(Grants?.[0]?.Grantee?.Type, 'CanonicalUser')
  })

  test('a body has to have a length, no more than 5 GiB, and to keep to it', async () => {
    const path = `/${Bucket}/length`
    const { headers } = signHeaders(s3.unsigned({ method: 'PUT', path }), 'UNSIGNED-PAYLOAD')
    const chunkedTransfer = await s3.send({
      method: 'PUT',
      path,
      headers: { ...headers, 'transfer-encoding': 'chunked' },
      body: 'x',
    })
    assert.deepEqual([chunkedTransfer.status, chunkedTransfer.code], [411, 'MissingContentLength'])
    const url = presign(s3.unsigned({ method: 'PUT', path }))
    const huge = await s3.send({
      method: 'PUT',
      path: url,
      headers: { 'content-length': String(5 * 2 ** 30 + 1), expect: '100-continue' },
    })
    assert.deepEqual([huge.status, huge.code], [400, 'EntityTooLarge'])
    const undecoded = await s3.signed(
      { method: 'PUT', path, body: chunked([]) },
      'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    )
    assert.equal(undecoded.code, 'MissingContentLength')
  })

  test('signed chunks are verified one by one, and so is their trailer', async () => {
    const path = `/${Bucket}/chunks`
    const chunks = [Buffer.alloc(70_000, 1), Buffer.alloc(66_000, 2), Buffer.from('end')]
    const length = { 'x-amz-decoded-content-length': '136003' }
    const attempt = async (change: (body: Buffer) => Buffer, trailer?: [string, string]) => {
      const kind = `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer ? '-TRAILER' : ''}`
      const sent = {
        method: 'PUT',
        path,
        headers: { ...length, ...(trailer ? { 'x-amz-trailer': trailer[0] } : {}) },
      }
      const signed = signHeaders(s3.unsigned(sent), kind)
      const { code } = await s3.send({
        ...sent,
        headers: signed.headers,
        body: change(signChunks(chunks, signed, trailer)),
      })
      return code
    }
    assert.equal(await attempt((body) => body), undefined)
    assert.deepEqual(
      Buffer.from((await (await get('chunks')).Body?.transformToByteArray()) ?? []),
      Buffer.concat(chunks),
    )
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'chunks' }))
    const flip = (at: number) => (body: Buffer) => {
      body[at] = (body[at] ?? 0) ^ 1
      return body
    }
    assert.equal(await attempt(flip(1000)), 'SignatureDoesNotMatch')
    assert.equal(await attempt(flip(100_000)), 'SignatureDoesNotMatch')
    assert.equal(await attempt((body) => body.subarray(0, -90)), 'IncompleteBody')
    const crc = 'x-amz-checksum-sha256'
    const right = createHash('sha256').update(Buffer.concat(chunks)).digest('base64')
    const wrong = createHash('sha256').update('other').digest('base64')
    assert.equal(await attempt((body) => body, [crc, wrong]), 'BadDigest')
    const tampered = (body: Buffer) => Buffer.from(body.toString('latin1').replace(right, wrong), 'latin1')
    assert.equal(await attempt(tampered, [crc, right]), 'SignatureDoesNotMatch')
    await assert.rejects(get('chunks'), refusal('NoSuchKey', 404))
    assert.equal(await attempt((body) => body, [crc, right]), undefined)
  })
})
