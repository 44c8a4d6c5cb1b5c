import type { Problem } from './errors.ts'
import type { Media } from './media.ts'

/** Body of `POST /uploads`: what is to be sent straight to the object storage. */
export interface UploadRequest {
  name: string
  /** Bytes, exactly. */
  size: number
  /** Media type, as the sender sees it. May be wrong, unknown or left out: the bytes decide. */
  type?: string
  /** Of the whole file, lower-case hex. With it S3 refuses other bytes in the one PUT, and `complete` in the whole. */
  sha256?: string
  caption?: string
  /**
   * What a form would bring as text fields beside the file, for the app's hooks: by name, a list where one comes several
   * times. Names may have brackets, as those of forms.
   */
  fields?: Record<string, string | string[]>
}

/** A request for the object storage, signed: method PUT, these headers and no others, the bytes as body. */
export interface SignedPut {
  url: string
  headers: Record<string, string>
}

/** Answer of `POST /uploads`. */
export type UploadSession = { id: string; expiresAt: string } & (
  | { put: SignedPut; multipart?: never }
  | { multipart: MultipartPlan; put?: never }
)

export interface MultipartPlan {
  /** Bytes of every part but the last. */
  partSize: number
  /** How many. They are numbered from 1. */
  parts: number
}

/** Body of `POST /uploads/:id/parts`: at most {@link maxSignedParts} at a time. */
export interface PartsRequest {
  parts: { number: number; sha256: string }[]
  /**
   * What the storage answered for parts that have arrived since the last request, at most {@link maxSignedParts}. The
   * server keeps it for resuming where it may not ask the storage.
   */
  stored?: { number: number; etag: string }[]
}

/** Answer of `POST /uploads/:id/parts`. */
export interface SignedParts {
  parts: ({ number: number } & SignedPut)[]
}

/** Answer of `GET /uploads/:id`. */
export interface UploadStatus {
  id: string
  expiresAt: string
  /** Cleaned; empty where nothing of it can be shown. The media is named after its type then. */
  name: string
  size: number
  type: string
  /**
   * `refused` comes with `refusal`, `complete` with `media` (absent when that was deleted since). `scanning`: all is there,
   * and the app scans it.
   */
  state: 'open' | 'scanning' | 'refused' | 'complete'
  /** The object is whole in the storage, and has only to be completed. */
  landed?: true
  /** Of a multipart upload in progress: what the object storage has. */
  parts?: UploadedPart[]
  multipart?: MultipartPlan
  /** A single PUT that hasn't landed: signed anew. */
  put?: SignedPut
  media?: Media
  refusal?: Omit<Problem, 'requestId'>
}

/**
 * Answer, with status 202, of `POST /media` and `POST /uploads/:id/complete` where the app's scan takes long: one session
 * for each file, in their order. `GET /uploads/:id` says what becomes of it.
 */
export interface ScanningUploads {
  uploads: { id: string; expiresAt: string; state: 'scanning' }[]
}

export interface UploadedPart {
  number: number
  size: number
  etag: string
  sha256?: string
}

/**
 * Body of `POST /uploads/:id/complete`, may be left out. `parts` are all of them, for the server to use where it may not
 * ask the storage, and to be spared asking.
 */
export interface CompleteRequest {
  parts?: { number: number; etag: string; sha256: string }[]
}

/** Bytes. A file up to this size goes by one PUT: its `sha256` has to be announced. A larger one goes in parts. */
export const maxSinglePut = 16 * 1024 ** 2

/** How many parts one request may ask URLs for. */
export const maxSignedParts = 100
