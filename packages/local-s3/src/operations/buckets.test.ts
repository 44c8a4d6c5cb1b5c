import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { Bucket, refusal, startTestServer, type TestServer } from '../testing/server.ts'

describe('buckets', () => {
  let s3: TestServer
  before(async () => {
    s3 = await startTestServer()
  })
  after(() => s3.close())

  const create = (name: string, more = {}) =>
    s3.client.send(new CreateBucketCommand({ Bucket: name, ...more }))
  const remove = (name: string) => s3.client.send(new DeleteBucketCommand({ Bucket: name }))

  test('are created, found, listed and deleted', async () => {
    assert.equal((await create('one.two-3')).Location, '/one.two-3')
    const { BucketRegion } = await s3.client.send(new HeadBucketCommand({ Bucket: 'one.two-3' }))
    assert.equal(BucketRegion, 'us-east-1')
    const { Buckets, Owner } = await s3.client.send(new ListBucketsCommand())
    assert.deepEqual(
      Buckets?.map(({ Name }) => Name),
      [Bucket, 'one.two-3'],
    )
    assert.ok(Buckets?.[0]?.CreationDate && Owner?.ID)
    await remove('one.two-3')
    await assert.rejects(
      s3.client.send(new HeadBucketCommand({ Bucket: 'one.two-3' })),
      refusal('NotFound', 404),
    )
    await assert.rejects(remove('one.two-3'), refusal('NoSuchBucket', 404))
  })

  test('are listed by prefix and page by page', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await create(name)
    const list = (more = {}) => s3.client.send(new ListBucketsCommand({ Prefix: 'page-', ...more }))
    const first = await list({ MaxBuckets: 2 })
    assert.deepEqual(
      first.Buckets?.map(({ Name }) => Name),
      ['page-a', 'page-b'],
    )
    const second = await list({ ContinuationToken: first.ContinuationToken })
    assert.deepEqual(
      second.Buckets?.map(({ Name }) => Name),
      ['page-c'],
    )
    assert.equal(second.ContinuationToken, undefined)
  })

  test('have names by the rules', async () => {
    const wrong = [
      'ab',
      'A-big-one',
      'under_score',
      '-dash',
      'dash-',
      'a..b',
      'a.-b',
      '10.0.0.1',
      'x'.repeat(64),
      'xn--a',
      'a-s3alias',
    ]
    for (const name of wrong) {
      const { status, code } = await s3.signed({ method: 'PUT', path: `/${name}` })
      assert.deepEqual([name, status, code], [name, 400, 'InvalidBucketName'])
    }
  })

  test('cannot be deleted while they have objects; uploads in progress go with them', async () => {
    await create('full')
    await s3.client.send(new PutObjectCommand({ Bucket: 'full', Key: 'a', Body: 'x' }))
    await assert.rejects(remove('full'), refusal('BucketNotEmpty', 409))
    await s3.client.send(new CreateMultipartUploadCommand({ Bucket: 'full', Key: 'b' }))
    await s3.client.send(new DeleteObjectCommand({ Bucket: 'full', Key: 'a' }))
    await remove('full')
  })

  test('can be created again by their owner in us-east-1 only', async () => {
    await create(Bucket)
    const eu = await startTestServer({ region: 'eu-central-1' })
    try {
      const client = eu.clientFor({ region: 'eu-central-1' })
      const CreateBucketConfiguration = { LocationConstraint: 'eu-central-1' as const }
      await client.send(new CreateBucketCommand({ Bucket: 'there', CreateBucketConfiguration }))
      await assert.rejects(
        client.send(new CreateBucketCommand({ Bucket: 'there', CreateBucketConfiguration })),
        refusal('BucketAlreadyOwnedByYou', 409),
      )
      const elsewhere = { LocationConstraint: 'eu-west-1' as const }
      await assert.rejects(
        client.send(new CreateBucketCommand({ Bucket: 'where', CreateBucketConfiguration: elsewhere })),
        refusal('IllegalLocationConstraintException', 400),
      )
      const { LocationConstraint } = await client.send(new GetBucketLocationCommand({ Bucket: 'there' }))
      assert.equal(LocationConstraint, 'eu-central-1')
    } finally {
      await eu.close()
    }
  })

  test('have no versions and no ACLs, and say so', async () => {
    assert.equal((await s3.client.send(new GetBucketVersioningCommand({ Bucket }))).Status, undefined)
    await assert.rejects(
      s3.client.send(
        new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
      ),
      refusal('NotImplemented', 501),
    )
    const { Grants } = await s3.client.send(new GetBucketAclCommand({ Bucket }))
    assert.deepEqual(
      Grants?.map(({ Permission }) => Permission),
      ['FULL_CONTROL'],
    )
    await assert.rejects(
      create('public', { ACL: 'public-read' }),
      refusal('InvalidBucketAclWithObjectOwnership', 400),
    )
  })

  test('are reached by host name too, as bucket.localhost', async () => {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'virtual', Body: 'x' }))
    const host = `${Bucket}.localhost`
    assert.equal((await s3.signed({ path: '/virtual', headers: { host } })).text, 'x')
  })

  test('methods and subresources that are not served are refused', async () => {
    for (const query of ['website=', 'tagging=', 'replication=', 'encryption=', 'logging=', 'unheard-of=']) {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const { status, code } = await s3.signed({ method, path: `/${Bucket}`, query })
        assert.deepEqual([method, query, status, code], [method, query, 501, 'NotImplemented'])
      }
    }
    assert.equal((await s3.signed({ method: 'POST', path: `/${Bucket}` })).code, 'MethodNotAllowed')
    assert.equal((await s3.signed({ method: 'PATCH', path: `/${Bucket}/a` })).code, 'MethodNotAllowed')
  })
})
