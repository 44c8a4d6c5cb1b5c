import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { Bucket, refusal, startTestServer, type TestServer } from '../testing/server.ts'

describe('DeleteObject and DeleteObjects', () => {
  let s3: TestServer
  before(async () => {
    s3 = await startTestServer()
  })
  after(() => s3.close())

  const put = (Key: string, Body: string | Buffer, more = {}) =>
    s3.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
  const get = (Key: string, more = {}) => s3.client.send(new GetObjectCommand({ Bucket, Key, ...more }))

  test('deleting succeeds, also when nothing is there', async () => {
    await put('gone', 'x')
    const remove = new DeleteObjectCommand({ Bucket, Key: 'gone' })
    assert.equal((await s3.client.send(remove)).$metadata.httpStatusCode, 204)
    assert.equal((await s3.client.send(remove)).$metadata.httpStatusCode, 204)
    await assert.rejects(get('gone'), refusal('NoSuchKey', 404))
  })

  test('DeleteObjects deletes up to 1,000 keys, tells of each or, when quiet, of none', async () => {
    const keys = ['d1', 'd 2', 'd<3>&', 'd\n4', ' d5 ']
    for (const key of keys) await put(key, 'x')
    const Objects = [...keys, 'absent'].map((Key) => ({ Key }))
    const loud = await s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
    assert.deepEqual(
      loud.Deleted?.map(({ Key }) => Key),
      [...keys, 'absent'],
    )
    for (const key of keys) await assert.rejects(get(key), refusal('NoSuchKey', 404))
    const quiet = await s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }))
    assert.deepEqual([quiet.Deleted, quiet.Errors], [undefined, undefined])
    const many = Array.from({ length: 1001 }, (_, i) => ({ Key: `${i}` }))
    await assert.rejects(
      s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: many } })),
      refusal('MalformedXML', 400),
    )
  })

  test('DeleteObjects needs a digest of its body, and XML that is well-formed', async () => {
    const post = (body: string, headers = {}) =>
      s3.signed({ method: 'POST', path: `/${Bucket}`, query: 'delete=', headers, body })
    const good = '<Delete><Object><Key>a</Key></Object></Delete>'
    assert.equal((await post(good)).code, 'InvalidRequest')
    const md5 = (body: string) => ({ 'content-md5': createHash('md5').update(body).digest('base64') })
    assert.equal((await post(good, md5(good))).status, 200)
    assert.equal((await post(good, md5('other'))).code, 'BadDigest')
    for (const bad of [
      '',
      '<Delete>',
      '<Other/>',
      '<Delete></Delete>',
      `<!DOCTYPE x [<!ENTITY a "b">]>${good}`,
    ]) {
      assert.equal((await post(bad, md5(bad))).code, 'MalformedXML', bad)
    }
  })

  test('DeleteObjects deletes what is named and nothing else, however the name is written', async () => {
    const remove = (body: string | Buffer) => {
      const digest = { 'content-md5': createHash('md5').update(body).digest('base64') }
      return s3.signed({ method: 'POST', path: `/${Bucket}`, query: 'delete=', headers: digest, body })
    }
    const named = (key: string) => `<Delete><Object><Key>${key}</Key></Object></Delete>`
    for (const key of ['', '&amp;', '\uFFFD']) await put(`keep${key}`, 'x')
    await put('a<b', 'x')
    assert.equal((await remove(named('<![CDATA[a<b]]>'))).status, 200)
    await assert.rejects(get('a<b'), refusal('NoSuchKey', 404))
    assert.equal((await remove(named('keep<![CDATA[&amp;x]]>'))).status, 200)
    assert.equal((await remove(named('keep&#xD800;'))).code, 'MalformedXML')
    const latin1 = Buffer.from(named('keep\xff'), 'latin1')
    assert.equal((await remove(latin1)).code, 'MalformedXML')
    for (const key of ['', '&amp;', '\uFFFD']) await get(`keep${key}`)
  })

  test('a long list of nonsense is refused, and others are answered meanwhile', async () => {
    const body = `<Delete>${'<a/>'.repeat(900_000)}</Delete>`
    const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
    let done = false
    const refused = s3
      .signed({ method: 'POST', path: `/${Bucket}`, query: 'delete=', headers, body })
      .finally(() => {
        done = true
      })
    let answered = 0
    while (!done && answered < 100_000) {
      await s3.send({ path: `/${Bucket}` })
      answered++
    }
    assert.equal((await refused).code, 'MalformedXML')
    assert.ok(answered > 2, `${answered} answers`)
  })
})
