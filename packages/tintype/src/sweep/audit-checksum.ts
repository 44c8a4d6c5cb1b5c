import { createHash } from 'node:crypto'
import type { Bucket } from '../bucket/bucket.ts'

/**
 * The SHA-256 of an object as it lies in the bucket. Of what came in one PUT S3 knows it: it verified it then, and
 * tells. Of what came in parts it knows only the checksum of the parts' checksums: that is read whole. An ETag is no
 * proof: it is an MD5 at best, and with encryption by KMS not even that.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 *
 * @returns lower-case hex; undefined when there is no such object (any more), or we may not read it
 */
export function createChecksumCheck(
  bucket: Pick<Bucket, 'head' | 'open'>,
): (key: string) => Promise<string | undefined> {
  return async (key) => {
    const facts = await bucket.head(key)
    if (facts === undefined || facts.sha256 !== undefined) return facts?.sha256
    const hash = createHash('sha256')
    try {
      for await (const chunk of await bucket.open(key)) hash.update(chunk)
    } catch (error) {
      // Deleted meanwhile?
      if ((await bucket.head(key)) === undefined) return undefined
      throw error
    }
    return hash.digest('hex')
  }
}
