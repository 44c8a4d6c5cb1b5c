import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { Bucket, refusal, startTestServer, type TestServer } from '../testing/server.ts'

describe('CopyObject', () => {
  let s3: TestServer
  const Key = "so +ü/r'ce"
  const CopySource = `${Bucket}/${encodeURIComponent(Key)}`

  before(async () => {
    s3 = await startTestServer({ buckets: [Bucket, 'other'] })
    const Metadata = { a: 'b' }
    await s3.client.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: 'data',
        ContentType: 'text/x',
        Metadata,
        ChecksumAlgorithm: 'SHA1',
      }),
    )
  })
  after(() => s3.close())

  test('takes bytes, content headers and metadata along, to another bucket too', async () => {
    const { CopyObjectResult } = await s3.client.send(
      new CopyObjectCommand({ Bucket: 'other', Key: 'copy', CopySource, Metadata: { ignored: 'x' } }),
    )
    const { Body, ContentType, Metadata, ETag } = await s3.client.send(
      new GetObjectCommand({ Bucket: 'other', Key: 'copy' }),
    )
    assert.equal(await Body?.transformToString(), 'data')
    assert.deepEqual([ContentType, Metadata], ['text/x', { a: 'b' }])
    assert.equal(CopyObjectResult?.ETag, ETag)
    assert.equal(CopyObjectResult?.ChecksumSHA1, createHash('sha1').update('data').digest('base64'))
  })

  test('REPLACE takes the headers of the request instead', async () => {
    const command = new CopyObjectCommand({
      Bucket,
      Key: 'replaced',
      CopySource: `/${CopySource}`,
      MetadataDirective: 'REPLACE',
      ContentType: 'text/y',
      Metadata: { c: 'd' },
    })
    await s3.client.send(command)
    const { ContentType, Metadata } = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'replaced' }))
    assert.deepEqual([ContentType, Metadata], ['text/y', { c: 'd' }])
  })

  test('a copy may have another checksum than its source', async () => {
    await s3.client.send(
      new CopyObjectCommand({ Bucket, Key: 'crc', CopySource, ChecksumAlgorithm: 'CRC32C' }),
    )
    const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'crc', ChecksumMode: 'ENABLED' }))
    assert.ok(head.ChecksumCRC32C)
    assert.equal(head.ChecksumSHA1, undefined)
  })

  test('a copy of parts has the checksum of the whole, if the source is still the one that was meant', async () => {
    const bytes = Buffer.alloc(5 * 2 ** 20 + 3, 'parts')
    const { UploadId } = await s3.client.send(
      new CreateMultipartUploadCommand({ Bucket, Key: 'parts', ChecksumAlgorithm: 'SHA256' }),
    )
    const Parts: CompletedPart[] = []
    for (const Body of [bytes.subarray(0, 5 * 2 ** 20), bytes.subarray(5 * 2 ** 20)]) {
      const PartNumber = Parts.length + 1
      const part = { Bucket, Key: 'parts', UploadId, PartNumber, Body, ChecksumAlgorithm: 'SHA256' as const }
      const { ETag, ChecksumSHA256 } = await s3.client.send(new UploadPartCommand(part))
      Parts.push({ PartNumber, ETag, ChecksumSHA256 })
    }
    const made = await s3.client.send(
      new CompleteMultipartUploadCommand({ Bucket, Key: 'parts', UploadId, MultipartUpload: { Parts } }),
    )
    assert.match(made.ChecksumSHA256 ?? '', /-2$/)

    const copy = { Bucket, Key: 'whole', CopySource: `${Bucket}/parts`, ChecksumAlgorithm: 'SHA256' as const }
    await assert.rejects(
      s3.client.send(new CopyObjectCommand({ ...copy, CopySourceIfMatch: '"another"' })),
      refusal('PreconditionFailed', 412),
    )
    const { CopyObjectResult } = await s3.client.send(
      new CopyObjectCommand({ ...copy, CopySourceIfMatch: made.ETag }),
    )
    assert.equal(CopyObjectResult?.ChecksumSHA256, createHash('sha256').update(bytes).digest('base64'))
    assert.equal(CopyObjectResult?.ChecksumType, 'FULL_OBJECT')
  })

  test('onto itself only with other metadata', async () => {
    await assert.rejects(
      s3.client.send(new CopyObjectCommand({ Bucket, Key, CopySource })),
      refusal('InvalidRequest', 400),
    )
    const Metadata = { now: 'this' }
    await s3.client.send(
      new CopyObjectCommand({
        Bucket,
        Key,
        CopySource,
        MetadataDirective: 'REPLACE',
        Metadata,
        ContentType: 'text/x',
      }),
    )
    const { Body, ...head } = await s3.client.send(new GetObjectCommand({ Bucket, Key }))
    assert.equal(await Body?.transformToString(), 'data')
    assert.deepEqual(head.Metadata, Metadata)
  })

  test('a source that is not there, or is no source at all', async () => {
    const copy = (source: string) =>
      s3.client.send(new CopyObjectCommand({ Bucket, Key: 'x', CopySource: source }))
    await assert.rejects(copy(`${Bucket}/absent`), refusal('NoSuchKey', 404))
    await assert.rejects(copy('no-such-bucket/a'), refusal('NoSuchBucket', 404))
    await assert.rejects(copy(`${CopySource}?versionId=abc`), refusal('NoSuchVersion', 404))
    await assert.rejects(copy('nonsense'), refusal('InvalidArgument', 400))
    await s3.client.send(
      new CopyObjectCommand({ Bucket, Key: 'x', CopySource: `${CopySource}?versionId=null` }),
    )
  })
})
