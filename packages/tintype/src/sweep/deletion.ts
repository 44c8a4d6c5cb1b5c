import { answeredAboutObject, type Bucket } from '../bucket/bucket.ts'
import type { Clock } from '../clock.ts'
import { crashPoint } from '../crash-points.ts'
import type { Log } from '../log.ts'
import type { RemovedKey } from '../records/ledger-types.ts'
import type { SweepRow } from '../records/schema.ts'
import type { SweepRecords } from '../records/sweep-list.ts'
import { inParallel } from './parallel.ts'

export interface DeletionOptions {
  sweep: SweepRecords
  bucket: Pick<Bucket, 'delete' | 'abortMultipart' | 'openMultiparts'>
  clock: Clock
  log: Log
  /** Milliseconds after which keys that may still be written to are deleted once more. */
  grace: number
  /** Milliseconds. */
  lease: number
  /** Asked when there is something to delete. */
  mayDelete(): Promise<boolean>
  /** Milliseconds until the next attempt, after this many failures. */
  backOff(attempts: number): number
  isStopped(): boolean
}

/** Failures from which on a row counts as stuck: `tintype audit` and the metrics show it. */
export const stuckAfter = 10

/** A batch ends within its lease, even if each of its deletions reaches its time limit. */
const batch = 40
const parallel = 32

/** The outcome for one row: `true`, or why its object may still exist. */
type Outcome = true | { error: unknown }

/** Deletes the objects of rows on the sweep list, each row by itself: one that S3 refuses to delete delays no other. */
export function createDeletion(options: DeletionOptions) {
  const { sweep, bucket, clock, log, grace, lease, mayDelete, backOff, isStopped } = options

  /**
   * First S3, then the list: after a crash in between the object is deleted twice, which is harmless. Never throws, so
   * that one row does not affect the others.
   */
  async function deleteRow(row: SweepRow): Promise<Outcome> {
    try {
      await deleteObject(row)
      crashPoint('sweep.deleted')
    } catch (error) {
      await postpone(row, error)
      return { error }
    }
    const { key, recheck } = row
    try {
      if (recheck) await sweep.lookAgain(row, Math.max(clock.now(), row.writable_until ?? 0) + grace)
      else await sweep.forget(row)
    } catch (error) {
      // It stays leased, and is deleted once more when the lease ends.
      log.warn('sweep.not_removed', { key, error })
      return { error }
    }
    crashPoint('sweep.struck')
    log.info('sweep.deleted', { key, again: recheck === 1 })
    return true
  }

  /** An upload that could not be aborted keeps its row on the list, but not its object in the bucket. */
  async function deleteObject({ key, upload_id }: SweepRow): Promise<void> {
    const aborted = upload_id === null ? undefined : abort(key, upload_id)
    const [abortion] = await Promise.allSettled([aborted])
    await bucket.delete(key)
    if (abortion.status === 'rejected') throw abortion.reason
  }

  /** Includes multipart uploads of this key whose id was lost, if we may list them. */
  async function abort(key: string, uploadId: string): Promise<void> {
    const ids = uploadId === '' ? await bucket.openMultiparts(key) : [uploadId]
    // Where we may not, the bucket's lifecycle rule ends it.
    if (ids === 'denied') return
    const aborted = await Promise.allSettled(
      ids.map(async (uploadId) => {
        // The object must not wait for a permission that may never come.
        if ((await bucket.abortMultipart(key, uploadId)) === 'denied')
          log.warn('sweep.abort_denied', { key, uploadId })
      }),
    )
    for (const one of aborted) if (one.status === 'rejected') throw one.reason
    crashPoint('sweep.aborted')
  }

  async function postpone(row: SweepRow, error: unknown): Promise<void> {
    const { key } = row
    const attempts = row.attempts + 1
    const next = clock.now() + backOff(attempts)
    if (attempts === stuckAfter) log.error('sweep.stuck', { key, attempts, error })
    else log.warn('sweep.postponed', { key, attempts, until: new Date(next), error })
    try {
      await sweep.postpone(row, next, error instanceof Error ? error.message : String(error))
    } catch (failure) {
      // It stays leased, and is tried again when the lease ends.
      log.warn('sweep.not_postponed', { key, error: failure })
    }
  }

  return {
    /**
     * Deletes everything that is due now, until it is stopped.
     * @returns how many keys
     * @throws when S3 does not answer
     */
    async deleteDue(): Promise<number> {
      const start = clock.now()
      let deleted = 0
      while (!isStopped()) {
        const rows = await sweep.lease(start, clock.now() + lease, batch)
        if (rows.length > 0) crashPoint('sweep.claimed')
        if (rows.length > 0 && !(await mayDelete())) break
        const outcomes = await inParallel(rows, parallel, deleteRow, isStopped)
        const errors = outcomes.flatMap((one) => (one === true ? [] : [one.error]))
        deleted += outcomes.length - errors.length
        if (rows.length < batch) break
        // If S3 does not answer for a whole batch, it is unavailable: the sweep ends, and is tried again later.
        if (errors.length === rows.length && !errors.some(answeredAboutObject)) throw errors[0]
      }
      return deleted
    },

    /** @returns whether all of them are gone */
    async deleteKeys(keys: RemovedKey[], leaseEnd: number): Promise<boolean> {
      // The rows are on the list: the sweeper's own rounds find them later.
      if (!(await mayDelete().catch(() => false))) return false
      const rows = keys.map(({ key, writableUntil }) => ({
        key,
        due_at: leaseEnd,
        writable_until: writableUntil,
        upload_id: null,
        recheck: writableUntil === null ? 0 : 1,
        attempts: 0,
        error: null,
      }))
      const outcomes = await Promise.all(rows.map(deleteRow))
      return outcomes.every((one) => one === true)
    },
  }
}
