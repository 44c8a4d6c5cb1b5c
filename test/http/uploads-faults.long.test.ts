import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { after, afterEach, before, describe, test } from 'node:test'
import type { S3Fault } from '@tintype/crash-kit'
import type { Media, MediaPage, UploadStatus } from '@tintype/protocol'
import { appPolicy, type PolicyDocument } from '../../packages/tintype/src/bucket/policy.ts'
import { systemClock } from '../../packages/tintype/src/clock.ts'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { begin, complete, post, send, sendParts, sha256 } from '../support/direct.ts'
import { createDatabase, skipWithoutPostgres } from '../support/postgres.ts'
import { problemOf } from '../support/server.ts'
import { bucketName, type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const video = { name: 'clip.mp4', type: 'video/mp4', sha256: undefined }
const mp4 = await largeVideo(16_900_000)

/** Requests of ours to the storage, by what they ask for. */
const asks = {
  create: (req: IncomingMessage) => req.method === 'POST' && /[?&]uploads(=|&|$)/.test(req.url ?? ''),
  complete: (req: IncomingMessage) => req.method === 'POST' && /[?&]uploadId=/.test(req.url ?? ''),
  copy: (req: IncomingMessage) => req.method === 'PUT' && req.headers['x-amz-copy-source'] !== undefined,
  head: (req: IncomingMessage) => req.method === 'HEAD',
}

describe('direct uploads while the storage fails', () => {
  let app: StorageApp
  let jpeg: Buffer
  before(async () => {
    // With what the embedded storage allows: to find uploads whose id was lost.
    app = await startStorageApp({
      policy: withStrays(appPolicy(bucketName, { multipart: true })),
      clock: systemClock,
      times: { sweepGrace: 1 },
    })
    jpeg = await photo()
  })
  after(() => app.stop())
  afterEach(() => {
    delete app.proxy.faults.pick
  })

  /** The next such request, or so many of them, fares badly. */
  function fail(ask: (req: IncomingMessage) => boolean, fault: S3Fault, times = 1): void {
    let left = times
    app.proxy.faults.pick = (req) => (left > 0 && ask(req) && left-- > 0 ? fault : undefined)
  }

  test('a CreateMultipartUpload whose reply is lost is 503, and its upload is found and ended', async () => {
    fail(asks.create, 'reset after')
    await assert.rejects(begin(app.url, mp4, video), /503/)
    await until(app.openMultiparts, (open) => open.length === 0)
  })

  test('a CompleteMultipartUpload whose reply is lost has happened', async () => {
    const { session, parts } = await landed(app)
    fail(asks.complete, 'reset after')
    const response = await complete(app.url, session, parts)
    assert.equal(response.status, 201)
    assert.equal(((await response.json()) as Media).sha256, sha256(mp4))
  })

  for (const [fault, times] of [
    ['reset before', 1],
    ['slow down', 3],
    ['error in 200', 3],
  ] as const) {
    test(`a CompleteMultipartUpload that fails by "${fault}" is 503, and completes when asked again`, async () => {
      const { session, parts } = await landed(app)
      fail(asks.complete, fault, times)
      const response = await complete(app.url, session, parts)
      assert.equal(response.status, 503)
      assert.equal((await problemOf(response)).code, 'storage_unavailable')
      assert.equal((await complete(app.url, session, parts)).status, 201)
    })
  }

  for (const fault of ['slow down', 'error in 200'] as const) {
    test(`a CompleteMultipartUpload that fails twice by "${fault}" is asked again here`, async () => {
      const { session, parts } = await landed(app)
      fail(asks.complete, fault, 2)
      assert.equal((await complete(app.url, session, parts)).status, 201)
    })
  }

  test('after a lost reply, a status says that the object has landed, and a complete needs no list', async () => {
    const { session, parts } = await landed(app)
    let failing = true
    app.proxy.faults.pick = (req) => {
      if (asks.complete(req)) return 'reset after'
      return failing && asks.head(req) ? 'slow down' : undefined
    }
    assert.equal((await complete(app.url, session, parts)).status, 503)
    failing = false
    const status = (await (await fetch(`${app.url}/api/uploads/${session.id}`)).json()) as UploadStatus
    assert.deepEqual([status.state, status.landed, status.parts], ['open', true, undefined])
    assert.equal((await complete(app.url, session)).status, 201)
  })

  for (const fault of ['reset after', 'reset before', 'error in 200', 'late'] as const) {
    test(`a copy that fails by "${fault}" is made again to another key, and nothing is left of the first`, async () => {
      const session = await begin(app.url, jpeg)
      if (session.put) await send(session.put, jpeg)
      fail(asks.copy, fault)
      assert.equal((await complete(app.url, session)).status, 201)
      await app.proxy.idle()
      await settled(app)
    })
  }

  test('copies that fail again and again are 503, the upload stays as it was, and completes later', async () => {
    const { session, parts } = await landed(app)
    fail(asks.copy, 'slow down', 3)
    assert.equal((await complete(app.url, session, parts)).status, 503)
    assert.equal((await complete(app.url, session)).status, 201)
    await settled(app)
  })

  test('a storage that is away says nothing about the file', async () => {
    const session = await begin(app.url, jpeg)
    if (session.put) await send(session.put, jpeg)
    app.proxy.faults.pick = (req) => (req.method === 'PUT' ? undefined : 'slow down')
    assert.equal((await complete(app.url, session)).status, 503)
    assert.equal((await fetch(`${app.url}/api/uploads/${session.id}`)).status, 503)
    delete app.proxy.faults.pick
    assert.equal((await complete(app.url, session)).status, 201)
  })
})

for (const { name, skip } of [
  { name: 'SQLite', skip: false },
  { name: 'Postgres', skip: skipWithoutPostgres },
] as const) {
  describe(`direct uploads on two processes, with ${name}`, { skip }, () => {
    let app: StorageApp
    let own: Awaited<ReturnType<typeof createDatabase>> | undefined
    before(async () => {
      own = name === 'Postgres' ? await createDatabase() : undefined
      app = await startStorageApp({
        clock: systemClock,
        times: { sweepGrace: 1 },
        ...(own ? { database: own.url } : {}),
      })
    })
    after(async () => {
      await app.stop()
      await own?.drop()
    })

    test('two processes that complete at once make one media, and no object is left over', async () => {
      const { session, parts } = await landed(app)
      const answers = await Promise.all([
        complete(app.url, session, parts),
        complete(app.otherUrl, session, parts),
        complete(app.otherUrl, session),
      ])
      const media = (await Promise.all(answers.map((one) => one.json()))) as Media[]
      assert.deepEqual(answers.map((one) => one.status).sort(), [200, 200, 201], JSON.stringify(media))
      assert.equal(new Set(media.map((one) => one.id)).size, 1)
      await settled(app)
    })

    test('a session that was begun on one process is signed and completed on another', async () => {
      const session = await begin(app.url, mp4, video)
      const parts = await sendParts(app.otherUrl, session, mp4)
      assert.equal((await complete(app.url, session, parts)).status, 201)
      assert.equal((await complete(app.otherUrl, session, parts)).status, 200)
    })

    test('a session that is cancelled while it is completed becomes no media', async () => {
      const { session, parts } = await landed(app)
      const copied = Promise.withResolvers<void>()
      app.proxy.faults.after = async (req) => {
        if (!asks.copy(req)) return
        await fetch(`${app.otherUrl}/api/uploads/${session.id}`, { method: 'DELETE' })
        copied.resolve()
      }
      assert.equal((await complete(app.url, session, parts)).status, 404)
      delete app.proxy.faults.after
      await copied.promise
      await settled(app)
    })
  })
}

describe('direct uploads with few permissions', () => {
  let app: StorageApp
  before(async () => {
    app = await startStorageApp({
      policy: appPolicy(bucketName, { multipart: false }),
      publicHost: 'localhost',
    })
  })
  after(() => app.stop())

  test('where parts may not be listed, resuming goes by what was recorded', async () => {
    const session = await begin(app.url, mp4, video)
    const [first] = await sendParts(app.url, session, mp4, [1])
    const status = async () =>
      (await (await fetch(`${app.url}/api/uploads/${session.id}`)).json()) as UploadStatus
    assert.deepEqual((await status()).parts, [])
    const told = await post(`${app.url}/api/uploads/${session.id}/parts`, {
      parts: [],
      stored: [{ number: first?.number, etag: first?.etag }],
    })
    assert.equal(told.status, 200)
    assert.deepEqual((await status()).parts, [{ ...first, size: 8 * 1024 ** 2 }])

    const rest = await sendParts(app.url, session, mp4, [2, 3])
    assert.equal((await complete(app.url, session)).status, 409)
    assert.equal(
      (
        await complete(
          app.url,
          session,
          [first ?? rest[0], ...rest].filter((one) => one !== undefined),
        )
      ).status,
      201,
    )
  })

  test('URLs go to the name that browsers reach, and are sound there', async () => {
    const jpeg = await photo()
    const { put, ...session } = await begin(app.url, jpeg)
    assert.equal(new URL(put?.url ?? '').hostname, 'localhost')
    assert.ok(put && (await send(put, jpeg)).ok)
    const media = (await (await complete(app.url, session)).json()) as Media
    assert.equal(new URL(media.urls.original).hostname, 'localhost')
    assert.equal((await fetch(media.urls.original)).status, 200)
  })
})

async function landed(app: StorageApp) {
  const session = await begin(app.url, mp4, video)
  return { session, parts: await sendParts(app.url, session, mp4) }
}

/** Until the bucket holds the objects of visible media and nothing else. */
async function settled(app: StorageApp): Promise<void> {
  const { media } = (await (await fetch(`${app.url}/api/media?limit=1000`)).json()) as MediaPage
  const urls = media.flatMap((one) => Object.values(one.urls)).map((url) => new URL(url ?? ''))
  const visible = urls.map((url) => url.pathname.slice(`/${bucketName}/`.length)).sort()
  await until(app.keys, (keys) => keys.sort().join() === visible.join())
}

function withStrays(policy: PolicyDocument): PolicyDocument {
  const mayListUploads = {
    ...policy.Statement[0],
    Sid: 'ListUploads',
    Action: ['s3:ListBucketMultipartUploads'],
  }
  return {
    ...policy,
    Statement: [
      ...policy.Statement,
      { Effect: 'Allow', ...mayListUploads, Resource: [`arn:aws:s3:::${bucketName}`] },
    ],
  }
}
