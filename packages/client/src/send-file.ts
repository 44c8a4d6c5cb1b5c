import type { ConcurrencyLimiter } from './concurrency.ts'
import { isTemporary } from './errors.ts'
import { readAll } from './read-file.ts'
import { type Answer, codeOf, type Outgoing, send } from './transport.ts'

export interface FileRequest {
  /** The part of the file that is in the body. */
  file: Blob
  limiter: ConcurrencyLimiter
  signal?: AbortSignal | undefined
}

/**
 * Sends a request that carries a file or a part of one, within the concurrency limit. The request is made once there is
 * a slot, so that its signed URL has not expired while waiting.
 *
 * @param make resolves with undefined when the request is no longer needed
 * @throws {UploadError} `network`, or what `make` throws
 * @throws {DOMException} `NotReadableError` where the file has changed or gone
 */
export async function sendFile<Made extends Outgoing | undefined>(
  { file, limiter, signal }: FileRequest,
  make: () => Promise<Made>,
): Promise<Answer | Extract<Made, undefined>> {
  const slot = await limiter.acquire(signal)
  let request: Outgoing | undefined
  try {
    const made = await make()
    if (!made) {
      slot.release()
      return made as Extract<Made, undefined>
    }
    request = made
    const onProgress = (sent: number, total: number) => {
      if (sent === total) slot.sent()
      made.onProgress?.(sent, total)
    }
    const answer = await send({ ...made, signal, onProgress })
    if (isBusy(answer)) slot.failed()
    else if (answer.status < 300) slot.succeeded(file.size)
    else slot.release()
    return answer
  } catch (error) {
    if (signal?.aborted || !request) slot.release()
    else slot.failed()
    // A file that can't be read looks like a lost connection; reading it tells which it was.
    if (request) await readAll(file.slice(0, 1))
    throw error
  }
}

/** The same request may succeed later. Some of S3's 400s mean a connection problem. */
export const isBusy = (answer: Answer): boolean =>
  isTemporary(answer.status) ||
  /^(RequestTimeout|IncompleteBody|OperationAborted|ConditionalRequestConflict)$/.test(codeOf(answer) ?? '')
