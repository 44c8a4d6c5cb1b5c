import type { Clock } from '../../clock.ts'
import { TintypeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { ScanRecords } from '../../records/scan-records.ts'
import type { UploadRow } from '../../records/schema.ts'

/** Milliseconds: so long after its process has died, a scan still seems to be under way. */
export const leaseTime = 30_000

/** The rows of the sessions whose scan this process runs, and the lease that says so to everybody who asks. */
export interface ScanLease {
  /** Aborts, with `not_found`, when a session was cancelled or has ended meanwhile. */
  readonly signal: AbortSignal
  /** Of the sessions, in the order of the files; empty where nobody has been given one. */
  readonly ids: readonly string[]
  /** Takes the lease of a direct upload. @throws {TintypeError} `scanning` when another process has it */
  take(id: string): Promise<void>
  /** Opens the sessions of a form. @throws {TintypeError} `conflict` */
  open(rows: UploadRow[]): Promise<UploadRow[]>
  /** Ends all sessions as refused. */
  refuse(refusal: string): Promise<void>
  /** Ends the lease, and nothing else. */
  release(): Promise<void>
  /** Extends it no more. */
  stop(): void
}

export function createScanLease({
  scans,
  clock,
  log,
}: {
  scans: Pick<ScanRecords, 'begin' | 'openForm' | 'extend' | 'refuse' | 'release'>
  clock: Clock
  log: Log
}): ScanLease {
  const lost = new AbortController()
  let ids: string[] = []
  /** The dates that the lease may have: more than one after an extension whose outcome is unknown. */
  let dates: number[] = []
  let cancelTimer = () => {}
  let turn: Promise<unknown> = Promise.resolve()

  /** One statement at a time, so that each knows what the one before it has done. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work)
    turn = result.catch(() => {})
    return result
  }

  function beat(): void {
    cancelTimer = clock.after(leaseTime / 3, () => {
      inTurn(extend).catch((error: unknown) => log.warn('scan.extension_failed', { ids, error }))
      beat()
    })
  }

  async function extend(): Promise<void> {
    const later = clock.now() + leaseTime
    const before = dates
    dates = [...dates, later]
    if (await scans.extend(ids, before, later)) dates = [later]
    else lost.abort(cancelled())
  }

  function hold(held: string[], until: number): void {
    ids = held
    dates = [until]
    beat()
  }

  return {
    signal: lost.signal,
    get ids() {
      return ids
    },
    async take(id) {
      const now = clock.now()
      const until = now + leaseTime
      if (!(await scans.begin(id, now, until))) throw cancelled()
      hold([id], until)
    },
    async open(rows) {
      const until = clock.now() + leaseTime
      const leased = rows.map((row) => ({ ...row, scanning_until: until }))
      await scans.openForm(leased)
      hold(
        leased.map(({ id }) => id),
        until,
      )
      return leased
    },
    refuse: (refusal) =>
      inTurn(async () => {
        cancelTimer()
        if (ids.length > 0) await scans.refuse(ids, refusal, dates)
      }),
    release: () =>
      inTurn(async () => {
        cancelTimer()
        if (ids.length > 0) await scans.release(ids, dates)
      }),
    stop: () => cancelTimer(),
  }
}

function cancelled(): TintypeError {
  return new TintypeError('conflict', 'The upload has ended already.')
}
