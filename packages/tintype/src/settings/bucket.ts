import type { BucketOptions } from '../bucket/bucket.ts'
import { encryptionAlgorithms } from '../bucket/encryption.ts'
import { flag, inCode, type Kind, oneOf, text } from './kinds.ts'
import { type Options, optionalGroup, readOptions, type Values } from './read.ts'
import { checkEncryption, readExpiration, readKmsKey, readProxy } from './s3.ts'
import { wrongKind } from './shown.ts'
import { readBucketName, readKey, readKeyPrefix, readRegion } from './storage.ts'
import { readEndpoint } from './urls.ts'

const asItIs = (_name: string, value: string) => value
const secret = (right: string) => text(right, readKey)
const date: Kind<Date> = {
  ...inCode('a Date', (value): value is Date => value instanceof Date && !Number.isNaN(value.getTime())),
  rightText: 'a date such as 2026-11-28T09:30:00Z',
  parse: readExpiration,
}

const credentialOptions = {
  accessKeyId: {
    kind: secret('the id of an access key'),
    missing: 'it goes with secretAccessKey: give both.',
    variable: 'AWS_ACCESS_KEY_ID',
    otherwise: "the key of the AWS profile, else the SDK's chain: SSO, process, role (docs/aws.md)",
    about: 'of the key that the app works with; used with `S3_BUCKET` only',
  },
  secretAccessKey: {
    kind: secret('the secret of an access key'),
    missing: 'it goes with accessKeyId: give both.',
    variable: 'AWS_SECRET_ACCESS_KEY',
    otherwise: 'none',
    about: 'belongs to it',
  },
  sessionToken: {
    kind: secret('the token of temporary credentials'),
    variable: 'AWS_SESSION_TOKEN',
    about: 'of temporary credentials',
  },
  expiration: {
    kind: date,
    variable: 'AWS_CREDENTIAL_EXPIRATION',
    otherwise: 'never',
    about: 'when they end; no signed URL promises more',
  },
} as const satisfies Options

type Credentials = NonNullable<BucketOptions['credentials']>

/**
 * What the AWS SDK's own objects have besides: an app may give the same object to both, and the SDK writes `$source` into
 * that of its caller.
 */
const ofTheSdk = ['$source', 'accountId', 'credentialScope']

/** Of a key, or a function that gives them, such as a provider of the AWS SDK. */
function credentials(about: string) {
  const ofKey = optionalGroup(credentialOptions, about, ofTheSdk)
  const kind: Kind<Credentials> = {
    right: 'an object with a key, or a function that gives one',
    check: (name, value) =>
      typeof value === 'function' ? (value as Credentials) : ofKey.kind.check(name, value),
    parse: ofKey.kind.parse,
  }
  return { ...ofKey, kind }
}

const encryptionOptions = {
  algorithm: {
    kind: oneOf(encryptionAlgorithms),
    missing: `it has to be ${encryptionAlgorithms.join(', ')}.`,
    variable: 'S3_SSE',
    otherwise: "the bucket's default",
    about:
      'header for encryption that is sent with whatever makes an object, by browsers too; for buckets whose policy demands it',
  },
  kmsKeyId: {
    kind: text('the id or the ARN of a KMS key', readKmsKey),
    variable: 'S3_SSE_KMS_KEY_ID',
    otherwise: 'as the bucket has it',
    about: 'with `aws:kms`: its key',
  },
  bucketKey: {
    kind: flag,
    variable: 'S3_SSE_BUCKET_KEY',
    otherwise: 'as the bucket has it',
    about: 'with `aws:kms`: whether S3 asks KMS once for many objects',
  },
} as const satisfies Options

const proxyOptions = {
  HTTP_PROXY: {
    kind: text('the address of a proxy, such as http://proxy.example:3128', readProxy),
    variable: 'HTTP_PROXY',
    about: 'proxy on the way to an S3 at `http:`; lower case too',
  },
  HTTPS_PROXY: {
    kind: text('the address of a proxy, such as http://proxy.example:3128', readProxy),
    variable: 'HTTPS_PROXY',
    about: 'proxy on the way to an S3 at `https:`; lower case too',
  },
  NO_PROXY: {
    kind: text('names, addresses and domains, separated by commas', asItIs),
    variable: 'NO_PROXY',
    about: 'what is reached without a proxy; `*` for everything',
  },
} as const satisfies Options

/** What an app says of its bucket when it gives more than its name. */
export const bucketOptions = {
  name: {
    kind: text('the name of a bucket', asItIs),
    missing: 'was a variable not set? Give the name of a bucket.',
    variable: 'S3_BUCKET',
    otherwise: 'the embedded S3',
    about: 'the bucket',
  },
  prefix: {
    kind: text('folders with a slash at the end, such as photos/', readKeyPrefix),
    variable: 'S3_PREFIX',
    otherwise: 'none',
    about:
      'what every key begins with, such as `photos/`, in a bucket that is shared: [two in one bucket](aws.md#a-bucket-that-is-shared)',
  },
  endpoint: {
    kind: text('an address such as https://s3.example', readEndpoint),
    variable: 'S3_ENDPOINT',
    otherwise:
      'what the AWS SDK is told (`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, the profile), else AWS, by its FIPS or dual-stack endpoints where `AWS_USE_FIPS_ENDPOINT` or `AWS_USE_DUALSTACK_ENDPOINT` is `true`',
    about: 'address of an S3-compatible service',
  },
  publicEndpoint: {
    kind: text('an address such as https://s3.example', readEndpoint),
    variable: 'S3_PUBLIC_ENDPOINT',
    otherwise: '`S3_ENDPOINT`',
    about: 'the same service under the name that browsers reach',
  },
  region: {
    kind: text('a region such as eu-central-1', asItIs),
    variable: 'AWS_REGION',
    otherwise:
      "`AWS_DEFAULT_REGION`, the region of the AWS profile, the machine's own where it gives the credentials, else `us-east-1`",
    about: 'of the bucket',
  },
  credentials: credentials('of the key that the app works with'),
  auditCredentials: credentials(
    'of an identity that may list the bucket: for `tintype audit` ([audit.md](audit.md)), and for the sweeper to find lost multipart uploads',
  ),
  multipart: {
    kind: flag,
    default: true,
    variable: 'S3_MULTIPART',
    about:
      '`off`: no multipart upload is ever begun, for keys that may not abort one; files are at most 5 GB straight to the bucket, and what fits into memory in a form ([memory.md](memory.md))',
  },
  encryption: optionalGroup(encryptionOptions, 'what S3 encrypts new objects with'),
  requireChecksum: {
    kind: flag,
    default: false,
    variable: 'S3_REQUIRE_CHECKSUM',
    about:
      '`on`: each PUT carries a checksum, as buckets with Object Lock demand; a direct upload that announces no `sha256` then goes in parts',
  },
  proxy: optionalGroup(proxyOptions, 'proxies on the way to S3'),
} as const satisfies Options & Record<keyof BucketOptions, unknown>

/** A bucket's name, or more about it. */
export const bucketKind: Kind<BucketOptions> = {
  right: 'the name of a bucket, or an object with its name and more',
  check(name, value) {
    if (typeof value === 'string') return checkBucket(readOptions(bucketOptions, { name: value }, name), name)
    if (typeof value !== 'object') throw wrongKind(name, value, bucketKind.right)
    return checkBucket(readOptions(bucketOptions, value, name), `${name}.name`)
  },
  parse: (name, value) => bucketKind.check(name, value),
}

/** What one option says of another. */
function checkBucket(bucket: Values<typeof bucketOptions>, name: string): BucketOptions {
  const rules = { aws: bucket.endpoint === undefined }
  readBucketName(name, bucket.name, rules)
  if (bucket.region !== undefined) readRegion('bucket.region', bucket.region, rules)
  if (bucket.encryption) checkEncryption(bucket.encryption, (one) => `bucket.encryption.${one}`)
  return bucket
}
