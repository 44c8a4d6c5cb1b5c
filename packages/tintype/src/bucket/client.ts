import { S3Client } from '@aws-sdk/client-s3'
import { createAgents, type ProxySettings } from './agents.ts'
import { lastingCredentials } from './credentials.ts'
import type { Encryption } from './encryption.ts'

/** Where the objects go. docs/aws.md lists the permissions that are needed. */
export interface BucketOptions {
  /** Name of the bucket. */
  name: string
  /**
   * What every key begins with, e.g. `photos/`: for a bucket that is shared. Another one later is for new objects alone.
   * @default none
   */
  prefix?: string | undefined
  /** @default 'us-east-1' */
  region?: string | undefined
  /** Of an S3-compatible service, e.g. `https://minio.internal:9000`. @default AWS's own */
  endpoint?: string | undefined
  /** The same service under the name that browsers reach. @default endpoint */
  publicEndpoint?: string | undefined
  /**
   * Or a function that gives them, such as a provider of the SDK's. It is asked again five minutes
   * before their `expiration`; those without one are kept for good.
   * @default the SDK's provider chain: environment, profile, SSO, role of the machine
   */
  credentials?: GivenCredentials | (() => Promise<GivenCredentials>) | undefined
  /**
   * Of an identity that may list ({@link listPolicy}): the sweeper then finds multipart uploads whose id a crash has
   * swallowed. Without it the bucket's lifecycle rule ends them. @default credentials, which need not be able to
   */
  auditCredentials?: BucketOptions['credentials']
  /** With what S3 encrypts new objects. @default the bucket's own setting */
  encryption?: Encryption | undefined
  /**
   * Whether each PUT has to carry a checksum, as buckets with Object Lock demand: a direct upload whose SHA-256 is not
   * announced then goes in parts, whatever its size, or is refused where there are none. @default false
   */
  requireChecksum?: boolean | undefined
  /** HTTP proxies on the way to S3. @default none */
  proxy?: ProxySettings | undefined
  /**
   * `false`: no multipart upload is ever begun, for keys that may not abort one. A file then is at most what one PUT
   * takes (5 GiB) when browsers send it straight to the bucket, and what fits into memory in a form. @default true
   */
  multipart?: boolean | undefined
}

export interface GivenCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string | undefined
  /** No signed URL promises more. @default never */
  expiration?: Date | undefined
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
  { region, endpoint, credentials, proxy }: BucketOptions,
  {
    maxAttempts = 1,
    agents = createAgents(proxy),
  }: { maxAttempts?: number; agents?: ReturnType<typeof createAgents> } = {},
): S3Client {
  const client = new S3Client({
    region: region ?? 'us-east-1',
    maxAttempts,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectTimeout,
      requestTimeout,
      throwOnRequestTimeout: true,
      httpAgent: agents.http,
      httpsAgent: agents.https,
    },
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials: withoutUndefined(credentials) }),
  })
  const provide = client.config.credentials
  client.config.credentials = lastingCredentials((options) => provide(options)) as typeof provide
  return client
}

export function toBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}

function withoutUndefined(credentials: NonNullable<BucketOptions['credentials']>) {
  if (typeof credentials === 'function') return async () => withoutUndefinedOf(await credentials())
  return withoutUndefinedOf(credentials)
}

function withoutUndefinedOf(credentials: GivenCredentials) {
  const { sessionToken, expiration, ...pair } = credentials
  return {
    ...pair,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(expiration === undefined ? {} : { expiration }),
  }
}
