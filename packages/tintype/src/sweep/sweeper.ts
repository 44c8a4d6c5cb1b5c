import type { Bucket } from '../bucket/bucket.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { RemovedKey } from '../records/ledger-types.ts'
import type { Records } from '../records/records.ts'
import { createDeletion } from './deletion.ts'
import { createExpiry, type FindClaim } from './expiry.ts'
import type { LedgerHeartbeat } from './heartbeat.ts'

export interface SweeperOptions {
  records: Pick<Records, 'sweep' | 'uploads' | 'expiry' | 'ledger' | 'versions'>
  /** Asked before unclaimed media is removed. */
  findClaim?: FindClaim | undefined
  bucket: Pick<Bucket, 'delete' | 'abortMultipart' | 'openMultiparts'>
  /** Asked before anything is deleted or expires. @default it always may */
  heartbeat?: Pick<LedgerHeartbeat, 'mayDelete'>
  clock: Clock
  log: Log
  /** Milliseconds after a deletion at which keys that may still be written to are deleted once more. */
  grace: number
  /** Milliseconds in which media that have expired can be had again. @default 0 */
  undo?: number
  /** Milliseconds that a lease lasts. @default 60_000 */
  lease?: number
  /** 0 to 1, for the jitter of the back-off. @default Math.random */
  random?: () => number
}

/**
 * The worker that leaves no orphan: it deletes from S3 what is due on the sweep list, and only then removes the key from
 * the list. It sleeps until the next row is due; {@link Sweeper.wake} tells it of rows that became due earlier.
 *
 * One row never delays the others: each fails and is tried again by itself.
 */
export interface Sweeper {
  start(): void
  /** Looks for work now. Cheap, may be called at any time. */
  wake(): void
  /** Deletes everything that is due now. @returns how many keys were deleted */
  sweepDue(): Promise<number>
  /**
   * Deletes these keys, which the caller has put on the list with `leaseEnd` as their due date.
   * @returns whether all of them are deleted from S3; the others are tried again later
   */
  sweepKeys(keys: RemovedKey[], leaseEnd: number): Promise<boolean>
  readonly lease: number
  /** Waits for deletions in progress, not for those that are still due: another process or the next start does them. */
  stop(): Promise<void>
}

/** Milliseconds after which rows of other processes are found. */
const longestSleep = 60_000
/** Milliseconds between two attempts at rows that a transaction of the app has locked. */
const lockedPause = 1000

export function createSweeper(options: SweeperOptions): Sweeper {
  const { records, bucket, heartbeat, findClaim, clock, log, grace, undo = 0 } = options
  const { lease = 60_000, random = Math.random } = options
  let running = false
  let stopped = false
  let again = false
  let current: Promise<unknown> = Promise.resolve()
  let cancelTimer = () => {}
  let failures = 0
  const shared = { clock, log, backOff, isStopped: () => stopped }
  const mayDelete = async (deleting: boolean) => (await heartbeat?.mayDelete({ deleting })) ?? true
  const deletion = createDeletion({
    ...shared,
    sweep: records.sweep,
    bucket,
    grace,
    lease,
    mayDelete: () => mayDelete(true),
  })
  const expiry = createExpiry({ ...shared, records, findClaim, undo })

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
      const { deleted, expired, waits } = await sweepAll()
      failures = 0
      if (stopped) return
      if (waits) return sleep(longestSleep)
      const due = await records.sweep.nextDue()
      const wait = due === undefined ? longestSleep : due - clock.now()
      const isLocked = wait <= 0 && deleted + expired === 0
      sleep(isLocked ? lockedPause : Math.min(wait, longestSleep))
    } catch (error) {
      const pause = Math.min(backOff(++failures), longestSleep)
      log.error('sweep.failed', { error, until: new Date(clock.now() + pause) })
      sleep(pause)
    }
  }

  /**
   * First the keys on the list, then what expires, then the keys of that. A failure of one does not stop the others.
   * @returns `waits`: nothing may be deleted, since the database was put back
   * @throws the first error, after all of it was tried
   */
  async function sweepAll(): Promise<{ deleted: number; expired: number; waits: boolean }> {
    if (!(await mayDelete(false))) return { deleted: 0, expired: 0, waits: true }
    const errors: unknown[] = []
    const attempt = <T>(work: () => Promise<T>) =>
      work().catch((error: unknown) => {
        errors.push(error)
        return 0
      })
    let deleted = await attempt(deletion.deleteDue)
    const storageFailed = errors.length > 0
    const expired = (await attempt(expiry.expireUploads)) + (await attempt(expiry.expireMedia))
    await attempt(expiry.forgetVersions)
    if (expired > 0 && !storageFailed) deleted += await attempt(deletion.deleteDue)
    if (errors.length > 0) throw errors[0]
    return { deleted, expired, waits: false }
  }

  /** 1 s, 2 s, 4 s, … an hour, each shortened by up to half at random so that processes don't run in step. */
  function backOff(attempts: number): number {
    const full = Math.min(1000 * 2 ** (attempts - 1), longestBackOff)
    return Math.round(full * (1 - random() / 2))
  }

  return {
    lease,
    wake,
    sweepDue: async () => (await sweepAll()).deleted,
    start() {
      running = true
      stopped = false
      wake()
    },
    async sweepKeys(keys, leaseEnd) {
      const gone = await deletion.deleteKeys(keys, leaseEnd)
      if (!gone) wake()
      return gone
    },
    async stop() {
      running = false
      stopped = true
      cancelTimer()
      await current
    },
  }
}

const longestBackOff = 3_600_000
