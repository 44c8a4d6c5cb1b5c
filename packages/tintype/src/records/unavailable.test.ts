import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, test } from 'node:test'
import { Kysely, sql } from 'kysely'
import { Client } from 'pg'
import { createDatabase, skipWithoutPostgres } from '../../../../test/support/postgres.ts'
import { createPostgresDialect } from './postgres.ts'
import { openRecords } from './records.ts'
import { createSqliteDialect } from './sqlite.ts'
import { withUnavailable } from './unavailable.ts'

describe('a database that is not to be had', () => {
  const cleanUp: (() => unknown)[] = []
  after(async () => {
    for (const step of cleanUp.reverse()) await step()
  })

  /** Our records, and a connection of the app's to the same file. */
  async function openBoth() {
    const directory = await mkdtemp(join(tmpdir(), 'tintype-busy-'))
    cleanUp.push(() => rm(directory, { recursive: true }))
    const path = join(directory, 'test.db')
    const records = await openRecords(path)
    cleanUp.push(() => records.close())
    const app = new DatabaseSync(path)
    cleanUp.push(() => app.close())
    return { records, app }
  }

  test('a writer waits for a transaction of the same thread without blocking it', async () => {
    const { records, app } = await openBoth()

    app.exec('begin immediate')
    const waiting = records.ledger.reserve(['k'], 1)
    // Only a thread that isn't blocked gets to run this.
    setImmediate(() => app.exec('commit'))
    await waiting
    assert.equal(await records.sweep.nextDue(), 1)
  })

  test('while a writer waits for a transaction of the app, the app may read and begin to write through us', async () => {
    const { records, app } = await openBoth()

    app.exec('begin immediate')
    const waiting = [records.ledger.reserve(['k'], 1), records.ledger.reserve(['l'], 2)]
    assert.equal(await records.sweep.nextDue(), undefined)
    // Nothing of it is there: so nobody writes, and nobody waits.
    assert.deepEqual(await records.variants.lease(5, 6), [])
    assert.deepEqual(await records.outbox.lease('hook', 5, 6, 1), [])
    app.exec('commit')
    await Promise.all(waiting)
    assert.equal(await records.sweep.nextDue(), 1)
  })

  test('a Postgres that hangs up is `database_unavailable`, never a bug', async () => {
    const server = createServer((socket: Socket) => socket.destroy()).listen(0, '127.0.0.1')
    cleanUp.push(() => server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    await assert.rejects(openRecords(`postgres://tintype@127.0.0.1:${port}/nothing`), {
      code: 'database_unavailable',
    })
  })

  test('Postgres ends every connection: the next statements work again', {
    skip: skipWithoutPostgres,
  }, async () => {
    const { url, drop } = await createDatabase()
    cleanUp.push(drop)
    const records = await openRecords(url)
    cleanUp.push(() => records.close())
    await Promise.all(Array.from({ length: 5 }, () => records.ping()))
    const client = new Client({ connectionString: url })
    await client.connect()
    await client.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`)
    await client.end()
    // As long as there are connections whose end hasn't been noticed yet, it says so in our words.
    const ping = () =>
      records.ping().then(
        () => true,
        (error) => error.code,
      )
    let answer = await ping()
    for (let tries = 1; answer !== true && tries < 10; tries++) {
      assert.equal(answer, 'database_unavailable')
      answer = await ping()
    }
    assert.equal(answer, true)
  })
})

describe('a database that is closed', () => {
  for (const { name, create, dialectOf, skip } of [
    { name: 'SQLite', create: inMemory, dialectOf: createSqliteDialect, skip: false },
    {
      name: 'Postgres',
      create: createDatabase,
      dialectOf: (url: string) => createPostgresDialect(url, () => {}),
      skip: skipWithoutPostgres,
    },
  ]) {
    test(`${name}: what has begun may end, what comes later is shutting_down`, { skip }, async (t) => {
      const { url, drop } = await create()
      t.after(drop)
      const { dialect, close } = withUnavailable(dialectOf(url))
      const db = new Kysely<Record<string, never>>({ dialect })
      const closing: Promise<void>[] = []
      await db.transaction().execute(async (trx) => {
        closing.push(close(), close())
        await sql`select 1`.execute(trx)
      })
      await Promise.all(closing)
      await assert.rejects(sql`select 1`.execute(db), { code: 'shutting_down' })
    })
  }
})

async function inMemory() {
  return { url: ':memory:', drop: async () => {} }
}
