import type { Kysely } from 'kysely'
import { createLostRecords, type LostRecords, scheduleUnnamed } from './lost-records.ts'
import type { DatabaseKind } from './place.ts'
import { giveUp, postponeAll } from './postpone.ts'
import type { Ledger, VariantJobRow, VariantRow } from './schema.ts'
import { keysOf, same, toKept } from './version-steps.ts'

/** A database that was put back to an older state, and the bucket of now: what `tintype restore` changes. */
export interface RestoreRecords extends LostRecords {
  /**
   * Gives every date of the ledger that is over, or will be by then, this one instead: deletions, sessions, unclaimed media,
   * removed media that can be had again. Page by page in the order of their keys, each page a transaction: what comes
   * meanwhile may be passed over, and holds nothing up. May be repeated.
   */
  postponeAll(until: number): Promise<void>
  /**
   * Schedules an S3 multipart upload that nobody owns for abortion, with whatever is at its key.
   * @returns false where the key is a visible media's: then it has to be aborted by itself
   */
  scheduleMultipart(key: string, uploadId: string, dueAt: number): Promise<boolean>
  /**
   * Forgets a variant whose object is gone, or due at `dueAt`, and plans to make it anew.
   * @param jobFor undefined: it can't be made anew
   * @returns 'changed' when it has another object by now
   */
  loseVariant(
    mediaId: string,
    key: string,
    options: { dueAt?: number; jobFor(row: VariantRow): VariantJobRow | undefined },
  ): Promise<'planned' | 'dropped' | 'changed'>
  /**
   * An object of a removed or replaced state is gone: without its original that state can't be had any more, without a
   * variant it can.
   */
  loseVersion(mediaId: string, key: string, now: number): Promise<'version' | 'variant' | 'changed'>
  /** Whether the state of the media at this time needed this object. */
  isNeededAt(mediaId: string, key: string, at: number): Promise<boolean>
  /** The latest date that stands in the ledger for what has happened. */
  latest(): Promise<number | undefined>
}

export function createRestoreRecords(db: Kysely<Ledger>, kind: DatabaseKind): RestoreRecords {
  const versionsOf = (trx: Kysely<Ledger>, mediaId: string) =>
    trx.selectFrom('version').selectAll().where('media_id', '=', mediaId).orderBy('revision').execute()

  return {
    ...createLostRecords(db, kind),

    postponeAll: (until) => postponeAll(db, kind, until),

    scheduleMultipart: (key, uploadId, dueAt) =>
      db.transaction().execute(async (trx) => {
        for (const table of ['media', 'variant'] as const) {
          const visible = await trx
            .selectFrom(table as 'media')
            .select('key')
            .where('key', '=', key)
            .executeTakeFirst()
          if (visible) return false
        }
        await trx
          .insertInto('sweep')
          .values({ key, upload_id: uploadId, due_at: dueAt, recheck: 0, attempts: 0 })
          // Of several at one key the sweeper looks for all of them.
          .onConflict((c) =>
            c.column('key').doUpdateSet((e) => ({
              upload_id: e.case().when('sweep.upload_id', 'is', null).then(uploadId).else('').end(),
            })),
          )
          .execute()
        return true
      }),

    loseVariant: (mediaId, key, { dueAt, jobFor }) =>
      db.transaction().execute(async (trx) => {
        const row = await trx
          .deleteFrom('variant')
          .where('media_id', '=', mediaId)
          .where('key', '=', key)
          .returningAll()
          .executeTakeFirst()
        if (!row) return 'changed'
        if (dueAt !== undefined) await scheduleUnnamed(trx, [key], dueAt)
        const job = jobFor(row)
        if (!job) return 'dropped'
        await trx
          .insertInto('variant_job')
          .values(job)
          .onConflict((c) => c.doNothing())
          .execute()
        return 'planned'
      }),

    loseVersion: (mediaId, key, now) =>
      db.transaction().execute(async (trx) => {
        for (const version of await versionsOf(trx, mediaId)) {
          if (version.content === null) continue
          const kept = toKept(version)
          const { media, variants } = kept.content
          if (media.key === key) {
            await giveUp(trx, kept, now)
            return 'version'
          }
          const others = variants.filter((one) => one.key !== key)
          if (others.length === variants.length) continue
          const content = JSON.stringify({ media, variants: others })
          await trx.updateTable('version').set({ content }).where(same(version)).execute()
          await trx.updateTable('sweep').set({ media_id: null }).where('key', '=', key).execute()
          return 'variant'
        }
        return 'changed'
      }),

    async isNeededAt(mediaId, key, at) {
      const media = await db.selectFrom('media').selectAll().where('id', '=', mediaId).executeTakeFirst()
      const versions = await versionsOf(db, mediaId)
      let began: number | undefined
      for (const version of versions) {
        const kept = version.content === null ? undefined : toKept(version)
        const ended = Number(version.ended_at)
        if (kept && keysOf(kept).includes(key))
          return (began ?? Number(kept.content.media.created_at)) <= at && at < ended
        began = ended
      }
      return media !== undefined && (began ?? Number(media.created_at)) <= at
    },

    async latest() {
      const { media, version } = await db
        .selectNoFrom((e) => [
          e
            .selectFrom('media')
            .select((m) => m.fn.max('created_at').as('at'))
            .as('media'),
          e
            .selectFrom('version')
            .select((v) => v.fn.max('ended_at').as('at'))
            .as('version'),
        ])
        .executeTakeFirstOrThrow()
      const dates = [media, version].filter((date) => date !== null).map(Number)
      return dates.length > 0 ? Math.max(...dates) : undefined
    },
  }
}
