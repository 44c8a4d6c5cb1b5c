import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { type PgProxy, startPgProxy } from '../../../../test/support/pg-proxy.ts'
import { createDatabase, skipWithoutPostgres } from '../../../../test/support/postgres.ts'
import { published } from '../../../../test/support/published.ts'
import { createPostgresPool } from './postgres-pool.ts'
import { openRecords, type Records } from './records.ts'
import { anyOwner } from './schema.ts'

/** Milliseconds that a query may take; more than any takes on a busy machine. */
const limit = 1500

describe('a Postgres that goes silent', { skip: skipWithoutPostgres }, () => {
  let database: Awaited<ReturnType<typeof createDatabase>>
  let proxy: PgProxy
  let records: Records
  let lost: Error[]

  before(async () => {
    database = await createDatabase()
    await (await openRecords(database.url)).close()
  })
  after(() => database.drop())
  beforeEach(async () => {
    proxy = await startPgProxy(database.url)
    lost = []
    const url = new URL(proxy.url)
    url.searchParams.set('query_timeout', String(limit))
    records = await openRecords(url.href, (error) => lost.push(error))
  })
  afterEach(async () => {
    await records.close()
    await proxy.close()
  })

  /** @returns how many it took until one succeeded */
  async function tries(work: () => Promise<unknown>): Promise<number> {
    for (let count = 1; ; count++) {
      try {
        await work()
        return count
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'database_unavailable')
        assert.ok(count < 20)
      }
    }
  }
  /** So many connections, all of them idle afterwards. */
  const fill = (count: number) => Promise.all(Array.from({ length: count }, () => records.ping()))

  test('a query without an answer ends its connection, and the next gets a new one', async () => {
    proxy.stall()
    await assert.rejects(records.ping(), { code: 'database_unavailable' })
    proxy.resume()
    assert.equal(await tries(() => records.ping()), 1)
    assert.match(lost[0]?.message ?? '', /timeout/)
  })

  test('idle connections that are as old as the silent one are not tried one after the other', async () => {
    await fill(10)
    proxy.stall()
    proxy.resume()
    assert.equal(await tries(() => records.ping()), 2)
    assert.equal(await tries(() => fill(10)), 1)
  })

  test('inside a transaction the first silence is the last', async () => {
    const id = await published(records)
    proxy.faults.pick = (sql) =>
      /^delete from "public"."tintype_media"/i.test(sql) ? 'stall before' : undefined
    await assert.rejects(records.ledger.remove(id, anyOwner, 5), { code: 'database_unavailable' })
    delete proxy.faults.pick
    assert.ok(await records.media.find(id, anyOwner))
    assert.equal(await tries(() => records.ledger.remove(id, anyOwner, 5)), 1)
  })

  test('a COMMIT that was carried out and never answered can be read back at once', async () => {
    const id = await published(records)
    proxy.faults.pick = (sql) => (/^commit/i.test(sql) ? 'stall after' : undefined)
    await assert.rejects(records.ledger.remove(id, anyOwner, 5), { code: 'database_unavailable' })
    assert.equal(await records.media.find(id, anyOwner), undefined)
  })

  test('connections to what has become a standby are made anew', async () => {
    const pool = await createPostgresPool({ connectionString: proxy.url }, () => {})
    const one = await pool.connect()
    await one.query('set default_transaction_read_only = on', [])
    await assert.rejects(one.query('create table post (id int)', []), { code: '25006' })
    one.release()
    const next = await pool.connect()
    await next.query('create table post (id int)', [])
    next.release()
    await pool.end()
  })

  test('connections that are in use when another one falls silent are given up when they come back', async () => {
    const pool = await createPostgresPool({ connectionString: proxy.url, query_timeout: limit }, () => {})
    const [one, other] = [await pool.connect(), await pool.connect()]
    proxy.faults.pick = () => 'stall before'
    await assert.rejects(one.query('select 1', []), /timeout/)
    delete proxy.faults.pick
    await other.query("set application_name = 'old'", [])
    one.release()
    other.release()
    const next = await pool.connect()
    const { rows } = await next.query<{ name: string }>(
      "select current_setting('application_name') as name",
      [],
    )
    assert.equal(rows[0]?.name, '')
    next.release()
    await pool.end()
  })
})

test('a server that takes the connection and says nothing is given up in time', async () => {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  const sockets: Promise<unknown>[] = []
  server.on('connection', (socket) => {
    socket.on('error', () => {})
    sockets.push(once(socket.resume(), 'close'))
  })
  const connectionString = `postgres://nobody@127.0.0.1:${port}/none`
  const pool = await createPostgresPool({ connectionString, connectionTimeoutMillis: 100 }, () => {})
  await assert.rejects(pool.connect(), /timeout/)
  await Promise.all(sockets)
  await pool.end()
  server.close()
})
