import { createHash } from 'node:crypto'
import type { Bucket } from '../bucket/bucket.ts'

/**
 * The SHA-256 of an object in the bucket. For an object of one PUT, S3 verified it on arrival and returns it. For an
 * object made of parts, S3 has only a checksum of checksums, so the object is read and hashed. An ETag is no proof: it
 * is an MD5 at best, and not even that with KMS encryption.
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
