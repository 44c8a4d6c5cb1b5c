import type { Bucket } from '../../bucket/bucket.ts'
import { isWorthRepeating } from '../../bucket/meaning.ts'
import type { CompletedPart } from '../../bucket/multipart.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'

/** For each part. */
const tries = 3
/** For one try: a storage that takes a byte now and then is not waited for. Milliseconds. */
const longest = 300_000
/** Before a part is sent again. Milliseconds, times the tries so far. */
const pause = 300

export interface PartToSend {
  key: string
  uploadId: string
  number: number
  bytes: Buffer
  crc32: number
}

/** Sends one part with its CRC32, which S3 verifies; again under its number where it failed. */
export async function sendPart(
  { bucket, clock, log }: { bucket: Pick<Bucket, 'putPart'>; clock: Clock; log: Log },
  { key, uploadId, number, bytes, crc32 }: PartToSend,
  signal: AbortSignal,
): Promise<CompletedPart & { crc32: number }> {
  for (let tried = 1; ; tried++) {
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(longest)])
      const etag = await bucket.putPart(key, uploadId, { number, bytes, crc32, signal: limited })
      return { number, etag, crc32 }
    } catch (error) {
      if (tried === tries || signal.aborted || !isWorthRepeating(error)) throw error
      log.warn('part.retried', { key, number, tries: tried, error })
      await waitFor(clock, tried * pause, signal)
    }
  }
}

function waitFor(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const cancel = clock.after(ms, resolve)
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  return promise.finally(() => {
    cancel()
    signal.removeEventListener('abort', abort)
  })
}
