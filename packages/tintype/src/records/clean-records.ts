import type { Kysely } from 'kysely'
import type { Ledger, MediaRow } from './schema.ts'

/** Media as `tintype clean` goes over them. */
export interface CleanRecords {
  /**
   * Up to `limit` media after this id, by keyset.
   * @param again also those that were looked at before
   */
  after(id: string, limit: number, again: boolean): Promise<MediaRow[]>
  count(again: boolean): Promise<number>
  /**
   * Says what was found in a media that stays as it is.
   * @param key of the original that was looked at
   * @returns false when it is gone, or has got other bytes meanwhile
   */
  note(id: string, key: string, cleaned: string): Promise<boolean>
}

export function createCleanRecords(db: Kysely<Ledger>): CleanRecords {
  return {
    async after(id, limit, again) {
      const query = db.selectFrom('media').selectAll().where('id', '>', id).orderBy('id').limit(limit)
      return (again ? query : query.where('cleaned', 'is', null)).execute()
    },

    async count(again) {
      const query = db.selectFrom('media').select((e) => e.fn.countAll().as('count'))
      const row = await (again ? query : query.where('cleaned', 'is', null)).executeTakeFirstOrThrow()
      return Number(row.count)
    },

    async note(id, key, cleaned) {
      const { numUpdatedRows } = await db
        .updateTable('media')
        .set((e) => ({ cleaned, revision: e('revision', '+', 1) }))
        .where('id', '=', id)
        .where('key', '=', key)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
  }
}
