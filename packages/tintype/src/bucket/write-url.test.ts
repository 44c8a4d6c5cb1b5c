import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { PutObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createQuerySigner } from './sign.ts'
import { createWriteUrls } from './write-url.ts'

const credentials = { accessKeyId: 'AKIA/1', secretAccessKey: 'secret', sessionToken: 't+/=' }
const Key = 'media/nEc1/upload.bin'
const now = Date.UTC(2026, 10, 21, 9, 30)
const sha256 = createHash('sha256').update('hello').digest()
const terms = { size: 5, sha256: sha256.toString('hex'), seconds: 900 }

for (const endpoint of ['http://localhost:9000/s3', undefined]) {
  const signer = createQuerySigner({
    bucket: 'photos',
    region: 'eu-west-1',
    endpoint,
    credentials: async () => credentials,
  })
  const urls = createWriteUrls(signer, { now: () => now })
  const client = new S3Client({
    region: 'eu-west-1',
    credentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
  })
  const sdk = (command: PutObjectCommand | UploadPartCommand, signed: string[]) =>
    getSignedUrl(client, command as PutObjectCommand, {
      expiresIn: 900,
      signingDate: new Date(now),
      signableHeaders: new Set(signed),
      unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
    })

  test(`URLs to write to are what the SDK's presigner makes, on ${endpoint ?? 'AWS'}`, async () => {
    const common = {
      Bucket: 'photos',
      Key,
      ContentLength: 5,
      ChecksumSHA256: sha256.toString('base64'),
    }
    const put = await urls.putUrl(Key, { ...terms, type: 'video/mp4' })
    const theirPut = new PutObjectCommand({ ...common, ContentType: 'video/mp4', IfNoneMatch: '*' })
    assert.deepEqual(parametersOf(put.url), parametersOf(await sdk(theirPut, ['content-type'])))

    const part = await urls.partUrl(Key, 'a+b/c', { ...terms, number: 7 })
    const theirPart = new UploadPartCommand({ ...common, UploadId: 'a+b/c', PartNumber: 7 })
    assert.deepEqual(parametersOf(part.url), parametersOf(await sdk(theirPart, [])))
  })

  test(`every header that matters is signed, on ${endpoint ?? 'AWS'}`, async () => {
    const put = await urls.putUrl(Key, { ...terms, type: 'video/mp4' })
    assert.equal(
      new URL(put.url).searchParams.get('X-Amz-SignedHeaders'),
      'content-length;content-type;host;if-none-match;x-amz-checksum-sha256',
    )
    assert.deepEqual(Object.keys(put.headers).sort(), [
      'content-type',
      'if-none-match',
      'x-amz-checksum-sha256',
    ])
    const part = await urls.partUrl(Key, 'id', { ...terms, number: 1 })
    assert.equal(
      new URL(part.url).searchParams.get('X-Amz-SignedHeaders'),
      'content-length;host;x-amz-checksum-sha256',
    )
    assert.deepEqual(Object.keys(part.headers), ['x-amz-checksum-sha256'])
  })
}

function parametersOf(text: string) {
  const url = new URL(text)
  return [url.origin, url.pathname, ...url.search.slice(1).split('&').sort()]
}
