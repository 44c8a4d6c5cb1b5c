import type { Log } from '../log.ts'
import type { LedgerEvent, Refusal } from '../records/ledger-types.ts'
import type { EventKind } from '../records/schema.ts'
import type { EventMedia, EventOf, PresentEvents, TintypeEvent } from './event.ts'

/**
 * Told of what has happened. What it throws, or rejects with, is logged and changes nothing.
 *
 * @param subject the photo or video; of `refused`, the refusal
 * @param event the same with its owner, id and time
 */
export type EventListener<Kind extends EventKind, Owner = string, Data = unknown> = (
  subject: Kind extends 'refused' ? Refusal : EventMedia<Data>,
  event: EventOf<Kind, Owner, Data>,
) => unknown

type AnyListener = (subject: Refusal | EventMedia, event: TintypeEvent) => unknown

/** Listeners in this process: told after the commit, once, and not at all when the process dies in between. */
export interface Listeners {
  /** @returns stops listening */
  add<Kind extends EventKind>(kind: Kind, listener: EventListener<Kind>): () => void
  has(kind: EventKind): boolean
  /** In this order, whatever becomes of it. */
  tell(events: LedgerEvent[]): void
}

export function createListeners(present: PresentEvents, log: Log): Listeners {
  const listeners = new Map<EventKind, Set<{ call: AnyListener }>>()
  let latest: Promise<void> = Promise.resolve()

  async function tellAll(events: LedgerEvent[]): Promise<void> {
    const heard = events.filter(({ kind }) => has(kind))
    if (heard.length === 0) return
    try {
      const presented = await present(heard)
      for (const [index, { kind }] of heard.entries()) {
        const event = presented[index] as TintypeEvent
        const subject = 'media' in event.data ? event.data.media : event.data.refusal
        for (const { call } of listeners.get(kind) ?? []) void tellOne(call, subject, event)
      }
    } catch (error) {
      log.error('event.not_told', { events: heard.map(({ id }) => id), error })
    }
  }

  async function tellOne(
    call: AnyListener,
    subject: Refusal | EventMedia,
    event: TintypeEvent,
  ): Promise<void> {
    try {
      await call(subject, event)
    } catch (error) {
      log.error('event.listener_failed', { id: event.id, type: event.type, error })
    }
  }

  const has = (kind: EventKind) => (listeners.get(kind)?.size ?? 0) > 0

  return {
    add(kind, listener) {
      // In an object of its own: the same function may listen twice, and stop once.
      const entry = { call: listener as unknown as AnyListener }
      const all = listeners.get(kind) ?? new Set()
      listeners.set(kind, all.add(entry))
      return () => void all.delete(entry)
    },
    has,
    tell(events) {
      latest = latest.then(() => tellAll(events))
    },
  }
}
