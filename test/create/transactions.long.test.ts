import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Readable } from 'node:stream'
import { after, afterEach, before, describe, test } from 'node:test'
import { Client } from 'pg'
import type { CallersTransaction } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { createDatabase, skipWithoutPostgres } from '../support/postgres.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const mebibyte = 1024 * 1024
const jpeg = await photo({ width: 300, height: 200 })
const video = await largeVideo(9 * mebibyte)
const owner = 'ann'

/** The app's own connection. */
interface Connection {
  trx: CallersTransaction
  exec(sql: string): unknown
  count(sql: string): Promise<number>
  close(): unknown
}

async function openSqlite(path: string): Promise<Connection> {
  const db = new DatabaseSync(path, { timeout: 5000 })
  return {
    trx: db,
    exec: (sql) => db.exec(sql),
    count: async (sql) => Number(db.prepare(sql).get()?.n),
    close: () => db.close(),
  }
}

async function openPostgres(url: string): Promise<Connection> {
  const client = new Client(url)
  await client.connect()
  return {
    trx: client,
    exec: (sql) => client.query(sql),
    count: async (sql) => Number((await client.query(sql)).rows[0].n),
    close: () => client.end(),
  }
}

const databases = [
  { name: 'SQLite', skip: false, open: openSqlite, create: createFile },
  { name: 'Postgres', skip: skipWithoutPostgres, open: openPostgres, create: createDatabase },
] as const

for (const { name, skip, open, create } of databases)
  describe(`media.create in a transaction of the app, on ${name}`, { skip }, () => {
    let database: Awaited<ReturnType<typeof create>>
    let app: StorageApp
    let own: Connection
    before(async () => {
      database = await create()
      app = await startStorageApp({ database: database.url })
      own = await open(database.url)
      await own.exec('create table picture (media_id text references tintype_media (id))')
    })
    after(async () => {
      await own.close()
      await app.stop()
      await database.drop()
    })
    afterEach(async () => {
      await own.exec('delete from picture')
      for (const { id } of await listed()) await app.tintype.media.remove(id)
      await until(
        async () => {
          app.clock.advance(60_000)
          return [...(await app.keys()), ...(await app.openMultiparts())]
        },
        (seen) => seen.length === 0,
      )
    })
    const listed = async () => (await app.tintype.media.list({ owner })).media
    const pictures = () => own.count('select count(*) as n from picture')
    const visible = 'select key from tintype_media union select key from tintype_variant'
    /** What is in the bucket, and not to be deleted. */
    async function unscheduled(): Promise<string[]> {
      const keys = await app.keys()
      const rows = await Promise.all(
        keys.map((key) => own.count(`select count(*) as n from tintype_sweep where key = '${key}'`)),
      )
      return keys.filter((_, index) => rows[index] === 0)
    }
    const add = (id: string) => own.exec(`insert into picture values ('${id}')`)

    for (const [what, source] of [
      ['a photo', () => jpeg],
      ['a streamed video', () => Readable.from([video])],
    ] as const) {
      test(`${what} is visible when the app commits, with the app's own row`, async () => {
        await own.exec('begin')
        const media = await app.tintype.media.create(source(), { owner, trx: own.trx })
        await add(media.id)
        assert.deepEqual(await listed(), [])
        await own.exec('commit')
        assert.deepEqual(
          (await listed()).map(({ id }) => id),
          [media.id],
        )
        assert.equal(await pictures(), 1)
        // Long after the deadline of its upload.
        for (let i = 0; i < 20; i++) app.clock.advance(60_000)
        assert.equal(
          (await unscheduled()).length,
          await own.count(`select count(*) as n from (${visible}) as t`),
        )
      })

      test(`${what} never was when it rolls back, and its objects are swept`, async () => {
        await own.exec('begin')
        const media = await app.tintype.media.create(source(), { owner, trx: own.trx })
        await add(media.id)
        assert.ok((await app.keys()).length > 0)
        await own.exec('rollback')
        assert.deepEqual([await listed(), await pictures()], [[], 0])
        assert.equal(await app.tintype.media.get(media.id), undefined)
      })
    }

    test('after a refusal the app may go on, and commit', async () => {
      await own.exec('begin')
      const failing = app.tintype.media.create(jpeg.subarray(0, 2000), { owner, trx: own.trx })
      await assert.rejects(failing, { code: 'not_decodable' })
      const media = await app.tintype.media.create(jpeg, { owner, trx: own.trx })
      await add(media.id)
      await own.exec('commit')
      assert.deepEqual([(await listed()).length, await pictures()], [1, 1])
    })

    test('what fails as it is published is undone, though the app goes on and commits', async () => {
      const sweeper = await open(database.url)
      // It takes a lease on one of the two keys, which moves its due date.
      app.proxy.faults.after = async (req) => {
        if (/thumb/.test(req.url ?? ''))
          await sweeper.exec("update tintype_sweep set due_at = due_at + 1 where key like '%thumb%'")
      }
      await own.exec('begin')
      const failing = app.tintype.media.create(jpeg, { owner, trx: own.trx })
      await assert.rejects(failing, { code: 'overloaded' }).finally(() => delete app.proxy.faults.after)
      await own.exec('commit')
      await sweeper.close()
      assert.deepEqual([await listed(), await unscheduled()], [[], []])
    })

    test('the same key gives the same media, once it is committed', async () => {
      const options = { owner, idempotencyKey: `${name}:1` }
      await own.exec('begin')
      const first = await app.tintype.media.create(jpeg, { ...options, trx: own.trx })
      await own.exec('rollback')
      await own.exec('begin')
      const second = await app.tintype.media.create(jpeg, { ...options, trx: own.trx })
      await own.exec('commit')
      assert.notEqual(second.id, first.id)
      await own.exec('begin')
      const third = await app.tintype.media.create(jpeg, { ...options, trx: own.trx })
      await own.exec('commit')
      assert.equal(third.id, second.id)
    })

    test('no transaction, or none that has begun, is refused before anything is stored', async () => {
      const refused = (trx: unknown) =>
        assert.rejects(app.tintype.media.create(jpeg, { owner, trx: trx as CallersTransaction }), TypeError)
      await refused(null)
      await refused('begin')
      if (name === 'SQLite') await refused(own.trx)
      assert.deepEqual(await app.keys(), [])
    })

    if (name === 'SQLite') {
      test('one that has the write lock already is told so, and nothing is left', async () => {
        await own.exec('begin immediate')
        const failing = app.tintype.media.create(jpeg, { owner, trx: own.trx })
        await assert.rejects(failing, { code: 'database_unavailable', message: /IMMEDIATE/ })
        await own.exec('rollback')
        assert.deepEqual(await app.keys(), [])
        await app.tintype.media.create(jpeg, { owner })
      })

      test('one that has read before is told so', async () => {
        await own.exec('begin')
        await pictures()
        const failing = app.tintype.media.create(jpeg, { owner, trx: own.trx })
        await assert.rejects(failing, { code: 'database_unavailable', message: /before anything else/ })
        await own.exec('rollback')
        assert.deepEqual(await listed(), [])
      })
    }
  })

async function createFile() {
  const folder = await mkdtemp(join(tmpdir(), 'tintype-create-trx-'))
  return { url: join(folder, 'app.db'), drop: () => rm(folder, { recursive: true }) }
}
