import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { Bucket, refusal, startTestServer, type TestServer } from '../testing/server.ts'

describe('listings', () => {
  let s3: TestServer
  /** In the order of UTF-8; JavaScript would put the fourth before the third. */
  const keys = ['a/1', 'a/2', 'b', 'c/x', 'z\uffee', 'z\u{10000}']

  before(async () => {
    s3 = await startTestServer()
    for (const Key of keys.toReversed())
      await s3.client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
  })
  after(() => s3.close())

  const list = (more: Partial<ListObjectsV2CommandInput> = {}) =>
    s3.client.send(new ListObjectsV2Command({ Bucket, ...more }))
  const raw = (query: string) => s3.signed({ path: `/${Bucket}`, query })

  test('V2: all keys in UTF-8 order, with size, ETag and time', async () => {
    const { Contents = [], KeyCount, IsTruncated, MaxKeys } = await list()
    assert.deepEqual(
      Contents.map(({ Key }) => Key),
      keys,
    )
    assert.deepEqual([KeyCount, IsTruncated, MaxKeys], [6, false, 1000])
    const [{ Size, ETag, StorageClass, LastModified, Owner } = {}] = Contents
    assert.deepEqual(
      [Size, ETag, StorageClass, Owner],
      [1, '"9dd4e461268c8034f5c8564e155c67a6"', 'STANDARD', undefined],
    )
    assert.ok(LastModified)
    const owned = await list({ FetchOwner: true })
    assert.ok(owned.Contents?.[0]?.Owner?.ID)
  })

  test('V2: prefix, start-after and delimiter', async () => {
    const names = async (more: Partial<ListObjectsV2CommandInput>) => {
      const { Contents = [], CommonPrefixes = [] } = await list(more)
      return [...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix)]
    }
    assert.deepEqual(await names({ Prefix: 'a/' }), ['a/1', 'a/2'])
    assert.deepEqual(await names({ Prefix: 'none' }), [])
    assert.deepEqual(await names({ StartAfter: 'a/2' }), keys.slice(2))
    assert.deepEqual(await names({ StartAfter: 'a/20' }), keys.slice(2))
    assert.deepEqual(await names({ Delimiter: '/' }), ['b', 'z\uffee', 'z\u{10000}', 'a/', 'c/'])
    assert.deepEqual(await names({ Delimiter: '/', Prefix: 'a/' }), ['a/1', 'a/2'])
    assert.deepEqual(await names({ Delimiter: '/', StartAfter: 'a/' }), ['b', 'z\uffee', 'z\u{10000}', 'c/'])
  })

  test('V2: pages of any size hold each key and each rolled-up prefix once', async () => {
    for (const Delimiter of [undefined, '/']) {
      for (const MaxKeys of [1, 2, 5]) {
        const seen: (string | undefined)[] = []
        let ContinuationToken: string | undefined
        do {
          const page = await list({ Delimiter, MaxKeys, ContinuationToken })
          const here = [
            ...(page.Contents ?? []).map(({ Key }) => Key),
            ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
          ]
          assert.equal(page.KeyCount, here.length)
          assert.equal(page.IsTruncated, page.NextContinuationToken !== undefined)
          seen.push(...here)
          ContinuationToken = page.NextContinuationToken
        } while (ContinuationToken && seen.length <= 6)
        assert.equal(seen.length, Delimiter ? 5 : 6)
        assert.equal(new Set(seen).size, seen.length)
      }
    }
  })

  test('V2: the odd page sizes', async () => {
    assert.deepEqual((await list({ MaxKeys: 0 })).IsTruncated, false)
    assert.equal((await list({ MaxKeys: 2000 })).MaxKeys, 1000)
    await assert.rejects(list({ MaxKeys: -1 }), refusal('InvalidArgument', 400))
    assert.equal((await raw('list-type=2&max-keys=blah')).code, 'InvalidArgument')
    await assert.rejects(list({ ContinuationToken: 'not*a*token' }), refusal('InvalidArgument', 400))
  })

  test('V1: goes on from a marker, and names it only where keys are rolled up', async () => {
    const v1 = (more = {}) => s3.client.send(new ListObjectsCommand({ Bucket, ...more }))
    const all = await v1()
    assert.deepEqual(
      all.Contents?.map(({ Key }) => Key),
      keys,
    )
    assert.ok(all.Contents?.[0]?.Owner?.ID)
    const first = await v1({ MaxKeys: 2 })
    assert.deepEqual([first.IsTruncated, first.NextMarker], [true, undefined])
    const second = await v1({ MaxKeys: 2, Marker: 'a/2' })
    assert.deepEqual(
      second.Contents?.map(({ Key }) => Key),
      ['b', 'c/x'],
    )
    const rolled = await v1({ MaxKeys: 1, Delimiter: '/' })
    assert.deepEqual([rolled.CommonPrefixes?.[0]?.Prefix, rolled.NextMarker], ['a/', 'a/'])
    const next = await v1({ MaxKeys: 1, Delimiter: '/', Marker: 'a/' })
    assert.deepEqual(
      next.Contents?.map(({ Key }) => Key),
      ['b'],
    )
  })

  test('versions: each object has the one that is called null', async () => {
    const versions = (more = {}) => s3.client.send(new ListObjectVersionsCommand({ Bucket, ...more }))
    const all = await versions()
    assert.deepEqual(
      all.Versions?.map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest]),
      keys.map((Key) => [Key, 'null', true]),
    )
    const first = await versions({ MaxKeys: 4 })
    assert.deepEqual(
      [first.IsTruncated, first.NextKeyMarker, first.NextVersionIdMarker],
      [true, 'c/x', 'null'],
    )
    const second = await versions({ KeyMarker: 'c/x', VersionIdMarker: 'null' })
    assert.deepEqual(
      second.Versions?.map(({ Key }) => Key),
      keys.slice(4),
    )
    const rolled = await versions({ Delimiter: '/', Prefix: 'a' })
    assert.deepEqual(rolled.CommonPrefixes, [{ Prefix: 'a/' }])
  })

  test('encoding-type=url makes keys fit for XML', async () => {
    const odd = 'odd/<&>\n +%ü'
    const path = `/${Bucket}/${odd.split('/').map(encodeURIComponent).join('/')}`
    await s3.signed({ method: 'PUT', path, headers: { 'content-length': '0' } })
    const { text } = await raw('encoding-type=url&list-type=2&prefix=odd%2F')
    assert.match(text, /<EncodingType>url<\/EncodingType>/)
    assert.match(text, /<Key>odd\/%3C%26%3E%0A%20%2B%25%C3%BC<\/Key>/)
    const plain = await raw('list-type=2&prefix=odd%2F')
    assert.match(plain.text, /<Key>odd\/&lt;&amp;&gt;&#xa; \+%ü<\/Key>/)
    assert.equal((await raw('encoding-type=base64&list-type=2')).code, 'InvalidArgument')
  })

  test('a bucket that is not there cannot be listed', async () => {
    const Bucket = 'no-such-bucket'
    await assert.rejects(s3.client.send(new ListObjectsCommand({ Bucket })), refusal('NoSuchBucket', 404))
    await assert.rejects(s3.client.send(new ListObjectsV2Command({ Bucket })), refusal('NoSuchBucket', 404))
    await assert.rejects(
      s3.client.send(new ListObjectVersionsCommand({ Bucket })),
      refusal('NoSuchBucket', 404),
    )
  })
})
