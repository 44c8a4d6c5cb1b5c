import type { Bucket } from '../bucket/bucket.ts'
import type { BucketListing, OpenMultipart } from '../bucket/listing.ts'
import type { AuditRecords, NamedKey } from '../records/audit-records.ts'

export interface AuditMultipartsOptions {
  audit: Pick<AuditRecords, 'named'>
  listing: BucketListing
  bucket: Pick<Bucket, 'abortMultipart' | 'keyPrefix'>
  /** Whether one that was begun then is to be aborted. */
  isRepaired(initiated: number): boolean
}

/** A multipart upload without an owner. */
export interface LostMultipart extends OpenMultipart {
  repaired: boolean
  /** Why it could not be aborted. */
  error?: string
}

/**
 * S3 multipart uploads in progress, page by page: how many there are, and those without an owner, each aborted by
 * itself. Ledger and bucket are asked in the same order as for orphans, because the key of a multipart upload is on the
 * sweep list from before it begins until after it ends.
 */
export async function* auditMultiparts(
  options: AuditMultipartsOptions,
): AsyncGenerator<{ count: number; lost: LostMultipart[] }> {
  const { audit, listing, bucket, isRepaired } = options

  async function isOpen({ key, uploadId }: OpenMultipart): Promise<boolean> {
    for await (const page of listing.multiparts(key)) {
      if (page.some((one) => one.key === key && one.uploadId === uploadId)) return true
    }
    return false
  }

  async function repair({ key, uploadId, initiated }: OpenMultipart) {
    if (!isRepaired(initiated)) return { repaired: false }
    try {
      const outcome = await bucket.abortMultipart(key, uploadId)
      return outcome === 'denied' ? { repaired: false, error: denied } : { repaired: true }
    } catch (error) {
      return { repaired: false, error: (error as Error).message }
    }
  }

  for await (const page of listing.multiparts(bucket.keyPrefix)) {
    const keys = [...new Set(page.map((one) => one.key))]
    const named = new Map((await audit.named(keys)).map((one) => [one.key, one]))
    const lost: LostMultipart[] = []
    for (const one of page) {
      if (!owns(named.get(one.key), one) && (await isOpen(one))) lost.push({ ...one, ...(await repair(one)) })
    }
    yield { count: page.length, lost }
  }
}

const denied = 'The key may not abort multipart uploads: it needs s3:AbortMultipartUpload.'

/** An empty id means an upload whose id is not known yet, or never will be: the sweeper looks for it by key. */
function owns(named: NamedKey | undefined, { uploadId }: OpenMultipart): boolean {
  const known = named?.sweep?.uploadId
  return known === '' || known === uploadId
}
