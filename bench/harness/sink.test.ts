import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { type ServerProcess, startServer } from './processes.ts'

let sink: ServerProcess
let s3: S3Client
before(async () => {
  sink = await startServer([fileURLToPath(new URL('./sink.ts', import.meta.url))], {})
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  s3 = new S3Client({ region: 'us-east-1', endpoint: sink.origin, forcePathStyle: true, credentials })
})
after(async () => {
  s3.destroy()
  await sink.stop()
})

const large = 6 * 1024 * 1024

test('small objects come back whole, with their metadata', async () => {
  const object = { Bucket: 'b', Key: 'small' }
  await s3.send(new PutObjectCommand({ ...object, Body: 'some text', Metadata: { colour: 'blue' } }))
  const { Body, Metadata } = await s3.send(new GetObjectCommand(object))
  assert.equal(await Body?.transformToString(), 'some text')
  assert.deepEqual(Metadata, { colour: 'blue' })
})

test('objects in parts have the size of all parts and the first one as their beginning', async () => {
  const object = { Bucket: 'b', Key: 'large' }
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object))
  for (const PartNumber of [1, 2]) {
    const Body = Buffer.alloc(large, `part ${PartNumber}`)
    await s3.send(new UploadPartCommand({ ...object, UploadId, PartNumber, Body }))
  }
  const { Parts = [] } = await s3.send(new ListPartsCommand({ ...object, UploadId }))
  assert.deepEqual(
    Parts.map(({ PartNumber, Size }) => [PartNumber, Size]),
    [
      [1, large],
      [2, large],
    ],
  )
  await s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }))
  const { ContentLength } = await s3.send(new HeadObjectCommand(object))
  assert.equal(ContentLength, 2 * large)
  const { Body } = await s3.send(new GetObjectCommand({ ...object, Range: 'bytes=0-5' }))
  assert.equal(await Body?.transformToString(), 'part 1')
})

test('what was never written is absent', async () => {
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'other' })), { name: 'NoSuchKey' })
})
