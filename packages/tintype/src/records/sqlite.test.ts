import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { Kysely, type RawBuilder, sql } from 'kysely'
import { createSqliteDialect, unsynced } from './sqlite.ts'

describe('how durable a commit on SQLite is', () => {
  let db: Kysely<unknown>
  before(() => {
    db = new Kysely({ dialect: createSqliteDialect(':memory:') })
  })
  after(() => db.destroy())

  const [normal, full] = [1, 2]
  const level = async (query: RawBuilder<{ synchronous: number }>, on = db) =>
    (await query.execute(on)).rows[0]?.synchronous
  const usual = sql<{ synchronous: number }>`select synchronous from pragma_synchronous`
  const relaxed = sql<{ synchronous: number }>`select synchronous from pragma_synchronous ${unsynced}`

  test('is full, but for a statement that says otherwise, and full again after it', async () => {
    assert.deepEqual(await Promise.all([level(usual), level(relaxed), level(usual)]), [full, normal, full])
    await sql`create table one (a integer unique)`.execute(db)
    const insert = sql`insert into one values (1) ${unsynced}`
    await insert.execute(db)
    await assert.rejects(insert.execute(db), /UNIQUE/)
    assert.equal(await level(usual), full)
  })

  test('is full in a transaction, whatever a statement in it says', async () => {
    await db.transaction().execute(async (trx) => assert.equal(await level(relaxed, trx), full))
  })
})

test('rows are objects, with the columns that there are when they are read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tintype-sqlite-'))
  const file = join(folder, 'one.db')
  const db = new Kysely<unknown>({ dialect: createSqliteDialect(file) })
  const rows = async () => (await sql`select * from one order by a`.execute(db)).rows
  await sql`create table one (a integer, b text)`.execute(db)
  assert.deepEqual(await rows(), [])
  await sql`insert into one values (1, 'x'), (2, null)`.execute(db)
  assert.deepEqual(await rows(), [
    { a: 1, b: 'x' },
    { a: 2, b: null },
  ])
  const other = new DatabaseSync(file)
  other.exec('alter table one drop column b; alter table one add column c integer default 3')
  other.close()
  assert.deepEqual(await rows(), [
    { a: 1, c: 3 },
    { a: 2, c: 3 },
  ])
  const changed = await sql`update one set a = a + 1 returning a, c as later`.execute(db)
  assert.deepEqual(changed.rows, [
    { a: 2, later: 3 },
    { a: 3, later: 3 },
  ])
  assert.equal((await sql`delete from one`.execute(db)).numAffectedRows, 2n)
  await db.destroy()
  await rm(folder, { recursive: true })
})
