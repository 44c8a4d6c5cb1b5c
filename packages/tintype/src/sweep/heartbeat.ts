import { answeredAboutObject } from '../bucket/bucket.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Heartbeat, HeartbeatRecords } from '../records/heartbeat-records.ts'
import { type NoteBucket, readNote, writeNote } from './heartbeat-note.ts'

export interface LedgerHeartbeatOptions {
  heartbeat: HeartbeatRecords
  bucket: NoteBucket
  clock: Clock
  log: Log
  /** Milliseconds for which what is removed is kept. */
  undo: number
}

/**
 * Tells whether the database has been put back to an older state, and keeps the sweeper still while it has. Such a ledger
 * schedules for deletion what later became visible, and has dates that are over: nothing may be deleted by it until
 * `tintype restore` has made it agree with the bucket again.
 *
 * Once a minute at the most, and only when there are changes, the database gets the current date, and then the bucket. So
 * the bucket's note is never newer than the database, unless the database has forgotten what it once committed: a dump that
 * was put back, a failover to a replica that lagged, a commit that a power cut undid.
 */
export interface LedgerHeartbeat {
  /** The ledger is about to change. Costs nothing; the date is written by the next {@link mayDelete}. */
  changed(): void
  /**
   * Whether the database is as new as the bucket. Asks neither of them unless there is something to write.
   * @param options.deleting objects are about to be deleted: so this is written first
   * @throws {TintypeError} `storage_unavailable`, `database_unavailable`
   */
  mayDelete(options?: { deleting?: boolean }): Promise<boolean>
  /** Whether deletions wait since the database was put back, as far as is known. */
  readonly isPutBack: boolean
  /** Writes what is still to be written. Never throws. */
  stop(): Promise<void>
}

/** Milliseconds between two dates of one process. */
const interval = 60_000
/** Another process may write its date at the same moment. */
const tries = 3

export function createLedgerHeartbeat(options: LedgerHeartbeatOptions): LedgerHeartbeat {
  const { heartbeat, bucket, clock, log, undo } = options
  /** The latest date that the bucket or this process knows this ledger to have had. Undefined: the bucket was not asked. */
  let newest: number | undefined
  let isPutBack = false
  let isChanged = false
  let nextBeat = Number.NEGATIVE_INFINITY
  let nextLook = Number.NEGATIVE_INFINITY

  /** Also the way out, once it was restored. */
  async function compare(): Promise<void> {
    const state = await heartbeat.read()
    const note = await noteOf(state)
    newest = Math.max(newest ?? 0, note)
    nextLook = clock.now() + interval
    const known = newest
    // Read after the note: a process may have written both meanwhile.
    judge(await heartbeat.read(), known)
  }

  function judge({ at }: Heartbeat, known: number): void {
    const before = isPutBack
    isPutBack = at < known
    if (isPutBack && !before) log.error('ledger.put_back', { database: dateOf(at), bucket: dateOf(known) })
    if (!isPutBack && before) log.info('ledger.restored', { database: dateOf(at) })
  }

  async function noteOf({ ledgerId }: Heartbeat): Promise<number> {
    try {
      return (await readNote(bucket, ledgerId))?.at ?? 0
    } catch (error) {
      if (!answeredAboutObject(error)) throw error
      log.warn('ledger.not_noted', { error })
      return 0
    }
  }

  async function beat(): Promise<void> {
    for (let left = tries; left > 0; left--) {
      // Of before the database is read: another call may write a date meanwhile.
      const known = newest ?? 0
      const state = await heartbeat.read()
      judge(state, known)
      if (isPutBack) return
      const now = clock.now()
      const at = Math.max(now, state.at + 1)
      // What is deleted until the next date is said in advance. A ledger that begins has no earlier states.
      const deletedBy = state.at === 0 ? now : now + interval - undo
      const wholeSince = Math.max(state.wholeSince, deletedBy)
      const wasChanged = isChanged
      isChanged = false
      newest = Math.max(newest ?? 0, state.at)
      if (!(await heartbeat.move(state, { at, wholeSince }))) {
        isChanged = wasChanged
        continue
      }
      newest = at
      nextBeat = now + interval
      await note({ ...state, at, wholeSince })
      return
    }
  }

  /** The database has it already: one that is missing makes a database that was put back harder to tell, for a minute. */
  async function note(state: Heartbeat): Promise<void> {
    try {
      await writeNote(bucket, state)
    } catch (error) {
      log.warn('ledger.not_noted', { error })
    }
  }

  return {
    get isPutBack() {
      return isPutBack
    },
    changed() {
      isChanged = true
    },
    async mayDelete({ deleting = false } = {}) {
      if (newest === undefined || (isPutBack && clock.now() >= nextLook)) await compare()
      if (!isPutBack && (isChanged || deleting) && clock.now() >= nextBeat) await beat()
      return !isPutBack
    },
    async stop() {
      try {
        if (isChanged && newest !== undefined && !isPutBack) await beat()
      } catch (error) {
        log.warn('ledger.not_noted', { error })
      }
    },
  }
}

const dateOf = (time: number) => (time === 0 ? null : new Date(time).toISOString())
