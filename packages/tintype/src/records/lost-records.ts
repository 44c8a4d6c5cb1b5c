import type { Kysely } from 'kysely'
import { isForeignKeyViolation } from './ledger-steps.ts'
import type { DatabaseKind } from './place.ts'
import { heldUntil, type Ledger, type LostTable, type VariantJobRow, type VariantRow } from './schema.ts'
import type { VersionContent } from './version-steps.ts'

/** Media whose originals are not in the bucket: out of sight, until they are there again. */
export interface LostRecords {
  /**
   * Takes a visible media out of sight whose original is not what it was, and keeps its rows. The keys of its variants are
   * due at `dueAt`, and its own where something is there.
   * @returns 'changed' when it has another original by now, 'referenced' when a foreign key of the app's refers to it
   */
  lose(
    lost: Pick<LostTable, 'key' | 'media_id' | 'why' | 'last_known_at' | 'lost_at'>,
    dueAt: number,
  ): Promise<'moved' | 'changed' | 'referenced'>
  /** What was lost, by key, after this one. */
  lost(after: string, limit: number): Promise<LostMedia[]>
  /**
   * Makes a lost media visible again, with those of its variants that are still on the sweep list and in `present`; the
   * others are planned.
   * @returns 'taken' when there is a media of this id again
   */
  bringBack(
    lost: LostMedia,
    options: { present: ReadonlySet<string>; jobFor(row: VariantRow): VariantJobRow | undefined },
  ): Promise<'returned' | 'taken'>
}

/** With the rows as they were. */
export type LostMedia = Omit<LostTable, 'content'> & { content: VersionContent }

export function createLostRecords(db: Kysely<Ledger>, kind: DatabaseKind): LostRecords {
  return {
    async lose({ key, media_id, ...about }, dueAt) {
      try {
        return await db.transaction().execute(async (trx) => {
          const query = trx.selectFrom('media').selectAll().where('id', '=', media_id)
          const media = await (kind === 'postgres' ? query.forUpdate() : query).executeTakeFirst()
          if (media?.key !== key) return 'changed'
          await trx.deleteFrom('variant_job').where('media_id', '=', media_id).execute()
          const variants = await trx
            .deleteFrom('variant')
            .where('media_id', '=', media_id)
            .returningAll()
            .execute()
          await trx.deleteFrom('media').where('id', '=', media_id).execute()
          const content = JSON.stringify({ media, variants })
          const row = { key, media_id, owner: media.owner, ...about, content }
          await trx
            .insertInto('lost')
            .values(row)
            .onConflict((c) => c.column('key').doUpdateSet(row))
            .execute()
          const isThere = about.why === 'missing' ? [] : [key]
          const due = media.hold_reason === null ? dueAt : heldUntil
          await scheduleUnnamed(trx, [...variants.map((one) => one.key), ...isThere], due)
          return 'moved'
        })
      } catch (error) {
        if (isForeignKeyViolation(error)) return 'referenced'
        throw error
      }
    },

    async lost(after, limit) {
      const rows = await db
        .selectFrom('lost')
        .selectAll()
        .where('key', '>', after)
        .orderBy('key')
        .limit(limit)
        .execute()
      return rows.map((row) => ({ ...row, content: JSON.parse(row.content) as VersionContent }))
    },

    bringBack: ({ key, media_id, content: { media, variants } }, { present, jobFor }) =>
      db.transaction().execute(async (trx) => {
        const taken = await trx
          .selectFrom('media')
          .select('id')
          .where((e) =>
            e.or([
              e('id', '=', media_id),
              ...(media.request_key === null
                ? []
                : [
                    e.and([
                      e('request_key', '=', media.request_key),
                      e('request_index', '=', media.request_index),
                    ]),
                  ]),
            ]),
          )
          .executeTakeFirst()
        if (taken?.id === media_id) return 'taken'
        const withoutRequest = taken ? { request_key: null, request_index: null, request_hash: null } : {}
        await trx
          .insertInto('media')
          .values({ ...media, ...withoutRequest })
          .execute()
        const wanted = variants.map((one) => one.key).filter((one) => present.has(one))
        const kept = await trx
          .deleteFrom('sweep')
          .where('key', 'in', [key, ...wanted])
          .returning('key')
          .execute()
        const onList = new Set(kept.map((row) => row.key))
        const whole = variants.filter((one) => onList.has(one.key))
        if (whole.length > 0) await trx.insertInto('variant').values(whole).execute()
        const jobs = variants.filter((one) => !whole.includes(one)).map(jobFor)
        const planned = jobs.filter((one) => one !== undefined)
        if (planned.length > 0) await trx.insertInto('variant_job').values(planned).execute()
        await trx.deleteFrom('lost').where('key', '=', key).execute()
        return 'returned'
      }),
  }
}

/** Keys that no other row names from now on. Those on the list already stay as they are. */
export async function scheduleUnnamed(trx: Kysely<Ledger>, keys: string[], dueAt: number): Promise<void> {
  if (keys.length === 0) return
  await trx
    .insertInto('sweep')
    .values(keys.map((key) => ({ key, due_at: dueAt, recheck: 0, attempts: 0 })))
    .onConflict((c) => c.column('key').doNothing())
    .execute()
}
