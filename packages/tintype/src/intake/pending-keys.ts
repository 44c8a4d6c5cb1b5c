import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { LedgerMoves } from '../records/ledger.ts'
import type { PendingKey } from '../records/ledger-types.ts'

/**
 * The keys that one request writes to while its bytes still arrive. They are on the sweep list, and their deadline
 * moves on for as long as the request lives; when the process dies, it comes, and the sweeper deletes them.
 */
export interface PendingKeys {
  /** Aborts, with `overloaded`, when the sweeper was faster: nothing at these keys can become visible any more. */
  readonly signal: AbortSignal
  /**
   * Puts a fresh key on the list, for an S3 multipart upload unless told otherwise. Durable when it returns.
   * @throws {TintypeError} `overloaded` when that took so long that the sweeper may have been and gone
   */
  reserve(key: string, options?: { multipart: boolean }): Promise<void>
  /**
   * Takes over keys that are on the list already, with the dates that they have there: from now on they have one, which
   * moves on. Called once, on pending keys that have none yet.
   * @throws {TintypeError} `overloaded` when the sweeper has one of them
   */
  adopt(listed: PendingKey[]): Promise<void>
  /**
   * Moves the deadline a last time.
   * @returns it: what `publish` has to name
   * @throws {TintypeError} `overloaded` when the keys are lost
   */
  confirm(): Promise<number>
  /** Another one publishes the keys, such as a transaction that is still open: they are no longer given up here. */
  handOver(): void
  /** Discards the keys. Those that have been published meanwhile are not on the list, and stay. */
  release(): Promise<void>
}

export interface PendingKeysOptions {
  ledger: Pick<LedgerMoves, 'reserve' | 'extend' | 'discard' | 'scheduleDeletion'>
  sweeper: { wake(): void }
  clock: Clock
  log: Log
  /** Milliseconds from one sign of life until the keys are swept. */
  deadline: number
}

export function createPendingKeys({
  ledger,
  sweeper,
  clock,
  log,
  deadline,
}: PendingKeysOptions): PendingKeys {
  const keys: string[] = []
  const multiparts = new Set<string>()
  const lost = new AbortController()
  let dueAt = clock.now() + deadline
  /** Dates that the keys may have since an extension whose outcome is unknown. */
  let doubtful: number[] = []
  /** Only then may they be published. */
  let isConfirmed = false
  let cancelTimer = () => {}
  /** One statement at a time, so that each names the date that the one before has set. */
  let turn: Promise<unknown> = Promise.resolve()

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work)
    turn = result.catch(() => {})
    return result
  }

  async function extend(): Promise<void> {
    const later = Math.max(clock.now() + deadline, dueAt)
    const dates = [dueAt, ...doubtful]
    doubtful.push(later)
    for (const date of dates) {
      if (!(await ledger.extend(keys, date, later))) continue
      dueAt = later
      doubtful = []
      return
    }
    lost.abort(tookTooLong())
  }

  /** A key that the sweeper forgot while this process was suspended may have been written to since. */
  async function scheduleDeletion(): Promise<void> {
    const now = clock.now()
    const [whole, inParts] = [keys.filter((key) => !multiparts.has(key)), [...multiparts]]
    if (whole.length > 0) await ledger.scheduleDeletion(whole, now)
    if (inParts.length > 0) await ledger.scheduleDeletion(inParts, now, { multipart: true })
  }

  function beat(): void {
    cancelTimer = clock.after(deadline / 3, () => {
      inTurn(extend).catch((error: unknown) => log.warn('pending.extension_failed', { keys, error }))
      beat()
    })
  }

  return {
    signal: lost.signal,
    reserve: (key, { multipart } = { multipart: true }) =>
      inTurn(async () => {
        if (keys.length === 0) {
          dueAt = clock.now() + deadline
          beat()
        }
        // All keys have one date: what it is has to be known before another joins them.
        if (doubtful.length > 0) await extend()
        keys.push(key)
        if (multipart) multiparts.add(key)
        await ledger.reserve([key], dueAt, { multipart })
        if (clock.now() >= dueAt) throw tookTooLong()
      }),
    adopt: (listed) =>
      inTurn(async () => {
        keys.push(...listed.map(({ key }) => key))
        dueAt = Math.max(...listed.map((one) => one.dueAt))
        for (const [date, dated] of Map.groupBy(listed, (one) => one.dueAt)) {
          if (date === dueAt) continue
          const moved = await ledger.extend(
            dated.map(({ key }) => key),
            date,
            dueAt,
          )
          if (!moved) throw tookTooLong()
        }
        beat()
      }),
    confirm: () =>
      inTurn(async () => {
        cancelTimer()
        if (keys.length > 0) await extend()
        lost.signal.throwIfAborted()
        isConfirmed = true
        return dueAt
      }),
    handOver() {
      keys.length = 0
      multiparts.clear()
    },
    release: () =>
      inTurn(async () => {
        cancelTimer()
        if (keys.length === 0) return
        try {
          await (isConfirmed ? ledger.discard(keys, clock.now()) : scheduleDeletion())
        } catch (error) {
          // They stay scheduled for deletion, and go when their deadline comes.
          log.error('discard.failed', { keys, error })
        }
        sweeper.wake()
      }),
  }
}

function tookTooLong(): TintypeError {
  return new TintypeError('overloaded', 'The upload took longer than its deadline. Send it again.')
}
