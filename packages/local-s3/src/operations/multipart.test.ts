import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { Bucket, refusal, startTestServer, type TestServer } from '../testing/server.ts'

const MiB = 2 ** 20

describe('multipart uploads', () => {
  let s3: TestServer
  before(async () => {
    s3 = await startTestServer()
  })
  after(() => s3.close())

  const create = async (Key: string, more = {}) => {
    const { UploadId = '' } = await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }))
    return UploadId
  }
  const upload = async (
    Key: string,
    UploadId: string,
    PartNumber: number,
    Body: Buffer | string,
  ): Promise<CompletedPart> => {
    const { ETag, ChecksumCRC32 } = await s3.client.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }),
    )
    return { PartNumber, ETag, ChecksumCRC32 }
  }
  const complete = (Key: string, UploadId: string, Parts: CompletedPart[], more = {}) =>
    s3.client.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }),
    )
  const read = async (Key: string, more = {}) => {
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key, ...more }))
    return Buffer.from((await Body?.transformToByteArray()) ?? [])
  }
  const countBlobs = async () => {
    const folders = await readdir(`${s3.directory}/blobs`)
    const files = await Promise.all(folders.map((folder) => readdir(`${s3.directory}/blobs/${folder}`)))
    return files.flat().length
  }

  test('parts become one object, whose ETag is made of theirs', async () => {
    const bodies = [Buffer.alloc(5 * MiB, 'a'), Buffer.alloc(5 * MiB, 'b'), Buffer.from('tail')]
    const headers = { ContentType: 'text/x', Metadata: { a: 'b' } }
    const id = await create('whole', { ...headers, ChecksumAlgorithm: 'CRC32' })
    const parts = await Promise.all(bodies.map((body, i) => upload('whole', id, i + 1, body)))
    await assert.rejects(read('whole'), refusal('NoSuchKey', 404))
    const blobs = await countBlobs()
    const { ETag, Location } = await complete('whole', id, parts)
    assert.equal(await countBlobs(), blobs, 'copied nothing')
    const md5 = (data: Buffer) => createHash('md5').update(data).digest()
    assert.equal(ETag, `"${md5(Buffer.concat(bodies.map(md5))).toString('hex')}-3"`)
    assert.equal(Location, `${s3.url}/${Bucket}/whole`)
    assert.ok((await read('whole')).equals(Buffer.concat(bodies)))
    const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'whole' }))
    assert.deepEqual(
      [head.ContentType, head.Metadata, head.ContentLength],
      ['text/x', { a: 'b' }, 10 * MiB + 4],
    )
  })

  test('ranges go across parts, and a part can be read by its number', async () => {
    assert.equal((await read('whole', { Range: `bytes=${5 * MiB - 2}-${5 * MiB + 1}` })).toString(), 'aabb')
    assert.equal((await read('whole', { Range: 'bytes=-6' })).toString(), 'bbtail')
    const part = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'whole', PartNumber: 3 }))
    assert.equal(await part.Body?.transformToString(), 'tail')
    assert.deepEqual([part.PartsCount, part.ContentLength, part.$metadata.httpStatusCode], [3, 4, 206])
    assert.equal(part.ContentRange, `bytes ${10 * MiB}-${10 * MiB + 3}/${10 * MiB + 4}`)
    const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'whole', PartNumber: 1 }))
    assert.deepEqual([head.PartsCount, head.ContentLength], [3, 5 * MiB])
    await assert.rejects(read('whole', { PartNumber: 4 }), refusal('InvalidPartNumber', 416))
    await assert.rejects(read('whole', { PartNumber: 1, Range: 'bytes=0-1' }), refusal('InvalidRequest', 400))
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'single', Body: 'x' }))
    assert.equal((await read('single', { PartNumber: 1 })).toString(), 'x')
    await assert.rejects(read('single', { PartNumber: 2 }), refusal('InvalidPartNumber', 416))
  })

  test('GetObjectAttributes tells the parts, page by page', async () => {
    const attributes = (more = {}) =>
      s3.client.send(
        new GetObjectAttributesCommand({
          Bucket,
          Key: 'whole',
          ObjectAttributes: ['ObjectParts', 'Checksum'],
          ...more,
        }),
      )
    const { ObjectParts, Checksum } = await attributes({ MaxParts: 2 })
    assert.equal(Checksum?.ChecksumType, 'COMPOSITE')
    assert.deepEqual([ObjectParts?.TotalPartsCount, ObjectParts?.IsTruncated], [3, true])
    assert.deepEqual(
      ObjectParts?.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
      [
        [1, 5 * MiB],
        [2, 5 * MiB],
      ],
    )
    assert.ok(ObjectParts?.Parts?.every(({ ChecksumCRC32 }) => ChecksumCRC32))
    const { ObjectParts: rest } = await attributes({ PartNumberMarker: '2' })
    assert.deepEqual(
      rest?.Parts?.map(({ PartNumber }) => PartNumber),
      [3],
    )
  })

  test('completing can be repeated, as long as the object is there and the parts are the same', async () => {
    const id = await create('again')
    const part = await upload('again', id, 1, 'x')
    const first = await complete('again', id, [part])
    const second = await complete('again', id, [part])
    assert.deepEqual([second.ETag, second.ChecksumCRC32], [first.ETag, first.ChecksumCRC32])
    await assert.rejects(complete('again', id, [{ ...part, ETag: '"other"' }]), refusal('InvalidPart', 400))
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'again' }))
    await assert.rejects(complete('again', id, [part]), refusal('NoSuchUpload', 404))
  })

  test('a part that is sent again replaces the first, and parts that are not listed are dropped', async () => {
    const blobs = await countBlobs()
    const id = await create('choose')
    await upload('choose', id, 1, 'old')
    await upload('choose', id, 7, 'dropped')
    const kept = await upload('choose', id, 1, 'new')
    await complete('choose', id, [kept])
    assert.equal((await read('choose')).toString(), 'new')
    assert.equal(await countBlobs(), blobs + 1)
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'choose' }))
    assert.equal(await countBlobs(), blobs)
  })

  test('what cannot be completed stays, and can be aborted', async () => {
    const id = await create('bad')
    const one = await upload('bad', id, 1, 'small')
    const two = await upload('bad', id, 2, 'small')
    await assert.rejects(complete('bad', id, [{ ...one, ETag: '"wrong"' }]), refusal('InvalidPart', 400))
    await assert.rejects(complete('bad', id, [{ ...one, PartNumber: 3 }]), refusal('InvalidPart', 400))
    await assert.rejects(
      complete('bad', id, [{ ...one, ChecksumCRC32: 'AAAAAA==' }]),
      refusal('InvalidPart', 400),
    )
    await assert.rejects(complete('bad', id, [two, one]), refusal('InvalidPartOrder', 400))
    await assert.rejects(complete('bad', id, [one, one]), refusal('InvalidPartOrder', 400))
    await assert.rejects(complete('bad', id, [one, two]), refusal('EntityTooSmall', 400))
    await assert.rejects(complete('bad', id, []), refusal('MalformedXML', 400))
    await assert.rejects(complete('bad', id, [one], { MpuObjectSize: 6 }), refusal('InvalidRequest', 400))
    const path = `/${Bucket}/bad`
    const xml = await s3.signed({ method: 'POST', path, query: `uploadId=${id}`, body: '<Complete' })
    assert.equal(xml.code, 'MalformedXML')
    await s3.client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'bad', UploadId: id }))
    await assert.rejects(complete('bad', id, [one]), refusal('NoSuchUpload', 404))
    await assert.rejects(upload('bad', id, 1, 'x'), refusal('NoSuchUpload', 404))
    await assert.rejects(
      s3.client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'bad', UploadId: id })),
      refusal('NoSuchUpload', 404),
    )
  })

  test('part numbers go from 1 to 10,000, and an upload belongs to its key', async () => {
    const id = await create('numbers')
    for (const number of [0, 10_001]) {
      await assert.rejects(upload('numbers', id, number, 'x'), refusal('InvalidArgument', 400))
    }
    for (const number of ['0x1', '1e3', '%205', '1.0', '%2B1', '']) {
      const query = `partNumber=${number}&uploadId=${id}`
      const { code } = await s3.signed({ method: 'PUT', path: `/${Bucket}/numbers`, query, body: 'x' })
      assert.equal(code, 'InvalidArgument', number)
    }
    await upload('numbers', id, 10_000, 'x')
    await assert.rejects(upload('other-key', id, 1, 'x'), refusal('NoSuchUpload', 404))
    await assert.rejects(upload('numbers', 'no-such-id', 1, 'x'), refusal('NoSuchUpload', 404))
  })

  test('ListParts tells number, size, ETag and checksum, page by page', async () => {
    const id = await create('parts', { ChecksumAlgorithm: 'CRC32' })
    const sent: CompletedPart[] = []
    for (const number of [1, 3, 20]) sent.push(await upload('parts', id, number, 'x'.repeat(number)))
    const list = (more = {}) =>
      s3.client.send(new ListPartsCommand({ Bucket, Key: 'parts', UploadId: id, ...more }))
    const first = await list({ MaxParts: 2 })
    assert.deepEqual(
      first.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
      [
        [1, 1],
        [3, 3],
      ],
    )
    assert.deepEqual(
      [first.IsTruncated, first.NextPartNumberMarker, first.ChecksumAlgorithm],
      [true, '3', 'CRC32'],
    )
    const second = await list({ PartNumberMarker: '3' })
    assert.deepEqual(
      second.Parts?.map(({ PartNumber, ETag, ChecksumCRC32 }) => ({ PartNumber, ETag, ChecksumCRC32 })),
      sent.slice(2),
    )
    assert.equal(second.IsTruncated, false)
  })

  test('ListMultipartUploads lists by key and time, with prefix, delimiter and pages', async () => {
    const keys = ['list/a', 'list/a', 'list/b/1', 'list/b/2', 'list/c']
    const ids: string[] = []
    for (const key of keys) ids.push(await create(key))
    const list = (more = {}) =>
      s3.client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'list/', ...more }))
    const all = await list()
    assert.deepEqual(
      all.Uploads?.map(({ Key }) => Key),
      keys,
    )
    assert.deepEqual(all.Uploads?.map(({ UploadId }) => UploadId).toSorted(), ids.toSorted())
    const seen: (string | undefined)[] = []
    let page = await list({ MaxUploads: 1 })
    while (seen.length <= ids.length) {
      seen.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId))
      if (!page.IsTruncated) break
      page = await list({
        MaxUploads: 1,
        KeyMarker: page.NextKeyMarker,
        UploadIdMarker: page.NextUploadIdMarker,
      })
    }
    assert.deepEqual(
      seen,
      all.Uploads?.map(({ UploadId }) => UploadId),
    )
    const rolled = await list({ Delimiter: '/' })
    assert.deepEqual(
      rolled.Uploads?.map(({ Key }) => Key),
      ['list/a', 'list/a', 'list/c'],
    )
    assert.deepEqual(rolled.CommonPrefixes, [{ Prefix: 'list/b/' }])
    const later = await list({ KeyMarker: 'list/a' })
    assert.deepEqual(
      later.Uploads?.map(({ Key }) => Key),
      ['list/b/1', 'list/b/2', 'list/c'],
    )
  })

  test('a part can be copied from an object, whole or by range', async () => {
    const source = `${Bucket}/whole`
    const id = await create('copied')
    const copy = (PartNumber: number, more = {}) =>
      s3.client.send(
        new UploadPartCopyCommand({
          Bucket,
          Key: 'copied',
          UploadId: id,
          PartNumber,
          CopySource: source,
          ...more,
        }),
      )
    const one = await copy(1)
    const two = await copy(2, { CopySourceRange: `bytes=${10 * MiB}-${10 * MiB + 3}` })
    const listed = [one, two].map(({ CopyPartResult }, i) => ({
      PartNumber: i + 1,
      ETag: CopyPartResult?.ETag,
      ChecksumCRC32: CopyPartResult?.ChecksumCRC32,
    }))
    await complete('copied', id, listed)
    assert.ok((await read('copied')).equals(Buffer.concat([await read('whole'), Buffer.from('tail')])))
    const again = await create('copied')
    const wrong = (CopySourceRange: string) =>
      s3.client.send(
        new UploadPartCopyCommand({
          Bucket,
          Key: 'copied',
          UploadId: again,
          PartNumber: 1,
          CopySource: source,
          CopySourceRange,
        }),
      )
    for (const range of ['bytes=0-', 'bytes=-5', 'bytes=5-2', '0-5', `bytes=0-${10 * MiB + 4}`]) {
      await assert.rejects(wrong(range), refusal('InvalidArgument', 400), range)
    }
  })
})
