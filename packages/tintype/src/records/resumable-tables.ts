import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Ledger } from './schema.ts'

/**
 * What has been acknowledged of resumable uploads: `resumable` goes with its row of `upload`, and has the bytes that are
 * too few for a part of S3's in objects of their own.
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

/** The tail is several objects, so that its bytes are not written again with those that come behind them. */
export async function listTails(db: Kysely<unknown>): Promise<void> {
  const table = sql.table('resumable')
  await sql`alter table ${table} add column tail text not null default '[]'`.execute(db)
  const { rows } = await sql<{ upload_id: string; tail_key: string; tail_bytes: number }>`
    select upload_id, tail_key, tail_bytes from ${table} where tail_key is not null`.execute(db)
  for (const { upload_id, tail_key: key, tail_bytes } of rows) {
    const tail = inText([{ key, bytes: Number(tail_bytes) }])
    await sql`update ${table} set tail = ${tail} where upload_id = ${upload_id}`.execute(db)
  }
  await db.schema.alterTable('resumable').dropColumn('tail_key').execute()
  await db.schema.alterTable('resumable').dropColumn('tail_bytes').execute()
}

/** An object with bytes of a resumable upload that are in no part yet. */
export interface TailObject {
  key: string
  bytes: number
}

export function inText(tail: TailObject[]): string {
  return JSON.stringify(tail)
}

export function tailIn(text: string): TailObject[] {
  return JSON.parse(text) as TailObject[]
}

/** The keys of a resumable upload's bytes that are in no part. */
export async function tailOf(trx: Kysely<Ledger>, uploadId: string): Promise<string[]> {
  const found = await trx
    .selectFrom('resumable')
    .select('tail')
    .where('upload_id', '=', uploadId)
    .executeTakeFirst()
  return tailIn(found?.tail ?? '[]').map(({ key }) => key)
}
