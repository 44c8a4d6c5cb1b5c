import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { createTestClock } from '../../packages/tintype/src/clock.ts'
import {
  type AboutReady,
  type PgTransaction,
  refuse,
  type SqliteTransaction,
} from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { databases } from '../support/app-database.ts'
import { until } from '../support/until.ts'
import { type HookedApp, nothing, startHookedApp, ways } from './app.ts'

type Trx = AboutReady['trx']

for (const { name, create, connect, skip } of databases) {
  const isSqlite = name === 'SQLite'

  /** One statement with one value, as each database takes it. */
  async function run(trx: Trx, statement: string, value?: string): Promise<void> {
    if (isSqlite) (trx as SqliteTransaction).prepare(statement).run(...(value === undefined ? [] : [value]))
    else await (trx as PgTransaction).query(statement.replace('?', '$1'), value === undefined ? [] : [value])
  }
  const insert = (trx: Trx, { id }: Pick<Media, 'id'>) => run(trx, 'insert into posts (photo) values (?)', id)

  describe(`hooks inside a transaction, on ${name}`, { skip }, () => {
    let database: Awaited<ReturnType<typeof create>>
    let one: HookedApp
    let jpeg: Buffer
    const clock = createTestClock(Date.now())
    before(async () => {
      database = await create()
      one = await startHookedApp({ ...database, connect }, { clock, claimWithin: 3600 })
      jpeg = await photo()
      await one.app.run('create table posts (photo varchar(50) not null references tintype_media (id))')
      await one.app.run('create table notes (text varchar(50) not null)')
    })
    afterEach(async () => {
      one.hooks = {}
      one.logged.length = 0
      await one.app.run('delete from posts')
      for (const { id } of (await one.tintype.media.list({ owner: 'me' })).media)
        await one.tintype.media.remove(id)
    })
    after(async () => {
      await one.stop()
      await database.drop()
    })

    const posts = () => one.app.all('select photo from posts order by photo')
    const upload = async () => {
      const { media } = await one.send('form', jpeg)
      assert.ok(media)
      return media
    }
    const failed = () => one.logged.filter(([event]) => event === 'hook.failed').map(([, { hook }]) => hook)

    for (const way of ways) {
      test(`ready: the photo and the app's own row appear together, by ${way}`, async () => {
        one.hooks = { ready: (media, { trx }) => insert(trx, media) }
        const { media } = await one.send(way, jpeg)
        assert.deepEqual(await posts(), [{ photo: media?.id }])
      })

      test(`ready: neither the photo nor the row appears when it throws, by ${way}`, async () => {
        one.hooks = {
          async ready(media, { trx }) {
            await insert(trx, media)
            throw refuse('This post is closed.', { status: 409, code: 'post_closed' })
          },
        }
        const { status, problem } = await one.send(way, jpeg)
        assert.deepEqual([status, problem.code], [409, 'post_closed'])
        assert.deepEqual(await posts(), [])
        assert.deepEqual(await one.left(), nothing)
      })
    }

    test('ready: gets the media as the app will see it, and may claim it', async () => {
      let seen: Media | undefined
      one.hooks = {
        async ready(media, { trx, owner, way, fields }) {
          seen = media
          assert.deepEqual([owner, way, { ...fields }], ['me', 'form', { post: '42' }])
          await one.tintype.media.claim(media.id, { by: `post:${fields.post}`, trx })
        },
      }
      const { media } = await one.send('form', jpeg, { fields: { post: '42' } })
      assert.deepEqual(seen, media)
      const rows = await one.app.all('select claimed_by from tintype_media')
      assert.deepEqual(rows, [{ claimed_by: 'post:42' }])
    })

    test('ready: two uploads that run at once do not share their transactions', async () => {
      one.hooks = {
        async ready(media, { trx }) {
          await insert(trx, media)
          await new Promise(setImmediate)
          if (media.name.startsWith('bad')) throw refuse('Not this one.')
        },
      }
      const sent = await Promise.all(
        ['bad-1', 'good-1', 'bad-2', 'good-2', 'good-3'].map((name) =>
          one.send('form', jpeg, { name: `${name}.jpg` }),
        ),
      )
      assert.deepEqual(
        sent.map(({ status }) => status),
        [422, 201, 422, 201, 201],
      )
      const made = sent.flatMap(({ media }) => media?.id ?? [])
      assert.deepEqual((await posts()).map(({ photo }) => photo).sort(), made.sort())
    })

    test('other writes of Tintype never slip into a transaction that a hook then rolls back', async () => {
      const before = await upload()
      const entered = Promise.withResolvers<void>()
      const leave = Promise.withResolvers<void>()
      one.hooks = {
        async ready() {
          entered.resolve()
          await leave.promise
          throw refuse('No.')
        },
      }
      const refused = one.send('form', jpeg)
      await entered.promise
      const changed = one.tintype.media.update(before.id, { caption: 'changed meanwhile' })
      setImmediate(leave.resolve)
      assert.equal((await refused).status, 422)
      await changed
      assert.equal((await one.tintype.media.get(before.id))?.caption, 'changed meanwhile')
    })

    test('what a hook does with its transaction when it is over fails, and changes nothing', async () => {
      const late: (() => Promise<void>)[] = []
      one.hooks = {
        ready(_media, { trx }) {
          late.push(() => run(trx, 'insert into notes (text) values (?)', 'late'))
          if (isSqlite) {
            const prepared = (trx as SqliteTransaction).prepare(`insert into notes (text) values ('later')`)
            late.push(async () => void prepared.run())
          }
        },
      }
      await upload()
      for (const one of late) await assert.rejects(async () => one(), /over/)
      assert.deepEqual(await one.app.all('select text from notes'), [])
    })

    test('a hook that is too slow is rolled back, and the ledger goes on', async () => {
      one.hooks = {
        async ready(media, { trx, signal }) {
          await insert(trx, media)
          setImmediate(() => clock.advance(5000))
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          await new Promise(() => {})
        },
      }
      const { status, problem } = await one.send('form', jpeg)
      assert.deepEqual([status, problem.code], [503, 'hook_timeout'])
      assert.deepEqual([await posts(), await one.left()], [[], nothing])
      one.hooks = {}
      assert.equal((await one.send('form', jpeg)).status, 201)
    })

    for (const statement of ['commit', 'rollback', ' BEGIN', 'End transaction']) {
      test(`a hook can not end the transaction by ${statement.trim()}`, async () => {
        one.hooks = {
          async ready(media, { trx }) {
            await insert(trx, media)
            await run(trx, statement)
          },
        }
        const { status, problem } = await one.send('form', jpeg)
        assert.deepEqual([status, problem.code], [500, 'hook_failed'])
        assert.deepEqual([await posts(), await one.left()], [[], nothing])
      })
    }

    test('savepoints are the hook’s to use', async () => {
      one.hooks = {
        async ready(media, { trx }) {
          await run(trx, 'savepoint mine')
          await insert(trx, media)
          await run(trx, 'rollback to savepoint mine')
        },
      }
      await upload()
      assert.deepEqual(await posts(), [])
    })

    test('a hook that swallows the error of a statement that has undone everything is told so', async () => {
      const breaking = isSqlite
        ? `insert or rollback into notes (text) values (null)`
        : `insert into notes (text) values (null)`
      one.hooks = {
        async ready(_media, { trx }) {
          await run(trx, breaking).catch(() => {})
        },
      }
      const { status, problem } = await one.send('form', jpeg)
      assert.deepEqual([status, problem.code], [500, 'hook_failed'])
      assert.deepEqual(await one.left(), nothing)
      one.hooks = {}
      await upload()
    })

    test('a constraint of the app’s own that its statement breaks is the app’s error, not a conflict', async () => {
      await one.app.run('create unique index one_note on notes (text)')
      one.hooks = { ready: (_media, { trx }) => run(trx, 'insert into notes (text) values (?)', 'same') }
      await upload()
      const { status, problem } = await one.send('form', jpeg)
      assert.deepEqual([status, problem.code], [500, 'hook_failed'])
      assert.deepEqual(failed(), ['ready'])
      await one.app.run('delete from notes')
    })

    test('removed: the app’s row, which refers to the photo, goes with it', async () => {
      one.hooks = { ready: (media, { trx }) => insert(trx, media) }
      const media = await upload()
      await assert.rejects(one.tintype.media.remove(media.id), { code: 'conflict' })
      const heard: unknown[] = []
      one.hooks = {
        async removed({ id, name }, { trx, owner, why }) {
          heard.push([id, name, owner, why])
          await run(trx as Trx, 'delete from posts where photo = ?', id)
        },
      }
      const response = await fetch(`${one.url}/api/media/${media.id}`, { method: 'DELETE' })
      assert.equal(response.status, 204)
      assert.deepEqual(heard, [[media.id, 'a.jpg', 'me', 'removed']])
      assert.deepEqual([await posts(), await one.left()], [[], nothing])
    })

    test('removed: what throws keeps the photo, and the client is told', async () => {
      const media = await upload()
      one.hooks = {
        removed() {
          throw refuse('It is in a book already.', { status: 409, code: 'printed' })
        },
      }
      const response = await fetch(`${one.url}/api/media/${media.id}`, { method: 'DELETE' })
      assert.deepEqual(
        [response.status, ((await response.json()) as { code: string }).code],
        [409, 'printed'],
      )
      one.hooks = {
        removed() {
          throw new Error('secret')
        },
      }
      const failing = await fetch(`${one.url}/api/media/${media.id}`, { method: 'DELETE' })
      assert.deepEqual(
        [failing.status, ((await failing.json()) as { code: string }).code],
        [500, 'hook_failed'],
      )
      assert.ok(await one.tintype.media.get(media.id))
    })

    test('removed: runs for what has expired, and a reference to it still counts as a claim', async () => {
      one.hooks = {
        async ready(media, { trx }) {
          if (media.name === 'kept.jpg') await insert(trx, media)
        },
      }
      const [kept, gone] = [await one.send('form', jpeg, { name: 'kept.jpg' }), await one.send('form', jpeg)]
      const heard: unknown[] = []
      one.hooks = {
        async removed({ id }, { trx, why }) {
          await run(trx as Trx, 'delete from posts where photo = ?', id)
          heard.push([id, why])
        },
      }
      clock.advance(3_600_000)
      // Both are logged after their transactions, which the hook is inside of.
      const logged = (event: string) => one.logged.some(([name]) => name === event)
      await until(async () => logged('media.expired') && logged('media.referenced'))
      assert.deepEqual(heard, [[gone.media?.id, 'expired']])
      assert.deepEqual(await posts(), [{ photo: kept.media?.id }])
    })

    if (isSqlite) {
      test('a hook that calls Tintype without its transaction is told, and does not wait for itself', async () => {
        let later: Promise<unknown> | undefined
        const over = Promise.withResolvers<void>()
        one.hooks = {
          async ready() {
            later = over.promise.then(() => one.tintype.media.list({ owner: 'me' }))
            await one.tintype.media.list({ owner: 'me' })
          },
        }
        const { status, problem } = await one.send('form', jpeg)
        assert.deepEqual([status, problem.code], [500, 'hook_failed'])
        assert.match(String(one.logged.find(([event]) => event === 'hook.failed')?.[1].error), /use the trx/)
        over.resolve()
        await later
      })
    }
  })
}
