import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { Pool, type PoolConfig } from 'pg'
import { type PgProxy, startPgProxy } from '../../../../test/support/pg-proxy.ts'
import { createDatabase, skipWithoutPostgres } from '../../../../test/support/postgres.ts'
import { published } from '../../../../test/support/published.ts'
import { openRecords, type Records } from './records.ts'
import { anyOwner } from './schema.ts'

describe("the app's own pool", { skip: skipWithoutPostgres }, () => {
  let database: Awaited<ReturnType<typeof createDatabase>>
  let proxy: PgProxy
  const opened: (() => Promise<unknown>)[] = []
  before(async () => {
    database = await createDatabase()
  })
  after(() => database.drop())
  beforeEach(async () => {
    proxy = await startPgProxy(database.url)
  })
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close()
    await proxy.close()
  })

  async function open(config: PoolConfig = {}, more = {}): Promise<{ pool: Pool; records: Records }> {
    const pool = new Pool({ connectionString: proxy.url, ...config })
    opened.push(async () => pool.ended || (await pool.end()))
    const records = await openRecords({ pool, ...more })
    opened.push(records.close)
    return { pool, records }
  }

  test('stays open when Tintype closes, without a listener of ours', async () => {
    const { pool, records } = await open()
    await published(records)
    await records.close()
    assert.deepEqual((await pool.query('select 1 as one')).rows, [{ one: 1 }])
    assert.deepEqual([pool.listenerCount('error'), pool.listenerCount('connect')], [0, 0])
    await assert.rejects(records.ping(), { code: 'shutting_down' })
  })

  test('is a database that does not answer when the app has ended it', async () => {
    const { pool, records } = await open()
    await pool.end()
    await assert.rejects(records.ping(), { code: 'database_unavailable' })
  })

  test('keeps its parsers, and we have ours: numbers are numbers', async () => {
    const { pool, records } = await open()
    const id = await published(records, { expires_at: 4_000_000_000_000 })
    const row = (await records.media.find(id, anyOwner))?.media
    assert.deepEqual([row?.bytes, row?.created_at, row?.expires_at], [1, 1, 4_000_000_000_000])
    const { rows } = await pool.query('select created_at from tintype_media where id = $1', [id])
    assert.deepEqual(rows, [{ created_at: '1' }])
  })

  test('has a transaction of the app: its search_path is its own', async () => {
    const { pool, records } = await open({}, { schema: 'photos', tablePrefix: '' })
    const id = await published(records)
    for (const end of ['rollback', 'commit']) {
      const client = await pool.connect()
      await client.query('begin; set local search_path = pg_catalog')
      assert.equal(await records.ledger.claim(id, anyOwner, `by ${end}`, client), 'claimed')
      await client.query(end)
      client.release()
    }
    assert.equal((await records.media.find(id, anyOwner))?.media.claimed_by, 'by commit')
  })

  test('that goes silent costs one time limit: its own, where it has one', async () => {
    const { pool, records } = await open({ query_timeout: 1500 })
    await Promise.all(Array.from({ length: 5 }, () => records.ping()))
    const made = pool.totalCount
    assert.ok(made > 1)
    proxy.stall()
    await assert.rejects(records.ping(), { code: 'database_unavailable' })
    proxy.resume()
    // None of those that are as old is asked again.
    await records.ping()
    assert.equal(pool.totalCount, 1)
    assert.deepEqual((await pool.query('select 1 as one')).rows, [{ one: 1 }])
  })

  test('loses a connection between two statements of ours, and the process goes on', async () => {
    const { records } = await open()
    const id = await published(records)
    proxy.faults.pick = (sql) => (/^delete from .*tintype_media/i.test(sql) ? 'cut before' : undefined)
    await assert.rejects(records.ledger.remove(id, anyOwner, 5), { code: 'database_unavailable' })
    delete proxy.faults.pick
    assert.ok(await records.media.find(id, anyOwner))
  })

  test('of one connection, which the app holds, is waited for no longer than for a connection of ours', async () => {
    const { pool, records } = await open({ max: 1, connectionTimeoutMillis: 100 })
    const held = await pool.connect()
    await assert.rejects(records.ping(), { code: 'database_unavailable' })
    held.release()
    await records.ping()
  })
})
