import { type Kysely, sql } from 'kysely'
import { createGroup } from './group.ts'
import type { DatabaseKind } from './place.ts'
import type { Ledger, OutboxRow } from './schema.ts'
import { unsynced } from './sqlite.ts'
import { storable } from './sweep-list.ts'

/**
 * The outbox as those see it who deliver from it. A lease moves `due_at` to the lease's end, as on the sweep list; every
 * later statement names that date, so that a process that was too slow changes nothing.
 *
 * On SQLite neither a lease nor what was delivered is worth a sync: when the power is cut, what is lost of them is delivered
 * once more, in its order. The event itself is synced with what it tells of.
 */
export interface OutboxRecords {
  /**
   * Leases up to `limit` events of this consumer that are due. Of each media only the earliest one that is still
   * there: so its events arrive in their order, however many processes deliver.
   */
  lease(consumer: string, now: number, leaseEnd: number, limit: number): Promise<OutboxRow[]>
  /** It was delivered. Concurrent calls share a commit. */
  delivered(row: OutboxRow): Promise<void>
  /** The delivery failed: it is tried again at `dueAt`, and what follows of the same media waits as long. */
  postpone(row: OutboxRow, dueAt: number, error: string): Promise<void>
  /** Ends the leases of events that were not tried. */
  release(rows: OutboxRow[], dueAt: number): Promise<void>
  /** It is not tried again, and holds up no other. */
  fail(row: OutboxRow, now: number, error: string): Promise<void>
  /** Nothing that is there for this consumer is tried again. @returns how many */
  failAll(consumer: string, now: number, error: string): Promise<number>
  /** Forgets what was written before this time, whatever has become of it. @returns how many */
  forget(before: number): Promise<number>
  /** Keys of the originals of these media, as far as they are still there. */
  keysOf(ids: string[]): Promise<Set<string>>
  /** For each consumer that has any rows. */
  backlog(): Promise<{ consumer: string; pending: number; oldest: number | undefined; failed: number }[]>
}

export function createOutboxRecords(db: Kysely<Ledger>, kind: DatabaseKind): OutboxRecords {
  const leased = (row: OutboxRow) =>
    db.updateTable('outbox').where('seq', '=', row.seq).where('due_at', '=', row.due_at)

  const remove = createGroup(async (rows: OutboxRow[]) => {
    for (const [leaseEnd, same] of Map.groupBy(rows, (row) => row.due_at)) {
      await db
        .deleteFrom('outbox')
        .where('seq', 'in', same.map(seqOf))
        .where('due_at', '=', leaseEnd)
        .modifyEnd(unsynced)
        .execute()
    }
  })

  return {
    async lease(consumer, now, leaseEnd, limit) {
      // On SQLite a write waits for the lock: nothing is written where there is nothing to do.
      const pending = db.selectFrom('outbox').select('seq').where('consumer', '=', consumer)
      const due = pending.where('failed_at', 'is', null).where('due_at', '<=', now).limit(1)
      if (!(await due.executeTakeFirst())) return []
      const rows = await db
        .updateTable('outbox')
        .set({ due_at: leaseEnd })
        .where('seq', 'in', (e) => {
          const due = e
            .selectFrom('outbox as one')
            .select('one.seq')
            .where('one.consumer', '=', consumer)
            .where('one.failed_at', 'is', null)
            .where('one.due_at', '<=', now)
            .where(({ not, exists, selectFrom }) =>
              not(
                exists(
                  selectFrom('outbox as earlier')
                    .select('earlier.seq')
                    .where('earlier.consumer', '=', consumer)
                    .where('earlier.failed_at', 'is', null)
                    .whereRef('earlier.subject', '=', 'one.subject')
                    .whereRef('earlier.seq', '<', 'one.seq'),
                ),
              ),
            )
            .orderBy('one.due_at')
            .orderBy('one.seq')
            .limit(limit)
          return kind === 'postgres' ? due.forUpdate('one').skipLocked() : due
        })
        .returningAll()
        .modifyEnd(unsynced)
        .execute()
      return rows.sort((a, b) => a.seq - b.seq)
    },

    delivered: remove,

    async postpone(row, dueAt, error) {
      await db.transaction().execute(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('outbox')
          .where('seq', '=', row.seq)
          .where('due_at', '=', row.due_at)
          .set((e) => ({ due_at: dueAt, attempts: e('attempts', '+', 1), error: storable(error) }))
          .executeTakeFirst()
        if (numUpdatedRows === 0n) return
        // Otherwise each look for what is due would pass over them again.
        await trx
          .updateTable('outbox')
          .set({ due_at: dueAt })
          .where('consumer', '=', row.consumer)
          .where('subject', '=', row.subject)
          .where('seq', '>', row.seq)
          .where('failed_at', 'is', null)
          .where('due_at', '<', dueAt)
          .execute()
      })
    },

    async release(rows, dueAt) {
      for (const [leaseEnd, same] of Map.groupBy(rows, (row) => row.due_at)) {
        await db
          .updateTable('outbox')
          .set({ due_at: dueAt })
          .where('seq', 'in', same.map(seqOf))
          .where('due_at', '=', leaseEnd)
          .execute()
      }
    },

    async fail(row, now, error) {
      await leased(row)
        .set((e) => ({ failed_at: now, attempts: e('attempts', '+', 1), error: storable(error) }))
        .execute()
    },

    async failAll(consumer, now, error) {
      const { numUpdatedRows } = await db
        .updateTable('outbox')
        .set({ failed_at: now, error: storable(error) })
        .where('consumer', '=', consumer)
        .where('failed_at', 'is', null)
        .executeTakeFirst()
      return Number(numUpdatedRows)
    },

    async forget(before) {
      const { numDeletedRows } = await db
        .deleteFrom('outbox')
        .where('created_at', '<', before)
        .executeTakeFirst()
      return Number(numDeletedRows)
    },

    async keysOf(ids) {
      if (ids.length === 0) return new Set()
      const rows = await db.selectFrom('media').select('key').where('id', 'in', ids).execute()
      return new Set(rows.map(({ key }) => key))
    },

    async backlog() {
      const isPending = sql<boolean>`failed_at is null`
      const rows = await db
        .selectFrom('outbox')
        .select((e) => [
          'consumer',
          e.fn.countAll().filterWhere(isPending).as('pending'),
          e.fn.countAll().filterWhere('failed_at', 'is not', null).as('failed'),
          e.fn.min('created_at').filterWhere(isPending).as('oldest'),
        ])
        .groupBy('consumer')
        .execute()
      return rows.map(({ consumer, pending, failed, oldest }) => ({
        consumer,
        pending: Number(pending),
        failed: Number(failed),
        oldest: oldest === null ? undefined : Number(oldest),
      }))
    },
  }
}

function seqOf(row: OutboxRow): number {
  return row.seq
}
