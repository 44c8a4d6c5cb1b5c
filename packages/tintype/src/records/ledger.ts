import type { Insertable, Kysely } from 'kysely'
import { crashPoint } from '../crash-points.ts'
import { TintypeError } from '../errors.ts'
import { type CallersTransaction, overCallers } from './callers.ts'
import { demandWritable, explainStale, insideSavepoint } from './callers-publish.ts'
import { createGroup } from './group.ts'
import { type HookTransaction, lendTransaction } from './hook-transaction.ts'
import { createInside } from './inside.ts'
import { limitLockWait } from './key-steps.ts'
import { createLedgerSteps, isForeignKeyViolation, isUniqueViolation, sameMeanwhile } from './ledger-steps.ts'
import type { CleanedOriginal, PublishedMedia, RemovedKey } from './ledger-types.ts'
import type { MediaWithVariants } from './media-records.ts'
import { createOutbox, noSink, type Outbox } from './outbox.ts'
import type { DatabaseKind, TablePlace } from './place.ts'
import { createRemovalSteps, type Removal } from './removal-steps.ts'
import type { Ledger, Owner, SweepTable } from './schema.ts'
import type { Keep } from './version-steps.ts'

/**
 * A key goes on the sweep list before any byte goes to it; the transaction that
 * makes its media visible takes it off. Delete and replace do the same in reverse. So a crash at any
 * point leaves work for the sweeper, never an orphan and never a row without its object.
 */
export interface LedgerMoves {
  /**
   * Durable before the first byte leaves. `dueAt` is the deadline that {@link publish} has to name.
   * @param options.multipart an S3 multipart upload will be begun at these keys: its id is not known yet
   */
  reserve(keys: string[], dueAt: number, options?: { multipart?: boolean }): Promise<void>
  /** The S3 multipart upload that was begun at a reserved key: the sweeper has to abort it. */
  nameMultipart(key: string, uploadId: string): Promise<void>
  /** Moves the deadline of a long upload. False: the sweeper has leased a key meanwhile, the upload has lost. */
  extend(keys: string[], dueAt: number, later: number): Promise<boolean>
  /**
   * Gives reserved keys up: they are due at `now`, and once more later, since a write may still arrive. Safe also
   * when they may have been published: a key that has left the list stays off it.
   */
  discard(keys: string[], now: number): Promise<void>
  /**
   * The same for keys that certainly have not been and never will be published. It also puts back a key that the sweeper
   * has forgotten because this process was suspended for too long.
   * @param options.multipart an S3 multipart upload may have been begun there
   */
  scheduleDeletion(keys: string[], now: number, options?: { multipart?: boolean }): Promise<void>
  /**
   * Takes the keys off the sweep list and makes the media visible, in one transaction.
   * @throws {TintypeError} `overloaded` when the sweeper has leased a key: the upload took too long, nothing is
   * visible. `conflict` when another request with the same request_key, or of the same direct upload, was faster. What
   * the work throws: nothing is visible.
   * @param inside what the app does in the same transaction, which is never shared with other uploads then
   * @param trx happens when this transaction of the app commits. When it rolls back, the keys are still on the list
   */
  publish(media: PublishedMedia[], inside?: InsideWork, trx?: CallersTransaction): Promise<void>
  /**
   * Makes sure that keys can be scheduled for deletion while this transaction of the app is open.
   * @throws {TypeError} where none has been begun; {TintypeError} `database_unavailable` where it keeps us from writing
   */
  demandWritableBeside(trx: CallersTransaction): Promise<void>
  /**
   * Gives the media new bytes. The old keys are due at `oldDueAt`, unless they are kept as a version.
   * @returns false when there is no such media of this owner
   */
  replace(next: PublishedMedia, oldDueAt: number, keep?: Keep): Promise<boolean>
  /**
   * Gives the media the same original again, without what is private: under a new key, with the same id and variants. No
   * event tells of it. The old key is due at `oldDueAt`.
   * @returns false when it is gone, or has got other bytes than those that were cleaned
   */
  replaceCleaned(cleaned: CleanedOriginal, oldDueAt: number): Promise<boolean>
  /**
   * Takes the media out of sight and puts every key of it on the sweep list, in one transaction.
   * @param options.trx happens when this transaction of the app commits
   * @returns the keys that are due at `dueAt`: none where they are kept, because that was asked for or it is on legal hold.
   * Undefined when there is no such media of this owner
   * @throws {TintypeError} `conflict` when a foreign key of the app's own tables refers to it; `precondition_failed`; `held`
   * when nothing is to be kept, and it is on legal hold
   */
  remove(
    id: string,
    owner: Owner,
    dueAt: number,
    options?: Omit<Removal, 'id' | 'owner' | 'dueAt'> & { trx?: CallersTransaction | undefined },
  ): Promise<RemovedKey[] | undefined>
  /**
   * Says what uses the media, which then never expires. The same claim may be made again.
   * @returns 'absent' when there is no such media of this owner, 'taken' when something else has claimed it
   */
  claim(
    id: string,
    owner: Owner,
    by: string,
    trx?: CallersTransaction,
  ): Promise<'claimed' | 'absent' | 'taken'>
  /**
   * Takes a claim back, after which the media expires at `expiresAt`. One that was not claimed stays as it is, so that this
   * may be repeated.
   * @returns 'absent' when there is no such media of this owner, 'taken' when something else has claimed it
   */
  release(
    id: string,
    owner: Owner,
    by: string,
    expiresAt: number | null,
    trx?: CallersTransaction,
  ): Promise<'released' | 'absent' | 'taken'>
}

/** Of an app, in a transaction of ours. */
export type InsideWork = (trx: HookTransaction) => Promise<void>

/** What an app does in the transaction that removes a media: ours, or one that it has begun itself. */
export type RemovedWork = (
  removed: MediaWithVariants,
  trx: HookTransaction | CallersTransaction,
  why: 'removed' | 'expired',
) => Promise<void>

type AppsWork = (removed: MediaWithVariants, trx: HookTransaction | CallersTransaction) => Promise<void>
type NewSweepRow = Insertable<SweepTable>

/**
 * @param options.group whether concurrent calls share their commits. @default true
 * @param options.removed what an app does when one of its media goes
 */
export function createLedgerMoves(
  db: Kysely<Ledger>,
  kind: DatabaseKind,
  place: TablePlace,
  {
    group = true,
    outbox = createOutbox(noSink),
    removed,
  }: { group?: boolean; outbox?: Outbox; removed?: RemovedWork | undefined } = {},
): LedgerMoves {
  const steps = createLedgerSteps(kind)
  const removal = createRemovalSteps(kind)
  const inside = createInside(db, kind, place, outbox)
  // SQLite has one writer; on Postgres two transactions go side by side while others gather.
  const atOnce = kind === 'postgres' ? 2 : 1
  const grouped = <T>(work: (items: T[]) => Promise<void>) =>
    group ? createGroup(work, atOnce) : alone(work)

  const reserve = grouped(async (rows: NewSweepRow[][]) => {
    await db.insertInto('sweep').values(rows.flat()).execute()
    crashPoint('ledger.reserved')
  })

  const publishAll = (all: PublishedMedia[][]) =>
    outbox.transaction(db, async (trx, tell) => {
      // One upload's lock must not delay the other uploads of a group for long.
      if (all.length > 1) await limitLockWait(trx, kind)
      await steps.publish(trx, all.flat(), tell)
    })

  const publish = grouped(async (all: PublishedMedia[][]) => {
    try {
      await publishAll(all)
    } catch (error) {
      if (all.length === 1 || (isUnavailable(error) && !isRolledBack(error))) throw error
      // One of the group has lost its key or a race, or waits for a lock. Nothing was committed: each is tried alone.
      throw new Apart()
    }
  })

  const publishWith = (media: PublishedMedia[], work: InsideWork) =>
    outbox.transaction(db, async (trx, tell) => {
      await steps.publish(trx, media, tell)
      await lendTransaction(trx, kind, work)
    })

  /** The app has its transaction already: its hook is lent nothing. */
  const publishInside = (media: PublishedMedia[], trx: CallersTransaction, work?: InsideWork) => {
    const on = overCallers(trx, kind, place)
    return insideSavepoint(on, async () => {
      await outbox.inside(on, (on, tell) => steps.publish(on, media, tell))
      await work?.(trx as HookTransaction)
    }).catch(explainStale)
  }

  return {
    reserve(keys, dueAt, { multipart = false } = {}) {
      const upload_id = multipart ? '' : null
      return reserve(keys.map((key) => ({ key, upload_id, due_at: dueAt, recheck: 1, attempts: 0 })))
    },

    async nameMultipart(key, uploadId) {
      // If this process was suspended for so long that the sweeper has forgotten the key, it is put back, due at once.
      await db
        .insertInto('sweep')
        .values({ key, upload_id: uploadId, due_at: 0, recheck: 1, attempts: 0 })
        .onConflict((c) => c.column('key').doUpdateSet({ upload_id: uploadId }))
        .execute()
    },

    async extend(keys, dueAt, later) {
      const { numUpdatedRows } = await db
        .updateTable('sweep')
        .set({ due_at: later })
        .where('key', 'in', keys)
        .where('due_at', '=', dueAt)
        .executeTakeFirst()
      return Number(numUpdatedRows) === keys.length
    },

    async discard(keys, now) {
      await db
        .updateTable('sweep')
        .set({ due_at: now, recheck: 1 })
        .where('key', 'in', keys)
        .where('due_at', '>', now)
        // Published, and removed since: somebody may want it back.
        .where('media_id', 'is', null)
        .execute()
    },

    async scheduleDeletion(keys, now, { multipart = false } = {}) {
      const upload_id = multipart ? '' : null
      const rows = keys.map((key) => ({ key, upload_id, due_at: now, recheck: 1, attempts: 0 }))
      await db
        .insertInto('sweep')
        .values(rows)
        .onConflict((c) => c.column('key').doUpdateSet({ due_at: now, recheck: 1 }))
        .execute()
    },

    async publish(media, work, trx) {
      try {
        if (trx) return await publishInside(media, trx, work)
        if (work) return await publishWith(media, work)
        await publish(media).catch((error: unknown) => {
          if (error instanceof Apart) return publishAll([media])
          throw error
        })
      } catch (error) {
        throw isUniqueViolation(error) ? sameMeanwhile(error) : error
      }
    },

    async demandWritableBeside(trx) {
      overCallers(trx, kind, place)
      await demandWritable(() => this.discard([''], 0))
    },

    replace: (next, oldDueAt, keep) =>
      outbox.transaction(db, (trx, tell) => steps.replace(trx, next, { oldDueAt, keep }, tell)),

    replaceCleaned: (cleaned, oldDueAt) =>
      db.transaction().execute((trx) => steps.replaceCleaned(trx, cleaned, oldDueAt)),

    async remove(id, owner, dueAt, { trx, final, ...options } = {}) {
      const why = options.expiredAt === undefined ? 'removed' : 'expired'
      const hook = removed && ((...args: Parameters<AppsWork>) => removed(...args, why))
      try {
        return await inside.run(trx, (on, tell) => {
          const one: Removal = { id, owner, dueAt, ...options }
          const lent = inside.hookFor(on, trx, hook)
          return final
            ? removal.removeForGood(on, { ...one, final }, tell, lent)
            : removal.remove(on, one, tell, lent)
        })
      } catch (error) {
        // Also at COMMIT, where the constraint is deferred.
        if (!isForeignKeyViolation(error)) throw error
        throw new TintypeError('conflict', 'The app still uses this photo or video.', { cause: error })
      }
    },

    claim: (id, owner, by, trx) => inside.run(trx, (on) => steps.claim(on, id, owner, by)),

    release: (id, owner, by, expiresAt, trx) =>
      inside.run(trx, (on) => steps.release(on, id, owner, by, expiresAt)),
  }
}

/** A group that failed as a whole, without anything committed. */
class Apart extends Error {}

function alone<T>(work: (items: T[]) => Promise<void>): (item: T) => Promise<void> {
  return (item) => work([item])
}

/** A lock, a deadlock or a time limit (classes 55, 40 and 57014 of Postgres) has ended the transaction, not the database. */
function isRolledBack(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && /^(55P03|40...|57014)$/.test(String(cause.code))
}

function isUnavailable(error: unknown): boolean {
  return error instanceof TintypeError && error.code === 'database_unavailable'
}
