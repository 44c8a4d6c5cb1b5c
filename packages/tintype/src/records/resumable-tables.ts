import type { Kysely, RawBuilder } from 'kysely'
import type { Ledger } from './schema.ts'

/**
 * What has been acknowledged of resumable uploads: `resumable` goes with its row of `upload`, and has the bytes that are
 * too few for a part of S3's in an object of their own.
 */
export async function createResumableTables(
  db: Kysely<unknown>,
  key: RawBuilder<unknown>,
  named: (name: string) => string,
): Promise<void> {
  await db.schema.alterTable('upload').addColumn('way', 'text').execute()
  await db.schema
    .createTable('resumable')
    .addColumn('upload_id', key, (c) => c.primaryKey().references('upload.id').onDelete('cascade'))
    .addColumn('size', 'bigint')
    .addColumn('received', 'bigint', (c) => c.notNull())
    .addColumn('is_complete', 'integer', (c) => c.notNull())
    .addColumn('tail_key', key)
    .addColumn('tail_bytes', 'bigint', (c) => c.notNull())
    .addColumn('writer', 'bigint', (c) => c.notNull())
    .addColumn('is_busy', 'integer', (c) => c.notNull())
    .addColumn('next_part', 'integer', (c) => c.notNull())
    .addColumn('metadata', 'text')
    .addColumn('concat', 'text')
    .execute()
  await db.schema
    .createTable('resumable_part')
    .addColumn('upload_id', key, (c) => c.notNull().references('upload.id').onDelete('cascade'))
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('etag', 'text', (c) => c.notNull())
    .addColumn('crc32', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint(named('part_of_resumable'), ['upload_id', 'number'])
    .execute()
}

/** The object of a resumable upload's last bytes, if it has one. */
export async function tailOf(trx: Kysely<Ledger>, uploadId: string): Promise<string[]> {
  const found = await trx
    .selectFrom('resumable')
    .select('tail_key')
    .where('upload_id', '=', uploadId)
    .where('tail_key', 'is not', null)
    .executeTakeFirst()
  return found?.tail_key ? [found.tail_key] : []
}
