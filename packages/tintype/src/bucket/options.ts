import type { ProxySettings } from './agents.ts'
import type { Credentials, CredentialsProvider } from './credentials.ts'
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
  /** @default as the AWS SDK is told: `AWS_REGION`, the profile, the machine's own; else 'us-east-1' */
  region?: string | undefined
  /** Of an S3-compatible service, e.g. `https://minio.internal:9000`. @default as the AWS SDK is told, else AWS's own */
  endpoint?: string | undefined
  /** The same service under the name that browsers reach. @default endpoint */
  publicEndpoint?: string | undefined
  /**
   * Or a function that gives them, such as a provider of the SDK's. It is asked again five minutes
   * before their `expiration`; those without one are kept for good.
   * @default the key in the environment or in the AWS profile; else, with `@aws-sdk/credential-provider-node` installed,
   * the SDK's provider chain: SSO, process, role of the container or machine
   */
  credentials?: Credentials | CredentialsProvider | undefined
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
  /** HTTP proxies on the way to S3. `{}` for none. @default those of the environment: `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY` */
  proxy?: ProxySettings | undefined
  /**
   * `false`: no multipart upload is ever begun, for keys that may not abort one. A file then is at most what one PUT
   * takes (5 GiB) when browsers send it straight to the bucket, and what fits into memory in a form. @default true
   */
  multipart?: boolean | undefined
}

/** A bucket whose place is known: what the AWS SDK has been told elsewhere is in it. See locate.ts. */
export interface LocatedBucket extends BucketOptions {
  /** Whether AWS is reached by its FIPS endpoints, and by those that have IPv6 addresses too. */
  fips?: boolean
  dualStack?: boolean
}

/** Each request has this long until S3 takes or gives a byte; far less than any deadline on the sweep list. Milliseconds. */
export const idleTimeout = 15_000

export function toBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}
