import type { Bucket } from '../bucket/bucket.ts'
import type { BucketListing } from '../bucket/listing.ts'
import type { Clock } from '../clock.ts'
import type { LostMedia } from '../records/lost-records.ts'
import type { Records } from '../records/records.ts'
import type { VariantRow } from '../records/schema.ts'
import { createChecksumCheck } from './audit-checksum.ts'
import { inParallel } from './parallel.ts'
import { jobToRemake, type RestoreFinding } from './restore-remedies.ts'

const page = 100
/** Requests to S3 at a time. */
const parallel = 16

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

  /** @returns of its variants, the keys of those that are there; undefined: it is lost still */
  async function look(lost: LostMedia): Promise<ReadonlySet<string> | undefined> {
    if (!(await isWhole(lost))) return undefined
    const present = new Set<string>()
    if (!isCheck) {
      for (const one of lost.content.variants) if (await isThere(one)) present.add(one.key)
    }
    return present
  }

  async function bringBack(lost: LostMedia, present: ReadonlySet<string>): Promise<boolean> {
    if (isCheck) return true
    const jobFor = (row: VariantRow) => jobToRemake(row, clock.now())
    return (await records.restore.bringBack(lost, { present, jobFor })) === 'returned'
  }

  for (let after: string | undefined = ''; after !== undefined; ) {
    const rows = await records.restore.lost(after, page)
    after = rows.length < page ? undefined : rows.at(-1)?.key
    const found = await inParallel(rows, parallel, look)
    for (const [index, lost] of rows.entries()) {
      const { key, media_id: media } = lost
      const present = found[index]
      if (present && (await bringBack(lost, present))) yield { type: 'returned', key, media }
    }
  }
}
