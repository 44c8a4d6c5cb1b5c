import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import type { PolicyDocument } from '../index.ts'
import { Bucket, refusal, startTestServer, type TestServer } from '../testing/server.ts'

const allow = (
  Action: string | string[],
  Resource: string | string[] = `arn:aws:s3:::${Bucket}/*`,
  more = {},
) => ({ Effect: 'Allow', Action, Resource, ...more }) as const
const policy = (...Statement: Extract<PolicyDocument['Statement'], unknown[]>): PolicyDocument => ({
  Version: '2012-10-17',
  Statement,
})

const policies = {
  /** What Tintype's kind of app needs, and nothing else. */
  least: policy(allow(['s3:PutObject', 's3:GetObject', 's3:DeleteObject'])),
  reader: policy(allow('s3:GetObject'), allow('s3:ListBucket', `arn:aws:s3:::${Bucket}`)),
  writer: policy(allow('s3:PutObject')),
  aborter: policy(allow(['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'])),
  wild: policy(allow('s3:*Object', `arn:aws:s3:::${Bucket}/pub?/*`)),
  denied: policy(allow('s3:*', '*'), {
    Effect: 'Deny',
    Action: 's3:DeleteObject',
    Resource: `arn:aws:s3:::${Bucket}/keep/*`,
  }),
  home: policy(allow('s3:*', `arn:aws:s3:::${Bucket}/home/\${aws:username}/*`)),
  prefixed: policy(
    allow('s3:ListBucket', `arn:aws:s3:::${Bucket}`, {
      Condition: { StringLike: { 's3:prefix': 'mine/*' } },
    }),
  ),
  far: policy(allow('s3:*', '*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })),
  near: policy(allow('s3:GetObject', '*', { Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } } })),
  strange: policy(allow('s3:*', '*', { Condition: { NoSuchOperator: { 'aws:SourceIp': '127.0.0.1' } } })),
  once: policy(
    allow('s3:PutObject', undefined, { Condition: { StringEquals: { 's3:if-none-match': '*' } } }),
  ),
  nothing: policy(),
}

describe('authorisation by policies', () => {
  let s3: TestServer
  const as = {} as Record<keyof typeof policies, S3Client>
  before(async () => {
    const { strange, nothing, ...plain } = policies
    s3 = await startTestServer({ policies: plain, buckets: [Bucket, 'other'] })
    for (const name of Object.keys(plain) as (keyof typeof plain)[]) as[name] = s3.as(name)
    for (const Key of ['a', 'pub1/a', 'keep/a', 'home/home/a', 'mine/a']) {
      await s3.client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
    }
  })
  after(() => s3.close())

  const denied = refusal('AccessDenied', 403)
  const get = (client: S3Client, Key = 'a') => client.send(new GetObjectCommand({ Bucket, Key }))
  const put = (client: S3Client, Key: string, more = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more }))

  test('the least-privilege policy puts, gets and deletes, and does nothing else', async () => {
    await put(as.least, 'least')
    await get(as.least, 'least')
    await as.least.send(new DeleteObjectCommand({ Bucket, Key: 'least' }))
    await assert.rejects(as.least.send(new ListObjectsV2Command({ Bucket })), denied)
    await assert.rejects(as.least.send(new ListBucketsCommand()), denied)
    await assert.rejects(as.least.send(new CreateBucketCommand({ Bucket: 'mine' })), denied)
    await assert.rejects(as.least.send(new HeadBucketCommand({ Bucket })), refusal('Unknown', 403))
    await assert.rejects(as.least.send(new GetObjectCommand({ Bucket: 'other', Key: 'a' })), denied)
  })

  test('a key that is not there is 403 without s3:ListBucket and 404 with it', async () => {
    await assert.rejects(get(as.least, 'absent'), denied)
    await assert.rejects(
      as.least.send(new HeadObjectCommand({ Bucket, Key: 'absent' })),
      refusal('Unknown', 403),
    )
    await assert.rejects(get(as.reader, 'absent'), refusal('NoSuchKey', 404))
    await assert.rejects(
      as.reader.send(new HeadObjectCommand({ Bucket, Key: 'absent' })),
      refusal('NotFound', 404),
    )
  })

  test('HeadObject is s3:GetObject; attributes have an action of their own', async () => {
    await assert.rejects(as.writer.send(new HeadObjectCommand({ Bucket, Key: 'a' })), refusal('Unknown', 403))
    await as.reader.send(new HeadObjectCommand({ Bucket, Key: 'a' }))
    const attributes = new GetObjectAttributesCommand({ Bucket, Key: 'a', ObjectAttributes: ['ETag'] })
    await assert.rejects(as.reader.send(attributes), denied)
  })

  test('multipart: writing is s3:PutObject; abort, ListParts and ListMultipartUploads have actions of their own', async () => {
    const start = async (client: S3Client) => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'multi' }))
      const target = { Bucket, Key: 'multi', UploadId }
      const { ETag, ChecksumCRC32 } = await client.send(
        new UploadPartCommand({ ...target, PartNumber: 1, Body: 'x' }),
      )
      return { target, MultipartUpload: { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32 }] } }
    }
    await assert.rejects(start(as.reader), denied)
    const { target, MultipartUpload } = await start(as.writer)
    await assert.rejects(as.writer.send(new ListPartsCommand(target)), denied)
    await assert.rejects(as.writer.send(new AbortMultipartUploadCommand(target)), denied)
    await assert.rejects(as.aborter.send(new ListMultipartUploadsCommand({ Bucket })), denied)
    await as.writer.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload }))
    const other = await start(as.aborter)
    await as.aborter.send(new ListPartsCommand(other.target))
    await as.aborter.send(new AbortMultipartUploadCommand(other.target))
  })

  test('a copy needs s3:GetObject on its source, part by part too', async () => {
    const CopySource = `${Bucket}/a`
    await assert.rejects(as.writer.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource })), denied)
    await as.least.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }))
    await assert.rejects(
      as.least.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/absent` })),
      denied,
    )
    const { UploadId } = await as.writer.send(new CreateMultipartUploadCommand({ Bucket, Key: 'copy' }))
    const part = { Bucket, Key: 'copy', UploadId, PartNumber: 1, CopySource }
    await assert.rejects(as.writer.send(new UploadPartCopyCommand(part)), denied)
    await as.least.send(new UploadPartCopyCommand(part))
  })

  test('replacing with If-Match tells of the object, so it needs s3:GetObject', async () => {
    const { ETag } = await get(as.least)
    await assert.rejects(put(as.writer, 'a', { IfMatch: ETag }), denied)
    await put(as.least, 'a', { IfMatch: ETag })
  })

  test('DeleteObjects is decided key by key', async () => {
    await put(as.denied, 'keep/b')
    await put(as.denied, 'toss')
    const Objects = [{ Key: 'keep/b' }, { Key: 'toss' }]
    const { Deleted, Errors } = await as.denied.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects } }),
    )
    assert.deepEqual(
      Deleted?.map(({ Key }) => Key),
      ['toss'],
    )
    assert.deepEqual(
      Errors?.map(({ Key, Code }) => [Key, Code]),
      [['keep/b', 'AccessDenied']],
    )
    await get(as.denied, 'keep/b')
  })

  test('an explicit Deny outweighs any Allow', async () => {
    await assert.rejects(as.denied.send(new DeleteObjectCommand({ Bucket, Key: 'keep/a' })), denied)
    await get(as.denied, 'keep/a')
  })

  test('wildcards in actions and resources', async () => {
    await get(as.wild, 'pub1/a')
    await put(as.wild, 'pub2/x/y')
    await assert.rejects(get(as.wild, 'pub10/a'), denied)
    await assert.rejects(get(as.wild, 'a'), denied)
  })

  test('policy variables stand for the identity', async () => {
    await get(as.home, 'home/home/a')
    await assert.rejects(get(as.home, 'home/other/a'), denied)
  })

  test('conditions on the prefix, the address and the header of a request', async () => {
    await as.prefixed.send(new ListObjectsV2Command({ Bucket, Prefix: 'mine/' }))
    await assert.rejects(as.prefixed.send(new ListObjectsV2Command({ Bucket, Prefix: 'yours/' })), denied)
    await assert.rejects(as.prefixed.send(new ListObjectsV2Command({ Bucket })), denied)
    await assert.rejects(get(as.far), denied)
    await get(as.near)
    await assert.rejects(put(as.once, 'once'), denied)
    await put(as.once, 'once', { IfNoneMatch: '*' })
  })

  test('a policy that is not understood is refused when the server starts', async () => {
    await assert.rejects(startTestServer({ policies: { strange: policies.strange } }), {
      name: 'PolicyError',
    })
    const wrong = { Version: '2012-10-17', Statement: [{ Effect: 'Permit' }] } as unknown as PolicyDocument
    await assert.rejects(startTestServer({ policies: { wrong } }), { name: 'PolicyError' })
  })

  test('the version has actions of its own', async () => {
    const versioned = new GetObjectCommand({ Bucket, Key: 'a', VersionId: 'null' })
    await assert.rejects(as.reader.send(versioned), denied)
  })
})
