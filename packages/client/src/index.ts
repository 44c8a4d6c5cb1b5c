/** Uploads to a Tintype server, from a browser or from Node. Depends on nothing but the wire types. */
export type {
  AppErrorCode,
  Cleaned,
  ErrorCode,
  Media,
  MediaFeature,
  MediaKind,
  MediaUrls,
  Problem,
  TakenFrom,
} from '@tintype/protocol'
export type { About, AddedFile, Origin, UnreadableFile } from './added-file.ts'
export { type ConcurrencyLimiter, createConcurrencyLimiter, type Slot } from './concurrency.ts'
export { UploadError, type UploadErrorCode, UploadPaused } from './errors.ts'
export { createIdempotencyKey } from './idempotency.ts'
export { fileKey, type RememberedUpload, type UploadMemory } from './memory.ts'
export type { Progress } from './progress.ts'
export type { RetryOptions, Sleep, Waiting } from './retry.ts'
export type { UploadEvent } from './scan.ts'
export type { Credentials, RequestHeaders } from './transport.ts'
export { type UploadOptions, upload } from './upload.ts'
export type { UploadItem, UploadState } from './upload-item.ts'
export { createUploads, type Uploads, type UploadsOptions } from './uploads.ts'
