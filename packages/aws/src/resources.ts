import {
  appPolicy,
  listPolicy,
  type PolicyDocument,
  type PolicyStatement,
} from 'tintype/internal/bucket/policy'
import { partitionOf, type SetupOptions, services, suffixOf, type Trust } from './options.ts'

/**
 * The desired state, as plain data in the order in which it has to be made. Each kind of resource has the shape that
 * AWS's own API takes and gives back; printing and creating them are tables with one entry for each kind.
 */
export type Resource = { [T in Kind]: { type: T; name: string; body: Bodies[T] } }[Kind]
export type Kind = keyof Bodies
/** A resource of one kind. */
export type ResourceOf<T extends Kind> = Extract<Resource, { type: T }>

export interface Bodies {
  /** `name` is the bucket's for this and the next six. */
  bucket: { Region: string }
  'public-access-block': Record<(typeof accessBlocks)[number], boolean>
  'object-ownership': { ObjectOwnership: string }
  encryption: { SSEAlgorithm: string }
  /** Our statements only; others in the same policy stay. So it is with CORS and lifecycle. */
  'bucket-policy': { Statement: PolicyStatement[] }
  cors: { CORSRules: CorsRule[] }
  lifecycle: { Rules: LifecycleRule[] }
  /** Managed by the customer, which is you. */
  policy: PolicyDocument
  user: Record<string, never>
  role: { AssumeRolePolicyDocument: TrustPolicy }
  /** Gives the role to an EC2 instance. */
  'instance-profile': { Role: string }
  /** `name` is the user's or the role's. */
  'user-policy': { Policy: string }
  'role-policy': { Policy: string }
  /** `name` is the path: what the server reads besides the key. */
  'env-file': Record<string, string>
  /** `name` is the user's. Where the key goes, and under which names; the key itself is never part of a state. */
  'access-key': { File: string; Id: string; Secret: string }
}

export interface CorsRule {
  ID: string
  AllowedOrigins: string[]
  AllowedMethods: string[]
  AllowedHeaders: string[]
  ExposeHeaders: string[]
  MaxAgeSeconds: number
}

export interface LifecycleRule {
  ID: string
  Status: 'Enabled'
  Filter: { Prefix: string }
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: number }
}

export interface TrustPolicy {
  Version: '2012-10-17'
  Statement: { Effect: 'Allow'; Principal: Record<string, string>; Action: string[] }[]
}

export const accessBlocks = [
  'BlockPublicAcls',
  'IgnorePublicAcls',
  'BlockPublicPolicy',
  'RestrictPublicBuckets',
] as const

const titles: Record<Kind, string> = {
  bucket: 'bucket',
  'public-access-block': 'Block Public Access of bucket',
  'object-ownership': 'object ownership of bucket',
  encryption: 'default encryption of bucket',
  'bucket-policy': 'TLS only on bucket',
  cors: 'CORS of bucket',
  lifecycle: 'lifecycle of bucket',
  policy: 'IAM policy',
  user: 'IAM user',
  role: 'IAM role',
  'instance-profile': 'instance profile',
  'user-policy': 'policy attached to user',
  'role-policy': 'policy attached to role',
  'env-file': 'settings in',
  'access-key': 'access key of user',
}

/** A title for people. @example titleOf(resource) // 'lifecycle of bucket my-photos' */
export function titleOf({ type, name }: Pick<Resource, 'type' | 'name'>): string {
  return `${titles[type]} ${name}`
}

/** By these our entries in a bucket's settings are known again; those of a prefix have its name at the end. */
export const ownIds = {
  tlsOnly: 'TintypeTlsOnly',
  cors: 'tintype',
  lifecycle: 'tintype-abort-incomplete-multipart',
} as const

/** Names of the headers that pages have to read: without them, parts can't be completed or verified. */
const exposedHeaders = [
  'ETag',
  'x-amz-checksum-crc32',
  'x-amz-checksum-crc32c',
  'x-amz-checksum-crc64nvme',
  'x-amz-checksum-sha1',
  'x-amz-checksum-sha256',
]

/**
 * Everything that has to exist on AWS, in the order in which it has to be made.
 *
 * @param env path of the file that the server reads
 * @example desiredResources(readOptions({ bucket: 'my-photos', region: 'eu-central-1' }), '.env')
 */
export function desiredResources(options: SetupOptions, env: string): Resource[] {
  const {
    bucket: name,
    prefix,
    region,
    identity,
    origins,
    multipart,
    tlsOnly,
    abortDays,
    audit,
    endpoint,
  } = options
  const settings = {
    S3_BUCKET: name,
    AWS_REGION: region,
    // Said in either case: a key that may not abort an upload and a server that begins one are half an installation.
    S3_MULTIPART: multipart ? 'on' : 'off',
    ...(endpoint === undefined ? {} : { S3_ENDPOINT: endpoint }),
    ...(prefix === '' ? {} : { S3_PREFIX: prefix }),
  }
  const partition = partitionOf(region)
  const policy = `tintype-${name}${suffixOf(prefix)}`
  return [
    { type: 'bucket', name, body: { Region: region } },
    {
      type: 'public-access-block',
      name,
      body: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      },
    },
    { type: 'object-ownership', name, body: { ObjectOwnership: 'BucketOwnerEnforced' } },
    { type: 'encryption', name, body: { SSEAlgorithm: 'AES256' } },
    ...when(tlsOnly, {
      type: 'bucket-policy',
      name,
      body: { Statement: [tlsOnlyStatement(name, partition)] },
    }),
    ...when(origins.length > 0, { type: 'cors', name, body: { CORSRules: [corsRule(origins, prefix)] } }),
    { type: 'lifecycle', name, body: { Rules: [abortRule(abortDays, prefix)] } },
    { type: 'policy', name: policy, body: appPolicy(name, { multipart, partition, prefix }) },
    ...(identity.type === 'user'
      ? userFor(identity.name, policy)
      : roleFor(identity.name, identity.trust, policy, partition)),
    { type: 'env-file', name: env, body: settings },
    ...(identity.type === 'user' ? [keyFor(identity.name, env, 'AWS')] : []),
    ...(audit
      ? ([
          { type: 'policy', name: `${policy}-audit`, body: listPolicy(name, { partition, prefix }) },
          ...userFor(auditUser(identity.name), `${policy}-audit`),
          keyFor(auditUser(identity.name), env, 'AUDIT'),
        ] satisfies Resource[])
      : []),
  ]
}

function when(condition: boolean, resource: Resource): Resource[] {
  return condition ? [resource] : []
}

function userFor(name: string, policy: string): Resource[] {
  return [
    { type: 'user', name, body: {} },
    { type: 'user-policy', name, body: { Policy: policy } },
  ]
}

/** The names are those that config.ts reads. */
function keyFor(name: string, file: string, prefix: 'AWS' | 'AUDIT'): ResourceOf<'access-key'> {
  const body = { File: file, Id: `${prefix}_ACCESS_KEY_ID`, Secret: `${prefix}_SECRET_ACCESS_KEY` }
  return { type: 'access-key', name, body }
}

function roleFor(name: string, trust: Trust, policy: string, partition: string): Resource[] {
  return [
    { type: 'role', name, body: { AssumeRolePolicyDocument: trustPolicy(trust, partition) } },
    { type: 'role-policy', name, body: { Policy: policy } },
    ...when(trust === 'ec2', { type: 'instance-profile', name, body: { Role: name } }),
  ]
}

/** IAM takes no longer names than 64 characters. */
function auditUser(name: string): string {
  return `${name.slice(0, 58)}-audit`
}

function trustPolicy(trust: Trust, partition: string): TrustPolicy {
  const service = Object.entries(services).find(([key]) => key === trust)?.[1]
  const Principal: Record<string, string> =
    service === undefined
      ? { AWS: trust }
      : { Service: partition === 'aws-cn' && trust === 'ec2' ? `${service}.cn` : service }
  const Action = trust === 'eks' ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole']
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action }] }
}

function tlsOnlyStatement(bucket: string, partition: string): PolicyStatement {
  const arn = `arn:${partition}:s3:::${bucket}`
  return {
    Sid: ownIds.tlsOnly,
    Effect: 'Deny',
    Principal: '*',
    Action: ['s3:*'],
    Resource: [arn, `${arn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  }
}

/** What pages send: signed headers of a PUT, ranges of a GET. */
function corsRule(origins: readonly string[], prefix: string): CorsRule {
  return {
    ID: `${ownIds.cors}${suffixOf(prefix)}`,
    AllowedOrigins: [...origins],
    AllowedMethods: ['GET', 'HEAD', 'PUT'],
    AllowedHeaders: ['content-type', 'if-none-match', 'range', 'x-amz-*'],
    ExposeHeaders: exposedHeaders,
    MaxAgeSeconds: 3600,
  }
}

/** The last resort for multipart uploads whose id was lost. */
function abortRule(days: number, prefix: string): LifecycleRule {
  return {
    ID: `${ownIds.lifecycle}${suffixOf(prefix)}`,
    Status: 'Enabled',
    Filter: { Prefix: prefix },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: days },
  }
}
