import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { Bucket, refusal, startTestServer, type TestServer } from '../testing/server.ts'
import { chunked, presign, signChunks, signHeaders } from '../testing/sign.ts'

describe('PutObject', () => {
  let s3: TestServer
  before(async () => {
    s3 = await startTestServer()
  })
  after(() => s3.close())

  const put = (Key: string, Body: string | Buffer, more = {}) =>
    s3.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
  const get = (Key: string, more = {}) => s3.client.send(new GetObjectCommand({ Bucket, Key, ...more }))

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
    // LastModified has whole seconds.
    const begun = Math.floor(Date.now() / 1000) * 1000
    await put('headers', 'x', headers)
    const stored = Date.now()
    for (const Command of [HeadObjectCommand, GetObjectCommand]) {
      const answer = await s3.client.send(new Command({ Bucket, Key: 'headers' }))
      const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Metadata } =
        answer
      assert.deepEqual(
        { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Metadata },
        headers,
      )
      assert.equal(answer.ContentLength, 1)
      const modified = answer.LastModified?.getTime() ?? 0
      assert.ok(modified >= begun && modified <= stored)
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
