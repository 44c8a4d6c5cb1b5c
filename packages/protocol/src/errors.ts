import type { Media } from './media.ts'

/**
 * Every error that Tintype answers with: its stable `code`, HTTP status and title.
 * Codes are part of the contract: one is never renamed or reused, new ones may be added.
 * The wire format is `application/problem+json` (RFC 9457), see {@link Problem}.
 */
export const errorTable = {
  malformed_request: { status: 400, title: 'The request is malformed' },
  malformed_multipart: { status: 400, title: 'The multipart body is malformed' },
  malformed_json: { status: 400, title: 'The JSON body is malformed' },
  invalid_parameter: { status: 400, title: 'A parameter is not valid' },
  no_file: { status: 400, title: 'The request holds no file' },
  empty_file: { status: 400, title: 'The file is empty' },
  unexpected_field: { status: 400, title: 'The form has a field that is not expected' },
  too_many_files: { status: 400, title: 'Too many files in one request' },
  too_many_fields: { status: 400, title: 'Too many fields or parts in one request' },
  inconsistent_length: { status: 400, title: 'The lengths of the upload contradict each other' },
  completed_upload: { status: 400, title: 'The upload is complete already' },
  checksum_mismatch: { status: 400, title: 'What has arrived does not have its checksum' },
  invalid_name: { status: 400, title: 'The file name is not valid' },
  unauthenticated: { status: 401, title: 'Who you are is not known' },
  cross_site: { status: 403, title: 'A request from another site is refused' },
  host_not_allowed: { status: 403, title: 'This host name is not served' },
  quota_exceeded: { status: 403, title: 'There is no room left for this owner' },
  not_found: { status: 404, title: 'There is no such thing here' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  too_slow: { status: 408, title: 'The request came too slowly' },
  conflict: { status: 409, title: 'The request conflicts with another one' },
  idempotency_in_flight: { status: 409, title: 'A request with this Idempotency-Key is still in progress' },
  mismatching_offset: { status: 409, title: 'The request begins at another byte than the upload goes on at' },
  not_complete: { status: 409, title: 'The upload is not complete' },
  held: { status: 409, title: 'It is on legal hold' },
  gone: { status: 410, title: 'It is gone for good' },
  upload_gone: { status: 410, title: 'The upload is not there any more' },
  length_required: { status: 411, title: 'The length of the body has to be announced' },
  precondition_failed: { status: 412, title: 'It was changed by another request' },
  unsupported_version: { status: 412, title: 'This version of the protocol is not spoken here' },
  too_large: { status: 413, title: 'The file or request is too large' },
  unsupported_type: { status: 415, title: 'This type of file is not accepted' },
  unsupported_body: { status: 415, title: 'This type of body is not accepted' },
  not_decodable: { status: 422, title: 'The file cannot be decoded' },
  too_many_pixels: { status: 422, title: 'The picture has too many pixels' },
  too_many_frames: { status: 422, title: 'The picture has too many frames' },
  unsupported_codec: { status: 422, title: 'The video is coded in a way that is not accepted' },
  no_video_track: { status: 422, title: 'The file holds no playable video track' },
  idempotency_mismatch: { status: 422, title: 'The Idempotency-Key was used with another body' },
  upload_refused: { status: 422, title: 'The upload was refused' },
  refused: { status: 422, title: 'This app refuses the upload' },
  upload_locked: { status: 423, title: 'Another request is writing to this upload' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The headers of the request are too large' },
  internal: { status: 500, title: 'An error of the server' },
  source_failed: { status: 502, title: 'The file could not be read from where it lies' },
  hook_failed: { status: 500, title: 'The app failed while it handled the upload' },
  overloaded: { status: 503, title: 'The server has no room for this request now' },
  storage_unavailable: { status: 503, title: 'The object storage does not answer now' },
  database_unavailable: { status: 503, title: 'The database does not answer now' },
  hook_timeout: { status: 503, title: 'The app took too long over the upload' },
  scan_interrupted: { status: 503, title: 'The check of the upload was interrupted' },
  shutting_down: { status: 503, title: 'The server is stopping' },
} as const satisfies Record<string, { status: number; title: string }>

/** A code of the error table: docs/errors.md. */
export type ErrorCode = keyof typeof errorTable

/** A code that an app made up itself, in lower_snake_case, for what its own rules refuse. */
export type AppErrorCode = string & {}

/** The body of every error answer: problem details (RFC 9457) with Tintype's members. */
export interface Problem {
  /** `urn:tintype:error:` followed by the code, or the registered type of the same. */
  type: string
  /** The title of the code in the error table. */
  title: string
  /** The HTTP status. */
  status: number
  /** Stable, for programs: a row of the error table, or a code of the app's own. */
  code: ErrorCode | AppErrorCode
  /** One sentence for people: what is wrong and what to do. */
  detail: string
  /** The number that was enforced, where the error enforces one (bytes, files, pixels, frames, ...). */
  limit?: number
  /** Of the file that was refused: its place in the form, counted from 0. None of the others was stored either. */
  index?: number
  /** What the sender calls that file, where it has a name. */
  name?: string
  /** The field of the form that it is about, where it is about one. */
  field?: string
  /** With `precondition_failed`: the media as it is now. */
  current?: Media
  /** With `gone`: when it went. RFC 3339, UTC. */
  goneAt?: string
  /** With `mismatching_offset`: the byte at which the upload goes on. */
  'expected-offset'?: number
  /** With `mismatching_offset`: the byte at which the request began. */
  'provided-offset'?: number
  /** Names this request in the server's log. */
  requestId: string
}

/** Whether asking again later, unchanged, may succeed. Not after what an app's own rules have refused. */
export function isRetryable(code: ErrorCode | AppErrorCode): boolean {
  if (!Object.hasOwn(errorTable, code)) return false
  const { status } = errorTable[code as ErrorCode]
  return (
    status >= 500 || status === 408 || status === 423 || status === 429 || code === 'idempotency_in_flight'
  )
}
