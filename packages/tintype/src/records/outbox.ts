import type { Insertable, Kysely, Transaction } from 'kysely'
import { crashPoint } from '../crash-points.ts'
import { randomId } from '../ids.ts'
import type { LedgerEvent } from './ledger-types.ts'
import type { EventKind, Ledger, OutboxTable } from './schema.ts'

/** Where the ledger tells what happens to media. */
export interface EventSink {
  now(): number
  /** Whether anybody listens: of events that nobody waits for nothing is made. */
  isWanted(kind: EventKind): boolean
  /** The consumers for each of which a row is written. */
  consumersOf(kind: EventKind): readonly string[]
  /** The transaction is committed. Must not throw. */
  committed(events: LedgerEvent[]): void
  /** The same inside a transaction of the app's, whose commit is not reported to us. Must not throw. */
  handedOver(events: LedgerEvent[]): void
}

/** What happens to a media or an upload, before it has an id and a time. */
export type Happening = LedgerEvent extends infer One
  ? One extends LedgerEvent
    ? Omit<One, 'id' | 'at'>
    : never
  : never
export type Tell = (event: Happening) => void

/**
 * The outbox pattern: an event is a row that the same transaction writes as the change itself, so that there is one
 * exactly when the change has happened. https://microservices.io/patterns/data/transactional-outbox.html
 */
export interface Outbox {
  /** A transaction of our own. What the work tells is written at its end, and handed on after its commit. */
  transaction<T>(db: Kysely<Ledger>, work: (trx: Transaction<Ledger>, tell: Tell) => Promise<T>): Promise<T>
  /** The same in a transaction of the app's. */
  inside<T>(trx: Kysely<Ledger>, work: (trx: Kysely<Ledger>, tell: Tell) => Promise<T>): Promise<T>
}

/** For a ledger that nobody listens to. */
export const noSink: EventSink = {
  now: () => 0,
  isWanted: () => false,
  consumersOf: () => [],
  committed() {},
  handedOver() {},
}

export function createOutbox(sink: EventSink): Outbox {
  function collect(): { events: LedgerEvent[]; tell: Tell } {
    const events: LedgerEvent[] = []
    return {
      events,
      tell(event) {
        if (sink.isWanted(event.kind))
          events.push({ ...event, id: randomId(), at: sink.now() } as LedgerEvent)
      },
    }
  }

  /** In the order in which it was told: events of one media have rising numbers. */
  async function write(trx: Kysely<Ledger>, events: LedgerEvent[]): Promise<void> {
    const rows = events.flatMap((event) =>
      sink.consumersOf(event.kind).map((consumer) => toRow(event, consumer)),
    )
    if (rows.length === 0) return
    await trx.insertInto('outbox').values(rows).execute()
    crashPoint('outbox.written')
  }

  return {
    async transaction(db, work) {
      const { events, tell } = collect()
      const result = await db.transaction().execute(async (trx) => {
        const result = await work(trx, tell)
        await write(trx, events)
        return result
      })
      if (events.length > 0) sink.committed(events)
      return result
    },

    async inside(trx, work) {
      const { events, tell } = collect()
      const result = await work(trx, tell)
      await write(trx, events)
      if (events.length > 0) sink.handedOver(events)
      return result
    },
  }
}

function toRow(event: LedgerEvent, consumer: string): Insertable<OutboxTable> {
  const { id, kind, at, ...payload } = event
  return {
    id,
    consumer,
    kind,
    subject: subjectOf(event),
    payload: JSON.stringify(payload),
    created_at: at,
    due_at: at,
    attempts: 0,
  }
}

/** What the order is kept of. */
function subjectOf(event: LedgerEvent): string {
  return event.kind === 'refused' ? (event.refusal.uploadId ?? event.id) : event.media.id
}
