import type { Insertable, Selectable } from 'kysely'

/**
 * The ledger: four tables, the same on SQLite and Postgres. Times are milliseconds since the epoch and, like
 * byte counts, JavaScript numbers (int8 in Postgres).
 */
export interface Ledger {
  media: MediaTable
  variant: VariantTable
  upload: UploadTable
  sweep: SweepTable
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
  placeholder: string | null
  created_at: number
  /** Hash of owner and Idempotency-Key of the request that made this row, with the file's place in it. */
  request_key: string | null
  request_index: number | null
  /** Hash of what that request asked for: the same key with another body is refused. */
  request_hash: string | null
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
}

/** A row means: a direct or resumable upload in progress, or why it was refused. */
export interface UploadTable {
  id: string
  owner: string
  key: string
  name: string
  type: string
  bytes: number
  sha256: string | null
  part_bytes: number | null
  s3_upload_id: string | null
  refusal: string | null
  created_at: number
  expires_at: number
}

/** A row means: this key (and S3 multipart upload, if any) has to be deleted when `due_at` comes. */
export interface SweepTable {
  key: string
  upload_id: string | null
  due_at: number
  /** 1: a write to this key may still land after the deletion, so delete once more before forgetting it. */
  recheck: number
  /** How often the deletion was tried and failed. */
  attempts: number
  error: string | null
}

export type MediaRow = Selectable<MediaTable>
export type NewMedia = Insertable<MediaTable>
export type VariantRow = Selectable<VariantTable>
export type SweepRow = Selectable<SweepTable>

/** Asks for a media whoever owns it: for the app's own code, never for what came over HTTP. */
export const anyOwner = Symbol('any owner')
export type Owner = string | typeof anyOwner
