import type { Media } from '@tintype/protocol'
import type { Bucket } from '../bucket/bucket.ts'
import { type Lead, present } from '../present.ts'
import type { LedgerEvent, Refusal } from '../records/ledger-types.ts'
import type { OutboxRecords } from '../records/outbox-records.ts'
import type { EventKind } from '../records/schema.ts'

/** A photo or video as it was when it happened. */
export type EventMedia<Data = unknown> = Omit<Media<Data>, 'urls'> & {
  /** Signed when the event is delivered; null where these very bytes are gone, or replaced, by then. */
  urls: Media['urls'] | null
}

/** What happened to a photo or video, or to an upload that was refused. */
export type TintypeEvent<Owner = string, Data = unknown> = {
  [Kind in EventKind]: EventOf<Kind, Owner, Data>
}[EventKind]

/** The event of one kind. */
export interface EventOf<Kind extends EventKind, Owner = string, Data = unknown> {
  /** The same at each attempt and for each consumer: what has seen it before has seen this event. */
  id: string
  /** `media.` and the kind. */
  type: `media.${Kind}`
  /** When it happened: ISO 8601. */
  createdAt: string
  /** The owner, and the photo or video; of `refused`, why. */
  data: Kind extends 'refused'
    ? { owner: Owner; refusal: Refusal }
    : { owner: Owner; media: EventMedia<Data> }
}

export type PresentEvents = (events: LedgerEvent[]) => Promise<TintypeEvent[]>

/** Events with URLs that are good now. */
export function createPresentEvents(
  outbox: () => Pick<OutboxRecords, 'keysOf'>,
  bucket: () => Pick<Bucket, 'viewUrl'>,
  lead: Lead,
): PresentEvents {
  async function toEvent(event: LedgerEvent, keys: ReadonlySet<string>): Promise<TintypeEvent> {
    const { id, kind, at } = event
    const head = { id, type: `media.${kind}`, createdAt: new Date(at).toISOString() }
    if (event.kind === 'refused') {
      return { ...head, data: { owner: event.owner, refusal: event.refusal } } as TintypeEvent
    }
    const media = inNumbers(event.media)
    const isThere = keys.has(media.key)
    const whole = await present({ media, variants: event.variants }, isThere ? bucket() : unsigned, lead)
    const shown: EventMedia = isThere ? whole : { ...whole, urls: null }
    return { ...head, data: { owner: media.owner, media: shown } } as TintypeEvent
  }

  return async (events) => {
    const readable = events.flatMap((one) => (isVisible(one.kind) && 'media' in one ? [one.media.id] : []))
    const keys = await outbox().keysOf(readable)
    return Promise.all(events.map((event) => toEvent(event, keys)))
  }
}

/** Whether it is there after it. */
export function isVisible(kind: EventKind): boolean {
  return kind === 'ready' || kind === 'replaced' || kind === 'restored'
}

const unsigned: Pick<Bucket, 'viewUrl'> = { viewUrl: async () => '' }

/** A connection of the app's may read int8 as text. */
function inNumbers<Row extends { bytes: number; created_at: number }>(row: Row): Row {
  return { ...row, bytes: Number(row.bytes), created_at: Number(row.created_at) }
}
