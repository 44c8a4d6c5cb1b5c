/**
 * Uploads to a Tintype server, from a browser or from Node. No dependency but the wire types.
 *
 * ```ts
 * import { upload } from '@tintype/client'
 * const media = await upload(file, { endpoint: '/api', onProgress: ({ sent, total }) => ... })
 * ```
 */
export { UploadError, type UploadErrorCode } from './errors.ts'
export { createIdempotencyKey } from './idempotency.ts'
export { type Progress, type UploadOptions, upload } from './upload.ts'
export type { UploadItem, UploadState } from './uploads.ts'
export { createUploads, type Uploads, type UploadsOptions } from './uploads.ts'
