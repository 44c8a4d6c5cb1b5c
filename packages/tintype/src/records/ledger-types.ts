import type { QuotaLimits } from '../quotas/room.ts'
import type { MediaRow, NewMedia, VariantJobRow, VariantRow } from './schema.ts'

export interface PublishedMedia {
  media: NewMedia
  variants: VariantRow[]
  /** Variants that are to be made afterwards. @default none */
  variantJobs?: VariantJobRow[]
  /** Every key of it, with the deadline it has on the sweep list. */
  pending: PendingKey[]
  /** The direct upload that this came from: it ends in the same transaction, and its key is due unless it is one of these. */
  uploadId?: string | undefined
  /** Its session counts in the quota already. */
  isGranted?: boolean | undefined
  /** Where it replaces a media: what else changes, and the revisions of which it has to have one. */
  replaces?: { data?: string | null | undefined; revisions?: readonly number[] | undefined } | undefined
  /** What its owner may have. @default without limit */
  quota?: Quota | undefined
}

/** What an owner may have at this moment: an upload that is given it is refused inside its transaction. */
export interface Quota {
  limits: QuotaLimits
  /** Sessions that have expired by then are not counted. */
  now: number
}

/** An original that was cleaned after it had been published. */
export interface CleanedOriginal {
  id: string
  /** Of the original that was cleaned: the media must still have it. */
  oldKey: string
  sha256: string
  /** JSON. */
  cleaned: string
  /** Its new key, with its deadline. */
  pending: PendingKey
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

/** What has happened, as far as the ledger knows it. */
export type LedgerEvent = { id: string /** Milliseconds since the epoch. */; at: number } & (
  | {
      kind: 'ready' | 'replaced' | 'removed' | 'expired' | 'restored'
      /** As they were in the transaction; where they are gone, as they were before. */
      media: MediaRow
      variants: VariantRow[]
    }
  | { kind: 'refused'; owner: string; refusal: Refusal }
)

/** Why a file did not become media. */
export interface Refusal {
  /** A code of the error table, or one that the app has made up. */
  code: string
  /** One sentence for people. */
  detail: string
  /** The number that was enforced. */
  limit: number | null
  /** What the sender called the file; null where that was not known yet. */
  name: string | null
  /** The session of a direct upload. */
  uploadId: string | null
}
