import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { announcement, begin, complete, post, send, sendParts, sha256 } from '../support/direct.ts'
import { problemOf } from '../support/server.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

describe('bad requests about direct uploads', () => {
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

  test('bad lists of parts are 400 or 409, and the upload can still be given up', async () => {
    const session = await begin(app.url, mp4, video)
    const [one, two, three] = await sendParts(app.url, session, mp4)
    assert.ok(one && two && three)
    const list = async (parts: unknown) => {
      const response = await post(`${app.url}/api/uploads/${session.id}/complete`, { parts })
      return response.status
    }
    assert.equal(await list([one, two, { ...three, number: 10_001 }]), 400)
    assert.equal(await list([one, two, { ...three, number: 0 }]), 400)
    assert.equal(await list([one, two, three, { ...three, number: 4 }]), 400)
    assert.equal(await list([one, two, two]), 400)
    assert.equal(await list([one, two, { number: 3, sha256: three.sha256 }]), 400)
    assert.equal(await list([one, two, { ...three, sha256: 'x' }]), 400)
    assert.equal(await list('all'), 400)
    assert.equal(await list([one, two]), 409)
    assert.equal(await list([one, { ...two, etag: one.etag }, three]), 409)
    const open = (await app.openMultiparts()).length
    assert.equal((await api(`/uploads/${session.id}`, { method: 'DELETE' })).status, 204)
    assert.equal((await api(`/uploads/${session.id}`)).status, 404)
    await settled(async () => (await app.openMultiparts()).length === open - 1)
  })

  test('bad requests for URLs are 400', async () => {
    const session = await begin(app.url, mp4, video)
    const ask = async (parts: unknown, id = session.id) =>
      (await post(`${app.url}/api/uploads/${id}/parts`, { parts })).status
    const hash = sha256(jpeg)
    assert.equal(await ask([{ number: 4, sha256: hash }]), 400)
    assert.equal(await ask([{ number: 1.5, sha256: hash }]), 400)
    assert.equal(await ask([{ number: 1, sha256: hash.toUpperCase() }]), 400)
    assert.equal(
      await ask([
        { number: 1, sha256: hash },
        { number: 1, sha256: hash },
      ]),
      400,
    )
    assert.equal(await ask(Array.from({ length: 101 }, (_, i) => ({ number: i + 1, sha256: hash }))), 400)
    assert.equal(await ask(undefined), 400)
    assert.equal(await ask([null]), 400)
    const single = await begin(app.url, jpeg)
    assert.equal(await ask([{ number: 1, sha256: hash }], single.id), 400)
    const done = await begin(app.url, jpeg)
    await send(done.put ?? fail(), jpeg)
    await complete(app.url, done)
    assert.equal((await api(`/uploads/${done.id}`, { method: 'DELETE' })).status, 409)
  })

  test('what cannot pass is refused before it is sent', async () => {
    const ask = async (more: Record<string, unknown>) => {
      const response = await post(`${app.url}/api/uploads`, announcement(jpeg, more))
      return problemOf(response)
    }
    assert.equal((await ask({ type: 7 })).status, 400)
    assert.equal((await ask({ size: 0 })).code, 'empty_file')
    assert.equal((await ask({ size: -1 })).status, 400)
    assert.equal((await ask({ size: 1.5 })).status, 400)
    assert.equal((await ask({ size: '10' })).status, 400)
    const { status, limit } = await ask({ size: 1024 * 1024 + 1 })
    assert.deepEqual([status, limit], [413, 1024 * 1024])
    assert.equal((await ask({ size: 10 * 1024 ** 3 + 1, type: 'video/mp4' })).status, 413)
    assert.equal((await ask({ sha256: 'abc' })).status, 400)
    assert.equal((await ask({ name: undefined })).status, 400)
    assert.equal((await ask({ name: 'a\0.jpg' })).status, 400)
    assert.equal((await ask({ caption: 'x'.repeat(2001) })).status, 400)

    const raw = (body: string, type = 'application/json') =>
      api('/uploads', { method: 'POST', body, headers: { 'Content-Type': type } })
    assert.equal((await raw('{')).status, 400)
    assert.equal((await raw('[]')).status, 400)
    assert.equal((await raw('{}', 'text/plain')).status, 415)
    assert.equal((await raw(`{"name":"${'x'.repeat(70_000)}"}`)).status, 413)
    assert.equal((await api('/uploads')).status, 405)
  })

  test('JSON that a middleware of the app has read is taken as it is', async () => {
    assert.equal((await post(`${app.url}/parsed/uploads`, announcement(jpeg))).status, 201)
    assert.equal((await post(`${app.url}/parsed/uploads`, [])).status, 400)
  })

  test('a list of ten thousand parts is read', async () => {
    const session = await begin(app.url, mp4, video)
    const etag = `"${'0'.repeat(32)}"`
    const parts = Array.from({ length: 10_000 }, (_, i) => ({ number: i + 1, etag, sha256: sha256(jpeg) }))
    const response = await post(`${app.url}/api/uploads/${session.id}/complete`, { parts })
    assert.equal(response.status, 400)
    assert.match((await problemOf(response)).detail, /no part 4/)
  })

  test('what a client says of key, owner or id is not heard', async () => {
    const { id } = await begin(app.url, jpeg, { id: 'x', key: 'media/mine', owner: 'bob', part_bytes: 1 })
    assert.match(id, /^[\w-]{22}$/)
    assert.equal((await api(`/uploads/${id}`, { headers: { 'X-User': 'bob' } })).status, 404)
  })
})

async function settled(check: () => Promise<boolean>): Promise<void> {
  await until(check, Boolean, { every: 20 })
}

function fail(): never {
  throw new Error('The session is not one PUT.')
}
