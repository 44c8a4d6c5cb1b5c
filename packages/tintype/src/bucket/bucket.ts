import { GetObjectCommand, HeadBucketCommand } from '@aws-sdk/client-s3'
import {
  type BucketOptions,
  connectTimeout,
  createClient,
  isAbsent,
  isDenied,
  requestTimeout,
  toBase64,
  unavailableOnError,
} from './client.ts'
import { type CopyBucket, createCopyBucket } from './copy.ts'
import { createMultipartBucket, type MultipartBucket } from './multipart.ts'
import { createSender } from './send.ts'
import { createHeaderSigner, createQuerySigner } from './sign.ts'
import { createViewUrl, type ViewOptions } from './view-url.ts'
import { createWriteUrls, type WriteUrls } from './write-url.ts'

export { answeredAboutObject, type BucketOptions } from './client.ts'

/** The bucket: the only part that knows S3. Failures of S3 are `storage_unavailable`, never a bare SDK error. */
export interface Bucket extends MultipartBucket, CopyBucket, WriteUrls {
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
  /** Throws when the bucket does not answer. Being denied to ask (403) is an answer. */
  ping(): Promise<void>
  close(): void
}

export interface ObjectFacts {
  size: number
  type: string | undefined
  etag: string
  /** Of the whole object, lower-case hex, where S3 has verified one (a single PUT with a checksum). */
  sha256: string | undefined
}

const deleteTimeout = 10_000
const headTimeout = 10_000

/**
 * @param options.signReadTtl seconds that a view URL is good for at the most
 * @param options.now the clock
 */
export function createBucket(
  bucket: BucketOptions,
  { signReadTtl, now }: { signReadTtl: number; now: () => number },
): Bucket {
  const client = createClient(bucket)
  const { auditCredentials } = bucket
  const lister = auditCredentials ? createClient({ ...bucket, credentials: auditCredentials }) : client
  const Bucket = bucket.name
  const place = {
    bucket: bucket.name,
    region: bucket.region ?? 'us-east-1',
    credentials: () => client.config.credentials(),
  }
  const signer = createQuerySigner({ ...place, endpoint: bucket.publicEndpoint ?? bucket.endpoint })
  const own = createHeaderSigner({ ...place, endpoint: bucket.endpoint })
  // S3 holds the time of a request against its own clock: it is the real one, also where a test moves ours.
  const sender = createSender(own, { now: Date.now, idle: requestTimeout })

  async function open(
    key: string,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<AsyncIterable<Uint8Array>> {
    const body = await unavailableOnError('read', async () => {
      const { Body, ETag } = await client.send(
        new GetObjectCommand({ Bucket, Key: key }),
        signal ? { abortSignal: signal } : {},
      )
      if (ETag === undefined) throw new Error('S3 answered a GET without an ETag.')
      return Body
    })
    return readThrough(body as AsyncIterable<Uint8Array>)
  }

  return {
    ...createMultipartBucket({ client, lister, Bucket, sender }),
    ...createCopyBucket(sender, Bucket),
    ...createWriteUrls(signer, now),

    async put(key, bytes, { type, sha256, signal }) {
      const headers = { 'content-type': type, 'x-amz-checksum-sha256': toBase64(sha256) }
      await unavailableOnError('store', () => sender.put({ key, headers, payload: sha256, bytes, signal }))
    },

    head: (key) =>
      unavailableOnError('look at', async () => {
        try {
          const { headers } = await sender.send({
            method: 'HEAD',
            key,
            headers: { 'x-amz-checksum-mode': 'ENABLED' },
            signal: AbortSignal.timeout(headTimeout),
          })
          const { etag, 'content-length': length, 'content-type': type } = headers
          const base64 = headers['x-amz-checksum-sha256']
          // A gateway may answer 200 with a page of its own: whoever knows an object says its ETag.
          if (length === undefined || etag === undefined)
            throw new Error('S3 answered a HEAD without an ETag.')
          // A composite checksum ("…-3") is of the parts' checksums, not of the bytes.
          const whole = typeof base64 === 'string' && !base64.includes('-')
          const sha256 = whole ? Buffer.from(base64, 'base64').toString('hex') : undefined
          return { size: Number(length), type, etag, sha256 }
        } catch (error) {
          // Without s3:ListBucket S3 does not say whether there is an object: it denies. See policy.ts.
          if (isAbsent(error) || isDenied(error)) return undefined
          throw error
        }
      }),

    open,

    read: (key, { range, signal }) =>
      unavailableOnError('read', async () => {
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
      }),

    async delete(key) {
      const signal = AbortSignal.timeout(deleteTimeout)
      await unavailableOnError('delete', async () => {
        try {
          const { status } = await sender.send({
            method: 'DELETE',
            key,
            query: { 'x-id': 'DeleteObject' },
            signal,
          })
          // A 200 is not S3's answer to a deletion, and may hold an error: then the object itself is asked.
          if (status === 204) return
          await sender.send({ method: 'HEAD', key, signal })
        } catch (error) {
          if (isAbsent(error)) return
          throw error
        }
        throw new Error('S3 answered 200 to a deletion, but the object is still there.')
      })
    },

    viewUrl: createViewUrl(signer, { ttl: signReadTtl, now }),
    publicOrigin: signer.origin,

    async ping() {
      await unavailableOnError('reach', async () => {
        try {
          await client.send(new HeadBucketCommand({ Bucket }), {
            abortSignal: AbortSignal.timeout(connectTimeout),
          })
        } catch (error) {
          // HeadBucket needs s3:ListBucket, which we advise against: the refusal shows that S3 answers.
          if (!isDenied(error)) throw error
        }
      })
    },

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
