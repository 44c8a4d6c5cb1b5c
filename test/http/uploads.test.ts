import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import type { Media, SignedParts, UploadStatus } from '@tintype/protocol'
import { photo, pixelFlood } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { announcement, begin, complete, partOf, post, send, sendParts, sha256 } from '../support/direct.ts'
import { problemOf } from '../support/server.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

describe('direct uploads', () => {
  let app: StorageApp
  let jpeg: Buffer
  let mp4: Buffer
  before(async () => {
    app = await startStorageApp({ limits: { imageBytes: 1024 * 1024 } })
    jpeg = await photo()
    mp4 = await largeVideo(16_900_000)
  })
  after(() => app.stop())

  const video = { name: 'clip.mp4', type: 'video/mp4', sha256: undefined }
  const api = (path: string, init?: RequestInit) => fetch(`${app.url}/api${path}`, init)
  const statusOf = async (id: string) => (await (await api(`/uploads/${id}`)).json()) as UploadStatus

  test('a photo goes by one PUT, byte for byte, with thumb and placeholder', async () => {
    const session = await begin(app.url, jpeg, { name: '../höh🎞.jpg', caption: 'Hello' })
    assert.ok(session.put)
    assert.deepEqual((await statusOf(session.id)).put?.headers, session.put.headers)
    assert.equal((await send(session.put, jpeg)).status, 200)
    assert.equal((await statusOf(session.id)).landed, true)

    const response = await complete(app.url, session)
    assert.equal(response.status, 201)
    const media = (await response.json()) as Media
    assert.equal(response.headers.get('location'), `/api/media/${media.id}`)
    assert.deepEqual(
      [media.type, media.bytes, media.sha256, media.name, media.caption, media.width, media.height],
      ['image/jpeg', jpeg.length, sha256(jpeg), 'höh🎞.jpg', 'Hello', 64, 48],
    )
    assert.match(media.placeholder ?? '', /^data:image\/webp;base64,/)
    const original = await fetch(media.urls.original)
    assert.deepEqual(Buffer.from(await original.arrayBuffer()), jpeg)
    assert.equal((await fetch(media.urls.thumb ?? '')).status, 200)
    const status = await statusOf(session.id)
    assert.equal(status.state, 'complete')
    assert.equal(status.media?.id, media.id)
  })

  test('without an announced SHA-256 the media has that of what came', async () => {
    const session = await begin(app.url, jpeg, { sha256: undefined })
    assert.ok(session.put)
    assert.deepEqual(Object.keys(session.put.headers).toSorted(), ['content-type', 'if-none-match'])
    assert.equal((await send(session.put, jpeg)).status, 200)
    const media = (await (await complete(app.url, session)).json()) as Media
    assert.equal(media.sha256, sha256(jpeg))
  })

  test('a video goes in parts, in any order, and its SHA-256 is that of the whole', async () => {
    const session = await begin(app.url, mp4, video)
    assert.deepEqual(session.multipart, { partSize: 8 * 1024 ** 2, parts: 3 })
    const some = await sendParts(app.url, session, mp4, [3, 1])
    const { parts } = await statusOf(session.id)
    assert.deepEqual(
      parts?.map(({ number, size, sha256 }) => ({ number, size, sha256 })),
      [1, 3].map((number) => {
        const bytes = partOf(session, mp4, number)
        return { number, size: bytes.length, sha256: sha256(bytes) }
      }),
    )
    const early = await complete(app.url, session)
    assert.equal(early.status, 409)
    assert.match((await problemOf(early)).detail, /1 of 3 parts have not arrived: 2\./)

    const all = [...some, ...(await sendParts(app.url, session, mp4, [2]))]
    const response = await complete(app.url, session, all)
    assert.equal(response.status, 201)
    const media = (await response.json()) as Media
    assert.deepEqual([media.sha256, media.bytes, media.duration], [sha256(mp4), mp4.length, 2])
  })

  test('complete without a list takes what the storage has', async () => {
    const session = await begin(app.url, mp4, video)
    await sendParts(app.url, session, mp4)
    const response = await complete(app.url, session)
    assert.equal(response.status, 201)
  })

  test('complete may be repeated, and two at once are one media', async () => {
    const session = await begin(app.url, jpeg)
    await send(session.put ?? fail(), jpeg)
    const answers = await Promise.all([complete(app.url, session), complete(app.url, session)])
    assert.deepEqual(answers.map((one) => one.status).sort(), [200, 201])
    const again = await complete(app.url, session)
    assert.equal(again.status, 200)
    const ids = await Promise.all([...answers, again].map(async (one) => ((await one.json()) as Media).id))
    assert.equal(new Set(ids).size, 1)
  })

  test('only what was announced is taken by the storage: size, type, checksum, and no more than once', async () => {
    const { put, ...session } = await begin(app.url, jpeg)
    assert.ok(put)
    const larger = Buffer.concat([jpeg, Buffer.alloc(1)])
    assert.equal((await send(put, larger)).status, 403)
    assert.equal((await send(put, jpeg.subarray(1))).status, 403)
    assert.equal((await send(put, jpeg, { 'content-type': 'text/html' })).status, 403)
    const { 'if-none-match': _, ...overwriting } = put.headers
    assert.equal((await send({ ...put, headers: overwriting }, jpeg)).status, 403)
    const other = Buffer.from(jpeg)
    other[700] = (other[700] ?? 0) ^ 1
    assert.equal((await send(put, other)).status, 400)
    assert.equal(
      (await send({ ...put, url: put.url.replace('/upload.bin', '/other.bin') }, jpeg)).status,
      403,
    )
    assert.equal(
      (await send({ ...put, url: put.url.replace('Expires=900', 'Expires=901') }, jpeg)).status,
      403,
    )

    assert.equal((await complete(app.url, session)).status, 409)
    assert.equal((await send(put, jpeg)).status, 200)
    assert.equal((await send(put, jpeg)).status, 412)
    assert.equal((await complete(app.url, session)).status, 201)
  })

  test('a part is taken with its size and checksum alone', async () => {
    const session = await begin(app.url, mp4, video)
    const bytes = partOf(session, mp4, 3)
    const parts = [{ number: 3, sha256: sha256(bytes) }]
    const signed = (await (
      await post(`${app.url}/api/uploads/${session.id}/parts`, { parts })
    ).json()) as SignedParts
    const [last] = signed.parts
    assert.ok(last)
    assert.equal((await send(last, bytes.subarray(1))).status, 403)
    assert.equal((await send(last, Buffer.alloc(bytes.length, 1))).status, 400)
    assert.equal((await send(last, bytes)).status, 200)
  })

  test('bytes of another kind than announced are refused with the reason, which is kept, and swept', async () => {
    const html = Buffer.from('<!doctype html><script>alert(1)</script>')
    const session = await begin(app.url, html)
    await send(session.put ?? fail(), html)
    const before = (await app.keys()).length
    for (const _ of [1, 2]) {
      const response = await complete(app.url, session)
      assert.equal(response.status, 422)
      const problem = await problemOf(response)
      assert.equal(problem.code, 'upload_refused')
      assert.match(problem.detail, /web page/)
    }
    const status = await statusOf(session.id)
    assert.equal(status.state, 'refused')
    assert.equal(status.refusal?.code, 'upload_refused')
    await settled(async () => (await app.keys()).length < before)
  })

  test('damaged pictures, floods and videos without a picture are refused', async () => {
    const soundOnly = await readFile(new URL('../media/files/sound-only.mp4', import.meta.url))
    for (const [bytes, type, code] of [
      [jpeg.subarray(0, 900), 'image/jpeg', 'not_decodable'],
      [await pixelFlood(), 'image/png', 'too_many_pixels'],
      [soundOnly, 'video/mp4', 'no_video_track'],
    ] as const) {
      const session = await begin(app.url, bytes, { type })
      assert.equal((await send(session.put ?? fail(), bytes)).status, 200)
      const response = await complete(app.url, session)
      assert.equal(response.status, 422)
      assert.equal((await problemOf(response)).code, code)
    }
  })

  test('a type announced wrongly is taken as what the bytes are, within the limits of that', async () => {
    const png = await photo({ type: 'image/png' })
    const session = await begin(app.url, png, { type: 'image/jpeg' })
    await send(session.put ?? fail(), png)
    assert.equal(((await (await complete(app.url, session)).json()) as Media).type, 'image/png')

    const large = Buffer.concat([jpeg, Buffer.alloc(1024 * 1024)])
    const asVideo = await begin(app.url, large, { type: 'video/mp4' })
    await send(asVideo.put ?? fail(), large)
    const refused = await complete(app.url, asVideo)
    assert.equal(refused.status, 422)
    assert.equal((await problemOf(refused)).limit, 1024 * 1024)
  })

  test('a file that is not the one announced is refused', async () => {
    const session = await begin(app.url, mp4, { ...video, sha256: sha256(jpeg) })
    await sendParts(app.url, session, mp4)
    const response = await complete(app.url, session)
    assert.equal(response.status, 422)
    assert.match((await problemOf(response)).detail, /SHA-256/)
  })

  test('an Idempotency-Key begins one session, with fresh URLs', async () => {
    const headers = { 'Idempotency-Key': 'once' }
    const ask = (body: unknown) => post(`${app.url}/api/uploads`, body, headers)
    const first = await ask(announcement(jpeg))
    const second = await ask(announcement(jpeg))
    assert.deepEqual([first.status, second.status], [201, 200])
    const [a, b] = [(await first.json()) as { id: string }, (await second.json()) as { id: string }]
    assert.equal(a.id, b.id)
    assert.equal(first.headers.get('location'), `/api/uploads/${a.id}`)
    assert.equal((await ask(announcement(jpeg, { caption: 'other' }))).status, 422)
    const otherOwner = await post(`${app.url}/api/uploads`, announcement(jpeg), {
      ...headers,
      'X-User': 'bob',
    })
    assert.equal(otherOwner.status, 201)
  })

  test('sessions of others look like those that are not there', async () => {
    const session = await begin(app.url, mp4, video)
    const bob = { 'X-User': 'bob', 'Content-Type': 'application/json' }
    for (const id of [session.id, `${session.id.slice(0, -2)}AA`, 'nonsense', '..%2f']) {
      const answers = await Promise.all([
        api(`/uploads/${id}`, { headers: bob }),
        api(`/uploads/${id}`, { method: 'DELETE', headers: bob }),
        api(`/uploads/${id}/complete`, { method: 'POST', headers: bob, body: '{}' }),
        api(`/uploads/${id}/parts`, { method: 'POST', headers: bob, body: '{"parts":[]}' }),
      ])
      const problems = await Promise.all(answers.map(problemOf))
      assert.deepEqual(new Set(problems.map((one) => `${one.status} ${one.code} ${one.detail}`)).size, 1)
      assert.equal(problems[0]?.status, 404)
    }
    assert.equal((await statusOf(session.id)).state, 'open')
  })

  test('deleted media are gone, and so is what their upload answers', async () => {
    const session = await begin(app.url, jpeg)
    await send(session.put ?? fail(), jpeg)
    const { id, urls } = (await (await complete(app.url, session)).json()) as Media
    assert.equal((await api(`/media/${id}`, { method: 'DELETE' })).status, 204)
    // Without s3:ListBucket, a storage denies that it has it.
    assert.equal((await fetch(urls.original)).status, 403)
    assert.equal((await complete(app.url, session)).status, 404)
    const status = await statusOf(session.id)
    assert.deepEqual([status.state, status.media], ['complete', undefined])
  })

  test('neither log nor database holds a signature or a secret', () => {
    assert.doesNotMatch(app.log.join('\n'), /X-Amz-Signature|apps-secret/i)
    const database = new DatabaseSync(app.database, { readOnly: true })
    const rows = ['upload', 'part', 'sweep', 'media'].map((table) =>
      database.prepare(`select * from tintype_${table}`).all(),
    )
    database.close()
    assert.doesNotMatch(JSON.stringify(rows), /X-Amz-Signature|apps-secret/i)
  })
})

/** What the sweeper does, it does soon. */
async function settled(check: () => Promise<boolean>): Promise<void> {
  await until(check, Boolean, { every: 20 })
}

function fail(): never {
  throw new Error('The session is not one PUT.')
}
