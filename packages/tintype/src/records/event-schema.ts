import type { Generated } from 'kysely'

/** What events are about. */
export type EventKind = 'ready' | 'replaced' | 'removed' | 'restored' | 'expired' | 'refused'

/** A row means: this consumer has not been told yet of this event. There are none where no consumer is configured. */
export interface OutboxTable {
  /** Rises with each event of a media: the order in which they are delivered. */
  seq: Generated<number>
  /** Of the event: the same for all consumers and attempts. */
  id: string
  /** A handler's or a webhook's name. */
  consumer: string
  kind: EventKind
  /** The media's id, or the refused upload's. */
  subject: string
  /** What happened, as JSON. */
  payload: string
  created_at: number
  /** When it is to be delivered; while it is leased, the lease's end. */
  due_at: number
  /** How often the delivery was tried and failed. */
  attempts: number
  /** When it was given up: it is not tried again. */
  failed_at: number | null
  error: string | null
}

/**
 * What pages that listen are told of a media. Of none: `signed-out`, they have to be asked anew whose they are; `announced`, something of the
 * app's own, in whose place of an id stands `topic:id`.
 */
export type ChangeKind = 'ready' | 'changed' | 'removed' | 'restored' | 'signed-out' | 'announced'

/** A row means: pages of this owner that listen have to be told. Kept for some minutes. */
export interface ChangeTable {
  /** Rises: what was told last is known by it. */
  seq: Generated<number>
  owner: string
  media_id: string
  kind: ChangeKind
  at: number
}

/** A row means: until then changes of this owner's media are written down, because somebody listens or has just left. */
export interface ListenerTable {
  owner: string
  /** The change after which none was left out. */
  since: number
  until: number
}
