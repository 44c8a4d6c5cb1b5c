import type { Kysely } from 'kysely'
import { TintypeError } from '../errors.ts'
import { isUniqueViolation } from './ledger-steps.ts'
import type { Outbox } from './outbox.ts'
import type { Ledger, UploadRow } from './schema.ts'
import { toldOf } from './upload-records.ts'

/**
 * Uploads that the app is scanning. The process that runs a scan holds a lease on its rows: when it dies, the lease
 * ends, and everybody who asks learns that the scan was interrupted. That the scan has passed is one of the ledger's
 * moves (publish).
 */
export interface ScanRecords {
  /**
   * Opens the sessions of a form, with the lease that the rows name.
   * @throws {TintypeError} `conflict` when a request with the same Idempotency-Key was faster
   */
  openForm(rows: UploadRow[]): Promise<void>
  /** Of all owners: `form` is a hash of the owner too, or random. In the order of the files. */
  findForm(form: string): Promise<UploadRow[]>
  /** Forgets what has become of a form. @returns false while it is being scanned, or when it has media */
  forgetForm(form: string, now: number): Promise<boolean>
  /** Takes the lease of a direct upload. @returns false when it has ended, or somebody else holds it */
  begin(id: string, now: number, until: number): Promise<boolean>
  /**
   * @param lease the dates that it may have, also after an extension whose outcome is unknown
   * @returns false when one of them was cancelled or has ended: the scan is of no use any more
   */
  extend(ids: string[], lease: number[], later: number): Promise<boolean>
  /** Ends the lease of a direct upload without an outcome: it can be completed again. */
  release(ids: string[], lease: number[]): Promise<void>
  /**
   * Ends all of them as refused, or none.
   * @returns false when they have ended, or their lease is another one
   */
  refuse(ids: string[], refusal: string, lease: number[]): Promise<boolean>
  /** Ends those of a form whose process has died, or is suspended: what it still publishes is refused. */
  interrupt(form: string, refusal: string, now: number): Promise<void>
  /** All that was uploaded with this one. @returns false when it has become media, or is unknown */
  cancelForm(form: string, owner: string): Promise<boolean>
  /** Names the media that another request with the same Idempotency-Key has made. */
  name(ids: string[], media: string[]): Promise<void>
}

export function createScanRecords(db: Kysely<Ledger>, outbox: Outbox): ScanRecords {
  const open = (on: Kysely<Ledger>) =>
    on.updateTable('upload').where('media_id', 'is', null).where('refusal', 'is', null)

  return {
    async openForm(rows) {
      try {
        await db.insertInto('upload').values(rows).execute()
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        throw new TintypeError('conflict', 'The same request is being carried out.', { cause: error })
      }
    },

    findForm: (form) =>
      db.selectFrom('upload').selectAll().where('form', '=', form).orderBy('form_index').execute(),

    async forgetForm(form, now) {
      const { numDeletedRows } = await db
        .deleteFrom('upload')
        .where('form', '=', form)
        .where((e) =>
          e.or([e('refusal', 'is not', null), e('media_id', 'is not', null), e('scanning_until', '<=', now)]),
        )
        .executeTakeFirst()
      return numDeletedRows > 0n
    },

    async begin(id, now, until) {
      const { numUpdatedRows } = await open(db)
        .set({ scanning_until: until })
        .where('id', '=', id)
        .where((e) => e.or([e('scanning_until', 'is', null), e('scanning_until', '<=', now)]))
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async extend(ids, lease, later) {
      const { numUpdatedRows } = await open(db)
        .set({ scanning_until: later })
        .where('id', 'in', ids)
        .where('scanning_until', 'in', lease)
        .executeTakeFirst()
      return Number(numUpdatedRows) === ids.length
    },

    async release(ids, lease) {
      await open(db)
        .set({ scanning_until: null })
        .where('id', 'in', ids)
        .where('scanning_until', 'in', lease)
        .execute()
    },

    refuse: (ids, refusal, lease) =>
      outbox.transaction(db, async (trx, tell) => {
        const rows = await open(trx)
          .set({ refusal })
          .where('id', 'in', ids)
          .where('scanning_until', 'in', lease)
          .returning(['id', 'owner', 'name'])
          .execute()
        for (const { id, owner, name } of rows)
          tell({ kind: 'refused', owner, refusal: toldOf(refusal, name, id) })
        // All of them have the same lease, and end together.
        return rows.length === ids.length
      }),

    async interrupt(form, refusal, now) {
      await open(db).set({ refusal }).where('form', '=', form).where('scanning_until', '<=', now).execute()
    },

    async cancelForm(form, owner) {
      const { numDeletedRows } = await db
        .deleteFrom('upload')
        .where('form', '=', form)
        .where('owner', '=', owner)
        .where('media_id', 'is', null)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },

    async name(ids, media) {
      for (const [index, id] of ids.entries()) {
        const made = media[index]
        if (made !== undefined) await open(db).set({ media_id: made }).where('id', '=', id).execute()
      }
    },
  }
}
