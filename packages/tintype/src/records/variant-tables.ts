import { type Kysely, type RawBuilder, sql } from 'kysely'

/** Variants that are still to be made, and by what rule those that are there were made. */
export async function createVariantJobs(
  db: Kysely<unknown>,
  key: RawBuilder<unknown>,
  named: (name: string) => string,
): Promise<void> {
  // All that there is by now are thumbs, made by this rule.
  await db.schema
    .alterTable('variant')
    .addColumn('recipe', 'text', (c) => c.notNull().defaultTo('webp 320x320 inside q76'))
    .execute()
  await db.schema
    .createTable('variant_job')
    .addColumn('media_id', key, (c) => c.notNull().references('media.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('recipe', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('failed_at', 'bigint')
    .addColumn('code', 'text')
    .addColumn('error', 'text')
    .addPrimaryKeyConstraint(named('variant_job_of_media'), ['media_id', 'name'])
    .execute()
  await db.schema
    .createIndex(named('variant_job_due'))
    .on('variant_job')
    .column('due_at')
    .where(sql.ref('failed_at'), 'is', null)
    .execute()
}
