import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { Kysely } from 'kysely'
import { Client, Pool } from 'pg'
import { createDatabase, skipWithoutPostgres } from '../../../../test/support/postgres.ts'
import { published } from '../../../../test/support/published.ts'
import { type CallersTransaction, overCallers } from './callers.ts'
import { defaultPrefix } from './place.ts'
import { createPostgresDialect } from './postgres.ts'
import { openRecords, type Records } from './records.ts'
import { anyOwner } from './schema.ts'
import { createSqliteDialect } from './sqlite.ts'

/** Begins a transaction of the app's, does the work in it, then commits or rolls back. */
type InTransaction = (
  end: 'commit' | 'rollback',
  work: (trx: CallersTransaction) => Promise<void>,
) => Promise<void>

const apps: {
  name: string
  kind: 'sqlite' | 'postgres'
  open(url: string): Promise<{ run: InTransaction; close(): unknown }>
}[] = [
  { name: 'node:sqlite', kind: 'sqlite', open: async (path) => onNodeSqlite(path) },
  {
    name: 'Kysely on SQLite',
    kind: 'sqlite',
    open: async (path) => onKysely(new Kysely({ dialect: createSqliteDialect(path) })),
  },
  { name: 'a pg client', kind: 'postgres', open: onPg },
  {
    name: 'Kysely on Postgres',
    kind: 'postgres',
    open: async (url) => onKysely(new Kysely({ dialect: createPostgresDialect(url, () => {}) })),
  },
]

for (const { name, kind, open } of apps) {
  const skip = kind === 'postgres' && skipWithoutPostgres
  describe(`in a transaction of the app, by ${name}`, { skip }, () => {
    let database: Awaited<ReturnType<typeof createFile>>
    let records: Records
    let app: Awaited<ReturnType<typeof open>>

    before(async () => {
      database = await (kind === 'postgres' ? createDatabase() : createFile())
      records = await openRecords(database.url)
      app = await open(database.url)
    })
    after(async () => {
      await app.close()
      await records.close()
      await database.drop()
    })

    test('a claim holds when the app commits, and never was when it rolls back', async () => {
      const id = await published(records, { expires_at: 100 })
      await app.run('rollback', async (trx) => {
        assert.equal(await records.ledger.claim(id, anyOwner, 'post:1', trx), 'claimed')
      })
      assert.equal(await claimOf(records, id), null)
      await app.run('commit', async (trx) => {
        assert.equal(await records.ledger.claim(id, anyOwner, 'post:1', trx), 'claimed')
      })
      assert.equal(await claimOf(records, id), 'post:1')
      assert.equal(await records.ledger.remove(id, anyOwner, 5, { expiredAt: 1000 }), undefined)
    })

    test('a removal that rolls back removes nothing', async () => {
      const id = await published(records)
      const key = `media/${id}/original.jpg`
      await app.run('rollback', async (trx) => {
        assert.deepEqual(await records.ledger.remove(id, anyOwner, 7, { trx }), [
          { key, writableUntil: null },
        ])
      })
      assert.ok(await records.media.find(id, anyOwner))
      await app.run('commit', async (trx) => void (await records.ledger.remove(id, anyOwner, 7, { trx })))
      assert.equal(await records.media.find(id, anyOwner), undefined)
      const due = await records.sweep.lease(7, 8, 1000)
      assert.ok(due.some((row) => row.key === key))
    })

    test('another claim is told so, the same one is taken again', async () => {
      const id = await published(records)
      assert.equal(await records.ledger.claim(id, 'somebody else', 'post:1'), 'absent')
      for (const outcome of ['claimed', 'claimed']) {
        assert.equal(await records.ledger.claim(id, 'o', 'post:1'), outcome)
      }
      assert.equal(await records.ledger.claim(id, 'o', 'post:2'), 'taken')
    })
  })
}

test('a connection without a transaction is refused', async () => {
  const records = await openRecords(':memory:')
  const app = new DatabaseSync(':memory:')
  await assert.rejects(async () => records.ledger.claim('id', anyOwner, 'by', app), /no transaction/)
  app.close()
  await records.close()
})

test('what is no transaction of the database that Tintype uses is refused with what would be', () => {
  const place = { prefix: defaultPrefix, schema: undefined }
  const refused = (trx: object, kind: 'sqlite' | 'postgres', sentence: RegExp) =>
    assert.throws(() => overCallers(trx as CallersTransaction, kind, place), {
      name: 'TypeError',
      message: sentence,
    })
  refused(new Pool(), 'postgres', /pool\.connect\(\)/)
  // Of Drizzle, whose `query` is no function; of Knex, of better-sqlite3.
  refused({ query: {} }, 'postgres', /a client of pg after begin.*Drizzle and Knex/)
  refused(
    Object.assign(() => {}, { isTransaction: true }),
    'postgres',
    /a client of pg/,
  )
  refused({ prepare() {}, exec() {}, inTransaction: true }, 'sqlite', /a DatabaseSync of node:sqlite/)
  refused(new Client(), 'sqlite', /a DatabaseSync of node:sqlite/)
})

test('what a foreign key of the app refers to is not removed', async () => {
  const { url: path, drop } = await createFile()
  const records = await openRecords(path)
  const id = await published(records)
  const app = new DatabaseSync(path)
  app.exec('create table post (photo text references tintype_media (id))')
  app.prepare('insert into post values (?)').run(id)
  await assert.rejects(records.ledger.remove(id, anyOwner, 5), { code: 'conflict' })
  assert.ok(await records.media.find(id, anyOwner))
  assert.deepEqual(await records.sweep.lease(10, 20, 5), [])
  app.close()
  await records.close()
  await drop()
})

async function createFile() {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-callers-'))
  return { url: join(directory, 'test.db'), drop: () => rm(directory, { recursive: true }) }
}

function onNodeSqlite(path: string) {
  const db = new DatabaseSync(path)
  const run: InTransaction = async (end, work) => {
    db.exec('begin immediate')
    await work(db)
    db.exec(end)
  }
  return { run, close: () => db.close() }
}

function onKysely(db: Kysely<unknown>) {
  const run: InTransaction = async (end, work) => {
    const trx = await db.startTransaction().execute()
    await work(trx)
    await trx[end]().execute()
  }
  return { run, close: () => db.destroy() }
}

async function onPg(url: string) {
  const client = new Client({ connectionString: url })
  await client.connect()
  const run: InTransaction = async (end, work) => {
    await client.query('begin')
    await work(client)
    await client.query(end)
  }
  return { run, close: () => client.end() }
}

async function claimOf(records: Records, id: string) {
  return (await records.media.find(id, anyOwner))?.media.claimed_by
}
