import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type CompiledQuery, type Dialect, Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { createDatabase, skipWithoutPostgres } from '../../../../test/support/postgres.ts'
import { createAuditRecords } from './audit-records.ts'
import { createMigrations } from './migrations.ts'
import { type DatabaseKind, defaultPrefix, type TablePlace, withNames } from './place.ts'
import { createPostgresDialect } from './postgres.ts'
import { openRecords } from './records.ts'
import type { Ledger } from './schema.ts'
import { createSqliteDialect } from './sqlite.ts'

const databases: {
  kind: DatabaseKind
  create(): Promise<{ url: string; drop(): Promise<void> }>
  dialectOf(url: string): Dialect
  skip: string | false
}[] = [
  { kind: 'sqlite', create: createFile, dialectOf: createSqliteDialect, skip: false },
  {
    kind: 'postgres',
    create: createDatabase,
    dialectOf: (url) => createPostgresDialect(url, () => {}),
    skip: skipWithoutPostgres,
  },
]

for (const { kind, create, dialectOf, skip } of databases) {
  describe(`the schema on ${kind}`, { skip }, () => {
    test('a filled database of the second schema keeps every row', async (t) => {
      const { url, drop } = await create()
      t.after(drop)
      const old = new Kysely<Ledger>({ dialect: dialectOf(url) })
      await migrateTo(old, kind, '0002_direct_uploads_and_claims')
      const about = {
        kind: 'image' as const,
        type: 'image/jpeg',
        bytes: 1,
        sha256: 'ab',
        width: 1,
        height: 1,
      }
      const media = Array.from({ length: 200 }, (_, i) => ({
        id: `id-${String(i).padStart(3, '0')}`,
        owner: 'o',
        key: `media/${i}`,
        ...about,
        name: `${i}.jpg`,
        // Several of one time, as forms were kept.
        created_at: Math.floor(i / 3),
      }))
      const sweep = Array.from({ length: 200 }, (_, i) => ({
        key: `gone/${i}`,
        due_at: i,
        recheck: 1,
        attempts: i % 20,
      }))
      await old.insertInto('media').values(media).execute()
      await old.insertInto('sweep').values(sweep).execute()
      await old.destroy()

      const records = await openRecords(url)
      const first = await records.media.list({ owner: 'o' }, { limit: 50 })
      const last = first.at(-1)?.media
      assert.ok(last)
      const rest = await records.media.list(
        { owner: 'o' },
        { limit: 1000, after: { createdAt: last.created_at, id: last.id } },
      )
      assert.deepEqual(
        [...first, ...rest].map((one) => one.media.id),
        media.map((one) => one.id).toReversed(),
      )
      assert.deepEqual(await records.audit.backlog(99, 10), { due: 100, oldest: 0, stuck: 100 })
      assert.equal((await records.sweep.stuck(10, 1000)).length, 100)
      await records.close()
    })

    test('a resumable upload that is under way keeps the bytes behind its last part', async (t) => {
      const { url, drop } = await create()
      t.after(drop)
      const place = { prefix: defaultPrefix, schema: kind === 'postgres' ? 'public' : undefined }
      const old = new Kysely<Ledger>({ dialect: withNames(dialectOf(url), kind, place) })
      await migrateTo(old, kind, '0017_sent', place)
      const upload = { id: 'u', owner: 'o', key: 'media/u', type: 'image/jpeg', bytes: 9, name: 'u.jpg' }
      const times = { due_at: 9e12, created_at: 1, expires_at: 9e12 }
      await old
        .insertInto('upload')
        .values({ ...upload, ...times })
        .execute()
      await sql`insert into ${sql.table('resumable')} (upload_id, received, is_complete, tail_key, tail_bytes, writer, is_busy, next_part)
        values ('u', 9, 0, 'media/t"', 7, 1, 0, 1)`.execute(old)
      await old.destroy()

      const records = await openRecords(url)
      const found = await records.resumables.find('u', 'o')
      assert.deepEqual(found?.resumable.tail, [{ key: 'media/t"', bytes: 7 }])
      await records.close()
    })

    test('what metrics ask of the sweep list is read off its indexes', async (t) => {
      const { url, drop } = await create()
      t.after(drop)
      await (await openRecords(url)).close()
      const asked: CompiledQuery[] = []
      const schema = kind === 'postgres' ? 'public' : undefined
      const dialect = withNames(dialectOf(url), kind, { prefix: defaultPrefix, schema })
      const db = new Kysely<Ledger>({ dialect, log: ({ query }) => void asked.push(query) })
      await createAuditRecords(db).backlog(99, 10)
      const [query] = asked as [CompiledQuery]
      const plan = await db.connection().execute(async (on) => {
        if (kind === 'postgres')
          await on.executeQuery({ ...query, sql: 'set enable_seqscan = off', parameters: [] })
        const explain = kind === 'postgres' ? 'explain' : 'explain query plan'
        return (await on.executeQuery({ ...query, sql: `${explain} ${query.sql}` })).rows
      })
      const lines = plan.map((row) => Object.values(row as object).join(' '))
      assert.ok(lines.some((line) => line.includes('tintype_sweep_failed')))
      assert.ok(!lines.some((line) => /Seq Scan|SCAN tintype_sweep$/.test(line)), lines.join('\n'))
      await db.destroy()
    })
  })
}

async function migrateTo(
  db: Kysely<Ledger>,
  kind: DatabaseKind,
  name: string,
  { prefix, schema }: TablePlace = { prefix: '', schema: undefined },
): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => createMigrations(kind, prefix, schema) },
    migrationTableName: 'tintype_migration',
    migrationLockTableName: 'tintype_migration_lock',
  })
  const { error } = await migrator.migrateTo(name)
  if (error) throw error
}

async function createFile() {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-migrations-'))
  return { url: join(directory, 'test.db'), drop: () => rm(directory, { recursive: true }) }
}
