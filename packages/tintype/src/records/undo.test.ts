import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { newMedia } from '../../../../test/audit/setting.ts'
import { type AppDatabase, databases } from '../../../../test/support/app-database.ts'
import { openRecords, type Records } from './records.ts'
import { anyOwner } from './schema.ts'

const day = 86_400_000
const rounds = 12

for (const { name, create, connect, skip } of databases) {
  describe(`the ways back in the ledger, on ${name}`, { skip }, () => {
    let database: Awaited<ReturnType<typeof create>>
    let records: Records
    /** Of another process. */
    let other: Records
    let app: AppDatabase
    const now = Date.now()
    before(async () => {
      database = await create()
      records = await openRecords(database.url)
      other = await openRecords(database.url)
      app = await connect(database.url)
    })
    after(async () => {
      await app.close()
      await records.close()
      await other.close()
      await database.drop()
    })
    afterEach(async () => {
      for (const table of ['variant', 'media', 'version', 'sweep'])
        await app.run(`delete from tintype_${table}`)
    })

    async function publish(media: Partial<ReturnType<typeof newMedia>['media']> = {}) {
      const one = newMedia(now + day)
      await records.ledger.reserve(keysOf(one), now + day)
      await records.ledger.publish([{ ...one, media: { ...one.media, ...media } }])
      return { id: one.media.id, key: one.media.key, keys: keysOf(one) }
    }
    async function replace(id: string, by = records) {
      const one = newMedia(now + day)
      const variants = one.variants.map((variant) => ({ ...variant, media_id: id }))
      await by.ledger.reserve(keysOf(one), now + day)
      await by.ledger.replace(
        { ...one, media: { ...one.media, id, content_id: null }, variants },
        now,
        keep(),
      )
      return keysOf(one)
    }
    const keysOf = ({ pending }: ReturnType<typeof newMedia>) => pending.map(({ key }) => key)
    const keep = () => ({ now, until: now + 10 * day })
    const remove = (id: string) => records.ledger.remove(id, anyOwner, now, { keep: keep() })
    const removeForGood = (id: string, by = records) =>
      by.ledger.remove(id, anyOwner, now, { final: { now } })
    const restore = (id: string, by = records) =>
      by.undo.restore({ id, owner: anyOwner, now, jobsFor: () => [], expiresAt: null })
    const restoreVersion = (id: string, revision: number, by = records) =>
      by.undo.restoreVersion({
        ...{ id, revision, owner: anyOwner, now, jobsFor: () => [] },
        ...{ keep: keep(), oldDueAt: now },
      })
    const visible = async (id: string) => (await records.media.find(id, anyOwner))?.media
    /** Every key is in one place: a row's that is visible, or on the list. */
    async function demandEachOnce(keys: string[]) {
      const rows = await app.all(
        `select key from tintype_media union all select key from tintype_variant union all select key from tintype_sweep`,
      )
      assert.deepEqual(rows.map(({ key }) => key).sort(), keys.toSorted())
    }

    test('where the sweeper has one of its keys, nothing of it changes, and it can not be had', async () => {
      const { id, keys } = await publish()
      await remove(id)
      const until = now + 10 * day
      const [leased] = await records.sweep.lease(until, until + 60_000, 1)
      assert.ok(leased)
      await assert.rejects(restore(id), { code: 'gone', goneAt: new Date(until).toISOString() })
      assert.equal(await records.undo.hold(id, anyOwner, { reason: 'a case', now }), false)
      const dates = await app.all('select key, due_at from tintype_sweep order by due_at')
      assert.deepEqual(
        dates.map(({ due_at }) => Number(due_at)),
        [until, until + 60_000],
      )
      await demandEachOnce(keys)
      await records.versions.forget(until, 10)
      await assert.rejects(restore(id), { code: 'gone' })
    })

    test('one that is restored twice at once is restored once', async () => {
      for (let round = 0; round < rounds; round++) {
        const { id } = await publish()
        await remove(id)
        const outcomes = await Promise.all([restore(id), restore(id, other), restore(id), restore(id, other)])
        assert.deepEqual(outcomes.toSorted(), ['restored', 'visible', 'visible', 'visible'])
      }
    })

    test('restored and removed for good at once, it is there with its keys, or gone with the date', async () => {
      for (let round = 0; round < rounds; round++) {
        const { id, keys } = await publish()
        await remove(id)
        const [restored, removed] = await Promise.allSettled([restore(id), removeForGood(id, other)])
        assert.equal(removed.status === 'fulfilled' && removed.value?.length, keys.length)
        if (restored.status === 'rejected') assert.equal(restored.reason.code, 'gone')
        assert.equal(await visible(id), undefined)
        await assert.rejects(restore(id), { code: 'gone' })
      }
      const due = await app.all(`select key from tintype_sweep where due_at = ${now} and media_id is null`)
      assert.equal(due.length, 2 * rounds)
    })

    test('other bytes, an earlier version, a hold and a removal at once: each key stays in one place', async () => {
      for (let round = 0; round < rounds; round++) {
        const { id, keys } = await publish()
        keys.push(...(await replace(id)))
        const outcomes = await Promise.allSettled([
          replace(id).then((more) => keys.push(...more)),
          restoreVersion(id, 1, other),
          restore(id),
          records.undo.hold(id, anyOwner, { reason: 'a case', now }),
          other.ledger.remove(id, anyOwner, now, { keep: keep() }),
        ])
        // Of those whose media had just been removed, the keys stay reserved.
        for (const one of outcomes) if (one.status === 'rejected') throw one.reason
        const all = await app.all('select key from tintype_sweep union all select key from tintype_media')
        assert.equal(new Set(all.map(({ key }) => key)).size, all.length)
        await records.undo.releaseHold(id, anyOwner, now)
        assert.ok(['restored', 'visible'].includes(await restore(id)))
        await removeForGood(id)
      }
    })

    test('a version can be had only of what is visible, and comes back with it', async () => {
      const { id, key } = await publish()
      await replace(id)
      await remove(id)
      assert.equal(await restoreVersion(id, 1), 'absent')
      await restore(id)
      assert.equal(await restoreVersion(id, 1), 'restored')
      assert.equal((await visible(id))?.key, key)
    })

    test('the halves of a Live Photo are a pair as long as both are there', async () => {
      const content = { content_id: 'E4B6-77' }
      const photo = await publish(content)
      const clip = await publish({ ...content, kind: 'video', type: 'video/quicktime' })
      const pair = async () =>
        Promise.all(
          [photo, clip].map(async ({ id }) => {
            const found = await records.media.find(id, anyOwner)
            return found && (found.pairId ?? null)
          }),
        )
      assert.deepEqual(await pair(), [clip.id, photo.id])
      await remove(clip.id)
      assert.deepEqual(await pair(), [null, undefined])
      await remove(photo.id)
      await restore(clip.id)
      assert.deepEqual(await pair(), [undefined, null])
      await restore(photo.id)
      assert.deepEqual(await pair(), [clip.id, photo.id])
      // Other bytes are another photo's, and the version is the half that it was.
      await replace(photo.id)
      assert.deepEqual(await pair(), [null, null])
      const [version] = await records.versions.replaced(photo.id, { now, limit: 1 })
      await restoreVersion(photo.id, version?.revision ?? 0)
      assert.deepEqual(await pair(), [clip.id, photo.id])
      // Lost with the bucket, and found again.
      const about = { why: 'missing', last_known_at: now, lost_at: now } as const
      await records.restore.lose({ key: clip.key, media_id: clip.id, ...about }, now + day)
      assert.deepEqual(await pair(), [null, undefined])
      const [lost] = await records.restore.lost('', 10)
      assert.ok(lost)
      await records.restore.bringBack(lost, { present: new Set(), jobFor: () => undefined })
      assert.deepEqual(await pair(), [clip.id, photo.id])
    })

    test('what is on legal hold is listed, visible or not, with its reason', async () => {
      const [seen, removed, free] = [await publish(), await publish(), await publish()]
      await replace(removed.id)
      await remove(removed.id)
      for (const { id } of [seen, removed]) await records.undo.hold(id, anyOwner, { reason: `of ${id}`, now })
      const all = await records.versions.held('', 10)
      const expected = [seen, removed].map(({ id }) => [id, `of ${id}`, id === seen.id, now])
      assert.deepEqual(
        all.map(({ id, reason, isVisible, heldAt }) => [id, reason, isVisible, heldAt]),
        expected.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      )
      const [first, ...rest] = all
      assert.deepEqual(await records.versions.held('', 1), [first])
      assert.deepEqual(await records.versions.held(first?.id ?? '', 10), rest)
      for (const { id } of [seen, removed, free]) await records.undo.releaseHold(id, anyOwner, now)
      assert.deepEqual(await records.versions.held('', 10), [])
    })

    test('going back moves every date once, in pages, and neither later ones nor what is gone', async () => {
      const count = 1203
      const values = (row: (n: number) => string) =>
        Array.from({ length: count }, (_, n) => `(${row(n)})`).join(', ')
      const until = now + 7 * day
      const late = now + 30 * day
      await app.run(
        `insert into tintype_sweep (key, due_at, recheck, attempts) values ${values((n) => `'free-${n}', ${now}, 0, 3`)}`,
      )
      await app.run(
        `insert into tintype_sweep (key, due_at, recheck, attempts, media_id, bytes) values
         ${values((n) => `'kept-${n}', ${n === 0 ? late : now}, 0, 0, 'm-${n}', 1`)}`,
      )
      await app.run(
        `insert into tintype_version (media_id, revision, owner, why, bytes, ended_at, restorable_until, due_at, content) values
         ${values(
           (n) => `'m-${n}', 1, 'ann', 'removed', 1, ${now}, ${n === 0 ? late : now}, ${n === 0 ? late : now},
           ${n === 1 ? 'null' : `'{"media":{"key":"kept-${n}"},"variants":[]}'`}`,
         )}`,
      )
      await records.restore.postponeAll(until)
      const dates = async (table: string) => {
        const rows = await app.all(`select due_at, count(*) as n from tintype_${table} group by due_at`)
        return new Map(rows.map((row) => [Number(row.due_at), Number(row.n)]))
      }
      // One is forgotten, and its key is left to the sweeper.
      assert.deepEqual(
        await dates('version'),
        new Map([
          [now, 1],
          [until, count - 2],
          [late, 1],
        ]),
      )
      assert.deepEqual((await dates('sweep')).get(until), 2 * count - 2)
      assert.deepEqual(await app.all('select key from tintype_sweep where attempts > 0'), [])
    })
  })
}
