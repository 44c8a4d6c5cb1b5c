import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import {
  type ChecksumType,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type ChecksumAlgorithm as SdkAlgorithm,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { checksumAlgorithms, checksumHeader, compositeChecksum, createChecksum } from '../checksum/index.ts'
import { Bucket, refusal, startTestServer, type TestServer } from '../testing/server.ts'
import { chunked } from '../testing/sign.ts'

const MiB = 2 ** 20

describe('checksums', () => {
  let s3: TestServer
  before(async () => {
    s3 = await startTestServer()
  })
  after(() => s3.close())

  const digest = (algorithm: SdkAlgorithm, data: Buffer | string) => {
    const sum = createChecksum(algorithm as (typeof checksumAlgorithms)[number])
    sum.update(Buffer.from(data))
    return sum.digest()
  }
  const field = (algorithm: SdkAlgorithm) => `Checksum${algorithm}` as 'ChecksumCRC32'
  const put = (
    path: string,
    headers: Record<string, string>,
    body: Buffer | string,
    payloadHash = 'UNSIGNED-PAYLOAD',
  ) =>
    s3.signed(
      {
        method: 'PUT',
        path: `/${Bucket}/${path}`,
        headers,
        body,
      },
      payloadHash,
    )
  const absent = (Key: string) =>
    assert.rejects(s3.client.send(new GetObjectCommand({ Bucket, Key })), refusal('NoSuchKey', 404))

  for (const algorithm of checksumAlgorithms) {
    const header = checksumHeader(algorithm)
    const right = digest(algorithm, 'data').toString('base64')
    const wrong = digest(algorithm, 'other').toString('base64')

    test(`${algorithm} in a header is verified, kept and given back to those who ask`, async () => {
      assert.equal((await put(algorithm, { [header]: wrong }, 'data')).code, 'BadDigest')
      await absent(algorithm)
      assert.equal((await put(algorithm, { [header]: 'bad' }, 'data')).code, 'InvalidRequest')
      const stored = await put(algorithm, { [header]: right }, 'data')
      assert.deepEqual(
        [stored.status, stored.headers[header], stored.headers['x-amz-checksum-type']],
        [200, right, 'FULL_OBJECT'],
      )
      const ask = (more = {}) => s3.client.send(new HeadObjectCommand({ Bucket, Key: algorithm, ...more }))
      const head = await ask({ ChecksumMode: 'ENABLED' })
      assert.deepEqual([head[field(algorithm)], head.ChecksumType], [right, 'FULL_OBJECT'])
      const path = `/${Bucket}/${algorithm}`
      assert.equal((await s3.signed({ path })).headers[header], undefined)
      const ranged = { 'x-amz-checksum-mode': 'ENABLED', range: 'bytes=0-1' }
      assert.equal((await s3.signed({ path, headers: ranged })).headers[header], undefined)
    })

    test(`${algorithm} in a trailer is verified`, async () => {
      const trailing = (value: string, name: string = header) =>
        put(
          `trailing/${algorithm}`,
          { 'x-amz-trailer': header, 'x-amz-decoded-content-length': '4' },
          chunked([Buffer.from('da'), Buffer.from('ta')], `${name}:${value}`),
          'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        )
      assert.equal((await trailing(wrong)).code, 'BadDigest')
      assert.equal((await trailing(right, 'x-amz-checksum-other')).code, 'MalformedTrailerError')
      await absent(`trailing/${algorithm}`)
      assert.equal((await trailing(right)).status, 200)
    })

    test(`${algorithm} is what the SDK may be told to send`, async () => {
      const Key = `sdk/${algorithm}`
      const stored = await s3.client.send(
        new PutObjectCommand({ Bucket, Key, Body: 'data', ChecksumAlgorithm: algorithm }),
      )
      assert.equal(stored[field(algorithm)], right)
    })
  }

  test('a trailer that was announced has to come, and one that was not must not', async () => {
    const header = checksumHeader('CRC32')
    const length = { 'x-amz-decoded-content-length': '4' }
    const kind = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
    const body = chunked([Buffer.from('data')])
    assert.equal(
      (await put('t', { ...length, 'x-amz-trailer': header }, body, kind)).code,
      'MalformedTrailerError',
    )
    const unannounced = chunked(
      [Buffer.from('data')],
      `${header}:${digest('CRC32', 'data').toString('base64')}`,
    )
    assert.equal((await put('t', length, unannounced, kind)).code, 'MalformedTrailerError')
    assert.equal(
      (await put('t', { ...length, 'x-amz-trailer': 'x-other' }, body, kind)).code,
      'InvalidRequest',
    )
    await absent('t')
  })

  test('one checksum at a time, of an algorithm that exists', async () => {
    const sum = (algorithm: 'CRC32' | 'SHA1') => ({
      [checksumHeader(algorithm)]: digest(algorithm, 'data').toString('base64'),
    })
    assert.equal((await put('c', { ...sum('CRC32'), ...sum('SHA1') }, 'data')).code, 'InvalidRequest')
    assert.equal((await put('c', { 'x-amz-sdk-checksum-algorithm': 'MD4' }, 'data')).code, 'InvalidRequest')
    assert.equal((await put('c', { 'x-amz-sdk-checksum-algorithm': 'CRC32' }, 'data')).code, 'InvalidRequest')
    await absent('c')
  })

  test('Content-MD5 and the signed SHA-256 are verified', async () => {
    const md5 = (data: string) => createHash('md5').update(data).digest('base64')
    assert.equal((await put('d', { 'content-md5': md5('other') }, 'data')).code, 'BadDigest')
    assert.equal((await put('d', { 'content-md5': 'bad' }, 'data')).code, 'InvalidDigest')
    const other = createHash('sha256').update('other').digest('hex')
    assert.equal((await put('d', {}, 'data', other)).code, 'XAmzContentSHA256Mismatch')
    await absent('d')
    const own = createHash('sha256').update('data').digest('hex')
    assert.equal((await put('d', { 'content-md5': md5('data') }, 'data', own)).status, 200)
  })

  test('a checksum in a presigned query is verified: the SDK signs that of an empty body unless told not to', async () => {
    const command = () => new PutObjectCommand({ Bucket, Key: 'trap' })
    const url = await getSignedUrl(s3.client, command())
    assert.match(url, /x-amz-checksum-crc32=AAAAAA%3D%3D/)
    const refused = await fetch(url, { method: 'PUT', body: 'data' })
    assert.equal(refused.status, 400)
    assert.match(await refused.text(), /<Code>BadDigest</)
    await absent('trap')
    assert.equal((await fetch(url, { method: 'PUT', body: '' })).status, 200)
    const good = await getSignedUrl(s3.plain, command())
    assert.equal((await fetch(good, { method: 'PUT', body: 'data' })).status, 200)
  })

  const uploads: [SdkAlgorithm, ChecksumType][] = [
    ['CRC32', 'FULL_OBJECT'],
    ['CRC32', 'COMPOSITE'],
    ['CRC32C', 'FULL_OBJECT'],
    ['CRC32C', 'COMPOSITE'],
    ['CRC64NVME', 'FULL_OBJECT'],
    ['SHA1', 'COMPOSITE'],
    ['SHA256', 'COMPOSITE'],
  ]
  for (const [algorithm, type] of uploads) {
    test(`a multipart upload with ${algorithm} ${type}`, async () => {
      const Key = `multipart/${algorithm}/${type}`
      const { UploadId, ChecksumType } = await s3.client.send(
        new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: algorithm, ChecksumType: type }),
      )
      assert.equal(ChecksumType, type)
      const bodies = [Buffer.alloc(5 * MiB, 'a'), Buffer.from('tail')]
      const Parts: CompletedPart[] = []
      for (const [i, Body] of bodies.entries()) {
        const PartNumber = i + 1
        const part = await s3.client.send(
          new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm: algorithm }),
        )
        assert.equal(part[field(algorithm)], digest(algorithm, Body).toString('base64'))
        Parts.push({ PartNumber, ETag: part.ETag, [field(algorithm)]: part[field(algorithm)] })
      }
      const complete = (more = {}) =>
        s3.client.send(
          new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }),
        )
      const whole = Buffer.concat(bodies)
      const expected =
        type === 'FULL_OBJECT'
          ? digest(algorithm, whole).toString('base64')
          : compositeChecksum(
              algorithm as 'CRC32',
              bodies.map((body) => digest(algorithm, body)),
            )
      const wrong = { [field(algorithm)]: digest(algorithm, 'other').toString('base64') }
      await assert.rejects(complete(wrong), refusal('BadDigest', 400))
      const otherType = type === 'COMPOSITE' ? 'FULL_OBJECT' : 'COMPOSITE'
      await assert.rejects(complete({ ChecksumType: otherType }), refusal('InvalidRequest', 400))
      const done = await complete({ [field(algorithm)]: expected, ChecksumType: type })
      assert.deepEqual([done[field(algorithm)], done.ChecksumType], [expected, type])
      const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }))
      assert.deepEqual([head[field(algorithm)], head.ChecksumType], [expected, type])
      const part = await s3.client.send(
        new GetObjectCommand({ Bucket, Key, PartNumber: 2, ChecksumMode: 'ENABLED' }),
      )
      assert.equal(part[field(algorithm)], digest(algorithm, 'tail').toString('base64'))
      assert.equal(await part.Body?.transformToString(), 'tail')
    })
  }

  test('an algorithm has the types that S3 gives it, and no others', async () => {
    const create = (ChecksumAlgorithm: SdkAlgorithm | undefined, type?: ChecksumType) =>
      s3.plain.send(
        new CreateMultipartUploadCommand({ Bucket, Key: 'types', ChecksumAlgorithm, ChecksumType: type }),
      )
    await assert.rejects(create('CRC64NVME', 'COMPOSITE'), refusal('InvalidRequest', 400))
    await assert.rejects(create('SHA1', 'FULL_OBJECT'), refusal('InvalidRequest', 400))
    await assert.rejects(create('SHA256', 'FULL_OBJECT'), refusal('InvalidRequest', 400))
    await assert.rejects(create(undefined, 'FULL_OBJECT'), refusal('InvalidRequest', 400))
    assert.equal((await create('CRC64NVME')).ChecksumType, 'FULL_OBJECT')
    assert.equal((await create('CRC32')).ChecksumType, 'COMPOSITE')
  })

  test('a part has the checksum of its upload, and a composite wants each of them named', async () => {
    const Key = 'mixed'
    const { UploadId } = await s3.client.send(
      new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'SHA256' }),
    )
    const part = { Bucket, Key, UploadId, PartNumber: 1, Body: 'x' }
    await assert.rejects(
      s3.client.send(new UploadPartCommand({ ...part, ChecksumAlgorithm: 'CRC32' })),
      refusal('InvalidRequest', 400),
    )
    const { ETag, ChecksumSHA256 } = await s3.plain.send(new UploadPartCommand(part))
    assert.equal(ChecksumSHA256, digest('SHA256', 'x').toString('base64'))
    const complete = (one: CompletedPart) =>
      s3.client.send(
        new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: [one] } }),
      )
    await assert.rejects(complete({ PartNumber: 1, ETag }), refusal('InvalidRequest', 400))
    await complete({ PartNumber: 1, ETag, ChecksumSHA256 })
  })

  test('an upload without a checksum gets a full one, combined of its parts', async () => {
    const Key = 'unasked'
    const { UploadId } = await s3.plain.send(new CreateMultipartUploadCommand({ Bucket, Key }))
    const bodies = [Buffer.alloc(5 * MiB, 'z'), Buffer.from('end')]
    const Parts: CompletedPart[] = []
    for (const [i, Body] of bodies.entries()) {
      const { ETag } = await s3.plain.send(
        new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: i + 1, Body }),
      )
      Parts.push({ PartNumber: i + 1, ETag })
    }
    const done = await s3.plain.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
    )
    assert.equal(done.ChecksumCRC32, digest('CRC32', Buffer.concat(bodies)).toString('base64'))
    assert.equal(done.ChecksumType, 'FULL_OBJECT')
  })
})
