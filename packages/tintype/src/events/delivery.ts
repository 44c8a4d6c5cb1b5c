import type { Clock } from '../clock.ts'
import { crashPoint } from '../crash-points.ts'
import type { Log } from '../log.ts'
import type { LedgerEvent } from '../records/ledger-types.ts'
import type { OutboxRecords } from '../records/outbox-records.ts'
import type { OutboxRow } from '../records/schema.ts'
import { DeliveryError } from './delivery-error.ts'
import type { PresentEvents, TintypeEvent } from './event.ts'

/**
 * Takes one event. When it resolves, the event is delivered; when it rejects, it is tried again.
 *
 * @param options.signal aborts when its time is over
 * @param options.attempt counted from 1
 */
export type EventHandler<Owner = string, Data = unknown> = (
  event: TintypeEvent<Owner, Data>,
  options: { signal: AbortSignal; attempt: number },
) => Promise<unknown> | unknown

export interface DeliveryOptions {
  consumer: string
  deliver: EventHandler
  outbox: OutboxRecords
  present: PresentEvents
  clock: Clock
  log: Log
  /** Told of each attempt. */
  count(outcome: 'delivered' | 'failed'): void
  /** The consumer wants no more events. */
  onGone(): void
  /** 0 to 1, for the jitter of the back-off. @default Math.random */
  random?: () => number
}

/** Delivers the events of one consumer, in the order of each media, several media at a time. */
export interface Delivery {
  start(): void
  /** Looks for events now. Cheap, may be called at any time. */
  wake(): void
  /** Delivers what is due, within a time limit, and stops: the rest is for another process or the next start. */
  stop(): Promise<void>
}

/** Milliseconds after which events of other processes are found. */
const poll = 2000
/** Milliseconds between two looks, while one event follows the other: what comes meanwhile shares the lease's commit. */
const gathering = 100
/** Milliseconds for one delivery. */
const deliveryTime = 15_000
const width = 10
const batch = 40
/** Milliseconds. Longer than a batch takes, even if each of its deliveries reaches its time limit. */
const lease = 90_000
const longestBackOff = 3_600_000
/** After this time an event is given up. */
export const giveUpAfter = 3 * 86_400_000
/** Failures one after the other from which on the consumer counts as down, and is not asked for each event. */
const isDownAfter = width
const longestPause = 60_000
/** Milliseconds that a stopping process has to deliver what is due. */
const stopTime = 5000

export function createDelivery(options: DeliveryOptions): Delivery {
  const { consumer, deliver, outbox, present, clock, log, count, onGone, random = Math.random } = options
  let running = false
  let wanted = false
  let leasing: Promise<void> | undefined
  let queue: { row: OutboxRow; event: TintypeEvent }[] = []
  const underWay = new Set<Promise<void>>()
  /** Deliveries that are over and are being written down, many in one commit: they take no delivery's place. */
  const recording = new Set<Promise<void>>()
  let failures = 0
  /** Looks without an answer of the database, one after the other. */
  let misses = 0
  let pausedUntil = 0
  let cancelTimer = () => {}
  let nextLook = 0
  let stopping = false
  let ending = false
  /** Ends a delivery, whatever its handler does; one for each that is under way. */
  const stops = new Set<(reason: Error) => void>()

  function sleep(ms = Math.max(poll, pausedUntil - clock.now())): void {
    cancelTimer()
    if (running) cancelTimer = clock.after(ms, wake)
  }

  function wake(): void {
    wanted = true
    pump()
  }

  const isPaused = () => clock.now() < pausedUntil

  /** Begins what there is room for; looks for more when the last look found as much as it asked for, or all is done. */
  function pump(): void {
    if (!running) return
    while (queue.length > 0 && underWay.size < width) begin(queue.shift() as (typeof queue)[number])
    if (queue.length > 0 || leasing || !wanted || ending) return
    if (isPaused()) {
      sleep()
      return
    }
    const wait = nextLook - clock.now()
    if (wait > 0 && !stopping) {
      sleep(wait)
      return
    }
    wanted = false
    leasing = take().finally(() => {
      leasing = undefined
      sleep()
      pump()
    })
  }

  async function take(): Promise<void> {
    try {
      const now = clock.now()
      const rows = await outbox.lease(consumer, now, now + lease, batch)
      misses = 0
      if (rows.length === 0) return
      crashPoint('outbox.leased')
      if (rows.length === batch) wanted = true
      else nextLook = now + gathering
      const events = await present(rows.map(toLedgerEvent))
      queue = rows.map((row, index) => ({ row, event: events[index] as TintypeEvent }))
    } catch (error) {
      // What was leased comes back when its lease ends.
      pausedUntil = clock.now() + Math.min(backOff(++misses), longestPause)
      log.error('outbox.failed', { consumer, until: new Date(pausedUntil), error })
    }
  }

  function begin(one: (typeof queue)[number]): void {
    const work = attempt(one).finally(() => {
      underWay.delete(work)
      lookAgain()
      pump()
    })
    underWay.add(work)
  }

  /** The next events of the same media come after these. */
  function lookAgain(): void {
    if (underWay.size === 0 && recording.size === 0) wanted = true
  }

  function record(row: OutboxRow): void {
    const work = outbox.delivered(row).then(
      () => crashPoint('outbox.removed'),
      (error: unknown) => notRecorded(row, error),
    )
    const ended = work.finally(() => {
      recording.delete(ended)
      lookAgain()
      pump()
    })
    recording.add(ended)
  }

  /** It stays leased, and is delivered once more when the lease ends. */
  function notRecorded({ id }: OutboxRow, error: unknown): void {
    log.warn('outbox.not_recorded', { consumer, id, error })
  }

  /** Never throws, so that one event affects no other. */
  async function attempt({ row, event }: (typeof queue)[number]): Promise<void> {
    // A row whose lease may end before the delivery does is left to the next look.
    if (clock.now() + deliveryTime > row.due_at) return
    try {
      if (isPaused()) return await outbox.release([row], pausedUntil)
      if (ending) return await outbox.release([row], clock.now())
      const error = await tryOnce(event, row.attempts + 1)
      if (error !== undefined) return await failed(row, error)
      failures = 0
      count('delivered')
      crashPoint('outbox.delivered')
      record(row)
    } catch (error) {
      notRecorded(row, error)
    }
  }

  /** @returns why it failed */
  async function tryOnce(event: TintypeEvent, attempt: number): Promise<unknown> {
    const limit = new AbortController()
    const { signal } = limit
    const { promise: stopped, reject } = Promise.withResolvers<never>()
    const stop = (reason: Error) => {
      reject(reason)
      limit.abort(reason)
    }
    stops.add(stop)
    const cancel = clock.after(deliveryTime, () =>
      stop(new Error(`It took longer than ${deliveryTime / 1000} seconds.`)),
    )
    try {
      // A handler that hangs holds up its own media alone.
      await Promise.race([stopped, (async () => deliver(event, { signal, attempt }))()])
      return undefined
    } catch (error) {
      return error ?? new Error('It was rejected without a reason.')
    } finally {
      cancel()
      stops.delete(stop)
    }
  }

  async function failed(row: OutboxRow, error: unknown): Promise<void> {
    const { id, kind } = row
    if (ending) return outbox.release([row], clock.now())
    const now = clock.now()
    const attempts = row.attempts + 1
    const why = error instanceof Error ? error.message : String(error)
    count('failed')
    failures += 1
    if (error instanceof DeliveryError && error.gone) {
      onGone()
      const given = await outbox.failAll(consumer, now, why)
      log.error('outbox.gone', { consumer, events: given })
      return
    }
    if (now - row.created_at >= giveUpAfter) {
      log.error('outbox.given_up', { consumer, id, kind, attempts, error })
      return outbox.fail(row, now, why)
    }
    const asked = error instanceof DeliveryError ? error.retryAfter : undefined
    const until = now + (asked ?? backOff(attempts))
    if (asked !== undefined) pausedUntil = Math.max(pausedUntil, until)
    if (failures >= isDownAfter)
      pausedUntil = Math.max(pausedUntil, now + Math.min(backOff(attempts), longestPause))
    log.warn('outbox.postponed', { consumer, id, kind, attempts, until: new Date(until), error })
    await outbox.postpone(row, until, why)
  }

  /** 1 s, 2 s, 4 s, … an hour, each shortened by up to half at random so that not all come back at once. */
  function backOff(attempts: number): number {
    const full = Math.min(1000 * 2 ** (attempts - 1), longestBackOff)
    return Math.round(full * (1 - random() / 2))
  }

  async function drained(): Promise<void> {
    stopping = true
    wake()
    while (leasing || underWay.size > 0 || recording.size > 0)
      await Promise.allSettled([leasing, ...underWay, ...recording])
  }

  return {
    start() {
      running = true
      stopping = false
      wake()
    },
    wake,
    async stop() {
      if (!running) return
      cancelTimer()
      const cancel = clock.after(stopTime, () => {
        ending = true
        for (const stop of stops) stop(new Error('The server is stopping.'))
      })
      await drained()
      running = false
      cancel()
      cancelTimer()
    },
  }
}

function toLedgerEvent({ id, kind, created_at, payload }: OutboxRow): LedgerEvent {
  return { id, kind, at: created_at, ...JSON.parse(payload) }
}
