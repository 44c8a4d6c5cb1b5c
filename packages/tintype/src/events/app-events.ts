import type { Bucket } from '../bucket/bucket.ts'
import type { Tintype } from '../interface.ts'
import type { Lead } from '../present.ts'
import type { Records } from '../records/records.ts'
import { writeAnnouncement } from './announcement.ts'
import { createPresentEvents } from './event.ts'
import { createEvents, type Events, type EventsOptions } from './events.ts'
import { createLiveChanges, type LiveChanges } from './live.ts'

export interface AppEventsOptions extends Omit<EventsOptions, 'outbox' | 'present' | 'note'> {
  /** Opened after this is made: the ledger needs to know whom it tells. */
  records(): Pick<Records, 'outbox' | 'changes'>
  bucket(): Pick<Bucket, 'viewUrl'>
  leadHome: Lead
}

/** Those who hear of what happens: the app, by listeners, outbox and webhooks, and the pages that are open. */
export function createAppEvents({ records, bucket, leadHome, ...options }: AppEventsOptions): {
  events: Events
  live: LiveChanges
  /** What the app tells pages itself. */
  pages: Pick<Tintype<string>, 'signedOut' | 'announce'>
} {
  const { clock, log } = options
  const live = createLiveChanges({ changes: () => records().changes, clock, log })
  const present = createPresentEvents(() => records().outbox, bucket, leadHome)
  return {
    events: createEvents({ ...options, outbox: () => records().outbox, present, note: live.note }),
    live,
    pages: {
      signedOut: (owner) => live.note({ owner, id: '', kind: 'signed-out' }),
      announce: (owner, topic, id) =>
        live.note({ owner, id: writeAnnouncement({ topic, id }), kind: 'announced' }),
    },
  }
}
