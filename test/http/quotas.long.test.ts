import assert from 'node:assert/strict'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import type { Media, Problem, UploadSession, Usage } from '@tintype/protocol'
import multer from 'multer'
import { randomId } from '../../packages/tintype/src/ids.ts'
import { photo } from '../media/photos.ts'
import { databases } from '../support/app-database.ts'
import { announcement, complete, post, send } from '../support/direct.ts'
import { headerOf } from '../support/door.ts'
import { mediaOf, problemOf, upload } from '../support/server.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const jpeg = await photo()

for (const { name, create, skip } of databases) {
  describe(`quotas on ${name}`, { skip }, () => {
    /** Two apps on one database. Each test has an owner of its own. */
    let shared: StorageApp
    let drop: () => Promise<void>
    let owner = ''
    let quotas: (owner: string) => object = () => ({})
    before(async () => {
      const database = await create()
      drop = database.drop
      shared = await startStorageApp({
        database: database.url,
        claimWithin: 60,
        quotas: (owner) => quotas(owner),
        authenticate: (request) => headerOf(request, 'x-user') ?? owner,
      })
    })
    after(async () => {
      await shared.stop()
      await drop()
    })

    function start(limits: object | ((owner: string) => object)) {
      owner = randomId()
      quotas = typeof limits === 'function' ? (limits as typeof quotas) : () => limits
      const usage = async (): Promise<Usage> => shared.tintype.usage(owner)
      return { ...shared, usage, urls: [shared.url, shared.otherUrl] as const }
    }

    test('of fifty parallel uploads for one free slot one is kept, by forms through two apps', async () => {
      const app = start({ media: 3 })
      for (const _ of [1, 2]) assert.equal((await upload(app.url, { bytes: jpeg })).status, 201)
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => upload(app.urls[i % 2] as string, { bytes: jpeg })),
      )
      assert.deepEqual(tally(answers), { 201: 1, 403: 49 })
      const refused = await problemOf(answers.find((one) => one.status === 403) as Response)
      assert.equal(refused.code, 'quota_exceeded')
      assert.equal(refused.limit, 3)
      assert.equal((await app.usage()).media, 3)
      // Nothing of the others is left: each medium has its original and its thumb.
      await until(app.keys, (keys) => keys.length === 6)
    })

    test('others are not held up by one whose quota is used up, whichever commits together', async () => {
      const app = start((owner: string) => (owner === 'bob' ? {} : { media: 1 }))
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          upload(app.url, { bytes: jpeg }, { headers: i % 2 ? { 'X-User': 'bob' } : {} }),
        ),
      )
      const [anns, bobs] = [0, 1].map((rest) => answers.filter((_, i) => i % 2 === rest))
      assert.deepEqual(tally(anns ?? []), { 201: 1, 403: 9 })
      assert.deepEqual(tally(bobs ?? []), { 201: 10 })
    })

    test('sessions reserve what they announce: of fifty for one slot one is opened, and a form has to wait for it', async () => {
      const app = start({ bytes: jpeg.length * 2 - 1, media: 10 })
      const begun = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          post(`${app.urls[i % 2]}/api/uploads`, announcement(jpeg, { caption: String(i) })),
        ),
      )
      assert.deepEqual(tally(begun), { 201: 1, 403: 49 })
      const opened = begun.find((one) => one.status === 201) as Response
      const session = (await opened.json()) as UploadSession
      assert.deepEqual(await app.usage(), {
        bytes: 0,
        media: 0,
        sessions: 1,
        sessionBytes: jpeg.length,
        limits: { bytes: jpeg.length * 2 - 1, media: 10 },
      })
      const form = await problemOf(await upload(app.url, { bytes: jpeg }))
      assert.equal(form.code, 'quota_exceeded')
      assert.match(form.detail, /more on the way/)
      assert.equal((await send(session.put as NonNullable<UploadSession['put']>, jpeg)).status, 200)
      const [one, two] = await Promise.all(app.urls.map((url) => complete(url, session)))
      assert.deepEqual([one?.status, two?.status].sort(), [200, 201])
      assert.equal((await app.usage()).sessionBytes, 0)
    })

    test('open sessions have a limit of their own; one that is cancelled or over counts no more', async () => {
      const app = start({ sessions: 3 })
      const open = (i: number) =>
        post(`${app.urls[i % 2]}/api/uploads`, announcement(jpeg, { caption: String(i) }))
      const begun = await Promise.all(Array.from({ length: 50 }, (_, i) => open(i)))
      assert.deepEqual(tally(begun), { 201: 3, 403: 47 })
      const refused = await problemOf(begun.find((one) => one.status === 403) as Response)
      assert.equal(refused.limit, 3)
      assert.match(refused.detail, /in progress/)
      const opened = begun.find((one) => one.status === 201) as Response
      const { id } = (await opened.json()) as UploadSession
      await fetch(`${app.url}/api/uploads/${id}`, { method: 'DELETE' })
      assert.equal((await open(50)).status, 201)
      assert.equal((await open(51)).status, 403)
      await app.clock.advance(86_400_000)
      assert.equal((await open(52)).status, 201)
    })

    test('a photo that replaces another counts with the difference', async () => {
      const large = await photo({ width: 300, height: 200 })
      assert(large.length > jpeg.length + 1000)
      const app = start({ bytes: large.length + 500, media: 1 })
      const media = await mediaOf(await upload(app.url, { bytes: jpeg }))
      const replace = (bytes: Buffer) =>
        upload(app.url, { bytes }, { path: `/api/media/${media.id}`, method: 'PUT' })
      assert.equal((await replace(large)).status, 200)
      assert.equal((await app.usage()).bytes, large.length)
      const answers = await Promise.all([replace(jpeg), replace(large)])
      assert.deepEqual(tally(answers), { 200: 2 })
      const huge = await photo({ width: 400, height: 300 })
      const refused = await problemOf(await replace(huge))
      assert.deepEqual([refused.code, refused.limit], ['quota_exceeded', large.length + 500])
    })

    test('what is removed or has expired makes room at once, before its objects are deleted', async () => {
      const app = start({ media: 1 })
      const media = await mediaOf(await upload(app.url, { bytes: jpeg }))
      app.proxy.faults.pick = (req) => (req.method === 'DELETE' ? 'slow down' : undefined)
      assert.equal((await fetch(`${app.url}/api/media/${media.id}`, { method: 'DELETE' })).status, 202)
      app.proxy.faults.pick = () => undefined
      assert.equal((await upload(app.url, { bytes: jpeg })).status, 201)
      assert.equal((await upload(app.url, { bytes: jpeg })).status, 403)
      await app.clock.advance(120_000)
      await until(app.usage, ({ media }) => media === 0)
      assert.equal((await upload(app.url, { bytes: jpeg })).status, 201)
    })

    test('a request that is repeated with its Idempotency-Key gets its photo, though there is no more room', async () => {
      const app = start({ media: 1, bytes: jpeg.length })
      const headers = { 'Idempotency-Key': 'one' }
      const first = await upload(app.url, { bytes: jpeg }, { headers })
      const again = await upload(app.otherUrl, { bytes: jpeg }, { headers })
      assert.deepEqual([first.status, again.status], [201, 200])
      assert.equal((await mediaOf(again)).id, (await mediaOf(first)).id)
    })

    test('a quota that comes later counts what was there before', async () => {
      const limits: { media?: number } = {}
      const app = start(() => limits)
      await upload(app.url, { bytes: jpeg })
      limits.media = 1
      assert.equal((await upload(app.url, { bytes: jpeg })).status, 403)
      limits.media = 2
      assert.equal((await upload(app.url, { bytes: jpeg })).status, 201)
    })
  })
}

test('a quota is asked before the body is sent, and again as its files come', async (t) => {
  const app = await startStorageApp({ quotas: { bytes: 300_000 } })
  t.after(() => app.stop())
  const announced = await beginForm(app.url, { 'Content-Length': 1024 ** 3 })
  assert.deepEqual([announced.status, announced.code, announced.limit], [403, 'quota_exceeded', 300_000])
  const coming = await beginForm(app.url, { 'Transfer-Encoding': 'chunked' }, [
    '--x\r\nContent-Disposition: form-data; name="file"; filename="large.jpg"\r\n\r\n',
    jpeg,
    Buffer.alloc(400_000),
  ])
  assert.equal(coming.code, 'quota_exceeded')
  const many = await startStorageApp({ quotas: { media: 1 } })
  t.after(() => many.stop())
  const two = await upload(many.url, [{ bytes: jpeg }, { bytes: jpeg }])
  assert.equal((await problemOf(two)).code, 'quota_exceeded')
  assert.equal((await upload(many.url, { bytes: jpeg })).status, 201)
  const full = await beginForm(many.url, { 'Content-Length': 50_000 })
  assert.equal(full.code, 'quota_exceeded')
})

test('the hook ready is asked for what has room alone', async (t) => {
  const told: string[] = []
  const app = await startStorageApp({
    quotas: { media: 1 },
    hooks: { ready: (media) => void told.push(media.id) },
  })
  t.after(() => app.stop())
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => upload(i % 2 ? app.url : app.otherUrl, { bytes: jpeg })),
  )
  assert.deepEqual(tally(answers), { 201: 1, 403: 9 })
  const made = await mediaOf(answers.find(({ status }) => status === 201) as Response)
  assert.deepEqual(told, [made.id])
})

test('a form that needs no file passes where there is no room', async (t) => {
  const app = await startStorageApp({
    quotas: { media: 0 },
    routes: (app, tintype) =>
      app.post('/posts', tintype.upload('photo', { required: false }), (req, res) => void res.json(req.body)),
  })
  t.after(() => app.stop())
  const form = new FormData()
  form.set('title', 'words alone')
  const answer = await fetch(`${app.url}/posts`, { method: 'POST', body: form })
  assert.deepEqual(await answer.json(), { title: 'words alone' })
  assert.equal((await upload(app.url, { bytes: jpeg, field: 'photo' }, { path: '/posts' })).status, 403)
})

test("files that the app has, and Multer's, count as those of forms do", async (t) => {
  const app = await startStorageApp({
    quotas: { media: 2, bytes: jpeg.length * 2 + 100 },
    routes: (app, tintype) =>
      app.post(
        '/multer',
        multer({ storage: tintype.storage() }).single('file'),
        (_req, res) => void res.end(),
      ),
  })
  t.after(() => app.stop())
  const { media } = app.tintype
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, () => media.create(jpeg, { owner: 'ann', name: 'a.jpg' })),
  )
  const made = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  assert.equal(made.length, 2)
  for (const one of outcomes) {
    if (one.status === 'rejected') assert.equal(one.reason.code, 'quota_exceeded')
  }
  const larger = await photo({ width: 200, height: 150 })
  const id = made[0]?.id as string
  await assert.rejects(media.replace(id, larger), { code: 'quota_exceeded', status: 403 })
  await media.replace(id, jpeg)
  assert.equal((await upload(app.url, { bytes: jpeg }, { path: '/multer' })).status, 403)
  await media.remove(id)
  assert.equal((await upload(app.url, { bytes: jpeg }, { path: '/multer' })).status, 200)
})

test('a function that gives no limits at all, or nonsense, or throws, lets nothing in', async (t) => {
  const answers: (() => unknown)[] = [
    () => undefined,
    () => null,
    () => ({ media: -1 }),
    () => ({ medai: 5 }),
    () => {
      throw new Error('no plan')
    },
  ]
  let answer: () => unknown = () => ({})
  const app = await startStorageApp({ quotas: (() => answer()) as () => object })
  t.after(() => app.stop())
  assert.equal((await upload(app.url, { bytes: jpeg })).status, 201)
  for (answer of answers) {
    const refused = await problemOf(await upload(app.url, { bytes: jpeg }))
    assert.deepEqual([refused.status, refused.code], [500, 'hook_failed'])
  }
  const asked = Promise.withResolvers<void>()
  answer = () => {
    asked.resolve()
    return new Promise(() => {})
  }
  const waiting = upload(app.url, { bytes: jpeg })
  await asked.promise
  await app.clock.advance(3_600_000)
  assert.equal((await problemOf(await waiting)).code, 'hook_timeout')
  answer = () => ({})
  assert.equal((await app.tintype.usage('ann')).media, 1)
})

/** Sends the head of a form, and so much of its body. */
function beginForm(
  url: string,
  headers: Record<string, string | number>,
  body: (string | Buffer)[] = [],
): Promise<Problem> {
  const { promise, resolve, reject } = Promise.withResolvers<Problem>()
  const asking = request(`${url}/api/media`, {
    method: 'POST',
    headers: { 'Content-Type': 'multipart/form-data; boundary=x', ...headers },
  })
  asking.on('response', (response) => {
    json(response).then((problem) => resolve(problem as Problem), reject)
    response.on('end', () => asking.destroy())
  })
  asking.on('error', reject)
  asking.flushHeaders()
  for (const chunk of body) asking.write(chunk)
  return promise
}

test('usage is told over HTTP, to its owner', async (t) => {
  const app = await startStorageApp({ quotas: { media: 5 } })
  t.after(() => app.stop())
  const media: Media = await mediaOf(await upload(app.url, { bytes: jpeg }))
  const asked = (await (await fetch(`${app.url}/api/usage`)).json()) as Usage
  assert.deepEqual(asked, {
    bytes: media.bytes,
    media: 1,
    sessions: 0,
    sessionBytes: 0,
    limits: { media: 5 },
  })
  const bobs = await fetch(`${app.url}/api/usage`, { headers: { 'X-User': 'bob' } })
  assert.equal(((await bobs.json()) as Usage).media, 0)
})

function tally(answers: Response[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
