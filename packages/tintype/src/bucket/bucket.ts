import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { TintypeError } from '../errors.ts'
import { createViewSigner, type ViewOptions } from './view-url.ts'

/**
 * Where the objects go. Permissions that are needed on `arn:aws:s3:::BUCKET/*`: s3:PutObject, s3:GetObject,
 * s3:DeleteObject, and nothing else.
 */
export interface BucketOptions {
  name: string
  /** @default 'us-east-1' */
  region?: string | undefined
  /** Of an S3-compatible service, e.g. `https://minio.internal:9000`. @default AWS's own */
  endpoint?: string | undefined
  /** The same service under the name that browsers reach. @default endpoint */
  publicEndpoint?: string | undefined
  /** @default the SDK's provider chain: environment, profile, SSO, role of the machine */
  credentials?:
    | { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined }
    | undefined
}

/** The bucket: the only part that knows S3. Failures of S3 are `storage_unavailable`, never a bare SDK error. */
export interface Bucket {
  /** Writes one object whole. When this throws, the outcome is unknown: the object may yet appear. */
  put(
    key: string,
    bytes: Uint8Array,
    options: { type: string; sha256: string; signal?: AbortSignal },
  ): Promise<void>
  /** The whole object, for tests and small things. */
  read(key: string): Promise<Buffer>
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

/** Each try has this long in all; far less than any deadline on the sweep list. Milliseconds. */
const connectTimeout = 3_000
const requestTimeout = 15_000
const deleteTimeout = 10_000

/**
 * @param options.signReadTtl seconds that a view URL is good for at the most
 * @param options.now the clock
 */
export function createBucket(
  bucket: BucketOptions,
  { signReadTtl, now }: { signReadTtl: number; now: () => number },
): Bucket {
  const client = createClient(bucket)
  const Bucket = bucket.name
  const view = createViewSigner({
    bucket: bucket.name,
    region: bucket.region ?? 'us-east-1',
    endpoint: bucket.publicEndpoint ?? bucket.endpoint,
    credentials: () => client.config.credentials(),
    ttl: signReadTtl,
    now,
  })

  return {
    async put(key, bytes, { type, sha256, signal }) {
      const ChecksumSHA256 = Buffer.from(sha256, 'hex').toString('base64')
      const command = new PutObjectCommand({
        Bucket,
        Key: key,
        Body: bytes,
        ContentType: type,
        ContentLength: bytes.length,
        ChecksumSHA256,
      })
      // The signer takes the payload's hash from this header when it is there, instead of hashing again.
      command.middlewareStack.add(
        (next) => (args) => {
          const request = args.request as { headers: Record<string, string> }
          request.headers['x-amz-content-sha256'] = sha256
          return next(args)
        },
        { step: 'build', name: 'knownPayloadHash' },
      )
      await unavailableOnError('store', async () => {
        const { ETag } = await client.send(command, signal ? { abortSignal: signal } : {})
        // S3 may answer 200 and put an error into the body: whoever stored an object says its ETag.
        if (ETag === undefined) throw new Error('S3 answered a PUT without an ETag.')
      })
    },

    async read(key) {
      const { Body } = await unavailableOnError('read', () =>
        client.send(new GetObjectCommand({ Bucket, Key: key })),
      )
      return Buffer.from((await Body?.transformToByteArray()) ?? [])
    },

    async delete(key) {
      const limit = { abortSignal: AbortSignal.timeout(deleteTimeout) }
      await unavailableOnError('delete', async () => {
        try {
          const { $metadata } = await client.send(new DeleteObjectCommand({ Bucket, Key: key }), limit)
          // A 200 is not S3's answer to a deletion, and may hold an error: then the object itself is asked.
          if ($metadata.httpStatusCode === 204) return
          await client.send(new HeadObjectCommand({ Bucket, Key: key }), limit)
        } catch (error) {
          if (isAbsent(error)) return
          throw error
        }
        throw new Error('S3 answered 200 to a deletion, but the object is still there.')
      })
    },

    viewUrl: view.url,
    publicOrigin: view.origin,

    async ping() {
      await unavailableOnError('reach', async () => {
        try {
          await client.send(new HeadBucketCommand({ Bucket }), {
            abortSignal: AbortSignal.timeout(connectTimeout),
          })
        } catch (error) {
          // HeadBucket needs s3:ListBucket, which we advise against: the refusal shows that S3 answers.
          if (!(error instanceof S3ServiceException && error.$metadata.httpStatusCode === 403)) throw error
        }
      })
    },

    close: () => client.destroy(),
  }
}

/**
 * No retries by the SDK: a write whose reply was lost is repeated under another key by whoever asked for it,
 * so that no late write can bring a deleted key back. Deletes are repeated by the sweeper.
 */
function createClient({ region, endpoint, credentials }: BucketOptions): S3Client {
  return new S3Client({
    region: region ?? 'us-east-1',
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectTimeout,
      requestTimeout,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 64 },
      httpsAgent: { keepAlive: true, maxSockets: 64 },
    },
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials: withoutUndefined(credentials) }),
  })
}

function isAbsent(error: unknown): boolean {
  return error instanceof S3ServiceException && (error.name === 'NoSuchKey' || error.name === 'NotFound')
}

async function unavailableOnError<T>(verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new TintypeError(
      'storage_unavailable',
      `The object storage could not ${verb} the object. Try again later.`,
      {
        cause,
      },
    )
  }
}

function withoutUndefined(credentials: NonNullable<BucketOptions['credentials']>) {
  const { sessionToken, ...pair } = credentials
  return sessionToken === undefined ? pair : { ...pair, sessionToken }
}
