import type { SignedPut } from '@tintype/protocol'
import type { ConcurrencyLimiter } from './concurrency.ts'
import { storageError } from './errors.ts'
import { type RetryOptions, withRetries } from './retry.ts'
import { isBusy, sendFile } from './send-file.ts'
import { sha256 } from './sha256.ts'
import { codeOf } from './transport.ts'

export interface PutOptions extends RetryOptions {
  body: Blob
  /** Of the body, as it was announced. */
  sha256: string
  /** A URL for each try: the last one may have expired. Undefined: it is not needed any more. */
  sign(): Promise<SignedPut | undefined>
  limiter: ConcurrencyLimiter
  onSent: (bytes: number) => void
}

/** The bytes are not those that were announced any more. */
export class FileChanged extends Error {}

/** How often the storage may refuse fresh URLs before it is believed. */
const mostRefusals = 3

/**
 * Puts bytes into the object storage, by as many tries as it takes, each on a slot and with a URL of its own.
 *
 * @returns the ETag, or null where it isn't told: by the bucket's CORS rules, or since an earlier try whose
 * answer was lost had brought the object (412)
 * @throws {FileChanged} where the storage finds another checksum, and it is right
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
