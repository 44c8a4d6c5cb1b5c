import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { type LocalS3, startLocalS3 } from './index.ts'

const credentials = { accessKeyId: 'AK/IA:1', secretAccessKey: 'secret' }
const reader = { accessKeyId: 'READER', secretAccessKey: 'secret2' }
const Bucket = 'photos'

describe('local-s3', () => {
  let directory: string
  let s3: LocalS3 & { url: string; port: number }
  let client: S3Client
  let strict: S3Client

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'local-s3-'))
    s3 = await start()
    const shared = { endpoint: s3.url, forcePathStyle: true, region: 'us-east-1', credentials }
    client = new S3Client({ ...shared, maxAttempts: 1 })
    strict = new S3Client({
      ...shared,
      maxAttempts: 1,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    })
  })
  after(async () => {
    client.destroy()
    strict.destroy()
    await s3.close()
    await rm(directory, { recursive: true })
  })

  function start() {
    const policy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow' as const, Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` }],
    }
    return startLocalS3({ directory, identities: [credentials, { ...reader, policy }], buckets: [Bucket] })
  }

  const read = async (Key: string, from = client) => {
    const { Body } = await from.send(new GetObjectCommand({ Bucket, Key }))
    return Buffer.from((await Body?.transformToByteArray()) ?? [])
  }
  const code =
    (expected: string, status: number) => (error: Error & { $metadata?: { httpStatusCode?: number } }) => {
      assert.equal(error.name, expected)
      assert.equal(error.$metadata?.httpStatusCode, status)
      return true
    }

  for (const mode of ['default', 'WHEN_REQUIRED'] as const) {
    test(`what the SDK puts in ${mode} checksum mode comes back byte for byte`, async () => {
      const Body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251))
      const from = mode === 'default' ? client : strict
      const Key = `a b/ü+(1)'&=?#%/${mode}.jpg`
      await from.send(
        new PutObjectCommand({ Bucket, Key, Body, ContentType: 'image/jpeg', Metadata: { a: 'b' } }),
      )
      assert.deepEqual(await read(Key, from), Body)
      const head = await from.send(new HeadObjectCommand({ Bucket, Key }))
      assert.equal(head.ContentType, 'image/jpeg')
      assert.equal(head.ETag, `"${createHash('md5').update(Body).digest('hex')}"`)
      assert.deepEqual(head.Metadata, { a: 'b' })
    })
  }

  test('a stream that the SDK sends as aws-chunked with a trailing checksum is decoded and verified', async () => {
    const { Readable } = await import('node:stream')
    const parts = [Buffer.alloc(70_000, 1), Buffer.alloc(10, 2), Buffer.alloc(200_000, 3)]
    await client.send(
      new PutObjectCommand({ Bucket, Key: 'stream', Body: Readable.from(parts), ContentLength: 270_010 }),
    )
    assert.deepEqual(await read('stream'), Buffer.concat(parts))
  })

  test('a wrong checksum is BadDigest and stores nothing', async () => {
    const put = new PutObjectCommand({ Bucket, Key: 'bad', Body: 'abc', ChecksumCRC32: 'AAAAAA==' })
    await assert.rejects(client.send(put), code('BadDigest', 400))
    await assert.rejects(read('bad'), code('NoSuchKey', 404))
  })

  test('a presigned PUT that carries the checksum of an empty body refuses any other body', async () => {
    const trap = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: 'trap' }))
    const refused = await fetch(trap, { method: 'PUT', body: 'abc' })
    assert.equal(refused.status, 400)
    assert.match(await refused.text(), /<Code>BadDigest</)
    const good = await getSignedUrl(strict, new PutObjectCommand({ Bucket, Key: 'trap' }))
    assert.equal((await fetch(good, { method: 'PUT', body: 'abc' })).status, 200)
  })

  test('a range is answered with 206 and just these bytes', async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'range', Body: '0123456789' }))
    const url = await getSignedUrl(strict, new GetObjectCommand({ Bucket, Key: 'range' }))
    const get = async (range: string) => {
      const response = await fetch(url, { headers: { range } })
      return [response.status, response.headers.get('content-range'), await response.text()]
    }
    assert.deepEqual(await get('bytes=2-4'), [206, 'bytes 2-4/10', '234'])
    assert.deepEqual(await get('bytes=-3'), [206, 'bytes 7-9/10', '789'])
    assert.deepEqual(await get('bytes=8-99'), [206, 'bytes 8-9/10', '89'])
    assert.equal((await get('bytes=10-'))[0], 416)
  })

  test('nothing anonymous is served, and a signed URL covers path, query and time', async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'private', Body: 'x' }))
    const url = await getSignedUrl(strict, new GetObjectCommand({ Bucket, Key: 'private' }), {
      expiresIn: 60,
    })
    assert.equal((await fetch(url)).status, 200)
    assert.equal((await fetch(url.replace(/\?.*/, ''))).status, 403)
    assert.equal((await fetch(url.replace('/private', '/stream'))).status, 403)
    assert.equal((await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=61'))).status, 403)
    assert.equal((await fetch(`${url}&response-content-type=text/html`)).status, 403)
    const old = await getSignedUrl(strict, new GetObjectCommand({ Bucket, Key: 'private' }), {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 61_000),
    })
    assert.match(await (await fetch(old)).text(), /Request has expired/)
  })

  test('of ten writers with If-None-Match: * one wins', async () => {
    const writes = Array.from({ length: 10 }, (_, i) =>
      client.send(new PutObjectCommand({ Bucket, Key: 'race', Body: `${i}`, IfNoneMatch: '*' })),
    )
    const results = await Promise.allSettled(writes)
    assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1)
  })

  test('an identity does what its policy allows, and learns nothing of keys that are not there', async () => {
    const limited = new S3Client({
      endpoint: s3.url,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: reader,
    })
    await client.send(new PutObjectCommand({ Bucket, Key: 'seen', Body: 'x' }))
    assert.equal((await read('seen', limited)).toString(), 'x')
    await assert.rejects(read('absent', limited), code('AccessDenied', 403))
    const put = new PutObjectCommand({ Bucket, Key: 'seen', Body: 'y' })
    await assert.rejects(limited.send(put), code('AccessDenied', 403))
    await assert.rejects(limited.send(new ListObjectsV2Command({ Bucket })), code('AccessDenied', 403))
    limited.destroy()
  })

  test('keys are listed in UTF-8 order, page by page, with common prefixes', async () => {
    const keys = ['list/a/1', 'list/a/2', 'list/b', 'list/\u{10000}', 'list/\uffee', 'list/z/1']
    for (const Key of keys) await client.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(0) }))
    const seen: string[] = []
    let token: string | undefined
    do {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket,
          Prefix: 'list/',
          Delimiter: '/',
          MaxKeys: 1,
          ContinuationToken: token,
        }),
      )
      seen.push(...(page.Contents ?? []).map((one) => one.Key ?? ''))
      seen.push(...(page.CommonPrefixes ?? []).map((one) => one.Prefix ?? ''))
      token = page.NextContinuationToken
    } while (token)
    assert.deepEqual(seen, ['list/a/', 'list/b', 'list/z/', 'list/\uffee', 'list/\u{10000}'])
  })

  test('deleted objects are gone, and deleting what is not there succeeds', async () => {
    for (const Key of ['d1', 'd2', 'd3']) await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'd1' }))
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'd1' }))
    await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'd2' }, { Key: 'd3' }] } }),
    )
    for (const Key of ['d1', 'd2', 'd3']) await assert.rejects(read(Key), code('NoSuchKey', 404))
  })

  test('a preflight is answered from the bucket’s CORS configuration', async () => {
    const preflight = (origin: string) =>
      fetch(`${s3.url}/${Bucket}/x`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'content-type',
        },
      })
    assert.equal((await preflight('https://app.example')).status, 403)
    const rule = { AllowedOrigins: ['https://app.example'], AllowedMethods: ['PUT'], AllowedHeaders: ['*'] }
    await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [rule] } }))
    const allowed = await preflight('https://app.example')
    assert.equal(allowed.status, 200)
    assert.equal(allowed.headers.get('access-control-allow-origin'), 'https://app.example')
    assert.equal((await preflight('https://other.example')).status, 403)
  })

  test('a subresource that is not served is NotImplemented, never a plain read', async () => {
    const { GetObjectTaggingCommand } = await import('@aws-sdk/client-s3')
    const tagging = client.send(new GetObjectTaggingCommand({ Bucket, Key: 'stream' }))
    await assert.rejects(tagging, code('NotImplemented', 501))
  })

  test('objects outlive a restart, and leftovers of interrupted writes do not', async () => {
    const { readdir, writeFile } = await import('node:fs/promises')
    await client.send(new PutObjectCommand({ Bucket, Key: 'durable', Body: 'still here' }))
    await assert.rejects(startLocalS3({ directory, identities: [] }), /in use by another process/)
    await s3.close()
    await writeFile(join(directory, 'blobs', '00', 'leftover'), 'torn')
    s3 = await startLocalS3({ directory, identities: [credentials], port: s3.port })
    assert.equal((await read('durable')).toString(), 'still here')
    assert.ok(!(await readdir(join(directory, 'blobs', '00'))).includes('leftover'))
  })
})
