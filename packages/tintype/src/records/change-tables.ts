import type { Kysely, RawBuilder } from 'kysely'
import type { DatabaseKind } from './place.ts'

/** What pages are told that listen: rows of the last minutes, and none where nobody listens. */
export async function createChanges(
  db: Kysely<unknown>,
  kind: DatabaseKind,
  key: RawBuilder<unknown>,
): Promise<void> {
  await db.schema
    .createTable('change')
    .addColumn('seq', kind === 'postgres' ? 'bigint' : 'integer', (c) =>
      kind === 'postgres' ? c.primaryKey().generatedAlwaysAsIdentity() : c.primaryKey().autoIncrement(),
    )
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('media_id', key, (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('listener')
    .addColumn('owner', key, (c) => c.primaryKey())
    .addColumn('since', 'bigint', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .execute()
}
