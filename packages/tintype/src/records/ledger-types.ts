import type { QuotaLimits } from '../quotas/room.ts'
import type { NewMedia, VariantRow } from './schema.ts'

export interface PublishedMedia {
  media: NewMedia
  variants: VariantRow[]
  /** Every key of it, with the deadline it has on the sweep list. */
  pending: PendingKey[]
  /** The direct upload that this came from: it ends in the same transaction, and its key is due unless it is one of these. */
  uploadId?: string | undefined
  /** What its owner may have. @default without limit */
  quota?: Quota | undefined
}

/** What an owner may have at this moment: an upload that is given it is refused inside its transaction. */
export interface Quota {
  limits: QuotaLimits
  /** Sessions that have expired by then are not counted. */
  now: number
}

export interface PendingKey {
  key: string
  dueAt: number
}

export interface RemovedKey {
  key: string
  /** Until then a signed URL may still write to it. */
  writableUntil: number | null
}
