import { type Kysely, sql } from 'kysely'
import type { DatabaseKind } from './place.ts'

/** What an event is waiting for is found by `outbox_due`, and what has to be delivered before it by `outbox_order`. */
export async function createOutboxTable(
  db: Kysely<unknown>,
  kind: DatabaseKind,
  named: (name: string) => string,
): Promise<void> {
  const pending = sql<boolean>`failed_at is null`
  await db.schema
    .createTable('outbox')
    .addColumn('seq', kind === 'postgres' ? 'bigint' : 'integer', (c) =>
      kind === 'postgres' ? c.primaryKey().generatedAlwaysAsIdentity() : c.primaryKey().autoIncrement(),
    )
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('consumer', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('failed_at', 'bigint')
    .addColumn('error', 'text')
    .execute()
  await db.schema
    .createIndex(named('outbox_due'))
    .on('outbox')
    .columns(['consumer', 'due_at'])
    .where(pending)
    .execute()
  await db.schema
    .createIndex(named('outbox_order'))
    .on('outbox')
    .columns(['subject', 'consumer', 'seq'])
    .where(pending)
    .execute()
}
