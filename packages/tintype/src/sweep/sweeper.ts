import type { Bucket } from '../bucket/bucket.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { SweepRow } from '../records/schema.ts'
import type { SweepRecords } from '../records/sweep.ts'

export interface SweeperOptions {
  sweep: SweepRecords
  bucket: Pick<Bucket, 'delete'>
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
  sweepKeys(keys: string[], leaseEnd: number): Promise<boolean>
  readonly lease: number
  /** Waits for deletions under way. */
  stop(): Promise<void>
}

const batch = 50
const parallel = 8
/** Rows of other processes, which nobody here was told of, are found after this time. Milliseconds. */
const longestSleep = 60_000
const longestBackOff = 3_600_000

export function createSweeper(options: SweeperOptions): Sweeper {
  const { sweep, bucket, clock, log, grace, lease = 60_000, random = Math.random } = options
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
      log.error('sweep.failed', { error })
      sleep(backOff(++failures))
    }
  }

  async function sweepDue(): Promise<number> {
    let deleted = 0
    for (;;) {
      const now = clock.now()
      const rows = await sweep.claim(now, now + lease, batch)
      const results = await inParallel(rows, sweepRow)
      deleted += results.filter(Boolean).length
      if (rows.length < batch) return deleted
    }
  }

  /** First S3, then the list: a crash in between deletes twice, which is harmless. */
  async function sweepRow(row: SweepRow): Promise<boolean> {
    try {
      await bucket.delete(row.key)
    } catch (error) {
      const next = clock.now() + backOff(row.attempts + 1)
      log.warn('sweep.postponed', { key: row.key, attempts: row.attempts + 1, until: new Date(next), error })
      await sweep.postpone(row, next, error instanceof Error ? error.message : String(error))
      return false
    }
    if (row.recheck) await sweep.lookAgain(row, clock.now() + grace)
    else await sweep.strike(row)
    log.info('sweep.deleted', { key: row.key, again: row.recheck === 1 })
    return true
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
      const rows = keys.map((key) => ({
        key,
        due_at: leaseEnd,
        upload_id: null,
        recheck: 0,
        attempts: 0,
        error: null,
      }))
      const results = await Promise.allSettled(rows.map(sweepRow))
      const gone = results.every((result) => result.status === 'fulfilled' && result.value)
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

async function inParallel<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T)
  }
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker))
  return results
}
