import { GetObjectCommand } from '@aws-sdk/client-s3'
import { createAgents } from './agents.ts'
import { unavailableOnError } from './call.ts'
import { type BucketOptions, connectTimeout, createClient, requestTimeout, toBase64 } from './client.ts'
import { type CopyBucket, createCopyBucket } from './copy.ts'
import { deleteObject } from './delete.ts'
import { encryptionHeaders } from './encryption.ts'
import { checkKey, createKeys, type Keys } from './keys.ts'
import { lookAt, type ObjectFacts, readFirstByte, saysAbsent } from './look.ts'
import { createMultipartBucket, type MultipartBucket } from './multipart.ts'
import { createSender } from './send.ts'
import { createHeaderSigner, createQuerySigner, type LeadsTo } from './sign.ts'
import { createViewUrl, type ViewOptions } from './view-url.ts'
import { createWriteUrls, type WriteUrls } from './write-url.ts'

export type { BucketOptions } from './client.ts'
export type { ObjectFacts } from './look.ts'
export { answeredAboutObject } from './meaning.ts'

/** The bucket: the only part that knows S3. Failures of S3 are `storage_unavailable`, never a bare SDK error. */
export interface Bucket extends Keys, MultipartBucket, CopyBucket, WriteUrls {
  /** Writes one object whole. When this throws, the outcome is unknown: the object may yet appear. */
  put(
    key: string,
    bytes: Uint8Array,
    options: { type: string; sha256: string; signal?: AbortSignal },
  ): Promise<void>
  /** What is known of an object without reading it; undefined when there is none. */
  head(key: string): Promise<ObjectFacts | undefined>
  /**
   * The object, as it comes.
   * @throws {TintypeError} `storage_unavailable`, also when it breaks off half-way
   */
  open(key: string, options?: { signal?: AbortSignal }): Promise<AsyncIterable<Uint8Array>>
  /**
   * Its bytes from `start` up to and without `end`, fewer where it has no more.
   * @throws {TintypeError} `storage_unavailable`
   */
  read(key: string, options: { range: { start: number; end: number }; signal?: AbortSignal }): Promise<Buffer>
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

const deleteTimeout = 10_000
const headTimeout = 10_000

/**
 * @param options.signReadTtl seconds that a view URL is good for at the most
 * @param options.now the clock
 * @param options.leadsTo where URLs for people begin. @default with the public endpoint
 */
export function createBucket(
  bucket: BucketOptions,
  { signReadTtl, now, leadsTo }: { signReadTtl: number; now: () => number; leadsTo?: LeadsTo | undefined },
): Bucket {
  const { auditCredentials, encryption, prefix } = bucket
  const agents = createAgents(bucket.proxy)
  const client = createClient(bucket, { agents })
  const lister = auditCredentials
    ? createClient({ ...bucket, credentials: auditCredentials }, { agents })
    : client
  const Bucket = bucket.name
  const place = {
    bucket: bucket.name,
    region: bucket.region ?? 'us-east-1',
    credentials: () => client.config.credentials(),
  }
  const signer = createQuerySigner({
    ...place,
    endpoint: bucket.publicEndpoint ?? bucket.endpoint,
    leadsTo,
  })
  const own = createHeaderSigner({ ...place, endpoint: bucket.endpoint })
  // S3 holds the time of a request against its own clock: it is the real one, also where a test moves ours.
  const sender = createSender(own, { now: Date.now, idle: requestTimeout, agents })

  async function open(
    key: string,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<AsyncIterable<Uint8Array>> {
    const body = await unavailableOnError(
      'read',
      async () => {
        const { Body, ETag } = await client.send(
          new GetObjectCommand({ Bucket, Key: key }),
          signal ? { abortSignal: signal } : {},
        )
        if (ETag === undefined) throw new Error('S3 answered a GET without an ETag.')
        return Body
      },
      { signal, safe: true },
    )
    return readThrough(body as AsyncIterable<Uint8Array>)
  }

  return {
    ...createKeys(prefix),
    ...createMultipartBucket({ client, lister, Bucket, encryption, sender }),
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
      unavailableOnError('look at', () => lookAt(sender, key, AbortSignal.timeout(headTimeout)), {
        safe: true,
      }),

    open,

    read: (key, { range, signal }) =>
      unavailableOnError(
        'read',
        async () => {
          const { start, end } = range
          const { headers, body } = await sender.send({
            method: 'GET',
            key,
            query: { 'x-id': 'GetObject' },
            headers: { range: `bytes=${start}-${end - 1}` },
            signal,
            longest: end - start,
          })
          if (headers.etag === undefined) throw new Error('S3 answered a GET without an ETag.')
          return body
        },
        { signal, safe: true },
      ),

    delete: (key) =>
      unavailableOnError('delete', () => deleteObject(sender, key, AbortSignal.timeout(deleteTimeout)), {
        safe: true,
      }),

    viewUrl: createViewUrl(signer, { ttl: signReadTtl, now }),
    publicOrigin: signer.origin,

    // Not HeadBucket: it needs s3:ListBucket, which we advise against, and its refusals have no body that says why.
    ping: () =>
      unavailableOnError('reach', async () => {
        try {
          await readFirstByte(sender, checkKey('nowhere', prefix), AbortSignal.timeout(connectTimeout))
        } catch (error) {
          if (!saysAbsent(error)) throw error
        }
      }),

    close() {
      sender.close()
      lister.destroy()
      client.destroy()
    },
  }
}

async function* readThrough(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { value, done } = await unavailableOnError('read', () => chunks.next())
      if (done) return
      yield value
    }
  } finally {
    await chunks.return?.()
  }
}
