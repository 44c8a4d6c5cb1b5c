import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { Bucket, blobFiles, refusal, startTestServer, type TestServer } from '../testing/server.ts'

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

  const [first, second] = [Buffer.alloc(5 * 2 ** 20, 'first'), Buffer.from('second')]
  const bytes = Buffer.concat([first, second])

  async function uploadParts(key: string, sent: { PartNumber: number; Body: Buffer }[]) {
    const upload = { Bucket, Key: key, ChecksumAlgorithm: 'SHA256' as const }
    const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand(upload))
    const parts = new Map<number, CompletedPart>()
    for (const part of sent) {
      const { PartNumber } = part
      const { ETag, ChecksumSHA256 } = await s3.client.send(
        new UploadPartCommand({ ...upload, UploadId, ...part }),
      )
      parts.set(PartNumber, { PartNumber, ETag, ChecksumSHA256 })
    }
    const Parts = [...parts.values()].sort((a, b) => Number(a.PartNumber) - Number(b.PartNumber))
    const complete = { Bucket, Key: key, UploadId, MultipartUpload: { Parts } }
    return s3.client.send(new CompleteMultipartUploadCommand(complete))
  }

  for (const [how, order] of Object.entries({
    'in their order': [1, 2],
    'the last one first': [2, 1],
    'one of them twice': [1, 1, 2],
  })) {
    test(`a copy of parts that came ${how} has digests of the whole, and is an object in one piece`, async () => {
      const bodies = [first, second]
      const sent = order.map((PartNumber) => ({ PartNumber, Body: bodies[PartNumber - 1] as Buffer }))
      const made = await uploadParts('parts', sent)
      assert.match(made.ChecksumSHA256 ?? '', /-2$/)

      const copy = {
        Bucket,
        Key: 'whole',
        CopySource: `${Bucket}/parts`,
        ChecksumAlgorithm: 'SHA256' as const,
      }
      await assert.rejects(
        s3.client.send(new CopyObjectCommand({ ...copy, CopySourceIfMatch: '"another"' })),
        refusal('PreconditionFailed', 412),
      )
      const { CopyObjectResult } = await s3.client.send(
        new CopyObjectCommand({ ...copy, CopySourceIfMatch: made.ETag }),
      )
      assert.equal(CopyObjectResult?.ChecksumSHA256, createHash('sha256').update(bytes).digest('base64'))
      assert.equal(CopyObjectResult?.ChecksumType, 'FULL_OBJECT')
      assert.equal(CopyObjectResult?.ETag, `"${createHash('md5').update(bytes).digest('hex')}"`)
      const attributes = await s3.client.send(
        new GetObjectAttributesCommand({
          Bucket,
          Key: 'whole',
          ObjectAttributes: ['ObjectParts', 'ObjectSize'],
        }),
      )
      assert.deepEqual([attributes.ObjectParts, attributes.ObjectSize], [undefined, bytes.length])
    })
  }

  test('a part that is replaced after it was digested counts as what it is now', async () => {
    await uploadParts('parts', [
      { PartNumber: 1, Body: Buffer.alloc(5 * 2 ** 20, 'other') },
      { PartNumber: 2, Body: second },
      { PartNumber: 1, Body: first },
    ])
    const { CopyObjectResult } = await s3.client.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'whole',
        CopySource: `${Bucket}/parts`,
        ChecksumAlgorithm: 'SHA256',
      }),
    )
    assert.equal(CopyObjectResult?.ChecksumSHA256, createHash('sha256').update(bytes).digest('base64'))
  })

  test('copies outlive their source and each other; with the last one the bytes go', async () => {
    const before = (await blobFiles(s3.directory)).length
    await uploadParts('from', [
      { PartNumber: 1, Body: first },
      { PartNumber: 2, Body: second },
    ])
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'plain', Body: second }))
    const copies = [
      ['from', 'a'],
      ['a', 'b'],
      ['plain', 'c'],
    ]
    for (const [from, to] of copies) {
      await s3.client.send(new CopyObjectCommand({ Bucket, Key: to, CopySource: `${Bucket}/${from}` }))
    }
    assert.equal((await blobFiles(s3.directory)).length, before + 3)
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'from' }))
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: '' }))
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'plain' }))
    await s3.restart()
    for (const [key, expected] of [['b', bytes] as const, ['c', second] as const]) {
      const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key: key }))
      assert.ok(expected.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0)))
      await s3.client.send(new DeleteObjectCommand({ Bucket, Key: key }))
    }
    assert.equal((await blobFiles(s3.directory)).length, before)
  })

  test('a source that goes while it is copied leaves a whole copy or none', async () => {
    const before = (await blobFiles(s3.directory)).length
    await uploadParts('going', [
      { PartNumber: 1, Body: first },
      { PartNumber: 2, Body: second },
    ])
    // SHA-1 has to be computed: the copy is under way while its source goes.
    const copy = new CopyObjectCommand({
      Bucket,
      Key: 'late',
      CopySource: `${Bucket}/going`,
      ChecksumAlgorithm: 'SHA1',
    })
    const [copied] = await Promise.allSettled([
      s3.client.send(copy),
      s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'going' })),
    ])
    if (copied.status === 'fulfilled') {
      const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'late' }))
      assert.ok(bytes.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0)))
      await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'late' }))
    } else {
      refusal('NoSuchKey', 404)(copied.reason)
    }
    assert.equal((await blobFiles(s3.directory)).length, before)
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
