import type { Kysely } from 'kysely'
import { crashPoint } from '../crash-points.ts'
import { cancelDeletion, scheduleDeletion } from './key-steps.ts'
import { isForeignKeyViolation } from './ledger-steps.ts'
import type { PendingKey } from './ledger-types.ts'
import type { DatabaseKind } from './place.ts'
import type { Ledger, VariantJobRow, VariantRow } from './schema.ts'
import { storable } from './sweep-list.ts'
import { createVariantPages, type VariantPages } from './variant-pages.ts'

/**
 * Variants that are still to be made. A lease moves `due_at` to the lease's end, as on the sweep list, and every later
 * statement names that date: a process that was too slow changes nothing, and of one that dies the rows become due again.
 */
export interface VariantRecords extends VariantPages {
  /**
   * Adds a variant that is to be made, with the lease that the row names.
   * @returns false where it is to be made already. 'absent' where there is no such media
   */
  add(row: VariantJobRow): Promise<boolean | 'absent'>
  /** Leases all that is due of one media, the one that has waited longest. */
  lease(now: number, leaseEnd: number): Promise<VariantJobRow[]>
  /** Leases this one if it is due. */
  leaseOne(mediaId: string, name: string, now: number, leaseEnd: number): Promise<VariantJobRow | undefined>
  /**
   * Adds these of one media with the lease that they name, or takes what is there of them and not leased to anybody, what was
   * given up among it.
   * @returns false where one of them is leased: none is taken. 'absent' where there is no such media
   */
  takeOver(rows: VariantJobRow[], now: number): Promise<boolean | 'absent'>
  find(mediaId: string, name: string): Promise<{ made?: VariantRow; job?: VariantJobRow }>
  /**
   * Takes the keys off the sweep list and makes the variants visible, in one transaction. Older ones of these names are
   * due at `oldDueAt`.
   * @returns false when the media is gone or has another original by now, a job is another's, or a key is the sweeper's:
   * nothing is visible then
   */
  publish(made: MadeVariants, oldDueAt: number): Promise<boolean>
  /** They are tried again at `dueAt`. @param why undefined: they were not tried */
  postpone(jobs: VariantJobRow[], dueAt: number, why?: { code: string; message: string }): Promise<void>
  /** They are not tried again. */
  giveUp(jobs: VariantJobRow[], now: number, why: { code: string; message: string }): Promise<void>
  /** When there will be work next. */
  nextDue(): Promise<number | undefined>
  /** How many are still to be made, since when, and which were given up, and why. */
  backlog(): Promise<{
    pending: number
    oldest: number | undefined
    failed: { name: string; code: string; count: number }[]
  }>
}

export interface MadeVariants {
  mediaId: string
  /** The original's, of which they were made. */
  originalKey: string
  /** As they were leased. */
  jobs: VariantJobRow[]
  variants: VariantRow[]
  pending: PendingKey[]
}

/** Thrown inside the transaction, so that nothing of it stays. */
class Lost extends Error {}

export function createVariantRecords(db: Kysely<Ledger>, kind: DatabaseKind): VariantRecords {
  const due = (now: number) =>
    db.selectFrom('variant_job').where('failed_at', 'is', null).where('due_at', '<=', now)

  /** Those that still have the lease that we were given. */
  const leased = (jobs: VariantJobRow[]) => {
    const [{ media_id, due_at }] = jobs as [VariantJobRow]
    const names = jobs.map(({ name }) => name)
    return { media_id, due_at, names }
  }
  const change = (jobs: VariantJobRow[]) => {
    const { media_id, due_at, names } = leased(jobs)
    return db
      .updateTable('variant_job')
      .where('media_id', '=', media_id)
      .where('name', 'in', names)
      .where('due_at', '=', due_at)
  }

  return {
    ...createVariantPages(db, kind),

    async add(row) {
      try {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('variant_job')
          .values(row)
          .onConflict((c) => c.doNothing())
          .executeTakeFirst()
        return numInsertedOrUpdatedRows === 1n
      } catch (error) {
        if (isForeignKeyViolation(error)) return 'absent'
        throw error
      }
    },

    async takeOver(rows, now) {
      try {
        return await db.transaction().execute(async (trx) => {
          const taken = await trx
            .insertInto('variant_job')
            .values(rows)
            .onConflict((c) =>
              c
                .columns(['media_id', 'name'])
                .doUpdateSet((e) => ({
                  ...{ recipe: e.ref('excluded.recipe'), due_at: e.ref('excluded.due_at') },
                  ...{ attempts: 0, failed_at: null, code: null, error: null },
                }))
                .where((e) =>
                  e.or([e('variant_job.due_at', '<=', now), e('variant_job.failed_at', 'is not', null)]),
                ),
            )
            .returning('name')
            .execute()
          if (taken.length !== rows.length) throw new Lost()
          return true
        })
      } catch (error) {
        if (error instanceof Lost) return false
        if (isForeignKeyViolation(error)) return 'absent'
        throw error
      }
    },

    async lease(now, leaseEnd) {
      // On SQLite a write waits for the lock: nothing is written where there is nothing to do.
      if (!(await due(now).select('media_id').limit(1).executeTakeFirst())) return []
      return db
        .updateTable('variant_job')
        .set({ due_at: leaseEnd })
        .where('failed_at', 'is', null)
        .where('due_at', '<=', now)
        .where('media_id', 'in', () => {
          const first = due(now).select('media_id').orderBy('due_at').limit(1)
          return kind === 'postgres' ? first.forUpdate().skipLocked() : first
        })
        .returningAll()
        .execute()
    },

    leaseOne: (mediaId, name, now, leaseEnd) =>
      db
        .updateTable('variant_job')
        .set({ due_at: leaseEnd })
        .where('media_id', '=', mediaId)
        .where('name', '=', name)
        .where('failed_at', 'is', null)
        .where('due_at', '<=', now)
        .returningAll()
        .executeTakeFirst(),

    async find(mediaId, name) {
      const [made, job] = await Promise.all(
        (['variant', 'variant_job'] as const).map((table) =>
          db
            .selectFrom(table)
            .selectAll()
            .where('media_id', '=', mediaId)
            .where('name', '=', name)
            .executeTakeFirst(),
        ),
      )
      return {
        ...(made ? { made: made as VariantRow } : {}),
        ...(job ? { job: job as VariantJobRow } : {}),
      }
    },

    async publish({ mediaId, originalKey, jobs, variants, pending }, oldDueAt) {
      try {
        await db.transaction().execute(async (trx) => {
          // Removing and replacing lock it too: they come before or after all of this.
          const media = trx.selectFrom('media').select('key').where('id', '=', mediaId)
          const row = await (kind === 'postgres' ? media.forUpdate() : media).executeTakeFirst()
          if (row?.key !== originalKey) throw new Lost()
          const { due_at, names } = leased(jobs)
          const { numDeletedRows } = await trx
            .deleteFrom('variant_job')
            .where('media_id', '=', mediaId)
            .where('name', 'in', names)
            .where('due_at', '=', due_at)
            .executeTakeFirst()
          if (Number(numDeletedRows) !== jobs.length) throw new Lost()
          if (!(await cancelDeletion(trx, pending))) throw new Lost()
          const old = await trx
            .deleteFrom('variant')
            .where('media_id', '=', mediaId)
            .where('name', 'in', names)
            .returning('key')
            .execute()
          await trx.insertInto('variant').values(variants).execute()
          if (old.length > 0) {
            const keys = old.map(({ key }) => ({ key, writableUntil: null }))
            await scheduleDeletion(trx, keys, oldDueAt)
          }
          crashPoint('variant.publishing')
        })
        return true
      } catch (error) {
        if (error instanceof Lost) return false
        throw error
      }
    },

    async postpone(jobs, dueAt, why) {
      await change(jobs)
        .set((e) =>
          why
            ? {
                due_at: dueAt,
                attempts: e('attempts', '+', 1),
                code: why.code,
                error: storable(why.message),
              }
            : { due_at: dueAt },
        )
        .execute()
    },

    async giveUp(jobs, now, { code, message }) {
      await change(jobs)
        .set((e) => ({ failed_at: now, attempts: e('attempts', '+', 1), code, error: storable(message) }))
        .execute()
    },

    async nextDue() {
      const { at } = await db
        .selectFrom('variant_job')
        .select((e) => e.fn.min('due_at').as('at'))
        .where('failed_at', 'is', null)
        .executeTakeFirstOrThrow()
      return at === null ? undefined : Number(at)
    },

    async backlog() {
      const rows = await db
        .selectFrom('variant_job')
        .select((e) => ['name', 'code', e.fn.countAll().as('count')])
        .where('failed_at', 'is not', null)
        .groupBy(['name', 'code'])
        .execute()
      const { pending, oldest } = await db
        .selectFrom('variant_job')
        .select((e) => [e.fn.countAll().as('pending'), e.fn.min('created_at').as('oldest')])
        .where('failed_at', 'is', null)
        .executeTakeFirstOrThrow()
      return {
        pending: Number(pending),
        oldest: oldest === null ? undefined : Number(oldest),
        failed: rows.map(({ name, code, count }) => ({ name, code: code ?? '', count: Number(count) })),
      }
    },
  }
}
