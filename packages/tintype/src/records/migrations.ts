import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { crashPoint } from '../crash-points.ts'
import { createChanges } from './change-tables.ts'
import { addDetails } from './details-columns.ts'
import { createOutboxTable } from './outbox-table.ts'
import type { DatabaseKind } from './place.ts'
import { createRestoreTables } from './restore-tables.ts'
import { createResumableTables, listTails } from './resumable-tables.ts'
import { createVariantJobs } from './variant-tables.ts'
import { createVersions, indexVersionsOfOwners } from './version-tables.ts'

/**
 * In order of their names; one that has shipped is never changed. They run in one transaction, so a process
 * that is killed half-way leaves the schema as it was.
 *
 * @param prefix of indexes and constraints; tables get theirs when the statements are written (place.ts)
 * @param schema of Postgres
 */
export function createMigrations(
  kind: DatabaseKind,
  prefix: string,
  schema?: string,
): Record<string, Migration> {
  const context = { key: byteOrderedText(kind), named: (name: string) => `${prefix}${name}`, schema }
  return {
    '0001_ledger': { up: (db: Kysely<unknown>) => createLedger(db, context) },
    '0002_direct_uploads_and_claims': {
      up: (db: Kysely<unknown>) => addDirectUploadsAndClaims(db, context),
    },
    '0003_failed_deletions': { up: (db: Kysely<unknown>) => indexFailedDeletions(db, context) },
    // The tables of 0.1, which had no prefix, are renamed before all of these (adopt.ts). What this entry does is to keep
    // a process of 0.1 from starting again: its migrator refuses a database with an entry that it doesn't know.
    [namedSince]: { up: async () => {} },
    '0005_record': { up: (db: Kysely<unknown>) => addToRecord(db, context) },
    '0006_outbox': { up: (db: Kysely<unknown>) => createOutboxTable(db, kind, context.named) },
    '0007_scan': { up: (db: Kysely<unknown>) => addScans(db, context) },
    '0008_usage': { up: (db: Kysely<unknown>) => indexUsage(db, kind, context) },
    '0009_variants': { up: (db: Kysely<unknown>) => createVariantJobs(db, context.key, context.named) },
    '0010_details': { up: (db: Kysely<unknown>) => addDetails(db, kind, context.named) },
    '0011_cleaned': { up: (db: Kysely<unknown>) => addCleaning(db, context) },
    '0012_upload_fields': { up: (db: Kysely<unknown>) => addUploadFields(db) },
    '0013_undo': { up: (db: Kysely<unknown>) => createVersions(db, context.key, context.named) },
    '0014_resumable': { up: (db: Kysely<unknown>) => createResumableTables(db, context.key, context.named) },
    '0015_changes': { up: (db: Kysely<unknown>) => createChanges(db, kind, context.key) },
    '0016_restore': { up: (db: Kysely<unknown>) => createRestoreTables(db, context.key, context.named) },
    '0017_sent': { up: (db: Kysely<unknown>) => indexSent(db, context) },
    '0018_tail': { up: (db: Kysely<unknown>) => listTails(db) },
    '0019_versions_of_owners': {
      up: (db: Kysely<unknown>) => indexVersionsOfOwners(db, context.named, schema),
    },
  }
}

/** Where the bookkeeping has this, the tables have their prefix. */
export const namedSince = '0004_names_of_tables'

/** Those of 0.1. */
export const migrationsOf01 = ['0001_ledger', '0002_direct_uploads_and_claims', '0003_failed_deletions']

interface Context {
  /** The type of columns that hold keys and ids. */
  key: RawBuilder<unknown>
  named(name: string): string
  schema: string | undefined
}

/** Keys sort as S3 lists them, by bytes. SQLite does so by itself, Postgres only with this collation. */
function byteOrderedText(kind: DatabaseKind): RawBuilder<unknown> {
  return kind === 'postgres' ? sql`text collate "C"` : sql`text`
}

async function createLedger(db: Kysely<unknown>, { key, named }: Context): Promise<void> {
  await db.schema
    .createTable('media')
    .addColumn('id', key, (c) => c.primaryKey())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('key', key, (c) => c.notNull().unique())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('sha256', 'text', (c) => c.notNull())
    .addColumn('width', 'integer', (c) => c.notNull())
    .addColumn('height', 'integer', (c) => c.notNull())
    .addColumn('duration', 'double precision')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('caption', 'text')
    .addColumn('placeholder', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('request_key', 'text')
    .addColumn('request_index', 'integer')
    .addColumn('request_hash', 'text')
    .addUniqueConstraint(named('media_request'), ['request_key', 'request_index'])
    .execute()
  await db.schema
    .createIndex(named('media_newest'))
    .on('media')
    .columns(['owner', 'created_at desc', 'id desc'])
    .execute()
  await db.schema
    .createTable('variant')
    .addColumn('media_id', key, (c) => c.notNull().references('media.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('key', key, (c) => c.notNull().unique())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('width', 'integer', (c) => c.notNull())
    .addColumn('height', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint(named('variant_of_media'), ['media_id', 'name'])
    .execute()
  await db.schema
    .createTable('upload')
    .addColumn('id', key, (c) => c.primaryKey())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('key', key, (c) => c.notNull().unique())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('sha256', 'text')
    .addColumn('part_bytes', 'bigint')
    .addColumn('s3_upload_id', 'text')
    .addColumn('refusal', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('sweep')
    .addColumn('key', key, (c) => c.primaryKey())
    .addColumn('upload_id', 'text')
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('recheck', 'integer', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('error', 'text')
    .execute()
  await db.schema.createIndex(named('sweep_due')).on('sweep').column('due_at').execute()
}

/** Nothing had written to `upload` before: it is made anew. */
async function addDirectUploadsAndClaims(db: Kysely<unknown>, { key, named }: Context): Promise<void> {
  await db.schema.alterTable('media').addColumn('claimed_by', 'text').execute()
  await db.schema.alterTable('media').addColumn('expires_at', 'bigint').execute()
  await db.schema.alterTable('media').addColumn('writable_until', 'bigint').execute()
  await db.schema
    .createIndex(named('media_expiring'))
    .on('media')
    .column('expires_at')
    .where(sql.ref('expires_at'), 'is not', null)
    .execute()
  await db.schema.alterTable('sweep').addColumn('writable_until', 'bigint').execute()
  crashPoint('migrate.halfway')
  await db.schema.dropTable('upload').execute()
  await db.schema
    .createTable('upload')
    .addColumn('id', key, (c) => c.primaryKey())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('key', key, (c) => c.notNull().unique())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('sha256', 'text')
    .addColumn('caption', 'text')
    .addColumn('part_bytes', 'bigint')
    .addColumn('s3_upload_id', 'text')
    .addColumn('request_key', 'text', (c) => c.unique())
    .addColumn('request_hash', 'text')
    .addColumn('media_id', key)
    .addColumn('refusal', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex(named('upload_due')).on('upload').column('due_at').execute()
  await db.schema
    .createTable('part')
    .addColumn('upload_id', key, (c) => c.notNull().references('upload.id').onDelete('cascade'))
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('sha256', 'text', (c) => c.notNull())
    .addColumn('etag', 'text')
    .addPrimaryKeyConstraint(named('part_of_upload'), ['upload_id', 'number'])
    .execute()
}

/** What an app says of a media beside its caption. */
async function addToRecord(db: Kysely<unknown>, { named }: Context): Promise<void> {
  await db.schema.alterTable('media').addColumn('alt', 'text').execute()
  await db.schema.alterTable('media').addColumn('data', 'text').execute()
  await db.schema
    .alterTable('media')
    .addColumn('revision', 'integer', (c) => c.notNull().defaultTo(1))
    .execute()
  // Lists of all owners. Those that follow are partial: they cost the upload of a photo nothing.
  const newest = ['created_at desc', 'id desc']
  await db.schema.createIndex(named('media_time')).on('media').columns(newest).execute()
  await db.schema
    .createIndex(named('media_videos'))
    .on('media')
    .columns(['owner', ...newest])
    .where(sql.ref('kind'), '=', sql.lit('video'))
    .execute()
  await db.schema
    .createIndex(named('media_claimed'))
    .on('media')
    .columns(['claimed_by', ...newest])
    .where(sql.ref('claimed_by'), 'is not', null)
    .execute()
}

/** Few deletions ever fail: metrics count the stuck ones by these few, and not by the whole list. */
async function indexFailedDeletions(db: Kysely<unknown>, { named }: Context): Promise<void> {
  await db.schema
    .createIndex(named('sweep_failed'))
    .on('sweep')
    .column('attempts')
    .where(sql.ref('attempts'), '>', 0)
    .execute()
}

/** Uploads that the app is scanning: the process that does so holds a lease, and the files of a form belong together. */
async function addScans(db: Kysely<unknown>, { key, named }: Context): Promise<void> {
  await db.schema.alterTable('upload').addColumn('scanning_until', 'bigint').execute()
  await db.schema.alterTable('upload').addColumn('form', key).execute()
  await db.schema.alterTable('upload').addColumn('form_index', 'integer').execute()
  await db.schema
    .createIndex(named('upload_form'))
    .unique()
    .on('upload')
    .columns(['form', 'form_index'])
    .execute()
}

/**
 * What an owner has is counted off indexes alone: so that of the newest media holds their sizes too. Postgres keeps them
 * beside the keys, which stay as short as they were.
 */
async function indexUsage(
  db: Kysely<unknown>,
  kind: DatabaseKind,
  { key, named, schema }: Context,
): Promise<void> {
  const newest = sql.id(named('media_newest'))
  // Postgres finds an index by the search_path, unlike a table, which is named with its schema.
  await sql`drop index ${schema === undefined ? newest : sql.id(schema, named('media_newest'))}`.execute(db)
  const columns = kind === 'postgres' ? sql`id desc) include (bytes` : sql`id desc, bytes`
  await sql`create index ${newest} on ${sql.table('media')} (owner, created_at desc, ${columns})`.execute(db)
  await db.schema
    .createIndex(named('upload_open'))
    .on('upload')
    .columns(['owner', 'expires_at', 'bytes'])
    .where(sql.ref('media_id'), 'is', null)
    .where(sql.ref('refusal'), 'is', null)
    .execute()
  await db.schema
    .createTable('owner_turn')
    .addColumn('owner', key, (c) => c.primaryKey())
    .addColumn('turns', 'bigint', (c) => c.notNull())
    .execute()
  // As https://www.npmjs.com/package/rate-limiter-flexible wants it: its statements name no columns.
  await db.schema
    .createTable('rate')
    .addColumn('key', key, (c) => c.primaryKey())
    .addColumn('points', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('expire', 'bigint')
    .execute()
}

/** The index is partial: it holds what `tintype clean` has still to look at, and costs uploads nothing. */
async function addCleaning(db: Kysely<unknown>, { named }: Context): Promise<void> {
  await db.schema.alterTable('media').addColumn('sent_sha256', 'text').execute()
  await db.schema.alterTable('media').addColumn('cleaned', 'text').execute()
  await db.schema.alterTable('upload').addColumn('privacy', 'text').execute()
  await db.schema
    .createIndex(named('media_uncleaned'))
    .on('media')
    .column('id')
    .where(sql.ref('cleaned'), 'is', null)
    .execute()
}

/** For clients that ask whether a file is there before they send it. */
async function indexSent(db: Kysely<unknown>, { named }: Context): Promise<void> {
  await sql`create index ${sql.id(named('media_sent'))} on ${sql.table('media')} (coalesce(sent_sha256, sha256), owner)`.execute(
    db,
  )
}

async function addUploadFields(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('upload').addColumn('fields', 'text').execute()
}
