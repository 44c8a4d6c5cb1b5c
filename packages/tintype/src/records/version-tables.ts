import { type Kysely, type RawBuilder, sql } from 'kysely'

/** Earlier states of media that may be had again, and what must not be deleted at all. */
export async function createVersions(
  db: Kysely<unknown>,
  key: RawBuilder<unknown>,
  named: (name: string) => string,
): Promise<void> {
  await db.schema.alterTable('media').addColumn('hold_reason', 'text').execute()
  await db.schema.alterTable('media').addColumn('held_at', 'bigint').execute()
  await db.schema.alterTable('sweep').addColumn('media_id', key).execute()
  await db.schema.alterTable('sweep').addColumn('bytes', 'bigint').execute()
  await db.schema
    .createTable('version')
    .addColumn('media_id', key, (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint', (c) => c.notNull())
    .addColumn('restorable_until', 'bigint', (c) => c.notNull())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('content', 'text')
    .addPrimaryKeyConstraint(named('version_of_media'), ['media_id', 'revision'])
    .execute()
  await db.schema.createIndex(named('version_due')).on('version').column('due_at').execute()
  // Of an owner that is the hash of a name, once there is nothing left to be had: so its lists pass over none of these.
  const newest = ['ended_at desc', 'media_id desc']
  const isRemoved = sql<boolean>`why <> 'replaced' and content is not null`
  await db.schema
    .createIndex(named('version_removed'))
    .on('version')
    .columns(['owner', ...newest])
    .where(isRemoved)
    .execute()
  await db.schema
    .createIndex(named('version_removed_time'))
    .on('version')
    .columns(newest)
    .where(isRemoved)
    .execute()
  await db.schema
    .createIndex(named('version_usage'))
    .on('version')
    .columns(['owner', 'why', 'bytes'])
    .where(sql.ref('content'), 'is not', null)
    .execute()
}

/**
 * By owner and media, so that one of a million that an owner has removed is found as fast as one of ten, and all of them are
 * walked in the order of their ids; and what is on legal hold without reading what is not.
 *
 * @param schema of Postgres, which finds an index by the search_path, unlike a table
 */
export async function indexVersionsOfOwners(
  db: Kysely<unknown>,
  named: (name: string) => string,
  schema: string | undefined,
): Promise<void> {
  const usage = named('version_usage')
  await sql`drop index ${schema === undefined ? sql.id(usage) : sql.id(schema, usage)}`.execute(db)
  await db.schema
    .createIndex(named('version_owner'))
    .on('version')
    .columns(['owner', 'media_id', 'why', 'bytes'])
    .where(sql.ref('content'), 'is not', null)
    .execute()
  await db.schema
    .createIndex(named('media_held'))
    .on('media')
    .column('id')
    .where(sql.ref('hold_reason'), 'is not', null)
    .execute()
}
