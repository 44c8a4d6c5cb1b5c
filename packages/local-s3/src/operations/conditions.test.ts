import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { Bucket, refusal, startTestServer, type TestServer } from '../testing/server.ts'

describe('conditional requests', () => {
  let s3: TestServer
  before(async () => {
    s3 = await startTestServer()
  })
  after(() => s3.close())

  const put = (Key: string, Body = 'x', more = {}) =>
    s3.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
  const read = async (Key: string) =>
    (await s3.client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()

  test('readers: If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since', async () => {
    const { ETag = '' } = await put('read')
    const path = `/${Bucket}/read`
    const status = async (headers: Record<string, string>) => {
      const get = await s3.signed({ path, headers })
      const head = await s3.signed({ method: 'HEAD', path, headers })
      assert.equal(head.status, get.status)
      if (get.status === 304) assert.deepEqual([get.headers.etag, get.text], [ETag, ''])
      return get.status
    }
    const past = new Date(Date.now() - 60_000).toUTCString()
    const future = new Date(Date.now() + 60_000).toUTCString()
    assert.equal(await status({ 'if-match': ETag }), 200)
    assert.equal(await status({ 'if-match': ETag.slice(1, -1) }), 200)
    assert.equal(await status({ 'if-match': `"a", ${ETag}` }), 200)
    assert.equal(await status({ 'if-match': '*' }), 200)
    assert.equal(await status({ 'if-match': '"other"' }), 412)
    assert.equal(await status({ 'if-none-match': ETag }), 304)
    assert.equal(await status({ 'if-none-match': `W/${ETag}` }), 304)
    assert.equal(await status({ 'if-none-match': '"other"' }), 200)
    assert.equal(await status({ 'if-modified-since': past }), 200)
    assert.equal(await status({ 'if-modified-since': future }), 304)
    assert.equal(await status({ 'if-unmodified-since': future }), 200)
    assert.equal(await status({ 'if-unmodified-since': past }), 412)
    assert.equal(await status({ 'if-modified-since': 'nonsense' }), 200)
  })

  test('readers: ETags outrank dates', async () => {
    const { ETag = '' } = await put('rank')
    const path = `/${Bucket}/rank`
    const past = new Date(Date.now() - 60_000).toUTCString()
    const future = new Date(Date.now() + 60_000).toUTCString()
    const match = await s3.signed({ path, headers: { 'if-match': ETag, 'if-unmodified-since': past } })
    assert.equal(match.status, 200)
    const none = await s3.signed({ path, headers: { 'if-none-match': ETag, 'if-modified-since': past } })
    assert.equal(none.status, 304)
    const other = await s3.signed({ path, headers: { 'if-none-match': '"x"', 'if-modified-since': future } })
    assert.equal(other.status, 200)
  })

  test('writers: If-None-Match: * writes only where nothing is, and the first stays', async () => {
    await put('once', 'first', { IfNoneMatch: '*' })
    await assert.rejects(put('once', 'second', { IfNoneMatch: '*' }), refusal('PreconditionFailed', 412))
    assert.equal(await read('once'), 'first')
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'once' }))
    await put('once', 'third', { IfNoneMatch: '*' })
    await assert.rejects(put('once', 'x', { IfNoneMatch: '"etag"' }), refusal('NotImplemented', 501))
  })

  test('writers: If-Match replaces just that object', async () => {
    await assert.rejects(put('swap', 'x', { IfMatch: '"etag"' }), refusal('NoSuchKey', 404))
    const { ETag } = await put('swap', 'one')
    await put('swap', 'two', { IfMatch: ETag })
    await assert.rejects(put('swap', 'three', { IfMatch: ETag }), refusal('PreconditionFailed', 412))
    assert.equal(await read('swap'), 'two')
  })

  test('writers: of ten racers with If-None-Match: * one wins, and it is whole', async () => {
    const bodies = Array.from({ length: 10 }, (_, i) => `${i}`.repeat(200_000))
    const results = await Promise.allSettled(bodies.map((body) => put('race', body, { IfNoneMatch: '*' })))
    const winners = results.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []))
    assert.equal(winners.length, 1)
    assert.ok((await read('race')) === bodies[winners[0] ?? -1])
    for (const result of results) {
      if (result.status === 'rejected') refusal('PreconditionFailed', 412)(result.reason)
    }
  })

  test('writers: of ten racers with the same If-Match one wins', async () => {
    const { ETag } = await put('cas', 'base')
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => put('cas', `${i}`, { IfMatch: ETag })),
    )
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  test('CompleteMultipartUpload: of ten racers for one key one wins; the losers may still be aborted', async () => {
    const Key = 'complete-race'
    const uploads = await Promise.all(
      Array.from({ length: 10 }, async (_, i) => {
        const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key }))
        const { ETag, ChecksumCRC32 } = await s3.client.send(
          new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: `${i}` }),
        )
        return { UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32 }] } }
      }),
    )
    const results = await Promise.allSettled(
      uploads.map((upload) =>
        s3.client.send(new CompleteMultipartUploadCommand({ Bucket, Key, ...upload, IfNoneMatch: '*' })),
      ),
    )
    const winner = results.findIndex(({ status }) => status === 'fulfilled')
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    assert.equal(await read(Key), `${winner}`)
    for (const result of results) {
      if (result.status === 'rejected') refusal('PreconditionFailed', 412)(result.reason)
    }
    // The winner may ask again: it lost the answer, not the race.
    const again = uploads[winner]
    assert.ok(again)
    await s3.client.send(new CompleteMultipartUploadCommand({ Bucket, Key, ...again, IfNoneMatch: '*' }))
  })

  test('a copy obeys the conditions on its source and on its target', async () => {
    const { ETag } = await put('source', 'x')
    const copy = (more = {}) =>
      s3.client.send(
        new CopyObjectCommand({ Bucket, Key: 'target', CopySource: `${Bucket}/source`, ...more }),
      )
    await assert.rejects(copy({ CopySourceIfMatch: '"x"' }), refusal('PreconditionFailed', 412))
    await assert.rejects(copy({ CopySourceIfNoneMatch: ETag }), refusal('PreconditionFailed', 412))
    const past = new Date(Date.now() - 60_000)
    await assert.rejects(copy({ CopySourceIfUnmodifiedSince: past }), refusal('PreconditionFailed', 412))
    await assert.rejects(
      copy({ CopySourceIfModifiedSince: new Date(Date.now() + 1000) }),
      refusal('PreconditionFailed', 412),
    )
    await copy({ CopySourceIfMatch: ETag, IfNoneMatch: '*' })
    await assert.rejects(copy({ IfNoneMatch: '*' }), refusal('PreconditionFailed', 412))
  })

  test('a delete with If-Match deletes just that object', async () => {
    const { ETag } = await put('delete')
    const remove = (IfMatch: string | undefined) =>
      s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'delete', IfMatch }))
    await assert.rejects(remove('"other"'), refusal('PreconditionFailed', 412))
    assert.equal(await read('delete'), 'x')
    await remove(ETag)
    await assert.rejects(read('delete'), refusal('NoSuchKey', 404))
    await put('many')
    const { Errors } = await s3.client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'many', ETag: '"other"' }] } }),
    )
    assert.deepEqual(
      Errors?.map(({ Key, Code }) => [Key, Code]),
      [['many', 'PreconditionFailed']],
    )
  })

  test('a writer that is bound to lose is refused before it sends its body', async () => {
    await put('lost')
    const answer = await s3.signed(
      {
        method: 'PUT',
        path: `/${Bucket}/lost`,
        headers: { 'if-none-match': '*', 'content-length': '1000000', expect: '100-continue' },
      },
      'UNSIGNED-PAYLOAD',
    )
    assert.equal(answer.code, 'PreconditionFailed')
  })
})
