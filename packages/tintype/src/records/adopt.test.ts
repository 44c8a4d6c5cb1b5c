import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { afterEach, describe, test } from 'node:test'
import { type AppRows, databases } from '../../../../test/support/app-database.ts'
import type { DatabaseOptions } from './database.ts'
import { migrationsOf01 } from './migrations.ts'
import { openRecords, type Records } from './records.ts'
import { anyOwner } from './schema.ts'

const id = (n: number) => `id-${String(n).padStart(2, '0')}`.padEnd(22, 'A')
const tables = ['media', 'variant', 'upload', 'part', 'sweep']

/** Last opened, first closed. */
const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

for (const { name, create, connect, skip } of databases) {
  const isPostgres = name === 'Postgres'

  describe(`a filled database of Tintype 0.1 on ${name}`, { skip }, () => {
    async function open01() {
      const { url, drop } = await create()
      opened.push(drop)
      const app = await connect(url)
      opened.push(() => app.close())
      await app.run(await readFile(`test/databases/0.1-${name.toLowerCase()}.sql`, 'utf8'))
      const open = async (more: DatabaseOptions = {}) => {
        const records = await openRecords({ ...(isPostgres ? { url } : { file: url }), ...more })
        opened.push(() => records.close())
        return records
      }
      return { app, open }
    }

    test('keeps every row, under the names of a new one', async () => {
      const { app, open } = await open01()
      const before = await rowsOf(app, (table) => table)
      const records = await open()
      assert.deepEqual(await rowsOf(app, (table) => `tintype_${table}`), before)
      await worksOn(records)

      const { url, drop } = await create()
      opened.push(drop)
      const fresh = await connect(url)
      opened.push(() => fresh.close())
      await (await openRecords(url)).close()
      const names = (await namesIn(app)).filter((one) => !/post|gallery|of_the_app/.test(one))
      assert.deepEqual(names, await namesIn(fresh))
    })

    test('moves to the prefix and the schema that are asked for', async () => {
      const { app, open } = await open01()
      const before = await rowsOf(app, (table) => table)
      const options = isPostgres ? { schema: 'photos', tablePrefix: '' } : { tablePrefix: 'photos_' }
      const records = await open(options)
      assert.deepEqual(await rowsOf(app, (table) => `photos${isPostgres ? '.' : '_'}${table}`), before)
      await worksOn(records)
      const left = await app.all(
        isPostgres
          ? `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`
          : "select name from sqlite_schema where type = 'table' and name not like 'photos%' and name not like 'sqlite%'",
      )
      assert.deepEqual(
        left.map((row) => Object.values(row)[0]),
        ['post'],
      )
      // Opened again, and beside it another one.
      await worksOn(await open(options), 5)
      const other = await open({ tablePrefix: 'other_' })
      assert.deepEqual(await other.media.list({ owner: 'ann' }, { limit: 10 }), [])
    })

    test("leaves the app's foreign keys and views as they were", async () => {
      const { app, open } = await open01()
      const records = await open()
      await assert.rejects(records.ledger.remove(id(0), anyOwner, 1), { code: 'conflict' })
      await assert.rejects(app.run(`insert into post values ('p2', 'none')`))
      assert.deepEqual(await app.all('select name, post from gallery'), [{ name: '0 “a”.jpg', post: 'p1' }])
      await app.run("delete from post where id = 'p1'")
      assert.ok(await records.ledger.remove(id(0), anyOwner, 1))
    })

    test('is brought up to date once, by however many processes', async () => {
      const { open } = await open01()
      const all = await Promise.all(Array.from({ length: 4 }, () => open()))
      for (const records of all)
        assert.equal((await records.media.list({ owner: 'bob' }, { limit: 10 })).length, 2)
    })

    test('stays as it was when half of it fails', async () => {
      const { app, open } = await open01()
      const before = await rowsOf(app, (table) => table)
      const names = await namesIn(app)
      // Of the app's, where one of the last would go.
      await app.run('create table tintype_sweep (id integer)')
      await assert.rejects(open(), { code: 'database_unavailable', message: /tintype_sweep/ })
      await app.run('drop table tintype_sweep')
      assert.deepEqual(await rowsOf(app, (table) => table), before)
      assert.deepEqual(await namesIn(app), names)
      await worksOn(await open())
    })

    test('refuses a process of 0.1 that comes later, which finds an entry that it does not know', async () => {
      const { app, open } = await open01()
      await open()
      const applied = await app.all('select name from tintype_migration order by name')
      assert.ok(applied.some((row) => !migrationsOf01.includes(String(row.name))))
    })

    test('is told by its tables: where one is another, nothing is touched', async () => {
      const { app, open } = await open01()
      await app.run('alter table media rename column request_hash to hash')
      await assert.rejects(open(), {
        code: 'database_unavailable',
        message: /0\.1 has been here, but there is no table media/,
      })
      assert.equal((await app.all('select id from media')).length, 5)
    })
  })

  test(`an app's own tables on ${name} are not touched, whatever they are called`, { skip }, async () => {
    const { url, drop } = await create()
    opened.push(drop)
    const app = await connect(url)
    opened.push(() => app.close())
    for (const table of tables) await app.run(`create table ${table} (id text primary key, title text)`)
    await app.run(`create index sweep_due on sweep (title)`)
    await app.run(`insert into media values ('1', 'ours')`)
    const records = await openRecords(url)
    opened.push(() => records.close())
    assert.deepEqual(await records.media.list({ owner: 'ann' }, { limit: 10 }), [])
    assert.deepEqual(await app.all('select * from media'), [{ id: '1', title: 'ours' }])
  })
}

/** Everything that the rows stand for is still so. */
async function worksOn(records: Records, media = 5): Promise<void> {
  const anns = await records.media.list({ owner: 'ann' }, { limit: 10 })
  const bobs = await records.media.list({ owner: 'bob' }, { limit: 10 })
  assert.equal(anns.length + bobs.length, media)
  assert.deepEqual(
    anns.map((one) => [one.media.id, one.media.bytes, one.variants.length]),
    [3, 1, 0].map((n) => [id(n), 5_000_000_000 + n, 1]),
  )
  assert.equal((await records.media.findByRequest('request')).length, 2)
  assert.equal(await records.ledger.claim(id(3), 'ann', 'post:2'), 'taken')
  assert.deepEqual(
    (await records.uploads.parts(id(90))).map((part) => part.etag),
    ['"e1"', null],
  )
  const { objects, sweep } = await records.audit.count()
  assert.deepEqual([objects, sweep], [2 * media, 6])
  assert.deepEqual(await records.audit.backlog(6_000, 1), { due: 4, oldest: 3_000, stuck: 1 })
  await assert.rejects(
    records.uploads.open({
      ...((await records.uploads.find(id(90), 'ann')) as never as object),
      id: 'x',
    } as never),
    { code: 'conflict' },
  )
}

/** Without the columns that came later, which say nothing of an old row. */
function asOf01({ alt = null, data = null, revision = 1, ...of05 }: Record<string, unknown>): string {
  assert.deepEqual([alt, data, Number(revision)], [null, null, 1])
  const { content_id = null, details = null, taken_order = of05.created_at, ...row } = of05
  assert.deepEqual([content_id, details, taken_order], [null, null, row.created_at])
  assert.equal(row.recipe ?? 'webp 320x320 inside q76', 'webp 320x320 inside q76')
  delete row.recipe
  for (const column of [
    'scanning_until',
    'form',
    'form_index',
    'sent_sha256',
    'cleaned',
    'privacy',
    'fields',
    'way',
    'hold_reason',
    'held_at',
    // Of the sweep list.
    ...('recheck' in row ? ['media_id', 'bytes'] : []),
  ]) {
    assert.equal(row[column] ?? null, null)
    delete row[column]
  }
  return JSON.stringify(row)
}

async function rowsOf(app: AppRows, nameOf: (table: string) => string) {
  const all = await Promise.all(
    tables.map(async (table) => (await app.all(`select * from ${nameOf(table)}`)).map(asOf01).sort()),
  )
  return all
}

/** Of tables, indexes and, on Postgres, constraints. */
async function namesIn(app: AppRows): Promise<string[]> {
  const rows = await app
    .all(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace
      union all select conname from pg_constraint where connamespace = 'public'::regnamespace`,
    )
    .catch(() => app.all('select name from sqlite_schema'))
  return rows.map(({ name }) => String(name)).sort()
}
