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
