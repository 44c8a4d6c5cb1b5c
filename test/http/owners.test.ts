import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Media, MediaPage, UploadSession } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { announcement, post } from '../support/direct.ts'
import { mediaOf, problemOf, upload } from '../support/server.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'

describe('owners', () => {
  let app: StorageApp
  let jpeg: Buffer
  let media: Media
  const bob = { 'X-User': 'bob' }
  before(async () => {
    app = await startStorageApp()
    jpeg = await photo()
    media = await mediaOf(await upload(app.url, { bytes: jpeg }, { caption: "Ann's" }))
  })
  after(() => app.stop())

  const json = { ...bob, 'Content-Type': 'application/json' }
  const api = (path: string, init?: RequestInit) => fetch(`${app.url}/api${path}`, init)

  test("Z1 somebody else's media look like those that are not there, whatever is asked", async () => {
    const asks: ((id: string) => Promise<Response>)[] = [
      (id) => api(`/media/${id}`, { headers: bob }),
      (id) => api(`/media/${id}/original`, { headers: bob, redirect: 'manual' }),
      (id) => api(`/media/${id}/thumb?download`, { headers: bob, redirect: 'manual' }),
      (id) => api(`/media/${id}`, { method: 'PATCH', headers: json, body: '{"caption":"Bob\'s"}' }),
      (id) => upload(app.url, { bytes: jpeg }, { path: `/api/media/${id}`, method: 'PUT', headers: bob }),
      (id) => api(`/media/${id}`, { method: 'DELETE', headers: bob }),
    ]
    for (const ask of asks) {
      const answers = await Promise.all([media.id, 'A'.repeat(22), 'nonsense', '..%2f'].map(ask))
      const problems = await Promise.all(answers.map(problemOf))
      assert.deepEqual(new Set(problems.map((one) => `${one.status} ${one.code} ${one.detail}`)).size, 1)
      assert.equal(problems[0]?.status, 404)
    }
    assert.deepEqual(await (await api('/media', { headers: bob })).json(), { media: [], next: null })
    const { urls: _, ...kept } = (await (await api(`/media/${media.id}`)).json()) as Media
    const { urls: __, ...before } = media
    assert.deepEqual(kept, before)
  })

  test('pages begin behind a cursor of one’s own list, whoever made it', async () => {
    await upload(app.url, { bytes: jpeg })
    const { next } = (await (await api('/media?limit=1')).json()) as MediaPage
    const page = (await (await api(`/media?cursor=${next}`, { headers: bob })).json()) as MediaPage
    assert.deepEqual(page.media, [])
  })

  test('two owners may use the same Idempotency-Key, each for something of their own', async () => {
    const key = { 'Idempotency-Key': 'holiday' }
    const anns = await upload(app.url, { bytes: jpeg }, { headers: key })
    const bobs = await upload(app.url, { bytes: jpeg }, { headers: { ...key, ...bob } })
    assert.deepEqual([anns.status, bobs.status], [201, 201])
    assert.notEqual((await mediaOf(anns)).id, (await mediaOf(bobs)).id)
    const sessions = await Promise.all(
      [{}, bob].map((user) =>
        post(`${app.url}/api/uploads`, announcement(jpeg), { ...key, ...(user as Record<string, string>) }),
      ),
    )
    assert.deepEqual(
      sessions.map((one) => one.status),
      [201, 201],
    )
    const [one, other] = (await Promise.all(sessions.map((each) => each.json()))) as UploadSession[]
    assert.notEqual(one?.id, other?.id)
  })
})
