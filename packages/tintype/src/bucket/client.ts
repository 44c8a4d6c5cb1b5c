import { S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import { TintypeError } from '../errors.ts'
import { S3Refusal } from './send.ts'

/** Where the objects go. Which permissions are needed is in [policy.ts](./policy.ts). */
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
  /**
   * Of an identity that may list ({@link listPolicy}): the sweeper then finds multipart uploads whose id a crash has
   * swallowed. Without it the bucket's lifecycle rule ends them. @default credentials, which need not be able to
   */
  auditCredentials?: BucketOptions['credentials']
  /**
   * `false`: no multipart upload is ever begun, for keys that may not abort one. A file then is at most what one PUT
   * takes (5 GiB) when browsers send it straight to the bucket, and what fits into memory in a form. @default true
   */
  multipart?: boolean | undefined
}

/** Each try has this long in all; far less than any deadline on the sweep list. Milliseconds. */
export const connectTimeout = 3_000
export const requestTimeout = 15_000

/**
 * No retries by the SDK: a write whose reply was lost is repeated under another key by whoever asked for it,
 * so that no late write can bring a deleted key back. Deletes are repeated by the sweeper.
 *
 * @param options.maxAttempts more than 1 for a client that only reads
 */
export function createClient(
  { region, endpoint, credentials }: BucketOptions,
  { maxAttempts = 1 }: { maxAttempts?: number } = {},
): S3Client {
  return new S3Client({
    region: region ?? 'us-east-1',
    maxAttempts,
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

export function toBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}

/** Whether S3 says that there is no such thing; without s3:ListBucket it answers 403 instead, for objects. */
export function isAbsent(error: unknown): boolean {
  return isRefusal(error) && absent.has(error.name)
}

const absent = new Set(['NoSuchKey', 'NotFound', 'NoSuchUpload'])

export function isDenied(error: unknown): boolean {
  if (error instanceof S3Refusal) return error.status === 403
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 403
}

/** Whether S3 has answered, and `name` is its code. */
export function isRefusal(error: unknown): error is S3Refusal | S3ServiceException {
  return error instanceof S3Refusal || error instanceof S3ServiceException
}

/**
 * Whether S3 has answered, and refuses this one object, so that asking for another one makes sense: it is denied, locked,
 * archived. Silence, errors of the server and "slow down" say nothing about the object.
 *
 * @param error as the bucket's methods throw it
 */
export function answeredAboutObject(error: unknown): boolean {
  const refusal = error instanceof TintypeError ? error.cause : error
  if (!isRefusal(refusal) || aboutServer.has(refusal.name)) return false
  const status = refusal instanceof S3Refusal ? refusal.status : refusal.$metadata.httpStatusCode
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const aboutServer = new Set(['RequestTimeout', 'SlowDown', 'ThrottlingException', 'TooManyRequestsException'])

/** Failures of S3 are `storage_unavailable`, never a bare SDK error. */
export async function unavailableOnError<T>(verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new TintypeError(
      'storage_unavailable',
      `The object storage could not ${verb} the object. Try again later.`,
      { cause },
    )
  }
}

function withoutUndefined(credentials: NonNullable<BucketOptions['credentials']>) {
  const { sessionToken, ...pair } = credentials
  return sessionToken === undefined ? pair : { ...pair, sessionToken }
}
