import { createAgents } from './agents.ts'
import { type CopyBucket, createCopyBucket } from './copy.ts'
import { credentialsOf } from './credentials.ts'
import { deleteObject } from './delete.ts'
import { encryptionHeaders } from './encryption.ts'
import { createReading, type Reading } from './get.ts'
import { lookAt, type ObjectFacts, readFirstByte, saysAbsent } from './head.ts'
import { checkKey, createKeys, type Keys } from './keys.ts'
import { createMultipartBucket, type MultipartBucket } from './multipart.ts'
import { idleTimeout, type LocatedBucket, toBase64 } from './options.ts'
import { unavailableOnError } from './retry.ts'
import { createSender } from './send.ts'
import { createHeaderSigner, createQuerySigner } from './sign.ts'
import { createViewUrl, type ViewOptions } from './view-url.ts'
import { createWriteUrls, type WriteUrls } from './write-url.ts'

export type { ObjectFacts } from './head.ts'
export { answeredAboutObject } from './meaning.ts'
export type { BucketOptions } from './options.ts'

/** The bucket: the only part that knows S3. Failures of S3 are `storage_unavailable`, never a bare SDK error. */
export interface Bucket extends Keys, Reading, MultipartBucket, CopyBucket, WriteUrls {
  /** Writes one object whole. When this throws, the outcome is unknown: the object may yet appear. */
  put(
    key: string,
    bytes: Uint8Array,
    options: { type: string; sha256: string; signal?: AbortSignal },
  ): Promise<void>
  /** What is known of an object without reading it; undefined when there is none. */
  head(key: string): Promise<ObjectFacts | undefined>
  /** Succeeds too when there is no such object. */
  delete(key: string): Promise<void>
  /** A signed GET URL for people, the same for all who ask within a time window. */
  viewUrl(key: string, options: ViewOptions): Promise<string>
  /** The origin that view URLs have: for a Content-Security-Policy. */
  publicOrigin: string
  /** Throws when the bucket can't be read: no answer, a wrong key or clock, no such bucket. */
  ping(): Promise<void>
  close(): void
}

/** Milliseconds, all tries together. */
const deleteTimeout = 10_000
const headTimeout = 10_000
const pingTimeout = 3_000

/**
 * @param bucket as {@link locate} gives it, so that it lies where the AWS SDK has been told
 * @param options.signReadTtl seconds that a view URL is good for at the most
 * @param options.now the clock
 */
export function createBucket(
  bucket: LocatedBucket,
  { signReadTtl, now }: { signReadTtl: number; now: () => number },
): Bucket {
  const { name, region = 'us-east-1', endpoint, fips, dualStack, encryption, prefix } = bucket
  const agents = createAgents(bucket.proxy)
  const credentials = credentialsOf({ credentials: bucket.credentials, region, agents })
  const place = { bucket: name, region, endpoint, fips, dualStack }
  const signer = createQuerySigner({
    ...place,
    endpoint: bucket.publicEndpoint ?? endpoint,
    credentials,
  })
  // S3 holds the time of a request against its own clock: it is the real one, also where a test moves ours.
  const senderAs = (provider: typeof credentials) =>
    createSender(createHeaderSigner({ ...place, credentials: provider }), {
      now: Date.now,
      idle: idleTimeout,
      agents,
    })
  const sender = senderAs(credentials)
  const lister = bucket.auditCredentials
    ? senderAs(credentialsOf({ credentials: bucket.auditCredentials, region, agents }))
    : sender

  return {
    ...createKeys(prefix),
    ...createReading(sender),
    ...createMultipartBucket({ sender, lister, name, encryption }),
    ...createCopyBucket(sender, bucket),
    ...createWriteUrls(signer, { now, encryption }),

    async put(key, bytes, { type, sha256, signal }) {
      const headers = {
        'content-type': type,
        'x-amz-checksum-sha256': toBase64(sha256),
        ...encryptionHeaders(encryption),
      }
      await unavailableOnError('store', () => sender.put({ key, headers, payload: sha256, bytes, signal }), {
        signal,
      })
    },

    head: (key) =>
      unavailableOnError('look at', (signal) => lookAt(sender, key, signal), {
        within: headTimeout,
        safe: true,
      }),

    delete: (key) =>
      unavailableOnError('delete', (signal) => deleteObject(sender, key, signal), {
        within: deleteTimeout,
        safe: true,
      }),

    viewUrl: createViewUrl(signer, { ttl: signReadTtl, now }),
    publicOrigin: signer.origin,

    // Not HeadBucket: it needs s3:ListBucket, which we advise against, and its refusals have no body that says why.
    ping: () =>
      unavailableOnError(
        'reach',
        async (signal) => {
          try {
            await readFirstByte(sender, checkKey('nowhere', prefix), signal)
          } catch (error) {
            if (!saysAbsent(error)) throw error
          }
        },
        { within: pingTimeout, safe: true },
      ),

    // Of both senders: they share their connections.
    close: () => sender.close(),
  }
}
