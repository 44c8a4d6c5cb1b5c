import type { Generated, Insertable, Selectable } from 'kysely'
import type { ChangeTable, ListenerTable, OutboxTable } from './event-schema.ts'
import type { PartTable, ResumablePartTable, ResumableTable, UploadTable } from './upload-schema.ts'

export type * from './event-schema.ts'
export type * from './upload-schema.ts'

/**
 * The ledger: its tables, the same on SQLite and Postgres. Times are milliseconds since the epoch and, like
 * byte counts, JavaScript numbers (int8 in Postgres).
 */
export interface Ledger {
  media: MediaTable
  variant: VariantTable
  variant_job: VariantJobTable
  upload: UploadTable
  part: PartTable
  resumable: ResumableTable
  resumable_part: ResumablePartTable
  sweep: SweepTable
  outbox: OutboxTable
  owner_turn: OwnerTurnTable
  rate: RateTable
  change: ChangeTable
  listener: ListenerTable
  version: VersionTable
  heartbeat: HeartbeatTable
  lost: LostTable
}

/** A row means: this photo or video is whole, inspected and visible. There is no status. */
export interface MediaTable {
  id: string
  owner: string
  key: string
  kind: 'image' | 'video'
  type: string
  bytes: number
  sha256: string
  width: number
  height: number
  duration: number | null
  name: string
  caption: string | null
  /** What the picture shows, for those who don't see it. */
  alt: string | null
  /** What the app keeps with it: JSON. */
  data: string | null
  /** Raised by every change of what people are shown. */
  revision: Generated<number>
  placeholder: string | null
  created_at: number
  /** When it was taken, in milliseconds since the epoch, else `created_at`: what lists by date go by. */
  taken_order: Generated<number>
  /** What the two halves of a Live Photo have in common. */
  content_id: string | null
  /** What the file says of how it was made, as JSON; null for nothing. */
  details: string | null
  /** Hash of owner and Idempotency-Key of the request that made this row, with the file's place in it. */
  request_key: string | null
  request_index: number | null
  /** Hash of what that request asked for: the same key with another body is refused. */
  request_hash: string | null
  /** What uses this media, in the app's own words, e.g. `post:42`. */
  claimed_by: string | null
  /** Unclaimed media are removed at this time, where the app asked for that. */
  expires_at: number | null
  /** Until then a signed URL is valid that may write to this media's key. */
  writable_until: number | null
  /** Of what was sent, where cleaning has changed it. Null: it is `sha256`. */
  sent_sha256: string | null
  /** What cleaning has made of it: JSON. Null: it was never looked at. */
  cleaned: string | null
  /** Legal hold: why nothing of it may be deleted. Null: it may. */
  hold_reason: string | null
  held_at: number | null
}

/** A row means: this derived copy of that media is in the bucket. */
export interface VariantTable {
  media_id: string
  name: string
  key: string
  type: string
  bytes: number
  width: number
  height: number
  /** By what it was made, such as `webp 320x320 inside q76`: where the app configures another, it is out of date. */
  recipe: Generated<string>
}

/** A row means: this variant of that media is still to be made, unless `failed_at` says that it was given up. */
export interface VariantJobTable {
  media_id: string
  name: string
  recipe: string
  created_at: number
  /** When it is to be made; while it is leased, the lease's end. */
  due_at: number
  /** How often it was tried and failed. */
  attempts: number
  failed_at: number | null
  /** Why, as a code of the error table and in words. */
  code: string | null
  error: string | null
}

/** A row means: this key (and S3 multipart upload, if any) has to be deleted when `due_at` comes. */
export interface SweepTable {
  key: string
  /** Of an S3 multipart upload that has to be aborted. Empty: there may be one whose id is not known. */
  upload_id: string | null
  due_at: number
  /** Until then a signed URL is valid that may write to this key. */
  writable_until: number | null
  /** 1: a write to this key may still arrive after the deletion, so delete once more before forgetting it. */
  recheck: number
  /** How often the deletion was tried and failed. */
  attempts: number
  error: string | null
  /** The media that can be restored with this object: until `due_at` it has to be in the bucket. Null: nobody needs it. */
  media_id: string | null
  /** Of that object. */
  bytes: number | null
}

/** `due_at` of what is on legal hold: the last date that JavaScript has. */
export const heldUntil = 8_640_000_000_000_000

/**
 * A row means: this earlier state of a media, removed or replaced, can be had again. Its keys are on the sweep list with
 * the same `due_at`: restoring takes them off by that date, as publishing does. Where `content` is null it went for good
 * at `restorable_until`, and nothing but that is known of it; such a row is forgotten at its `due_at`.
 */
export interface VersionTable {
  media_id: string
  /** Of the media in that state. */
  revision: number
  /** Once it is gone for good, a hash of it. */
  owner: string
  why: 'replaced' | 'removed' | 'expired'
  /** Of the original. */
  bytes: number
  /** When it was removed or replaced. */
  ended_at: number
  /** What was promised when it was removed or replaced: a window that is shortened later changes nothing. */
  restorable_until: number
  /** As on the sweep list: `restorable_until`, or {@link heldUntil}. */
  due_at: number
  /** The rows of `media` and `variant` as they were: JSON. */
  content: string | null
}

/** Uploads that would add to what one owner has write this row first, and so take turns. On Postgres, with quotas. */
export interface OwnerTurnTable {
  /** SHA-256 of the owner, lower-case hex. */
  owner: string
  turns: number
}

/** A row means: so often has something been asked since its time began. On Postgres, with a rate limit. */
export interface RateTable {
  /** The limit's name, and a hash of whom it counts. */
  key: string
  points: number
  /** Milliseconds since the epoch: then it counts anew. */
  expire: number | null
}

export type ChangeRow = Selectable<ChangeTable>

/**
 * A row means: this photo or video was visible in a database that was put back, but its original was not in the bucket. It is
 * out of sight, and comes back with the next `tintype restore` once its object is there again.
 */
export interface LostTable {
  /** Of the original. */
  key: string
  media_id: string
  owner: string
  why: 'missing' | 'size' | 'checksum'
  /** The last date at which the ledger knew it to be whole. */
  last_known_at: number
  /** When that was found. */
  lost_at: number
  /** The rows of `media` and `variant` as they were: JSON. */
  content: string
}

/** One row: how far this ledger has come. */
export interface HeartbeatTable {
  /** Random. Dumps and copies of this database have the same. */
  ledger_id: string
  at: number
  /** No object was deleted that a state of this ledger needs which is as old as this, or younger. */
  whole_since: number
}

export type MediaRow = Selectable<MediaTable>
export type NewMedia = Insertable<MediaTable>
export type VariantRow = Omit<Selectable<VariantTable>, 'recipe'> & { recipe?: string }
export type VariantJobRow = Selectable<VariantJobTable>
/** As the sweeper knows it. */
export type SweepRow = Omit<Selectable<SweepTable>, 'media_id' | 'bytes'>
export type UploadRow = Selectable<UploadTable>
export type VersionRow = Selectable<VersionTable>
export type OutboxRow = Selectable<OutboxTable>
export type PartRow = Selectable<PartTable>

/** Finds media of any owner: for the app's own code, never for what came over HTTP. */
export const anyOwner = Symbol('any owner')
export type Owner = string | typeof anyOwner
