import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { createTestClock } from '../../packages/tintype/src/clock.ts'
import {
  type AboutRemoved,
  type PgTransaction,
  refuse,
  type SqliteTransaction,
} from '../../packages/tintype/src/index.ts'
import { createTintype, type Tintype } from '../../packages/tintype/src/tintype.ts'
import { photo } from '../media/photos.ts'
import { type AppDatabase, databases } from '../support/app-database.ts'
import { until } from '../support/until.ts'

const hour = 3_600_000

for (const { name, create: createDatabase, connect, skip } of databases) {
  const isSqlite = name === 'SQLite'

  /** One statement about one photo, as each database takes it. */
  async function run(trx: AboutRemoved['trx'], statement: string, id: string): Promise<void> {
    if (isSqlite) (trx as SqliteTransaction).prepare(statement).run(id)
    else await (trx as PgTransaction).query(statement.replace('?', '$1'), [id])
  }

  describe(`undo in an app, on ${name}`, { skip }, () => {
    let directory: string
    let database: Awaited<ReturnType<typeof createDatabase>>
    let tintype: Tintype
    let app: AppDatabase
    let isRefused = false
    const clock = createTestClock(Date.now())
    const events: string[] = []

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'tintype-undo-app-'))
      database = await createDatabase()
      app = await connect(database.url)
      await app.run('create table post (photo varchar(50) primary key)')
      tintype = await createTintype({
        directory,
        database: database.url,
        authenticate: () => 'ann',
        variants: {},
        clock,
        claimWithin: 3600,
        times: { undo: 7 * 86_400 },
        quotas: (owner) => (owner === 'kept' ? { media: 2, kept: true } : { media: 2 }),
        hooks: {
          ready: (media, { trx }) => run(trx, 'insert into post values (?)', media.id),
          removed: (media, { trx }) => run(trx, 'delete from post where photo = ?', media.id),
          restored: async (media, { trx }) => {
            await run(trx, 'insert into post values (?)', media.id)
            if (isRefused)
              throw refuse('It was taken down by a moderator.', { status: 403, code: 'taken_down' })
          },
        },
        log: { info() {}, warn() {}, error() {} },
      })
      for (const kind of ['ready', 'removed', 'restored', 'expired'] as const)
        tintype.on(kind, ({ id }) => events.push(`${kind} ${id}`))
    })
    after(async () => {
      await app.close()
      await tintype.close()
      await database.drop()
      await rm(directory, { recursive: true })
    })

    const create = async (owner: string): Promise<Media> =>
      tintype.media.create(await photo({ width: 30, height: 20 }), { owner, name: 'a.jpg' })
    const posts = async () => (await app.all('select photo from post')).map(({ photo }) => photo)

    test("an app's row goes and comes back with the photo, and a hook that throws refuses that", async () => {
      const { id } = await create('ann')
      await tintype.media.remove(id)
      assert.deepEqual(await posts(), [])
      isRefused = true
      await assert.rejects(tintype.media.restore(id), { code: 'taken_down', status: 403 })
      isRefused = false
      assert.deepEqual([await posts(), await tintype.media.get(id)], [[], undefined])
      await tintype.media.restore(id)
      assert.deepEqual(await posts(), [id])
      await until(() => events.length >= 3)
      assert.deepEqual(events, [`ready ${id}`, `removed ${id}`, `restored ${id}`])
      await tintype.media.removeAll({ owner: 'ann', final: true })
    })

    test('in a transaction of the app, it is restored when that is committed, and not when it is rolled back', async () => {
      const { id } = await create('ann')
      await tintype.media.remove(id)
      for (const end of ['rollback', 'commit']) {
        await app.run(isSqlite ? 'begin immediate' : 'begin')
        const shown = await tintype.media.restore(id, { trx: app.connection })
        assert.deepEqual([shown.id, shown.revision], [id, 2])
        await app.run(end)
        assert.equal((await tintype.media.get(id)) !== undefined, end === 'commit')
        assert.equal((await posts()).length, end === 'commit' ? 1 : 0)
      }
      await tintype.media.removeAll({ owner: 'ann', final: true })
    })

    test('where the room has been taken meanwhile, nothing comes back; what is kept may count', async () => {
      const [one] = [await create('bob'), await create('bob')]
      await tintype.media.remove(one.id)
      await create('bob')
      await assert.rejects(tintype.media.restore(one.id), { code: 'quota_exceeded' })
      assert.equal((await tintype.media.listRemoved({ owner: 'bob' })).media.length, 1)

      const [kept] = [await create('kept'), await create('kept')]
      await tintype.media.remove(kept.id)
      assert.equal((await tintype.usage('kept')).media, 2)
      await assert.rejects(create('kept'), { code: 'quota_exceeded' })
      await tintype.media.restore(kept.id)
      await tintype.media.remove(kept.id, { final: true })
      await create('kept')
    })

    test('what has expired can be had again, and expires anew unless it is claimed', async () => {
      const { id } = await create('cay')
      clock.advance(hour + 1)
      await until(async () => (await tintype.media.get(id)) === undefined)
      await tintype.media.restore(id, { owner: 'cay' })
      clock.advance(hour / 2)
      assert.ok(await tintype.media.get(id))
      await tintype.media.claim(id, { by: 'post:1' })
      await tintype.media.remove(id)
      await tintype.media.restore(id)
      clock.advance(2 * hour)
      await assert.rejects(tintype.media.claim(id, { by: 'post:2' }), { code: 'conflict' })
    })

    test('a hold has a reason, keeps what was removed from being deleted for good, and ends', async () => {
      const { id } = await create('dan')
      await assert.rejects(tintype.media.hold(id, ' '), { code: 'invalid_parameter' })
      await assert.rejects(tintype.media.hold('nothing', 'Case 7'), { code: 'not_found' })
      await tintype.media.remove(id)
      await tintype.media.hold(id, 'Case 7')
      await assert.rejects(tintype.media.remove(id, { final: true }), { code: 'held', status: 409 })
      await tintype.media.releaseHold(id)
      await tintype.media.releaseHold(id)
      assert.equal((await tintype.media.remove(id, { final: true })).gone, true)
      await assert.rejects(tintype.media.hold(id, 'Case 8'), { code: 'not_found' })
    })
  })
}
