import { type Kysely, type RawBuilder, sql } from 'kysely'
import { randomId } from '../ids.ts'

/** What is needed to go back to an older state of the database: how far it has come, and what was lost on the way. */
export async function createRestoreTables(
  db: Kysely<unknown>,
  key: RawBuilder<unknown>,
  named: (name: string) => string,
): Promise<void> {
  await db.schema
    .createTable('heartbeat')
    .addColumn('ledger_id', 'text', (c) => c.primaryKey())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('whole_since', 'bigint', (c) => c.notNull())
    .execute()
  // One row, under the migration's lock.
  await sql`insert into ${sql.table('heartbeat')} values (${randomId()}, 0, 0)`.execute(db)
  await db.schema
    .createTable('lost')
    .addColumn('key', key, (c) => c.notNull())
    .addColumn('media_id', key, (c) => c.notNull())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .addColumn('last_known_at', 'bigint', (c) => c.notNull())
    .addColumn('lost_at', 'bigint', (c) => c.notNull())
    .addColumn('content', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint(named('lost_key'), ['key'])
    .execute()
}
