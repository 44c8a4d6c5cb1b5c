import type { Bucket } from '../../bucket/bucket.ts'
import type { WriteUrl } from '../../bucket/write-url.ts'
import type { Clock } from '../../clock.ts'
import type { UploadRow } from '../../records/schema.ts'
import { absent } from './complete.ts'

export interface SessionUrlsOptions {
  bucket: Pick<Bucket, 'putUrl'>
  clock: Clock
  /** Milliseconds that a signed URL is good for at the most. */
  signWrite: number
}

/** How long URLs of a session are signed for, and that of one which is a single PUT. */
export type SessionUrls = ReturnType<typeof createSessionUrls>

export function createSessionUrls({ bucket, clock, signWrite }: SessionUrlsOptions) {
  /** Signatures count in seconds. What has arrived by then may still be completed for a while. */
  const isOver = (row: UploadRow) => row.expires_at - clock.now() < 1000

  /** Seconds that a URL signed now is good for: it never outlives the session. */
  function secondsLeft(row: UploadRow): number {
    if (isOver(row)) throw absent()
    return Math.floor(Math.min(signWrite, row.expires_at - clock.now()) / 1000)
  }

  async function putUrl(row: UploadRow): Promise<WriteUrl> {
    const { key, bytes, type, sha256 } = row
    return bucket.putUrl(key, { size: bytes, type, sha256, seconds: secondsLeft(row) })
  }

  return { isOver, secondsLeft, putUrl }
}
