import type { Kysely } from 'kysely'
import type { Ledger } from './schema.ts'

/**
 * How far this ledger has come. The same is noted in the bucket, a moment later: a ledger that is older than the bucket's
 * note was put back from a dump.
 */
export interface Heartbeat {
  /** Random, made with the tables: dumps and copies of this database have the same. */
  ledgerId: string
  /** When it was last known that the ledger changed, milliseconds since the epoch; it only rises. 0: never yet. */
  at: number
  /** No object was deleted that a state of this ledger needs which is as old as this, or younger. */
  wholeSince: number
}

export interface HeartbeatRecords {
  read(): Promise<Heartbeat>
  /** @returns false when another process has moved it since it was read */
  move(from: Heartbeat, to: Pick<Heartbeat, 'at' | 'wholeSince'>): Promise<boolean>
}

export function createHeartbeatRecords(db: Kysely<Ledger>): HeartbeatRecords {
  return {
    async read() {
      const row = await db.selectFrom('heartbeat').selectAll().executeTakeFirstOrThrow()
      return { ledgerId: row.ledger_id, at: Number(row.at), wholeSince: Number(row.whole_since) }
    },

    async move(from, { at, wholeSince }) {
      const { numUpdatedRows } = await db
        .updateTable('heartbeat')
        .set({ at, whole_since: wholeSince })
        .where('at', '=', from.at)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
  }
}
