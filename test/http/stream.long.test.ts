import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, afterEach, before, describe, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { type BucketServer, startBucketServer } from '../support/bucket-server.ts'
import { sha256 } from '../support/direct.ts'
import { notByWeb } from '../support/door.ts'
import { mediaOf, problemOf, startServer, upload } from '../support/server.ts'

const mebibyte = 1024 * 1024
const video = { name: 'a.mp4', type: 'video/mp4' }

/** Files that are too large for memory: through it, part by part, to S3. */
describe('streamed uploads', () => {
  let setting: BucketServer
  let server: BucketServer['server']
  let proxy: BucketServer['proxy']
  let bytes: Buffer
  let jpeg: Buffer

  before(async () => {
    setting = await startBucketServer({ MAX_VIDEO_BYTES: '100MB', STALL_TIMEOUT: '1' })
    server = setting.server
    proxy = setting.proxy
    bytes = await largeVideo(20 * mebibyte)
    jpeg = await photo()
  })
  after(() => setting.stop())
  afterEach(() => setting.clean())

  for (const index of ['first', 'last'] as const) {
    test(`a video of several parts with its index ${index} arrives whole, with its facts`, async () => {
      const sent = await largeVideo(20 * mebibyte, { index })
      const response = await upload(server.url, { ...video, bytes: sent }, { caption: 'Long' })
      assert.equal(response.status, 201)
      const media = await mediaOf(response)
      const { kind, type, width, height, duration, name, caption } = media
      assert.deepEqual(
        { kind, type, width, height, duration, name, caption },
        {
          kind: 'video',
          type: 'video/mp4',
          width: 160,
          height: 120,
          duration: 2,
          name: 'a.mp4',
          caption: 'Long',
        },
      )
      assert.deepEqual([media.bytes, media.sha256], [sent.length, sha256(sent)])
      const stored = Buffer.from(await (await fetch(media.urls.original)).arrayBuffer())
      assert.equal(sha256(stored), media.sha256)
      assert.deepEqual(await setting.openUploads(), [])
    })
  }

  test('a video of exactly one part, and one byte more, arrive whole', async () => {
    const clip = (await largeVideo(8)).length - 8
    for (const extra of [0, 1]) {
      const sent = await largeVideo(8 * mebibyte - clip + extra)
      const media = await mediaOf(await upload(server.url, { ...video, bytes: sent }))
      assert.deepEqual([media.bytes, media.sha256], [8 * mebibyte + extra, sha256(sent)])
    }
  })

  test('a body without a length is streamed too', async () => {
    const { response } = send({ 'transfer-encoding': 'chunked' }, form(bytes))
    const answer = JSON.parse(await text(await response))
    assert.equal(answer.media[0].sha256, sha256(bytes))
  })

  test('photos and a streamed video of one request become visible together', async () => {
    const response = await upload(server.url, [{ bytes: jpeg }, { ...video, bytes }, { bytes: jpeg }])
    const { media } = (await response.json()) as { media: { kind: string }[] }
    assert.deepEqual(
      media.map((one) => one.kind),
      ['image', 'video', 'image'],
    )
  })

  test('when one file of a request is refused, what was streamed before it is swept', async () => {
    const swept = setting.seen('DELETE', /original\.mp4\?x-id=DeleteObject/)
    const broken = jpeg.subarray(0, jpeg.length / 2)
    const response = await upload(server.url, [{ ...video, bytes }, { bytes: broken }])
    assert.equal(response.status, 422)
    await swept
    assert.deepEqual([await setting.listed(), await setting.keys()], [[], []])
  })

  test('a video without a sound index is 422 and swept, however large', async () => {
    const swept = setting.seen('DELETE', /original\.mp4\?x-id=DeleteObject/)
    const cut = (await largeVideo(20 * mebibyte, { index: 'last' })).subarray(0, -1)
    const response = await upload(server.url, { ...video, bytes: cut })
    assert.deepEqual([response.status, (await problemOf(response)).code], [422, 'not_decodable'])
    await swept
    assert.deepEqual([await setting.listed(), await setting.keys()], [[], []])
  })

  test('what is no video by its first bytes is 415 before S3 hears of it', async () => {
    let requests = 0
    proxy.faults.before = () => ++requests < 0
    const response = await upload(server.url, { ...video, bytes: Buffer.alloc(20 * mebibyte, 'x') })
    assert.deepEqual([response.status, requests], [415, 0])
  })

  test('a video above its limit is 413 as soon as the limit is passed, while the sender still sends', async () => {
    const { outgoing, response } = send({ 'transfer-encoding': 'chunked' }, form(bytes, { open: true }))
    const more = Buffer.alloc(mebibyte)
    const feed = () => {
      while (!outgoing.destroyed && outgoing.write(more));
    }
    outgoing.on('drain', feed)
    feed()
    const answer = await response
    const problem = JSON.parse(await text(answer))
    assert.deepEqual([answer.statusCode, problem.code, problem.limit], [413, 'too_large', 100 * mebibyte])
    if (!notByWeb('connection')) assert.equal(answer.headers.connection, 'close')
    outgoing.destroy()
  })

  test('PUT gives a media the bytes of a streamed video', async () => {
    const { id } = await mediaOf(await upload(server.url, { bytes: jpeg }))
    const options = { path: `/api/media/${id}`, method: 'PUT' }
    const response = await upload(server.url, { ...video, bytes }, options)
    const media = (await response.json()) as { id: string; sha256: string; kind: string }
    assert.deepEqual([media.id, media.kind, media.sha256], [id, 'video', sha256(bytes)])
  })

  test('an Idempotency-Key makes a streamed upload safe to repeat; the second copy is swept', async () => {
    const headers = { 'Idempotency-Key': 'stream' }
    const first = await mediaOf(await upload(server.url, { ...video, bytes }, { headers }))
    const before = await setting.keys()
    const swept = setting.seen('DELETE', /original\.mp4\?x-id=DeleteObject/)
    const again = await upload(server.url, { ...video, bytes }, { headers })
    assert.equal(again.status, 200)
    assert.equal((await mediaOf(again)).id, first.id)
    await swept
    assert.deepEqual(await setting.keys(), before)
  })

  test('a storage that takes no parts stops the sender: four parts on their way, no more', async () => {
    const aborted = setting.seen('DELETE', /uploadId=/)
    const { after: count } = proxy.faults
    const held: (() => void)[] = []
    const four = Promise.withResolvers<void>()
    proxy.faults.after = async (req, res) => {
      await count?.(req, res)
      if (!/partNumber=/.test(req.url ?? '')) return
      await new Promise<void>((resolve) => {
        held.push(resolve)
        if (held.length === 4) four.resolve()
      })
    }
    const { outgoing, response } = send({ 'transfer-encoding': 'chunked' }, form(bytes, { open: true }))
    const more = Buffer.alloc(mebibyte)
    let written = bytes.length / mebibyte
    const feed = () => {
      while (written < 80 && outgoing.write(more)) written++
    }
    outgoing.on('drain', feed)
    feed()
    await four.promise
    await untilStill(() => written)
    assert.ok(written < 60, `${written} MiB were taken`)
    assert.equal(held.length, 4)
    outgoing.destroy()
    response.catch(() => {})
    for (const release of held.splice(0)) release()
    await aborted
  })

  test('a part that failed is sent again, and a lost reply to its completion is asked for', async () => {
    let parts = 0
    let completions = 0
    proxy.faults.before = (req, res) => {
      if (!/partNumber=2&/.test(req.url ?? '') || ++parts > 1) return false
      return Boolean(res.writeHead(503).end('<Error><Code>SlowDown</Code></Error>'))
    }
    proxy.faults.after = (req, res) => {
      if (req.method === 'POST' && /uploadId=/.test(req.url ?? '') && ++completions === 1) res.destroy()
    }
    const response = await upload(server.url, { ...video, bytes })
    assert.equal(response.status, 201)
    assert.deepEqual([parts, completions, (await mediaOf(response)).sha256], [2, 1, sha256(bytes)])
  })

  for (const [what, broken] of [
    ['a part', /partNumber=2&/],
    ['the completion', /uploadId=[^&]*$|x-id=CompleteMultipartUpload/],
  ] as const) {
    test(`when S3 refuses ${what} for good it is 503, and the upload is aborted`, async () => {
      const aborted = setting.seen('DELETE', /uploadId=/)
      proxy.faults.before = (req, res) => {
        if (req.method === 'DELETE' || req.method === 'GET' || !broken.test(req.url ?? '')) return false
        return Boolean(res.writeHead(500).end('<Error><Code>InternalError</Code></Error>'))
      }
      const response = await upload(server.url, { ...video, bytes })
      assert.deepEqual([response.status, (await problemOf(response)).code], [503, 'storage_unavailable'])
      assert.ok(response.headers.get('retry-after'))
      await aborted
      assert.deepEqual([await setting.listed(), await setting.openUploads()], [[], []])
    })
  }

  test('an upload whose id is lost with the reply is 503, and found by its key', async () => {
    const aborted = setting.seen('DELETE', /uploadId=/)
    const { after: count } = proxy.faults
    proxy.faults.after = async (req, res) => {
      await count?.(req, res)
      if (req.method === 'POST' && /\?uploads/.test(req.url ?? '')) res.destroy()
    }
    assert.equal((await upload(server.url, { ...video, bytes })).status, 503)
    await aborted
    assert.deepEqual(await setting.openUploads(), [])
  })

  test('when the sender vanishes midway the upload is aborted', async () => {
    const begun = setting.seen('PUT', /partNumber=1&/)
    const { outgoing, response } = send({ 'transfer-encoding': 'chunked' }, form(bytes, { open: true }))
    response.catch(() => {})
    await begun
    const aborted = setting.seen('DELETE', /uploadId=/)
    outgoing.destroy()
    await aborted
    assert.deepEqual([await setting.listed(), await setting.openUploads()], [[], []])
  })

  test('T2 when the sender stalls midway it is 408, and the upload is aborted', async () => {
    const aborted = setting.seen('DELETE', /uploadId=/)
    const { outgoing, response } = send({ 'transfer-encoding': 'chunked' }, form(bytes, { open: true }))
    const answer = await response
    assert.equal(answer.statusCode, 408)
    if (!notByWeb('connection')) assert.equal(answer.headers.connection, 'close')
    await aborted
    outgoing.destroy()
    assert.deepEqual(await setting.openUploads(), [])
  })

  function send(headers: Record<string, string>, body: Buffer) {
    const length = headers['transfer-encoding'] ? {} : { 'content-length': body.length }
    const outgoing: ClientRequest = request(`${server.url}/api/media`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=XbX', ...length, ...headers },
    })
    const response = once(outgoing, 'response').then(([message]) => message as IncomingMessage)
    outgoing.on('error', () => {})
    if (body.subarray(-4).equals(Buffer.from('--\r\n'))) outgoing.end(body)
    else outgoing.write(body)
    return { outgoing, response }
  }
})

test('where memory has room for two parts alone, a video that is larger than that is streamed by two', async (t) => {
  const server = await startServer({ MEMORY_BUDGET: '44MB' })
  t.after(() => server.stop())
  const bytes = await largeVideo(20 * mebibyte)
  const [first, second] = await Promise.all([1, 2].map(() => upload(server.url, { ...video, bytes })))
  for (const response of [first, second]) {
    assert.equal(response?.status, 201)
    assert.equal((await mediaOf(response as Response)).sentSha256, sha256(bytes))
  }
})

function form(bytes: Buffer, { open = false } = {}): Buffer {
  const head = '--XbX\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from(open ? '' : '\r\n--XbX--\r\n')])
}

/** Until the number has stayed the same for two hundred turns of the event loop. */
async function untilStill(number: () => number): Promise<void> {
  let last = -1
  let still = 0
  for (let turns = 0; still < 200; turns++) {
    assert.ok(turns < 1_000_000, `it moves on: ${last}`)
    await new Promise((resolve) => setImmediate(resolve))
    still = number() === last ? still + 1 : 0
    last = number()
  }
}
