import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  GetObjectAclCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  PutObjectAclCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { Bucket, refusal, startTestServer, type TestServer } from '../testing/server.ts'

describe('what is not served', () => {
  let s3: TestServer
  before(async () => {
    s3 = await startTestServer()
  })
  after(() => s3.close())

  const put = (Key: string, Body: string | Buffer, more = {}) =>
    s3.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
  const get = (Key: string, more = {}) => s3.client.send(new GetObjectCommand({ Bucket, Key, ...more }))
  const read = async (Key: string, more = {}) => (await get(Key, more)).Body?.transformToString()

  test('what is not served says NotImplemented and never passes for a plain request', async () => {
    await put('plain', 'x')
    await assert.rejects(
      s3.client.send(new GetObjectTaggingCommand({ Bucket, Key: 'plain' })),
      refusal('NotImplemented', 501),
    )
    for (const query of [
      'tagging=',
      'retention=',
      'torrent=',
      'invented=',
      'uploadId=',
      'partNumber=1',
      'select=',
    ]) {
      const answer = await s3.signed({
        method: 'PUT',
        path: `/${Bucket}/plain`,
        query,
        headers: { 'content-length': '1' },
        body: 'y',
      })
      assert.deepEqual([query, answer.status, answer.code], [query, 501, 'NotImplemented'])
    }
    const headers: Record<string, string>[] = [
      { 'x-amz-server-side-encryption': 'AES256' },
      { 'x-amz-tagging': 'a=b' },
      { 'x-amz-object-lock-mode': 'GOVERNANCE' },
      { 'x-amz-website-redirect-location': '/' },
      { 'x-amz-storage-class': 'GLACIER' },
    ]
    for (const header of headers) {
      const answer = await s3.signed({
        method: 'PUT',
        path: `/${Bucket}/plain`,
        headers: { ...header, 'content-length': '1' },
        body: 'y',
      })
      assert.deepEqual([header, answer.code], [header, 'NotImplemented'])
    }
    assert.equal(await read('plain'), 'x')
  })

  test('ACLs cannot be set; they say that the owner may do everything', async () => {
    await put('acl', 'x', { ACL: 'private' })
    await assert.rejects(
      put('acl', 'y', { ACL: 'public-read' }),
      refusal('AccessControlListNotSupported', 400),
    )
    await assert.rejects(
      s3.client.send(new PutObjectAclCommand({ Bucket, Key: 'acl', ACL: 'public-read' })),
      refusal('AccessControlListNotSupported', 400),
    )
    const { Grants, Owner } = await s3.client.send(new GetObjectAclCommand({ Bucket, Key: 'acl' }))
    assert.deepEqual(
      Grants?.map(({ Permission }) => Permission),
      ['FULL_CONTROL'],
    )
    assert.equal(Grants?.[0]?.Grantee?.ID, Owner?.ID)
    assert.equal(Grants?.[0]?.Grantee?.Type, 'CanonicalUser')
  })
})
