import type { Bucket } from '../bucket/bucket.ts'
import type { BucketListing } from '../bucket/listing.ts'
import type { Clock } from '../clock.ts'
import type { LostMedia } from '../records/lost-records.ts'
import type { Records } from '../records/records.ts'
import { createChecksumCheck } from './audit-checksum.ts'
import { jobToRemake, type RestoreFinding } from './restore-remedies.ts'

const page = 100

/**
 * Looks whether the originals of media that were lost are in the bucket again, put back from a copy of it or an earlier
 * version, and makes those visible.
 */
export async function* bringBackLost({
  records,
  listing,
  clock,
  bucket,
  isCheck,
}: {
  records: Pick<Records, 'restore'>
  listing: BucketListing
  clock: Clock
  bucket: Pick<Bucket, 'head' | 'open'>
  isCheck: boolean
}): AsyncGenerator<RestoreFinding> {
  const checksumOf = createChecksumCheck(bucket)

  async function isThere({ key, bytes }: { key: string; bytes: number }): Promise<boolean> {
    return (await listing.object(key))?.bytes === Number(bytes)
  }

  /** Of those whose bytes were others, the size says nothing. */
  async function isWhole({ why, content: { media } }: LostMedia): Promise<boolean> {
    return (await isThere(media)) && (why !== 'checksum' || (await checksumOf(media.key)) === media.sha256)
  }

  async function bringBack(lost: LostMedia): Promise<boolean> {
    if (isCheck) return true
    const present = new Set<string>()
    for (const one of lost.content.variants) if (await isThere(one)) present.add(one.key)
    const outcome = await records.restore.bringBack(lost, {
      present,
      jobFor: (row) => jobToRemake(row, clock.now()),
    })
    return outcome === 'returned'
  }

  for (let after: string | undefined = ''; after !== undefined; ) {
    const rows = await records.restore.lost(after, page)
    after = rows.length < page ? undefined : rows.at(-1)?.key
    for (const lost of rows) {
      const { key, media_id: media } = lost
      if ((await isWhole(lost)) && (await bringBack(lost))) yield { type: 'returned', key, media }
    }
  }
}
