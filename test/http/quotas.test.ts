import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Media, UploadSession, Usage } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { databases } from '../support/app-database.ts'
import { announcement, complete, post, send } from '../support/direct.ts'
import { mediaOf, problemOf, upload } from '../support/server.ts'
import { startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const jpeg = await photo()

for (const { name, create, skip } of databases) {
  describe(`quotas on ${name}`, { skip }, () => {
    /** Two apps on one database. */
    async function start(t: { after(end: () => Promise<unknown>): void }, options: object) {
      const database = await create()
      const app = await startStorageApp({ ...options, database: database.url })
      t.after(async () => {
        await app.stop()
        await database.drop()
      })
      const usage = async (): Promise<Usage> => app.tintype.usage('ann')
      return { ...app, usage, urls: [app.url, app.otherUrl] as const }
    }

    test('of fifty parallel uploads for one free slot one is kept, by forms through two apps', async (t) => {
      const app = await start(t, { quotas: { media: 3 } })
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

    test('others are not held up by one whose quota is used up, whichever commits together', async (t) => {
      const app = await start(t, { quotas: (owner: string) => (owner === 'ann' ? { media: 1 } : {}) })
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          upload(app.url, { bytes: jpeg }, { headers: { 'X-User': i % 2 ? 'bob' : 'ann' } }),
        ),
      )
      const [anns, bobs] = [0, 1].map((rest) => answers.filter((_, i) => i % 2 === rest))
      assert.deepEqual(tally(anns ?? []), { 201: 1, 403: 9 })
      assert.deepEqual(tally(bobs ?? []), { 201: 10 })
    })

    test('sessions reserve what they announce: of fifty for one slot one is opened, and a form has to wait for it', async (t) => {
      const app = await start(t, { quotas: { bytes: jpeg.length * 2 - 1, media: 10 } })
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

    test('open sessions have a limit of their own; one that is cancelled or over counts no more', async (t) => {
      const app = await start(t, { quotas: { sessions: 3 } })
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

    test('a photo that replaces another counts with the difference', async (t) => {
      const large = await photo({ width: 300, height: 200 })
      assert(large.length > jpeg.length + 1000)
      const app = await start(t, { quotas: { bytes: large.length + 500, media: 1 } })
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

    test('what is removed or has expired makes room at once, before its objects are deleted', async (t) => {
      const app = await start(t, { quotas: { media: 1 }, claimWithin: 60 })
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

    test('a request that is repeated with its Idempotency-Key gets its photo, though there is no more room', async (t) => {
      const app = await start(t, { quotas: { media: 1, bytes: jpeg.length } })
      const headers = { 'Idempotency-Key': 'one' }
      const first = await upload(app.url, { bytes: jpeg }, { headers })
      const again = await upload(app.otherUrl, { bytes: jpeg }, { headers })
      assert.deepEqual([first.status, again.status], [201, 200])
      assert.equal((await mediaOf(again)).id, (await mediaOf(first)).id)
    })

    test('a quota that comes later counts what was there before', async (t) => {
      const limits: { media?: number } = {}
      const app = await start(t, { quotas: () => limits })
      await upload(app.url, { bytes: jpeg })
      limits.media = 1
      assert.equal((await upload(app.url, { bytes: jpeg })).status, 403)
      limits.media = 2
      assert.equal((await upload(app.url, { bytes: jpeg })).status, 201)
    })
  })
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
