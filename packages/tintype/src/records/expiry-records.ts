import type { Kysely } from 'kysely'
import { TintypeError } from '../errors.ts'
import type { LedgerMoves } from './ledger.ts'
import type { DatabaseKind } from './place.ts'
import { anyOwner, type Ledger } from './schema.ts'
import type { Keep } from './version-steps.ts'

/** Media that was not claimed in time. */
export interface ExpiryRecords {
  /**
   * Those that have expired, the oldest first, by keyset. Rows that a transaction has locked are left out: they
   * are being claimed.
   */
  due(now: number, limit: number, after?: Expiring): Promise<Expiring[]>
  /**
   * Takes one out of sight, as {@link LedgerMoves.remove} does.
   * @returns 'referenced' when a foreign key of the app's refers to it: that counts as a claim, and it does not expire
   * again. 'kept' when it is gone, claimed or locked by now.
   * @param keep it can be had again until then
   */
  expire(id: string, now: number, keep?: Keep): Promise<'expired' | 'referenced' | 'kept'>
  /** It expires at `until` instead, unless it has been claimed. */
  postpone(id: string, now: number, until: number): Promise<void>
}

/** Where a page ends. */
export interface Expiring {
  id: string
  owner: string
  expiresAt: number
}

export function createExpiryRecords(
  db: Kysely<Ledger>,
  kind: DatabaseKind,
  { remove }: Pick<LedgerMoves, 'remove'>,
): ExpiryRecords {
  async function reschedule(id: string, now: number, until: number | null): Promise<boolean> {
    const { numUpdatedRows } = await db
      .updateTable('media')
      .set({ expires_at: until })
      .where('id', 'in', (e) => {
        const expired = e.selectFrom('media').select('id').where('id', '=', id).where('expires_at', '<=', now)
        return kind === 'postgres' ? expired.forUpdate().skipLocked() : expired
      })
      .executeTakeFirst()
    return numUpdatedRows === 1n
  }

  return {
    async due(now, limit, after) {
      let query = db
        .selectFrom('media')
        .select(['id', 'owner', 'expires_at'])
        .where('expires_at', '<=', now)
        .orderBy('expires_at')
        .orderBy('id')
        .limit(limit)
      if (after) {
        query = query.where((e) => e(e.refTuple('expires_at', 'id'), '>', e.tuple(after.expiresAt, after.id)))
      }
      const rows = await (kind === 'postgres' ? query.forUpdate().skipLocked() : query).execute()
      return rows.map(({ id, owner, expires_at }) => ({ id, owner, expiresAt: Number(expires_at) }))
    },

    async expire(id, now, keep) {
      try {
        return (await remove(id, anyOwner, now, { expiredAt: now, keep })) ? 'expired' : 'kept'
      } catch (error) {
        if (!(error instanceof TintypeError) || error.code !== 'conflict') throw error
        return (await reschedule(id, now, null)) ? 'referenced' : 'kept'
      }
    },

    postpone: async (id, now, until) => void (await reschedule(id, now, until)),
  }
}
