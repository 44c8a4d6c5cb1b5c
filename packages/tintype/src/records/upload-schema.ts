/** The ledger's tables of uploads in progress. Times are milliseconds since the epoch. */

/**
 * A row means: a direct upload in progress, or a file of a form whose scan takes long; or, until it expires, what became
 * of it: `media_id`, or `refusal`.
 */
export interface UploadTable {
  id: string
  owner: string
  /** Where the browser writes. On the sweep list with `due_at` as its date, until the upload has ended. */
  key: string
  due_at: number
  /** As the sender announced them. */
  name: string
  type: string
  bytes: number
  sha256: string | null
  caption: string | null
  /** Size of all parts but the last; null: one PUT. */
  part_bytes: number | null
  /** S3's id of the multipart upload. */
  s3_upload_id: string | null
  request_key: string | null
  request_hash: string | null
  media_id: string | null
  /** Why it was refused: problem details as JSON, without a request id. */
  refusal: string | null
  created_at: number
  /** No signature outlives this time. */
  expires_at: number
  /** The app's scan of it is under way: until then, unless the process that runs it says otherwise. */
  scanning_until: number | null
  /** Text that came with it, for the app's hooks, as JSON. Null: none. */
  fields: string | null
  /**
   * Of a form whose scan takes long: which form, and which of its files. Hash of owner and Idempotency-Key, or a random
   * id. Null: a direct upload.
   */
  form: string | null
  form_index: number | null
  /** What the app wants kept of it, or removed: JSON. Null: what holds for all. */
  privacy: string | null
  /** `resumable`: its bytes pass through the server, and the table `resumable` says how far it is. */
  way: string | null
}

/** A row means: so much of this upload has been acknowledged to its sender, and is stored. */
export interface ResumableTable {
  upload_id: string
  /** As announced; null where it was not yet. */
  size: number | null
  /** Bytes from its beginning that are in parts and the tail: never less than what a sender was told. */
  received: number
  /** 1: nothing more comes. */
  is_complete: number
  /** The objects with the bytes behind the last part, which are too few for one: JSON. On the sweep list with the upload's date. */
  tail: string
  /** The one request that may write: raised by each that takes the upload over. */
  writer: number
  /** 1: the writer may have parts on their way to S3. */
  is_busy: number
  /** Numbers are never used twice: a part that arrives late must not replace another one's. */
  next_part: number
  /** tus: Upload-Metadata as it was sent. */
  metadata: string | null
  /** tus: Upload-Concat as it was sent. */
  concat: string | null
}

/** A row means: S3 has taken this part, and it is acknowledged. Their order is that of their numbers, which has gaps. */
export interface ResumablePartTable {
  upload_id: string
  number: number
  etag: string
  crc32: number
}

/** A row means: a URL was signed for this part, with this checksum. */
export interface PartTable {
  upload_id: string
  number: number
  sha256: string
  /** What S3 answered, as far as the client told us. */
  etag: string | null
}
