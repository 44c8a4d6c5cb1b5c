import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { largeVideo } from '../media/videos.ts'
import { type BucketServer, startBucketServer } from '../support/bucket-server.ts'
import { begin, complete, post, send, sha256 } from '../support/direct.ts'
import { mediaOf, problemOf, upload } from '../support/server.ts'
import { until } from '../support/until.ts'

const mebibyte = 1024 * 1024
const gibibyte = 1024 ** 3
const video = { name: 'a.mp4', type: 'video/mp4' }

/** A key that may get, put and delete, and nothing else (`aws apply --no-multipart`), with the setting for it. */
describe('without multipart uploads', () => {
  let setting: BucketServer
  let url: string
  let bytes: Buffer
  const multipartRequests: string[] = []

  before(async () => {
    setting = await startBucketServer({ S3_MULTIPART: 'off', MEMORY_BUDGET: '256MB' }, { multipart: false })
    url = setting.server.url
    bytes = await largeVideo(20 * mebibyte)
    setting.proxy.faults.before = (req) => {
      if (/[?&]upload(s|Id)=/i.test(req.url ?? '')) multipartRequests.push(`${req.method} ${req.url}`)
      return false
    }
  })
  after(() => setting.stop())

  test('a large video of a form is kept in memory and put whole', async () => {
    const response = await upload(url, { ...video, bytes })
    assert.equal(response.status, 201)
    assert.equal((await mediaOf(response)).sha256, sha256(bytes))
  })

  test('a form that can not fit into memory is refused with the limit, before its bytes come', async () => {
    const response = await fetch(`${url}/api/media`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: new Uint8Array(200 * mebibyte),
    })
    assert.equal(response.status, 413)
    const { limit } = await problemOf(response)
    assert.ok(limit !== undefined && limit < 200 * mebibyte && limit > 32 * mebibyte, `${limit}`)
  })

  test('a large direct upload is one PUT, and becomes media', async () => {
    const session = await begin(url, bytes, { ...video, sha256: undefined })
    assert.ok(session.put)
    assert.equal((await send(session.put, bytes)).status, 200)
    const response = await complete(url, session)
    assert.equal(response.status, 201)
    assert.equal(((await response.json()) as { sha256: string }).sha256, sha256(bytes))
  })

  test('what one PUT does not take is refused with the limit when it is announced', async () => {
    const response = await post(`${url}/api/uploads`, { ...video, size: 5 * gibibyte + 1 })
    assert.equal(response.status, 413)
    assert.equal((await problemOf(response)).limit, 5 * gibibyte)
    assert.equal((await post(`${url}/api/uploads`, { ...video, size: 5 * gibibyte })).status, 201)
  })

  test('no multipart upload was begun, asked for or aborted', () => {
    assert.deepEqual(multipartRequests, [])
  })
})

test('an upload in parts that may not be aborted is deleted all the same, and the list ends', async () => {
  const setting = await startBucketServer({}, { multipart: false })
  const { url, log } = setting.server
  const bytes = await largeVideo(17 * mebibyte)
  const session = await begin(url, bytes, { ...video, sha256: undefined })
  assert.ok(session.multipart)
  assert.equal((await fetch(`${url}/api/uploads/${session.id}`, { method: 'DELETE' })).status, 204)
  const events = () => log.map((line) => JSON.parse(line).event as string)
  await until(events, (seen) => seen.includes('sweep.deleted'))
  assert.ok(events().includes('sweep.abort_denied'))
  assert.ok(!events().includes('sweep.postponed'))
  await setting.stop()
})
