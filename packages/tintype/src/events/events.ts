import type { Clock } from '../clock.ts'
import { randomId } from '../ids.ts'
import type { Log } from '../log.ts'
import type { Change } from '../records/change-records.ts'
import type { LedgerEvent, Refusal } from '../records/ledger-types.ts'
import type { EventSink } from '../records/outbox.ts'
import type { OutboxRecords } from '../records/outbox-records.ts'
import type { ChangeKind, EventKind } from '../records/schema.ts'
import { ConfigError } from '../settings/error.ts'
import { wrong, wrongKind } from '../settings/shown.ts'
import { eventKinds, type WebhookSettings } from '../settings/webhooks.ts'
import { createDelivery, type Delivery, type EventHandler } from './delivery.ts'
import { isVisible, type PresentEvents } from './event.ts'
import { createListeners, type EventListener } from './listeners.ts'
import { createWebhook } from './webhook.ts'

/** Listeners in this process, and consumers of the outbox. */
export interface Events {
  /** Where the ledger tells it. */
  sink: EventSink
  on<Kind extends EventKind>(kind: Kind, listener: EventListener<Kind>): () => void
  /** @throws {ConfigError} where there is no such consumer, or it has a handler */
  handle(...args: [EventHandler] | [name: string, EventHandler]): void
  /** A refusal that no transaction has written, such as of a form: for listeners alone. */
  refused(owner: string, refusal: Refusal): void
  /** Begins to deliver. */
  start(): void
  /** Delivers what is due, within a time limit, and stops. */
  stop(): Promise<void>
  /** Names of consumers. */
  readonly consumers: readonly string[]
}

export interface EventsOptions {
  /** Names of handlers. */
  handlers: readonly string[]
  webhooks: readonly WebhookSettings[]
  /** Opened after this is made: the ledger needs the sink. */
  outbox(): OutboxRecords
  present: PresentEvents
  /** Hears of what pages are told that listen. */
  note(change: Change): void
  clock: Clock
  log: Log
  count(consumer: string, outcome: 'delivered' | 'failed'): void
}

/** Milliseconds within which most transactions of an app commit, whose end is not reported to us. */
const afterCommit = 1000
/** Milliseconds after which an event is forgotten, whatever has become of it. */
const forgetAfter = 30 * 86_400_000
const forgetEvery = 3_600_000

export function createEvents(options: EventsOptions): Events {
  const { handlers, webhooks, outbox, present, note, clock, log, count } = options
  const listeners = createListeners(present, log)
  const wanted = new Map<string, ReadonlySet<EventKind> | undefined>([
    ...handlers.map((name) => [name, undefined] as const),
    ...webhooks.map(({ name, events }) => [name, events] as const),
  ])
  const consumers = [...wanted.keys()]
  if (wanted.size < handlers.length + webhooks.length) {
    const twice = webhooks.find(({ name }) => handlers.includes(name))
    throw new ConfigError(`outbox and webhooks both have a ${twice?.name}: give the webhook another name.`)
  }
  const deliveries = new Map<string, Delivery>()
  let cancelForgetting = () => {}
  let started = false

  const consumersOf = (kind: EventKind) =>
    consumers.filter((name) => wanted.has(name) && (wanted.get(name)?.has(kind) ?? true))

  function add(consumer: string, deliver: EventHandler): void {
    const delivery = createDelivery({
      consumer,
      deliver,
      outbox: outbox(),
      present,
      clock,
      log,
      count: (outcome) => count(consumer, outcome),
      // Until this process starts anew, nothing more is written for it.
      onGone: () => void wanted.delete(consumer),
    })
    deliveries.set(consumer, delivery)
    delivery.start()
  }

  /** Of a transaction of the app's: what it has not done by now it may do later, and the outbox has it then. */
  async function tellCommitted(events: LedgerEvent[]): Promise<void> {
    try {
      const media = events.flatMap((one) => (one.kind === 'refused' ? [] : [one.media]))
      const keys = await outbox().keysOf(media.map(({ id }) => id))
      const happened = events.filter(
        (one) => one.kind === 'refused' || keys.has(one.media.key) === isVisible(one.kind),
      )
      noteAll(happened)
      listeners.tell(happened)
    } catch (error) {
      log.error('event.not_told', { events: events.map(({ id }) => id), error })
    }
    wake()
  }

  function noteAll(events: readonly LedgerEvent[]): void {
    for (const event of events) {
      const kind = toldAs(event.kind)
      if (kind && event.kind !== 'refused') note({ owner: event.media.owner, id: event.media.id, kind })
    }
  }

  function wake(kinds?: ReadonlySet<EventKind>): void {
    for (const [name, delivery] of deliveries) {
      const only = wanted.get(name)
      if (!kinds || !only || [...kinds].some((kind) => only.has(kind))) delivery.wake()
    }
  }

  async function forget(): Promise<void> {
    cancelForgetting = clock.after(forgetEvery, () => void forget())
    try {
      const events = await outbox().forget(clock.now() - forgetAfter)
      if (events > 0) log.error('outbox.forgotten', { events })
    } catch {
      // The next hour's attempt does it.
    }
  }

  return {
    consumers,
    sink: {
      now: clock.now,
      isWanted: (kind) => toldAs(kind) !== undefined || listeners.has(kind) || consumersOf(kind).length > 0,
      consumersOf,
      committed(events) {
        noteAll(events)
        listeners.tell(events)
        wake(new Set(events.map(({ kind }) => kind)))
      },
      handedOver: (events) => void clock.after(afterCommit, () => void tellCommitted(events)),
    },

    on(kind, listener) {
      if (!isEventKind(kind))
        throw wrong('The first argument of on()', kind, `one of ${eventKinds.join(', ')}`)
      if (typeof listener !== 'function')
        throw wrongKind('The second argument of on()', listener, 'a function')
      return listeners.add(kind, listener)
    },

    handle(...args) {
      const [name, deliver] =
        args.length === 2 ? args : [handlers.length === 1 ? handlers[0] : undefined, args[0]]
      if (handlers.length === 0) {
        throw new ConfigError(
          'The outbox is off, so that nothing is written for a handler: turn it on with createTintype({ outbox: true }).',
        )
      }
      if (typeof deliver !== 'function') throw new ConfigError('outbox() takes a function of an event.')
      if (name === undefined || !handlers.includes(name)) {
        throw new ConfigError(`outbox() has to name one of its handlers: ${handlers.join(', ')}.`)
      }
      if (deliveries.has(name)) {
        throw new ConfigError(
          `The outbox has a handler ${name} already: each event goes to one. Name another in createTintype({ outbox: ['${name}', …] }).`,
        )
      }
      add(name, deliver)
    },

    refused: (owner, refusal) =>
      listeners.tell([{ id: randomId(), at: clock.now(), kind: 'refused', owner, refusal }]),

    start() {
      if (started || consumers.length === 0) return
      started = true
      void forget()
      for (const { name, url, secrets } of webhooks) add(name, createWebhook({ url, secrets, clock }))
    },

    async stop() {
      cancelForgetting()
      await Promise.all([...deliveries.values()].map((one) => one.stop()))
    },
  }
}

/** What pages that listen are told of it. */
function toldAs(kind: EventKind): ChangeKind | undefined {
  const told: Partial<Record<EventKind, ChangeKind>> = {
    ...{ ready: 'ready', replaced: 'changed', restored: 'restored' },
    ...{ removed: 'removed', expired: 'removed' },
  }
  return told[kind]
}

function isEventKind(kind: unknown): kind is EventKind {
  return eventKinds.some((one) => one === kind)
}
