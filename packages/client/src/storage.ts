import type { SignedPut } from '@tintype/protocol'
import type { ConcurrencyLimiter } from './concurrency.ts'
import { storageError } from './errors.ts'
import { type RetryOptions, withRetries } from './retry.ts'
import { isBusy, sendFile } from './send-file.ts'
import { sha256 } from './sha256.ts'
import { codeOf } from './transport.ts'

export interface PutOptions extends RetryOptions {
  body: Blob
  /** SHA-256 of the body, as it was announced. */
  sha256: string
  /** A URL for each attempt, because the last one may have expired. Undefined: the request is no longer needed. */
  sign(): Promise<SignedPut | undefined>
  limiter: ConcurrencyLimiter
  onSent: (bytes: number) => void
}

/** The bytes differ from those that were announced. */
export class FileChanged extends Error {}

/** How often the storage may refuse a fresh URL before the upload fails. */
const mostRefusals = 3

/**
 * Puts bytes into the object storage, with retries, each within the concurrency limit and with its own URL.
 *
 * @returns the ETag, or null where it is unknown: hidden by the bucket's CORS rules, or stored by an earlier attempt
 * whose answer was lost (412)
 * @throws {FileChanged} when the storage computes another checksum, and the file has indeed changed
 * @throws {UploadError} `network`, `storage_refused`, or what `sign` throws
 */
export async function putSigned(options: PutOptions): Promise<string | null> {
  const { body, sign, limiter, signal, onSent } = options
  let refusals = 0

  return withRetries(async () => {
    const answer = await sendFile({ file: body, limiter, signal }, async () => {
      const put = await sign()
      if (!put) return undefined
      onSent(0)
      return { method: 'PUT' as const, ...put, body, onProgress: onSent }
    })
    if (!answer) return null
    const { status } = answer
    if (status < 300) {
      onSent(body.size)
      return answer.header('etag')
    }
    onSent(0)
    if (status === 412) return null
    if (isBusy(answer)) throw storageError(status, codeOf(answer), true)
    if (status === 400 && (await sha256(body)) !== options.sha256) throw new FileChanged()
    throw storageError(
      status,
      codeOf(answer),
      (status === 403 || status === 400) && refusals++ < mostRefusals,
    )
  }, options)
}
