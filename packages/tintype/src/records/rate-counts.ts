import { CompiledQuery, type Kysely } from 'kysely'
import type { DatabaseKind, TablePlace } from './place.ts'
import type { Ledger } from './schema.ts'

/** Where processes that share a Postgres count together; the statements are those of the library that counts. */
export interface RateCounts {
  table: string
  schema: string | undefined
  query(statement: { text: string; values?: unknown[] }): Promise<{ rows: unknown[]; rowCount: number }>
  /** Deletes what counts no more. */
  forget(now: number): Promise<void>
}

/** @returns undefined on SQLite, where there is mostly one process, and each count would be a durable commit */
export function createRateCounts(
  db: Kysely<Ledger>,
  kind: DatabaseKind,
  { prefix, schema }: TablePlace,
): RateCounts | undefined {
  if (kind !== 'postgres') return undefined
  return {
    table: `${prefix}rate`,
    schema,
    async query({ text, values = [] }) {
      const { rows, numAffectedRows } = await db.executeQuery(CompiledQuery.raw(text, values))
      return { rows, rowCount: Number(numAffectedRows ?? rows.length) }
    },
    forget: async (now) => void (await db.deleteFrom('rate').where('expire', '<', now).execute()),
  }
}
