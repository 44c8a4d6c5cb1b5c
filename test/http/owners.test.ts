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

  test('pages begin behind a cursor of one’s own list, whichever owner made it', async () => {
    await upload(app.url, { bytes: jpeg })
    const { next } = (await (await api('/media?limit=1')).json()) as MediaPage
    const page = (await (await api(`/media?cursor=${next}`, { headers: bob })).json()) as MediaPage
    assert.deepEqual(page.media, [])
  })

  test('an owner that is undefined is nobody, not anybody', async () => {
    const { media: calls } = app.tintype
    for (const owner of [undefined, null, '', 5] as never[]) {
      for (const call of [
        () => calls.get(media.id, { owner }),
        () => calls.list({ owner }),
        () => calls.update(media.id, { caption: 'new' }, { owner }),
        () => calls.count({ owner }),
        () => calls.removeAll({ owner }),
        () => calls.claim(media.id, { by: 'post:1', owner }),
        () => calls.url(media.id, 'original', { owner }),
        () => calls.remove(media.id, { owner }),
      ]) {
        await assert.rejects(
          call,
          owner === 5 ? /^TypeError: owner is 5; .*String\(user\.id\)/ : /^TypeError: owner has no value/,
        )
      }
    }
    for (const whose of ['ann', 5, null] as never[]) {
      await assert.rejects(
        calls.get(media.id, whose),
        /^TypeError: The last argument is .*\{ owner: user\.id \}/,
      )
    }
    await assert.rejects((calls.removeAll as () => Promise<unknown>)(), /^TypeError: owner has no value/)
    await assert.rejects(
      calls.url(media.id, 'original', { donwload: true } as object),
      /did you mean download/,
    )
    await assert.rejects(calls.list({ owner: 'ann', limt: 5 } as never), /did you mean limit/)
    assert.equal((await calls.get(media.id, { owner: 'ann' }))?.id, media.id)
    assert.equal((await calls.get(media.id))?.id, media.id)
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

describe('what authenticate answers', () => {
  let answer: unknown
  let app: StorageApp
  before(async () => {
    app = await startStorageApp({ authenticate: () => answer as string })
  })
  after(() => app.stop())

  for (const [given, status] of [
    ['ann', 200],
    [null, 401],
    [undefined, 401],
    ['', 401],
    [false, 500],
    [7, 500],
    [{ id: 'ann' }, 500],
  ] as const) {
    test(`${JSON.stringify(given)} is ${status}`, async () => {
      answer = given
      assert.equal((await fetch(`${app.url}/api/media`)).status, status)
      if (status === 500)
        assert.match(app.log.at(-1) ?? '', /authenticate has answered with a .*String\(id\)/)
    })
  }
})
