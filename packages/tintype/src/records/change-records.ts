import { type Kysely, sql } from 'kysely'
import type { ChangeKind, ChangeRow, Ledger } from './schema.ts'

/** What has happened to the media of one owner, for pages that listen. */
export interface Change {
  owner: string
  id: string
  kind: ChangeKind
}

/**
 * Those who listen, and what they are told. It is written after the change itself, by whichever process has made it, and only while
 * somebody listens for its owner: a hint to look, which a crash in between may lose. The ledger stays the truth.
 */
export interface ChangeRecords {
  /**
   * Writes down that somebody listens for this owner until then.
   * @returns the change after which none of this owner was left out
   */
  listen(owner: string, now: number, until: number): Promise<number>
  /** They do so longer. */
  extend(owners: string[], until: number): Promise<void>
  /** Those of these owners for whom somebody listens. One look into an index. */
  heard(owners: string[], now: number): Promise<Set<string>>
  write(changes: Change[], now: number): Promise<void>
  /** Number of the last one; 0 where there is none. */
  last(): Promise<number>
  after(seq: number, limit: number): Promise<ChangeRow[]>
  of(owner: string, after: number, limit: number): Promise<ChangeRow[]>
  /** Forgets changes from before `before`, and listeners that have left before `now`. */
  forget(before: number, now: number): Promise<void>
}

export function createChangeRecords(db: Kysely<Ledger>): ChangeRecords {
  const inNumbers = (rows: ChangeRow[]) => rows.map((row) => ({ ...row, seq: Number(row.seq) }))

  return {
    async listen(owner, now, until) {
      const { since } = await db
        .insertInto('listener')
        .values((e) => ({
          owner,
          until,
          since: e.fn.coalesce(
            e.selectFrom('change').select((c) => c.fn.max('seq').as('seq')),
            sql.lit(0),
          ),
        }))
        .onConflict((c) =>
          c.column('owner').doUpdateSet((e) => ({
            until: e.ref('excluded.until'),
            since: e
              .case()
              .when('listener.until', '>', now)
              .then(e.ref('listener.since'))
              .else(e.ref('excluded.since'))
              .end(),
          })),
        )
        .returning('since')
        .executeTakeFirstOrThrow()
      return Number(since)
    },

    async extend(owners, until) {
      await db.updateTable('listener').set({ until }).where('owner', 'in', owners).execute()
    },

    async heard(owners, now) {
      const rows = await db
        .selectFrom('listener')
        .select('owner')
        .where('owner', 'in', owners)
        .where('until', '>', now)
        .execute()
      return new Set(rows.map(({ owner }) => owner))
    },

    async write(changes, now) {
      const rows = changes.map(({ owner, id, kind }) => ({ owner, media_id: id, kind, at: now }))
      await db.insertInto('change').values(rows).execute()
    },

    async last() {
      const { seq } = await db
        .selectFrom('change')
        .select((e) => e.fn.max('seq').as('seq'))
        .executeTakeFirstOrThrow()
      return Number(seq ?? 0)
    },

    async after(seq, limit) {
      const rows = db.selectFrom('change').selectAll().where('seq', '>', seq).orderBy('seq').limit(limit)
      return inNumbers(await rows.execute())
    },

    async of(owner, after, limit) {
      const rows = db.selectFrom('change').selectAll().where('owner', '=', owner).where('seq', '>', after)
      return inNumbers(await rows.orderBy('seq').limit(limit).execute())
    },

    async forget(before, now) {
      await db.deleteFrom('change').where('at', '<', before).execute()
      await db.deleteFrom('listener').where('until', '<', now).execute()
    },
  }
}
