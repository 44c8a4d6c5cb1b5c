/**
 * Uploads to a Tintype server, from a browser or from Node. No dependency but the wire types.
 *
 * ```ts
 * import { upload } from '@tintype/client'
 * const media = await upload(file, { endpoint: '/api', onProgress: ({ sent, total }) => ... })
 * ```
 */
export type { AddedFile, UnreadableFile } from './added-file.ts'
export { type ConcurrencyLimiter, createConcurrencyLimiter, type Slot } from './concurrency.ts'
export type { UploadEvent } from './direct.ts'
export { UploadError, type UploadErrorCode, UploadPaused } from './errors.ts'
export { createIdempotencyKey } from './idempotency.ts'
export { fileKey, type RememberedUpload, type UploadMemory } from './memory.ts'
export type { Progress } from './progress.ts'
export { type UploadOptions, upload } from './upload.ts'
export type { UploadItem, UploadState } from './upload-item.ts'
export { createUploads, type Uploads, type UploadsOptions } from './uploads.ts'
