import { type Kysely, sql } from 'kysely'
import type { DatabaseKind } from './place.ts'
import type { Ledger, SweepRow } from './schema.ts'

/**
 * The sweep list as its worker sees it. A lease moves `due_at` to the lease's end, and every
 * later statement names that date, so a worker that was too slow changes nothing. When it dies, its rows
 * become due again.
 */
export interface SweepRecords {
  /** Leases up to `limit` rows that are due, oldest first. Several processes may do so at once. */
  lease(now: number, leaseEnd: number, limit: number): Promise<SweepRow[]>
  /** Forgets a key whose object is gone. */
  forget(row: SweepRow): Promise<void>
  /** The object is gone, but a write may still arrive: delete once more at `dueAt`. */
  lookAgain(row: SweepRow, dueAt: number): Promise<void>
  /** The deletion failed: try again at `dueAt`. */
  postpone(row: SweepRow, dueAt: number, error: string): Promise<void>
  /** When there will be work next: a key that is due, a session or an unclaimed media that expires, a version. */
  nextDue(): Promise<number | undefined>
  /** Rows whose deletion failed at least `attempts` times, those with the most attempts first. */
  stuck(attempts: number, limit: number): Promise<SweepRow[]>
}

export function createSweepRecords(db: Kysely<Ledger>, kind: DatabaseKind): SweepRecords {
  const leased = (row: SweepRow) =>
    db.updateTable('sweep').where('key', '=', row.key).where('due_at', '=', row.due_at)

  return {
    async lease(now, leaseEnd, limit) {
      return (
        db
          .updateTable('sweep')
          // From here on nobody gets it back.
          .set({ due_at: leaseEnd, media_id: null })
          .where('key', 'in', (e) => {
            const due = e
              .selectFrom('sweep')
              .select('key')
              .where('due_at', '<=', now)
              .orderBy('due_at')
              .limit(limit)
            return kind === 'postgres' ? due.forUpdate().skipLocked() : due
          })
          .returningAll()
          .execute()
      )
    },

    async forget(row) {
      await db.deleteFrom('sweep').where('key', '=', row.key).where('due_at', '=', row.due_at).execute()
    },

    async lookAgain(row, dueAt) {
      await leased(row).set({ due_at: dueAt, recheck: 0, attempts: 0, error: null }).execute()
    },

    async postpone(row, dueAt, error) {
      await leased(row)
        .set((e) => ({ due_at: dueAt, attempts: e('attempts', '+', 1), error: storable(error) }))
        .execute()
    },

    async nextDue() {
      const { key, upload, media, version } = await db
        .selectNoFrom((e) => [
          e
            .selectFrom('sweep')
            .select((s) => s.fn.min('due_at').as('at'))
            .as('key'),
          e
            .selectFrom('upload')
            .select((s) => s.fn.min('due_at').as('at'))
            .as('upload'),
          e
            .selectFrom('media')
            .select((s) => s.fn.min('expires_at').as('at'))
            .where('expires_at', 'is not', null)
            .as('media'),
          e
            .selectFrom('version')
            .select((s) => s.fn.min('due_at').as('at'))
            .as('version'),
        ])
        .executeTakeFirstOrThrow()
      const dates = [key, upload, media, version].filter((date) => date !== null).map(Number)
      return dates.length > 0 ? Math.min(...dates) : undefined
    },

    stuck: (attempts, limit) =>
      db
        .selectFrom('sweep')
        .selectAll()
        .where(hasFailed)
        .where('attempts', '>=', attempts)
        .orderBy('attempts', 'desc')
        .limit(limit)
        .execute(),
  }
}

/** In the words of the index `sweep_failed`: databases use it where they find its own condition. */
export const hasFailed = sql<boolean>`attempts > 0`

/** What S3 says may hold what a column can't: Postgres takes no NUL. */
export function storable(error: string): string {
  return error.slice(0, 500).toWellFormed().replaceAll('\0', '')
}
