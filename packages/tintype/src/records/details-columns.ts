import { type Kysely, sql } from 'kysely'
import type { DatabaseKind } from './place.ts'

/**
 * When and with what media were made. Those that are there already have no date of their own: they were taken when they
 * came, as far as is known.
 */
export async function addDetails(
  db: Kysely<unknown>,
  kind: DatabaseKind,
  named: (name: string) => string,
): Promise<void> {
  await db.schema
    .alterTable('media')
    .addColumn('taken_order', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute()
  await db.schema.alterTable('media').addColumn('content_id', 'text').execute()
  await db.schema.alterTable('media').addColumn('details', 'text').execute()
  const media = sql.table('media')
  await sql`update ${media} set taken_order = created_at`.execute(db)
  // Processes of the version before, which go on for a moment when several are restarted one by one, name no such column.
  if (kind === 'postgres')
    await sql`alter table ${media} alter column taken_order set default (extract(epoch from now()) * 1000)`.execute(
      db,
    )
  // Photos that were taken at the same time, and those without a date of one form, keep the order of lists by creation.
  const taken = ['taken_order desc', 'created_at desc', 'id desc']
  await db.schema
    .createIndex(named('media_taken'))
    .on('media')
    .columns(['owner', ...taken])
    .execute()
  await db.schema.createIndex(named('media_taken_time')).on('media').columns(taken).execute()
  await db.schema
    .createIndex(named('media_videos_taken'))
    .on('media')
    .columns(['owner', ...taken])
    .where(sql.ref('kind'), '=', sql.lit('video'))
    .execute()
  await db.schema
    .createIndex(named('media_pairs'))
    .on('media')
    .columns(['owner', 'content_id', 'kind', 'created_at', 'id'])
    .where(sql.ref('content_id'), 'is not', null)
    .execute()
}
