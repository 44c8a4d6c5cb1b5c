import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { createMigrations, migrationsOf01 } from '../../packages/tintype/src/records/migrations.ts'
import { createPostgresDialect } from '../../packages/tintype/src/records/postgres.ts'
import { createSqliteDialect } from '../../packages/tintype/src/records/sqlite.ts'
import { databases } from '../support/app-database.ts'
import { check } from './checker.ts'
import { createClient } from './client.ts'
import type { Files } from './files.ts'
import { createJournal } from './journal.ts'
import { sweepAll } from './sweep-all.ts'
import type { World } from './world.ts'

const first = '0001_ledger'
const id = 'AAAAAAAAAAAAAAAAAAAAAA'

/**
 * A database of the first schema with one video in it and one key to sweep; servers that die half-way through their
 * migrations, each a step further, and one that doesn't.
 */
export async function hitMigration(world: World, files: Files): Promise<void> {
  const video = files.video()
  const key = `media/${id}/original.mp4`
  await world.s3.admin.send(new PutObjectCommand({ Bucket: world.bucket, Key: key, Body: video.bytes }))
  await world.s3.admin.send(
    new PutObjectCommand({ Bucket: world.bucket, Key: 'media/scheduled/a', Body: 'a' }),
  )
  await openFirstSchema(world, { key, sha256: video.sha256, bytes: video.bytes.length })

  // The first hits rename 0.1's six tables, the last one is within a later migration.
  for (const hit of [1, 4, 7]) {
    await assert.rejects(world.start({ CRASH_AT: `migrate.halfway:${hit}` }), /SIGKILL/)
    assert.deepEqual(await applied(world), [first])
    assert.equal((await world.sql.all('select id from media')).length, 1)
  }

  const journal = createJournal()
  journal.untold.add(id)
  journal.media.set(id, {
    id,
    bytes: video.bytes.length,
    sha256s: new Set([video.sha256]),
    deleted: 'no',
    original: undefined,
    busy: false,
  })
  const server = await world.start()
  assert.deepEqual(await applied(world), Object.keys(createMigrations(world.database, '')))
  await server.kill()
  await sweepAll(world)
  await check(world, (await world.start()).url, journal, createClient(journal))
  assert.deepEqual(journal.violations, [])
}

/** What 0.1 has filled, and servers that die at each of the steps in which its tables get their new names. */
export async function hitNaming(world: World): Promise<void> {
  const { name, connect } = databases[world.database === 'postgres' ? 1 : 0]
  const app = await connect(world.databaseUrl)
  await app.run(await readFile(`test/databases/0.1-${name.toLowerCase()}.sql`, 'utf8'))
  const rows = () => app.all('select id, name from media order by id')
  const before = await rows()
  for (const hit of [1, 2, 3, 4, 5, 6, 7]) {
    await assert.rejects(world.start({ CRASH_AT: `migrate.halfway:${hit}` }), /SIGKILL/)
    assert.deepEqual(await applied(world), migrationsOf01)
    assert.deepEqual(await rows(), before)
  }
  await (await world.start()).kill()
  assert.deepEqual(await app.all('select id, name from tintype_media order by id'), before)
  await app.close()
}

async function openFirstSchema(
  { database, databaseUrl }: World,
  { key, sha256, bytes }: { key: string; sha256: string; bytes: number },
): Promise<void> {
  const dialect =
    database === 'postgres' ? createPostgresDialect(databaseUrl, () => {}) : createSqliteDialect(databaseUrl)
  const db = new Kysely<Record<string, Record<string, unknown>>>({ dialect })
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => createMigrations(database, '') },
    migrationTableName: 'tintype_migration',
    migrationLockTableName: 'tintype_migration_lock',
  })
  const { error } = await migrator.migrateTo(first)
  if (error) throw error
  const shared = { kind: 'video', type: 'video/mp4', width: 64, height: 48, duration: 1 }
  await db
    .insertInto('media')
    .values({ id, owner: 'owner', key, bytes, sha256, name: 'old.mp4', created_at: 1, ...shared })
    .execute()
  await db
    .insertInto('sweep')
    .values({ key: 'media/scheduled/a', due_at: 1, recheck: 0, attempts: 0 })
    .execute()
  await db.destroy()
}

async function applied({ sql }: World): Promise<string[]> {
  const rows = await sql.all<{ name: string }>('select name from tintype_migration order by name')
  return rows.map((row) => row.name)
}
