import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { Kysely } from 'kysely'
import { databases } from '../../../../test/support/app-database.ts'
import { published } from '../../../../test/support/published.ts'
import type { DatabaseOptions } from './database.ts'
import { type DatabaseKind, withNames } from './place.ts'
import { openRecords } from './records.ts'
import { anyOwner, type Ledger } from './schema.ts'
import { createSqliteDialect } from './sqlite.ts'

/** Last opened, first closed. */
const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

for (const { name, create, connect, skip } of databases) {
  const isPostgres = name === 'Postgres'

  describe(`where the tables are, on ${name}`, { skip }, () => {
    async function start() {
      const { url, drop } = await create()
      opened.push(drop)
      const app = await connect(url)
      opened.push(() => app.close())
      const open = async (more: DatabaseOptions = {}, at = url) => {
        const records = await openRecords({ ...(isPostgres ? { url: at } : { file: at }), ...more })
        opened.push(() => records.close())
        return records
      }
      return { url, app, open }
    }

    test('two prefixes in one database know nothing of each other', async () => {
      const { app, open } = await start()
      // The longest that is taken.
      const prefixes = [`${'a'.repeat(39)}_`, `${'a'.repeat(38)}b_`]
      const [one, other] = await Promise.all(prefixes.map((tablePrefix) => open({ tablePrefix })))
      assert.ok(one && other)
      const id = await published(one)
      assert.equal(await other.media.find(id, anyOwner), undefined)
      assert.deepEqual(await other.audit.count(), { objects: 0, sweep: 0 })
      assert.ok(await one.ledger.remove(id, anyOwner, 5))
      assert.equal(await other.sweep.nextDue(), undefined)
      assert.equal(await one.sweep.nextDue(), 5)
      const names = await app.all(
        isPostgres
          ? `select relname as name from pg_class where relnamespace = 'public'::regnamespace`
          : `select name from sqlite_schema where name not like 'sqlite_%'`,
      )
      for (const row of names) assert.match(String(row.name), /^a{38}[ab]_/)
    })

    if (!isPostgres) return

    test('a schema is made where it is missing, and one that is there is used', async () => {
      const { app, open } = await start()
      await app.run('create schema there')
      for (const schema of ['there', 'made']) {
        const records = await open({ schema })
        const id = await published(records)
        assert.deepEqual(await app.all(`select id from ${schema}.tintype_media`), [{ id }])
      }
      assert.deepEqual(
        await app.all(`select relname from pg_class where relnamespace = 'public'::regnamespace`),
        [],
      )
    })

    test('without a schema they stay where they were found, whatever else is made later', async () => {
      const { url, app, open } = await start()
      const id = await published(await open())
      await app.run('create schema earlier')
      const at = new URL(url)
      at.searchParams.set('options', '-c search_path=earlier,public')
      assert.ok(await (await open({}, at.href)).media.find(id, anyOwner))
    })

    async function startAs(role: string) {
      const { url, app, open } = await start()
      await app.run(`create role ${role} login`)
      opened.push(() => app.run(`drop owned by ${role}; drop role ${role}`))
      const at = new URL(url)
      at.username = role
      return { app, at, open }
    }

    test('a role that owns its schema is enough', async () => {
      const role = `owner_${process.pid}`
      const { app, at, open } = await startAs(role)
      await app.run(`create schema photos authorization ${role}`)
      await assert.rejects(open({ schema: 'others' }, at.href), {
        code: 'database_unavailable',
        message: /no schema others, and it can't be made .*create schema others authorization/,
      })
      const records = await open({ schema: 'photos' }, at.href)
      const id = await published(records)
      assert.ok(await records.ledger.remove(id, anyOwner, 5))
    })

    test('where another role migrates, one that reads and writes rows is enough', async () => {
      const role = `reader_${process.pid}`
      const { app, at, open } = await startAs(role)
      await (await open({ schema: 'photos' })).close()
      await app.run(`grant usage on schema photos to ${role};
        grant select, insert, update, delete on all tables in schema photos to ${role}`)
      const records = await open({ schema: 'photos' }, at.href)
      const id = await published(records)
      assert.equal(await records.ledger.claim(id, anyOwner, 'post:1'), 'claimed')
      assert.ok(await records.ledger.remove(id, anyOwner, 5))
      assert.equal((await records.sweep.lease(6, 10, 10)).length, 1)
    })

    test('no schema at all is told', async () => {
      const { url, open } = await start()
      const at = new URL(url)
      at.searchParams.set('options', '-c search_path=nowhere')
      await assert.rejects(open({}, at.href), {
        code: 'database_unavailable',
        message: /DATABASE_SCHEMA/,
      })
    })
  })
}

test('a limit stands in the text of a statement on SQLite, and is a parameter on Postgres', () => {
  const compile = (kind: DatabaseKind) => {
    const place = { prefix: 'tintype_', schema: undefined }
    const dialect = withNames(createSqliteDialect(':memory:'), kind, place)
    return new Kysely<Ledger>({ dialect }).selectFrom('sweep').select('key').limit(5).compile()
  }
  const [sqlite, postgres] = [compile('sqlite'), compile('postgres')]
  assert.deepEqual([sqlite.sql, sqlite.parameters], ['select "key" from "tintype_sweep" limit 5', []])
  assert.deepEqual([postgres.sql, postgres.parameters], ['select "key" from "tintype_sweep" limit $1', [5]])
})
