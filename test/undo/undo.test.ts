import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import type { Media, MediaVersions, RemovedPage } from '@tintype/protocol'
import { createTestClock } from '../../packages/tintype/src/clock.ts'
import { createTintype, type Tintype, type TintypeOptions } from '../../packages/tintype/src/tintype.ts'
import { photo } from '../media/photos.ts'
import { databases } from '../support/app-database.ts'
import { until } from '../support/until.ts'

const day = 86_400_000

for (const { name, create, connect, skip } of databases) {
  describe(`what was removed or replaced can be had again, on ${name}`, { skip }, () => {
    const clock = createTestClock(Date.now())
    let database: Awaited<ReturnType<typeof create>>
    let directory: string
    let tintype: Tintype

    const open = (options: Partial<TintypeOptions> = {}) =>
      createTintype({
        directory,
        publicUrl: 'http://photos.test',
        database: database.url,
        authenticate: (request) => (request as unknown as Request).headers.get('x-user'),
        variants: { thumb: { width: 320 } },
        times: { undo: (10 * day) / 1000, sweepGrace: 1 },
        clock,
        log: { info() {}, warn() {}, error() {} },
        ...options,
      })
    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'tintype-undo-'))
      database = await create()
      tintype = await open()
    })
    after(async () => {
      await tintype.close()
      await database.drop()
      await rm(directory, { recursive: true })
    })

    afterEach(async () => {
      await tintype.media.removeAll({ owner: 'ann', final: true })
    })

    const call = async (
      path: string,
      method = 'GET',
      { user = 'ann', headers = {}, body = undefined as unknown } = {},
    ) => {
      const json =
        body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      const response = await tintype.fetch(
        new Request(`http://photos.test/media${path}`, {
          method,
          ...json,
          headers: { 'x-user': user, ...json.headers, ...headers },
        }),
      )
      const text = await response.text()
      const answer = text === '' ? {} : JSON.parse(text)
      return { status: response.status, ...answer } as { status: number } & Record<string, unknown>
    }
    const create1 = async (user = 'ann', width = 40) =>
      (await tintype.media.create(await photo({ width, height: 30 }), {
        owner: user,
        name: 'a.jpg',
      })) as Media
    const replace = async (id: string, width: number) => {
      const form = new FormData()
      const bytes = (await photo({ width, height: 30 })) as Uint8Array<ArrayBuffer>
      form.append('file', new Blob([bytes], { type: 'image/jpeg' }), 'b.jpg')
      const request = new Request(`http://photos.test/media/${id}`, {
        method: 'PUT',
        body: form,
        headers: { 'x-user': 'ann' },
      })
      const response = await tintype.fetch(request)
      assert.equal(response.status, 200)
      return (await response.json()) as Media
    }
    const removedIds = async (user = 'ann') =>
      ((await call('?removed=1', 'GET', { user })) as unknown as RemovedPage).media.map(({ id }) => id)
    const listed = async (user = 'ann') =>
      ((await call('', 'GET', { user })) as unknown as RemovedPage).media.map(({ id }) => id)
    const rows = async (query: string) => {
      const app = await connect(database.url)
      try {
        return await app.all(query)
      } finally {
        await app.close()
      }
    }
    const bytesOf = async (media: Pick<Media, 'urls'>, variant = 'original') => {
      const response = await tintype.fetch(new Request(String(media.urls[variant])))
      return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
    }
    const sha = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').slice(0, 40)

    test('a removal says until when it can be undone, and undoing brings back the same', async () => {
      const media = await create1()
      await tintype.media.update(media.id, { caption: 'Dusk', data: { price: 3 } })
      await tintype.media.claim(media.id, { by: 'post:1' })
      const before = await tintype.media.get(media.id, { owner: 'ann' })
      const removed = await call(`/${media.id}`, 'DELETE')
      assert.deepEqual(removed, {
        status: 200,
        restorableUntil: new Date(clock.now() + 10 * day).toISOString(),
      })
      assert.equal((await call(`/${media.id}`)).status, 404)
      assert.equal((await call(`/${media.id}/original`)).status, 404)
      assert.deepEqual(await listed(), [])
      assert.equal((await call(`/${media.id}`, 'DELETE')).status, 404)
      const page = (await call('?removed=1')) as unknown as RemovedPage
      assert.deepEqual(
        page.media.map(({ id, caption, restorableUntil }) => [id, caption, restorableUntil]),
        [[media.id, 'Dusk', removed.restorableUntil]],
      )
      assert.ok((await bytesOf(page.media[0] as Media, 'thumb')).status === 200)
      const back = (await call(`/${media.id}/restore`, 'POST')) as unknown as Media
      assert.deepEqual(
        { ...back, urls: undefined, status: undefined },
        { ...before, urls: undefined, status: undefined, revision: Number(before?.revision) + 1 },
      )
      assert.deepEqual(await removedIds(), [])
      assert.deepEqual(await listed(), [media.id])
      assert.deepEqual(await rows(`select claimed_by from tintype_media where id = '${media.id}'`), [
        { claimed_by: 'post:1' },
      ])
      assert.deepEqual(await rows('select key from tintype_sweep where media_id is not null'), [])
      // In another tab it is pressed once more.
      assert.equal((await call(`/${media.id}/restore`, 'POST')).status, 200)
      await tintype.media.remove(media.id, { final: true })
    })

    test('nobody else restores it, sees it among the removed, or learns that there was one', async () => {
      const { id } = await create1()
      await call(`/${id}`, 'DELETE')
      assert.equal((await call(`/${id}/restore`, 'POST', { user: 'bob' })).status, 404)
      assert.deepEqual(await removedIds('bob'), [])
      for (const query of [
        'removed=2',
        'removed=1&kind=video',
        'removed=1&order=oldest',
        'removed=1&q=beach',
        'removed=1&removed=1',
      ])
        assert.equal((await call(`?${query}`)).status, 400)
      assert.equal((await call(`/${id}?final=1`, 'DELETE', { user: 'bob' })).status, 404)
      assert.equal((await call(`/${id}?final=1`, 'DELETE')).status, 204)
      assert.equal((await call(`/${id}/restore`, 'POST', { user: 'bob' })).status, 404)
    })

    test('final deletes at once, also what was removed before, with its versions', async () => {
      const media = await create1()
      const replaced = await replace(media.id, 50)
      const page = (await call(`/${media.id}/versions`)) as unknown as MediaVersions
      await call(`/${media.id}`, 'DELETE')
      const { status } = await call(`/${media.id}?final=1`, 'DELETE')
      assert.equal(status, 204)
      assert.equal((await bytesOf(replaced)).status, 403)
      assert.equal((await bytesOf(page.versions[0] as never)).status, 403)
      assert.equal((await call(`/${media.id}/restore`, 'POST')).status, 410)
      assert.equal((await call(`/${media.id}?final=1`, 'DELETE')).status, 404)
      assert.equal((await call(`/${media.id}?final=yes`, 'DELETE')).status, 400)
    })

    test('a replaced photo has versions, and restoring one makes a version of what was there', async () => {
      const first = await create1('ann', 40)
      const original = sha((await bytesOf(first)).bytes)
      await replace(first.id, 50)
      await tintype.media.update(first.id, { caption: 'said since' })
      await replace(first.id, 60)
      const { versions } = (await call(`/${first.id}/versions`)) as unknown as MediaVersions
      assert.deepEqual(
        versions.map(({ width }) => width),
        [50, 40],
      )
      const oldest = versions[1]?.version
      assert.equal(
        (await call(`/${first.id}/versions/${oldest}/restore`, 'POST', { user: 'bob' })).status,
        404,
      )
      assert.equal((await call(`/${first.id}/versions/77/restore`, 'POST')).status, 404)
      assert.equal((await call(`/${first.id}/versions/x/restore`, 'POST')).status, 404)
      const stale = { headers: { 'if-match': '"1"' } }
      assert.equal((await call(`/${first.id}/versions/${oldest}/restore`, 'POST', stale)).status, 412)
      const back = (await call(`/${first.id}/versions/${oldest}/restore`, 'POST')) as unknown as Media
      assert.deepEqual([back.id, back.width, back.caption], [first.id, 40, 'said since'])
      assert.equal(sha((await bytesOf(back)).bytes), original)
      assert.equal((await bytesOf(back, 'thumb')).status, 200)
      const after = (await call(`/${first.id}/versions`)) as unknown as MediaVersions
      assert.deepEqual(
        after.versions.map(({ width }) => width),
        [60, 50],
      )
      assert.equal((await call(`/${first.id}/versions/${oldest}/restore`, 'POST')).status, 404)
      // Removing keeps the versions, and so does coming back.
      await call(`/${first.id}`, 'DELETE')
      assert.equal((await call(`/${first.id}/versions`)).status, 404)
      await call(`/${first.id}/restore`, 'POST')
      const again = (await call(`/${first.id}/versions`)) as unknown as MediaVersions
      assert.deepEqual(
        again.versions.map(({ width }) => width),
        [60, 50],
      )
    })

    test('several are removed with one request, for good where that is said', async () => {
      const [one, two] = [await create1(), await create1()]
      const { results } = await call('/delete', 'POST', { body: { ids: [one.id, one.id] } })
      const restorableUntil = new Date(clock.now() + 10 * day).toISOString()
      assert.deepEqual(results, [
        { id: one.id, status: 200, restorableUntil },
        { id: one.id, status: 200, restorableUntil },
      ])
      const final = await call('/delete', 'POST', { body: { ids: [one.id, two.id], final: true } })
      assert.deepEqual(
        final.results,
        [one, two].map(({ id }) => ({ id, status: 204 })),
      )
      assert.equal((await call('/delete', 'POST', { body: { ids: [], final: 'yes' } })).status, 400)
    })

    test('what is on legal hold stays, whatever is asked for, and goes when it is released', async () => {
      const media = await create1()
      const replaced = await replace(media.id, 50)
      await tintype.media.hold(media.id, 'Case 7')
      assert.equal((await call(`/${media.id}`, 'DELETE')).status, 200)
      const final = await call(`/${media.id}?final=1`, 'DELETE')
      assert.deepEqual([final.status, final.code], [409, 'held'])
      assert.deepEqual(await tintype.media.removeAll({ owner: 'ann', final: true }), {
        removed: 0,
        cancelled: 0,
        kept: 1,
      })
      clock.advance(11 * day)
      // To its owner it is gone when it would have gone without.
      assert.equal((await call(`/${media.id}/restore`, 'POST')).status, 410)
      assert.deepEqual(await removedIds(), [])
      const { media: held } = await tintype.media.listRemoved()
      assert.deepEqual(
        held.map(({ id }) => id),
        [media.id],
      )
      // Signed before the clock, which the S3 does not know of, has gone on.
      for (const one of [media, replaced]) assert.equal((await bytesOf(one)).status, 200)
      await tintype.media.restore(media.id)
      assert.equal((await tintype.media.remove(media.id)).gone, false)
      clock.advance(11 * day)
      await tintype.media.releaseHold(media.id)
      await until(
        async () =>
          (
            await rows(
              `select key from tintype_sweep where key like '%${media.id}%' or media_id = '${media.id}'`,
            )
          ).length === 0,
      )
      await assert.rejects(tintype.media.restore(media.id), { code: 'gone' })
    })

    test('a window that is shortened takes back no promise', async () => {
      const media = await create1()
      await call(`/${media.id}`, 'DELETE')
      await tintype.close()
      tintype = await open({ times: { undo: 0, sweepGrace: 1 } })
      assert.deepEqual(await removedIds(), [media.id])
      clock.advance(9 * day)
      assert.equal((await call(`/${media.id}/restore`, 'POST')).status, 200)
      assert.equal((await call(`/${media.id}`, 'DELETE')).status, 204)
      assert.equal((await call(`/${media.id}/restore`, 'POST')).status, 404)
      await tintype.close()
      tintype = await open()
    })

    test('what is over is 410, with the date on which it went, and later 404', async () => {
      const { id } = await create1()
      const { restorableUntil } = await call(`/${id}`, 'DELETE')
      clock.advance(10 * day + 1)
      await until(
        async () => (await rows(`select key from tintype_sweep where media_id = '${id}'`)).length === 0,
      )
      const { status, code, goneAt } = await call(`/${id}/restore`, 'POST')
      assert.deepEqual([status, code, goneAt], [410, 'gone', restorableUntil])
      assert.deepEqual(await removedIds(), [])
      const isForgotten = async () =>
        (await rows(`select content from tintype_version where media_id = '${id}' and content is not null`))
          .length === 0
      await until(isForgotten)
      assert.deepEqual((await call(`/${id}/restore`, 'POST')).goneAt, restorableUntil)
      assert.deepEqual(
        (await rows(`select owner from tintype_version where media_id = '${id}'`)).map(
          ({ owner }) => owner === 'ann',
        ),
        [false],
      )
      clock.advance(30 * day + 1)
      await until(async () => (await call(`/${id}/restore`, 'POST')).status === 404)
    })
  })
}
