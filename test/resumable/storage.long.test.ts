import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { after, afterEach, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { type BucketServer, startBucketServer } from '../support/bucket-server.ts'
import { sha256 } from '../support/direct.ts'
import { problemOf } from '../support/server.ts'
import { until } from '../support/until.ts'

const mebibyte = 1024 * 1024
const tus = { 'tus-resumable': '1.0.0' }

/** What is in S3 of uploads that go on later, and what happens when S3 loses or refuses it. */
describe('resumable uploads and their storage', () => {
  let setting: BucketServer
  let video: Buffer

  before(async () => {
    setting = await startBucketServer({ SWEEP_GRACE: '0', UPLOAD_DEADLINE: '3', STALL_TIMEOUT: '2' })
    video = await largeVideo(17 * mebibyte)
  })
  after(() => setting.stop())
  afterEach(() => setting.clean())

  async function begin(size: number): Promise<string> {
    const headers = { ...tus, 'upload-length': String(size) }
    const response = await fetch(`${setting.server.url}/api/files`, { method: 'POST', headers })
    return new URL(response.headers.get('location') ?? '', setting.server.url).href
  }
  const append = (url: string, offset: number, body: Uint8Array) =>
    fetch(url, {
      method: 'PATCH',
      headers: { ...tus, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
      body: new Uint8Array(body),
    })
  const offsetOf = async (url: string) => {
    const response = await fetch(url, { method: 'HEAD', headers: tus })
    return response.status === 200 ? Number(response.headers.get('upload-offset')) : response.status
  }
  const isEmpty = () =>
    until(async () => (await setting.keys()).length + (await setting.openUploads()).length === 0)

  test('an upload whose S3 multipart upload was ended elsewhere is gone, says so, and is swept', async () => {
    for (const ask of ['HEAD', 'PATCH'] as const) {
      const url = await begin(video.length)
      assert.equal((await append(url, 0, video.subarray(0, 6 * mebibyte))).status, 204)
      await setting.abortUploads()
      const response =
        ask === 'HEAD'
          ? await fetch(url, { method: 'HEAD', headers: tus })
          : await append(url, 6 * mebibyte, video.subarray(6 * mebibyte))
      assert.equal(response.status, 410)
      if (ask === 'PATCH') assert.equal((await problemOf(response)).code, 'upload_gone')
      assert.equal(await offsetOf(url), 410)
      await isEmpty()
    }
  })

  test('what waits outside of a part is few objects, and large ones are written once', async () => {
    const url = await begin(video.length)
    for (let at = 0; at < 40; at++)
      assert.equal((await append(url, at * 1000, video.subarray(at * 1000, (at + 1) * 1000))).status, 204)
    await until(async () => (await setting.keys()).length <= 6)
    let sent = 0
    let requests = 0
    setting.proxy.faults.before = (req) => {
      if (req.method === 'DELETE') return false
      requests += 1
      if (req.method === 'PUT' && !req.url?.includes('partNumber'))
        sent += Number(req.headers['content-length'])
      return false
    }
    const size = 400_000
    for (let at = 0; at < 5; at++) {
      const begun = 40_000 + at * size
      assert.equal((await append(url, begun, video.subarray(begun, begun + size))).status, 204)
    }
    // The first of them takes the small ones with it. Nothing is read.
    assert.deepEqual([requests, sent], [5, 40_000 + 5 * size])
    await until(async () => (await setting.keys()).length === 5)
    await fetch(url, { method: 'DELETE', headers: tus })
    await isEmpty()
  })

  test('what waits outside of a part is read once, where the upload goes on in another process', async () => {
    const other = await setting.startAnother()
    try {
      const url = await begin(video.length)
      const elsewhere = url.replace(setting.server.url, other.url)
      const size = 700_000
      for (let at = 0; at < 7; at++)
        assert.equal((await append(url, at * size, video.subarray(at * size, (at + 1) * size))).status, 204)
      const read: string[] = []
      setting.proxy.faults.before = (req) =>
        req.method === 'GET' && Boolean(read.push(req.url ?? '')) && false
      for (let at = 7; at < 10; at++)
        assert.equal(
          (await append(elsewhere, at * size, video.subarray(at * size, (at + 1) * size))).status,
          204,
        )
      assert.deepEqual([read.length, new Set(read).size], [7, 7])
      const done = await append(url, 10 * size, video.subarray(10 * size))
      const location = new URL(done.headers.get('content-location') ?? '', url)
      assert.equal(((await (await fetch(location)).json()) as Media).sha256, sha256(video))
      await until(async () => (await setting.keys()).every((key) => !key?.includes('/tail.')))
    } finally {
      await other.stop()
    }
  })

  test('an upload that lost those bytes is gone where they are needed and not in memory', async () => {
    const other = await setting.startAnother()
    try {
      const url = await begin(video.length)
      await append(url, 0, video.subarray(0, 1000))
      await setting.deleteObjects()
      const elsewhere = url.replace(setting.server.url, other.url)
      assert.equal((await append(elsewhere, 1000, video.subarray(1000, 2000))).status, 410)
      assert.equal(await offsetOf(url), 410)
    } finally {
      await other.stop()
    }
  })

  test('what breaks off behind its last byte is whole: it is media when it is asked for', async () => {
    for (const bytes of [await photo(), video]) {
      const url = await begin(bytes.length)
      const headers = {
        ...tus,
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
      }
      // In chunks, of which the last, by which a body ends, never comes.
      const sending = request(url, { method: 'PATCH', headers })
      sending.write(bytes)
      const [answer] = (await once(sending, 'response')) as [IncomingMessage]
      sending.on('error', () => {}).destroy()
      assert.equal(answer.statusCode, 408)

      const head = await fetch(url, { method: 'HEAD', headers: tus })
      assert.equal(head.headers.get('upload-offset'), String(bytes.length))
      const location = head.headers.get('content-location')
      assert.ok(location)
      const media = (await (await fetch(new URL(location, url))).json()) as Media
      assert.equal(media.sentSha256 ?? media.sha256, sha256(bytes))
    }
  })

  test('when S3 fails for a while it is 503, and what was acknowledged before is still there', async () => {
    const url = await begin(video.length)
    await append(url, 0, video.subarray(0, 1000))
    setting.proxy.faults.before = (req, res) =>
      req.method === 'PUT' && Boolean(res.writeHead(500).end('<Error><Code>InternalError</Code></Error>'))
    const failed = await append(url, 1000, video.subarray(1000))
    assert.deepEqual([failed.status, (await problemOf(failed)).code], [503, 'storage_unavailable'])
    assert.ok(failed.headers.get('retry-after'))
    delete setting.proxy.faults.before
    assert.equal(await offsetOf(url), 1000)
    const done = await append(url, 1000, video.subarray(1000))
    assert.equal(done.status, 204)
    const location = new URL(done.headers.get('content-location') ?? '', setting.server.url)
    assert.equal(((await (await fetch(location)).json()) as Media).sha256, sha256(video))
    assert.deepEqual(await setting.openUploads(), [])
  })

  test('when S3 fails while pieces are put together it is 503, and it can be asked for again', async () => {
    const jpeg = await photo()
    const create = (headers: Record<string, string>, body?: Uint8Array) =>
      fetch(`${setting.server.url}/api/files`, {
        method: 'POST',
        headers: { ...tus, 'content-type': 'application/offset+octet-stream', ...headers },
        ...(body ? { body: new Uint8Array(body) } : {}),
      })
    const piece = async (bytes: Uint8Array) =>
      (
        await create({ 'upload-length': String(bytes.length), 'upload-concat': 'partial' }, bytes)
      ).headers.get('location')
    const concat = `final;${await piece(jpeg.subarray(0, 500))} ${await piece(jpeg.subarray(500))}`
    setting.proxy.faults.before = (req, res) =>
      req.method === 'GET' && Boolean(res.writeHead(500).end('<Error><Code>InternalError</Code></Error>'))
    const failed = await create({ 'upload-concat': concat })
    assert.deepEqual([failed.status, (await problemOf(failed)).code], [503, 'storage_unavailable'])
    delete setting.proxy.faults.before
    assert.equal((await create({ 'upload-concat': concat })).status, 201)
  })

  test('a photo that comes whole needs no more of S3 than one of a form', async () => {
    const jpeg = await photo()
    const requests: string[] = []
    setting.proxy.faults.before = (req) => {
      requests.push(String(req.method))
      return false
    }
    assert.equal((await append(await begin(jpeg.length), 0, jpeg)).status, 204)
    assert.deepEqual(requests, ['PUT', 'PUT'])
  })
})
