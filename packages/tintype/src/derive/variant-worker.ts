import { type ErrorCode, errorTable } from '@tintype/protocol'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Records } from '../records/records.ts'
import type { VariantJobRow, VariantRow } from '../records/schema.ts'
import { recipeOf, type VariantSpec } from '../variants/variant-spec.ts'
import { type Attempt, lease, type Outcome } from './attempt.ts'
import { jobFor } from './configured.ts'

/**
 * Makes the variants that are still to be made: in the background, one photo at a time, after all that somebody waits for;
 * and on demand. Any number of processes share the work, since each row is leased.
 */
export interface VariantWorker {
  start(): void
  /** Looks for work now. Cheap, may be called at any time. */
  wake(): void
  /**
   * A variant that is there when this resolves: it is made now, unless it is there already. However many ask at once, in
   * however many processes, it is made once.
   *
   * @throws {TintypeError} `not_found` when there is no such media; `overloaded` when it takes too long; what it can't be
   * made for
   */
  ask(mediaId: string, spec: VariantSpec): Promise<VariantRow>
  /** Makes all that is due now. @returns how many variants were made */
  makeDue(): Promise<number>
  /** Ends what is being made in time, and begins nothing more: the rest is for another process or the next start. */
  stop(): Promise<void>
}

export interface VariantWorkerOptions {
  variants: Records['variants']
  attempt: Attempt
  clock: Clock
  log: Log
  /** Milliseconds that one who asks waits at the most. @default 30_000 */
  patience?: number
  /** Whether what nobody asks for comes after all uploads. @default true */
  isBackground?: boolean
}

/** Milliseconds after which rows of other processes are found. */
const longestSleep = 10_000
/** Milliseconds between two looks for a variant that another process makes. */
const poll = 200
/** Milliseconds that a stopping process has to end what it has begun. */
const stopTime = 5000

export function createVariantWorker(options: VariantWorkerOptions): VariantWorker {
  const { variants, attempt, clock, log, patience = 30_000, isBackground = true } = options
  const stopping = new AbortController()
  const asked = new Map<string, Promise<VariantRow>>()
  const underWay = new Set<Promise<unknown>>()
  let running = false
  let stopped = false
  let again = false
  let current: Promise<unknown> = Promise.resolve()
  let failures = 0
  let cancelTimer = () => {}

  function sleep(ms: number): void {
    cancelTimer()
    if (running) cancelTimer = clock.after(Math.max(0, Math.min(ms, longestSleep)), wake)
  }

  function wake(): void {
    if (!running || again) return
    again = true
    current = current.then(round)
  }

  async function round(): Promise<void> {
    again = false
    if (!running) return
    try {
      await makeDue()
      failures = 0
      if (stopped) return
      const due = await variants.nextDue()
      sleep(due === undefined ? longestSleep : due - clock.now())
    } catch (error) {
      const pause = Math.min(1000 * 2 ** failures++, longestSleep)
      log.error('variants.failed', { error, until: new Date(clock.now() + pause) })
      sleep(pause)
    }
  }

  async function makeDue(): Promise<number> {
    let made = 0
    while (!stopped) {
      const now = clock.now()
      const jobs = await variants.lease(now, now + lease)
      if (jobs.length === 0) break
      made += (await work(jobs, isBackground)).made.length
    }
    return made
  }

  function work(jobs: VariantJobRow[], isBackground: boolean): Promise<Outcome> {
    const working = attempt(jobs, { signal: stopping.signal, isBackground })
    underWay.add(working)
    return working.finally(() => underWay.delete(working))
  }

  async function makeOrWait(mediaId: string, spec: VariantSpec): Promise<VariantRow> {
    const { name } = spec
    const until = clock.now() + patience
    for (;;) {
      const { made, job } = await variants.find(mediaId, name)
      if (made && !job && made.recipe === recipeOf(spec)) return made
      if (job && job.failed_at !== null) throw cannotBeMade(job)
      const leased = await takeLease(mediaId, spec, job)
      if (leased) {
        const { made: rows, error } = await work([leased], false)
        const [row] = rows
        if (row) return row
        if (error !== undefined) throw error
      }
      if (stopped || clock.now() >= until) throw busy()
      if (!leased) await pause()
    }
  }

  async function takeLease(
    mediaId: string,
    spec: VariantSpec,
    job: VariantJobRow | undefined,
  ): Promise<VariantJobRow | undefined> {
    const now = clock.now()
    if (job) return variants.leaseOne(mediaId, spec.name, now, now + lease)
    const row = jobFor(mediaId, spec, now, now + lease)
    const added = await variants.add(row)
    if (added === 'absent') throw new TintypeError('not_found', 'There is no such photo or video.')
    return added ? row : undefined
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => void clock.after(poll, resolve))
  }

  return {
    wake,
    makeDue,
    start() {
      running = true
      stopped = false
      wake()
    },
    ask(mediaId, spec) {
      const name = `${mediaId} ${spec.name} ${recipeOf(spec)}`
      const asking = asked.get(name) ?? makeOrWait(mediaId, spec).finally(() => asked.delete(name))
      asked.set(name, asking)
      return asking
    },
    async stop() {
      running = false
      stopped = true
      cancelTimer()
      const cancel = clock.after(stopTime, () =>
        stopping.abort(new TintypeError('shutting_down', 'The server is stopping.')),
      )
      while (underWay.size > 0) await Promise.allSettled([...underWay])
      await current
      cancel()
    },
  }
}

function cannotBeMade({ code, error }: VariantJobRow): TintypeError {
  const known = code !== null && Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'internal'
  return new TintypeError(known, error ?? 'This picture can not be made smaller.')
}

function busy(): TintypeError {
  return new TintypeError('overloaded', 'The picture is still being made. Try again in a few seconds.')
}
