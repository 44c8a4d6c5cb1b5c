import type { Media } from '@tintype/protocol'
import { uploadByForm } from './form.ts'
import { createIdempotencyKey } from './idempotency.ts'
import { type RetryOptions, withRetries } from './retry.ts'

/** Bytes of the file that went out, of all it has. Starts again from 0 with a new try. */
export interface Progress {
  sent: number
  total: number
}

export interface UploadOptions extends RetryOptions {
  /** Where the API is mounted, e.g. `/api` or `https://photos.example.org/api`. */
  endpoint: string
  caption?: string | undefined
  /** Called as bytes go out. In Node only at the beginning and at the end. */
  onProgress?: ((progress: Progress) => void) | undefined
  /** Sent with every request, e.g. `{ Authorization: 'Bearer …' }`. */
  headers?: Record<string, string> | undefined
  /**
   * Give the key of an earlier call to go on where its outcome is unknown.
   * @default a new one
   */
  idempotencyKey?: string | undefined
}

/**
 * Uploads one file and resolves with its media. What can be retried is retried with back-off (no
 * connection, 408, 429, 5xx), always under one Idempotency-Key, so that a lost answer stores nothing twice.
 *
 * ```ts
 * const media = await upload(input.files[0], { endpoint: '/api', caption: 'Lisbon' })
 * ```
 *
 * @throws {UploadError} once it is refused or the retries are used up
 * @throws the signal's reason when aborted; the server may have stored the file by then
 */
export async function upload(file: File, options: UploadOptions): Promise<Media> {
  const { endpoint, caption, headers, signal, onProgress } = options
  const { idempotencyKey = createIdempotencyKey() } = options
  const report = (sent: number) => onProgress?.({ sent, total: file.size })
  const attempt = () => {
    report(0)
    return uploadByForm(file, { endpoint, idempotencyKey, caption, headers, signal, onSent: report })
  }
  const media = await withRetries(attempt, options)
  report(file.size)
  return media
}
