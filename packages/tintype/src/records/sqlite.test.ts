import assert from 'node:assert/strict'
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
