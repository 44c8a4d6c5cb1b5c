import type { Bucket } from '../bucket/bucket.ts'
import type { Clock } from '../clock.ts'
import { crashPoint } from '../crash-points.ts'
import type { Log } from '../log.ts'
import type { RemovedKey } from '../records/ledger.ts'
import type { Records } from '../records/records.ts'
import { anyOwner, type SweepRow } from '../records/schema.ts'
import { inParallel } from './parallel.ts'

export interface SweeperOptions {
  records: Pick<Records, 'sweep' | 'uploads' | 'ledger'>
  bucket: Pick<Bucket, 'delete' | 'abortMultipart' | 'openMultiparts'>
  clock: Clock
  log: Log
  /** Milliseconds after a deletion at which keys that may still be written to are deleted once more. */
  grace: number
  /** Milliseconds that a claim lasts. @default 60_000 */
  lease?: number
  /** 0 to 1, for the jitter of the back-off. @default Math.random */
  random?: () => number
}

/**
 * The worker that keeps promise 1: it deletes from S3 what is due on the sweep list, and only then strikes the
 * key off. It sleeps until the next row is due; {@link Sweeper.wake} tells it of rows that became due earlier.
 */
export interface Sweeper {
  start(): void
  /** There may be work: look now. Cheap, may be called at any time. */
  wake(): void
  /** Deletes everything that is due now. @returns how many keys were deleted */
  sweepDue(): Promise<number>
  /**
   * Deletes these keys, which the caller has put on the list with `leaseEnd` as their due date.
   * @returns whether all of them are gone from S3; what isn't is tried again later
   */
  sweepKeys(keys: RemovedKey[], leaseEnd: number): Promise<boolean>
  readonly lease: number
  /** Waits for deletions under way. */
  stop(): Promise<void>
}

/** From so many failures on, a row counts as stuck: `tintype audit` and the metrics show it. */
export const stuckAfter = 10

/** A batch is through within its lease, even when each of its deletions runs into its time limit. */
const batch = 40
const parallel = 32
/** Rows of other processes, which nobody here was told of, are found after this time. Milliseconds. */
const longestSleep = 60_000
const longestBackOff = 3_600_000

export function createSweeper(options: SweeperOptions): Sweeper {
  const { records, bucket, clock, log, grace, lease = 60_000, random = Math.random } = options
  const { sweep } = records
  let running = false
  let again = false
  let current: Promise<unknown> = Promise.resolve()
  let cancelTimer = () => {}
  let failures = 0

  function sleep(ms: number): void {
    cancelTimer()
    if (running) cancelTimer = clock.after(ms, wake)
  }

  function wake(): void {
    if (!running) return
    if (again) return
    again = true
    current = current.then(round)
  }

  async function round(): Promise<void> {
    again = false
    if (!running) return
    try {
      await sweepDue()
      failures = 0
      const due = await sweep.nextDue()
      sleep(Math.min(due === undefined ? longestSleep : due - clock.now(), longestSleep))
    } catch (error) {
      const pause = backOff(++failures)
      log.error('sweep.failed', { error, until: new Date(clock.now() + pause) })
      sleep(pause)
    }
  }

  async function sweepDue(): Promise<number> {
    await expire()
    let deleted = 0
    for (;;) {
      const now = clock.now()
      const rows = await sweep.claim(now, now + lease, batch)
      if (rows.length > 0) crashPoint('sweep.claimed')
      const results = await inParallel(rows, parallel, sweepRow)
      const gone = results.filter((result) => result === true).length
      deleted += gone
      if (rows.length < batch) return deleted
      // When nothing of a whole batch succeeds, S3 is away: the rest of the list is left in peace for a while.
      if (gone === 0) throw results[0]
    }
  }

  /** Sessions and unclaimed media whose time is over become work for the list. */
  async function expire(): Promise<void> {
    const now = clock.now()
    while ((await records.uploads.expire(now, batch)) === batch);
    for (;;) {
      const ids = await sweep.expiredMedia(now, batch)
      for (const id of ids) {
        const removed = await records.ledger.remove(id, anyOwner, now, { expiredAt: now })
        if (removed) log.info('media.expired', { id })
      }
      if (ids.length < batch) return
    }
  }

  /**
   * First S3, then the list: a crash in between deletes twice, which is harmless.
   * @returns true, or why not
   */
  async function sweepRow(row: SweepRow): Promise<unknown> {
    const { key } = row
    try {
      if (row.upload_id !== null) await abort(key, row.upload_id)
      await bucket.delete(key)
      crashPoint('sweep.deleted')
    } catch (error) {
      const attempts = row.attempts + 1
      const next = clock.now() + backOff(attempts)
      if (attempts === stuckAfter) log.error('sweep.stuck', { key, attempts, error })
      else log.warn('sweep.postponed', { key, attempts, until: new Date(next), error })
      await sweep.postpone(row, next, error instanceof Error ? error.message : String(error))
      return error
    }
    if (row.recheck) await sweep.lookAgain(row, Math.max(clock.now(), row.writable_until ?? 0) + grace)
    else await sweep.strike(row)
    crashPoint('sweep.struck')
    log.info('sweep.deleted', { key, again: row.recheck === 1 })
    return true
  }

  /** Also what was begun at this key without anybody learning its id, where we may ask for it. */
  async function abort(key: string, uploadId: string): Promise<void> {
    const strays = uploadId === '' ? await bucket.openMultiparts(key) : [uploadId]
    // Where we may not, the bucket's lifecycle rule ends it.
    if (strays === 'denied') return
    for (const id of strays) {
      // The object must not wait for a permission that may never come.
      if ((await bucket.abortMultipart(key, id)) === 'denied')
        log.warn('sweep.abort_denied', { key, uploadId: id })
    }
    crashPoint('sweep.aborted')
  }

  /** 1 s, 2 s, 4 s, … an hour, each shortened by up to half at random so that processes don't march in step. */
  function backOff(attempts: number): number {
    const full = Math.min(1000 * 2 ** (attempts - 1), longestBackOff)
    return Math.round(full * (1 - random() / 2))
  }

  return {
    lease,
    wake,
    sweepDue,
    start() {
      running = true
      wake()
    },
    async sweepKeys(keys, leaseEnd) {
      const rows = keys.map(({ key, writableUntil }) => ({
        key,
        due_at: leaseEnd,
        writable_until: writableUntil,
        upload_id: null,
        recheck: writableUntil === null ? 0 : 1,
        attempts: 0,
        error: null,
      }))
      const results = await Promise.allSettled(rows.map(sweepRow))
      const gone = results.every((result) => result.status === 'fulfilled' && result.value === true)
      if (!gone) wake()
      return gone
    },
    async stop() {
      running = false
      cancelTimer()
      await current
    },
  }
}
