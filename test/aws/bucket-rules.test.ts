import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  CreateBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { Media, UploadSession } from '@tintype/protocol'
import { deleted } from '../../packages/aws/src/check/needed.ts'
import { createSubject } from '../../packages/aws/src/check/subject.ts'
import { ifThere } from '../../packages/aws/src/clients.ts'
import { createBucket } from '../../packages/tintype/src/bucket/bucket.ts'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { begin, complete, send, sendParts, sha256 } from '../support/direct.ts'
import { startServer, type TestServer, upload } from '../support/server.ts'
import { type Account, freshAccount, motoUrl, region, skip } from './moto.ts'

const Bucket = 'encrypted-photos'
const kmsKeyId = 'arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555'
const video = { name: 'clip.mp4', type: 'video/mp4', sha256: undefined }

describe('a bucket whose objects are encrypted as each request says, on moto', { skip }, () => {
  let account: Account
  let server: TestServer
  before(async () => {
    account = await freshAccount()
    await account.aws.s3.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } }),
    )
    server = await startServer({
      S3_BUCKET: Bucket,
      S3_ENDPOINT: motoUrl ?? '',
      S3_SSE: 'aws:kms',
      S3_SSE_KMS_KEY_ID: kmsKeyId,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: account.admin.accessKeyId,
      AWS_SECRET_ACCESS_KEY: account.admin.secretAccessKey,
    })
  })
  after(async () => {
    await server?.stop()
    await account?.close()
  })

  /** Of every object that there is, but for those that the sweeper deletes meanwhile. */
  async function encryptions(): Promise<Set<string>> {
    const { Contents = [] } = await account.aws.s3.send(new ListObjectsV2Command({ Bucket }))
    assert.ok(Contents.length > 0)
    const heads = Contents.map(async ({ Key }) => {
      const head = await ifThere(account.aws.s3.send(new HeadObjectCommand({ Bucket, Key })))
      return head && `${head.ServerSideEncryption} ${head.SSEKMSKeyId}`
    })
    return new Set((await Promise.all(heads)).filter((one) => one !== undefined))
  }
  const expected = new Set([`aws:kms ${kmsKeyId}`])

  test('photos of forms, direct PUTs, parts and copies all are', async () => {
    const jpeg = await photo()
    assert.equal((await upload(server.url, { bytes: jpeg })).status, 201)
    assert.deepEqual(await encryptions(), expected)

    const small: UploadSession = await begin(server.url, jpeg)
    assert.ok(small.put)
    assert.equal((await send(small.put, jpeg)).status, 200)
    assert.deepEqual(await encryptions(), expected)
    assert.equal((await complete(server.url, small)).status, 201)
    assert.deepEqual(await encryptions(), expected)

    const mp4 = await largeVideo(16_900_000)
    const large = await begin(server.url, mp4, video)
    const parts = await sendParts(server.url, large, mp4)
    const made = await complete(server.url, large, parts)
    assert.equal(made.status, 201)
    assert.equal(((await made.json()) as Media).type, 'video/mp4')
    assert.deepEqual(await encryptions(), expected)
  })
})

describe('a bucket that keeps versions, on moto', { skip }, () => {
  test('hides what is deleted, and doctor says so', async () => {
    const account = await freshAccount()
    const { s3 } = account.aws
    const name = 'versioned-photos'
    const CreateBucketConfiguration = { LocationConstraint: region } as const
    await s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration }))
    const VersioningConfiguration = { Status: 'Enabled' as const }
    await s3.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }))
    const options = { name, region, endpoint: motoUrl ?? '', credentials: account.admin }

    const bucket = createBucket(options, { signReadTtl: 60, now: Date.now })
    const bytes = Buffer.from('bytes')
    await bucket.put('k', bytes, { type: 'image/png', sha256: sha256(bytes) })
    assert.equal((await bucket.head('k'))?.size, bytes.length)
    await bucket.delete('k')
    assert.equal(await bucket.head('k'), undefined)
    await bucket.delete('k')
    bucket.close()

    const subject = createSubject(options)
    await s3.send(new PutObjectCommand({ Bucket: name, Key: subject.probe(), Body: bytes }))
    const { verdict, detail, remedy } = await deleted(subject)
    assert.equal(verdict, 'warned')
    assert.match(`${detail} ${remedy}`, /keeps versions.*NoncurrentVersionExpiration/)
    subject.close()
    await account.close()
  })
})
