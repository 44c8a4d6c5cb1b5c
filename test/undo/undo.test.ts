import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import type { Media, MediaVersions, RemovedPage } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { databases } from '../support/app-database.ts'
import { until } from '../support/until.ts'
import { createUndoSetting, type UndoSetting } from './setting.ts'

const day = 86_400_000

for (const database of databases) {
  const { name, skip } = database
  describe(`what was removed or replaced can be had again, on ${name}`, { skip }, () => {
    let one: UndoSetting
    before(async () => {
      one = await createUndoSetting(database)
    })
    after(() => one.close())
    afterEach(async () => {
      await one.tintype.media.removeAll({ owner: 'ann', final: true })
    })
    const call: UndoSetting['call'] = (...args) => one.call(...args)
    const rows: UndoSetting['rows'] = (...args) => one.rows(...args)

    test('a removal says until when it can be undone, and undoing brings back the same', async () => {
      const media = await one.create1()
      await one.tintype.media.update(media.id, { caption: 'Dusk', data: { price: 3 } })
      await one.tintype.media.claim(media.id, { by: 'post:1' })
      const before = await one.tintype.media.get(media.id, { owner: 'ann' })
      const removed = await call(`/${media.id}`, 'DELETE')
      assert.deepEqual(removed, {
        status: 200,
        restorableUntil: new Date(one.clock.now() + 10 * day).toISOString(),
      })
      assert.equal((await call(`/${media.id}`)).status, 404)
      assert.equal((await call(`/${media.id}/original`)).status, 404)
      assert.deepEqual(await one.listed(), [])
      assert.equal((await call(`/${media.id}`, 'DELETE')).status, 404)
      const page = (await call('?removed=1')) as unknown as RemovedPage
      assert.deepEqual(
        page.media.map(({ id, caption, restorableUntil }) => [id, caption, restorableUntil]),
        [[media.id, 'Dusk', removed.restorableUntil]],
      )
      assert.ok((await one.bytesOf(page.media[0] as Media, 'thumb')).status === 200)
      const back = (await call(`/${media.id}/restore`, 'POST')) as unknown as Media
      assert.deepEqual(
        { ...back, urls: undefined, status: undefined },
        { ...before, urls: undefined, status: undefined, revision: Number(before?.revision) + 1 },
      )
      assert.deepEqual(await one.removedIds(), [])
      assert.deepEqual(await one.listed(), [media.id])
      assert.deepEqual(await rows(`select claimed_by from tintype_media where id = '${media.id}'`), [
        { claimed_by: 'post:1' },
      ])
      assert.deepEqual(await rows('select key from tintype_sweep where media_id is not null'), [])
      // In another tab it is pressed once more.
      assert.equal((await call(`/${media.id}/restore`, 'POST')).status, 200)
      await one.tintype.media.remove(media.id, { final: true })
    })

    test('nobody else restores it, sees it among the removed, or learns that there was one', async () => {
      const { id } = await one.create1()
      await call(`/${id}`, 'DELETE')
      assert.equal((await call(`/${id}/restore`, 'POST', { user: 'bob' })).status, 404)
      assert.deepEqual(await one.removedIds('bob'), [])
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
      const media = await one.create1()
      const replaced = await one.replace(media.id, 50)
      const page = (await call(`/${media.id}/versions`)) as unknown as MediaVersions
      await call(`/${media.id}`, 'DELETE')
      const { status } = await call(`/${media.id}?final=1`, 'DELETE')
      assert.equal(status, 204)
      assert.equal((await one.bytesOf(replaced)).status, 403)
      assert.equal((await one.bytesOf(page.versions[0] as never)).status, 403)
      assert.equal((await call(`/${media.id}/restore`, 'POST')).status, 410)
      assert.equal((await call(`/${media.id}?final=1`, 'DELETE')).status, 404)
      assert.equal((await call(`/${media.id}?final=yes`, 'DELETE')).status, 400)
    })

    test('a replaced photo has versions, and restoring one makes a version of what was there', async () => {
      const first = await one.create1('ann', 40)
      const original = one.sha((await one.bytesOf(first)).bytes)
      await one.replace(first.id, 50)
      await one.tintype.media.update(first.id, { caption: 'said since' })
      await one.replace(first.id, 60)
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
      assert.equal(one.sha((await one.bytesOf(back)).bytes), original)
      assert.equal((await one.bytesOf(back, 'thumb')).status, 200)
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
      const [first, second] = [await one.create1(), await one.create1()]
      const { results } = await call('/delete', 'POST', { body: { ids: [first.id, first.id] } })
      const restorableUntil = new Date(one.clock.now() + 10 * day).toISOString()
      assert.deepEqual(results, [
        { id: first.id, status: 200, restorableUntil },
        { id: first.id, status: 200, restorableUntil },
      ])
      const final = await call('/delete', 'POST', { body: { ids: [first.id, second.id], final: true } })
      assert.deepEqual(
        final.results,
        [first, second].map(({ id }) => ({ id, status: 204 })),
      )
      assert.equal((await call('/delete', 'POST', { body: { ids: [], final: 'yes' } })).status, 400)
    })

    test('what is on legal hold stays, whatever is asked for, and goes when it is released', async () => {
      const media = await one.create1()
      const replaced = await one.replace(media.id, 50)
      await one.tintype.media.hold(media.id, 'Case 7')
      assert.equal((await call(`/${media.id}`, 'DELETE')).status, 200)
      const final = await call(`/${media.id}?final=1`, 'DELETE')
      assert.deepEqual([final.status, final.code], [409, 'held'])
      assert.deepEqual(await one.tintype.media.removeAll({ owner: 'ann', final: true }), {
        removed: 0,
        cancelled: 0,
        kept: 1,
      })
      one.clock.advance(11 * day)
      // To its owner it is gone when it would have gone without.
      assert.equal((await call(`/${media.id}/restore`, 'POST')).status, 410)
      assert.deepEqual(await one.removedIds(), [])
      const { media: held } = await one.tintype.media.listRemoved()
      assert.deepEqual(
        held.map(({ id }) => id),
        [media.id],
      )
      // Signed before the clock, which the S3 does not know of, has gone on.
      for (const each of [media, replaced]) assert.equal((await one.bytesOf(each)).status, 200)
      await one.tintype.media.restore(media.id)
      assert.equal((await one.tintype.media.remove(media.id)).gone, false)
      one.clock.advance(11 * day)
      await one.tintype.media.releaseHold(media.id)
      await until(
        async () =>
          (
            await rows(
              `select key from tintype_sweep where key like '%${media.id}%' or media_id = '${media.id}'`,
            )
          ).length === 0,
      )
      await assert.rejects(one.tintype.media.restore(media.id), { code: 'gone' })
    })

    test('a window that is shortened takes back no promise', async () => {
      const media = await one.create1()
      await call(`/${media.id}`, 'DELETE')
      await one.reopen({ times: { undo: 0, sweepGrace: 1 } })
      assert.deepEqual(await one.removedIds(), [media.id])
      one.clock.advance(9 * day)
      assert.equal((await call(`/${media.id}/restore`, 'POST')).status, 200)
      assert.equal((await call(`/${media.id}`, 'DELETE')).status, 204)
      assert.equal((await call(`/${media.id}/restore`, 'POST')).status, 404)
      await one.reopen()
    })

    test('what is over is 410, with the date on which it went, and later 404', async () => {
      const { id } = await one.create1()
      const { restorableUntil } = await call(`/${id}`, 'DELETE')
      one.clock.advance(10 * day + 1)
      await until(
        async () => (await rows(`select key from tintype_sweep where media_id = '${id}'`)).length === 0,
      )
      const { status, code, goneAt } = await call(`/${id}/restore`, 'POST')
      assert.deepEqual([status, code, goneAt], [410, 'gone', restorableUntil])
      assert.deepEqual(await one.removedIds(), [])
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
      one.clock.advance(30 * day + 1)
      await until(async () => (await call(`/${id}/restore`, 'POST')).status === 404)
    })

    test('the Idempotency-Key of a removed upload makes it anew, and is the answer to that from then on', async () => {
      const bytes = (await photo({ width: 44, height: 30 })) as Uint8Array<ArrayBuffer>
      const send = async () => {
        const body = new FormData()
        body.append('file', new Blob([bytes], { type: 'image/jpeg' }), 'c.jpg')
        const headers = { 'x-user': 'ann', 'idempotency-key': 'key-of-one' }
        const request = new Request('http://photos.test/media', { method: 'POST', body, headers })
        const { media } = (await (await one.tintype.fetch(request)).json()) as { media: Media[] }
        return media[0]?.id ?? ''
      }
      const first = await send()
      assert.equal(await send(), first)
      await call(`/${first}`, 'DELETE')
      const second = await send()
      assert.notEqual(second, first)
      assert.equal((await call(`/${first}/restore`, 'POST')).status, 200)
      assert.deepEqual((await one.listed()).sort(), [first, second].sort())
      assert.equal(await send(), second)
      // Of the one that is visible the key is the answer again, once the other is gone.
      await call(`/${second}?final=1`, 'DELETE')
      assert.notEqual(await send(), second)
    })
  })
}
