import { partitionOf } from './options.ts'
import type { Kind, LifecycleRule, Resource, ResourceOf } from './resources.ts'

/**
 * One call of AWS's API, as data: `apply` sends it, `--format cli` writes it as a line of the AWS CLI, `--format
 * json` prints it. The input is the same in all three.
 */
export interface Call {
  service: 's3' | 'iam'
  /** `PutBucketCors` */
  operation: string
  input: Record<string, unknown>
}

export interface CallContext {
  /** The account's number, or a placeholder for it. */
  account: string
  region: string
  /** What others have put into the same setting of the bucket: it is written back. */
  others?: readonly unknown[]
  beside?: Record<string, unknown>
}

/**
 * The calls that create a missing resource.
 * @example callsFor({ type: 'user', name: 'u', body: {} }, { account, region }) // [{ service: 'iam', operation: 'CreateUser', … }]
 */
export function callsFor(resource: Resource, context: CallContext): Call[] {
  const make = creation[resource.type] as (resource: Resource, context: CallContext) => Call[]
  return make(resource, context)
}

export function policyArn(name: string, { account, region }: CallContext): string {
  return `arn:${partitionOf(region)}:iam::${account}:policy/${name}`
}

/** Tag of users and roles that were created here: `destroy` deletes no others. */
export const madeBy = { Key: 'made-by', Value: 'tintype' } as const

const creation: { [T in Kind]: (resource: ResourceOf<T>, context: CallContext) => Call[] } = {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html: us-east-1 must not be named
  bucket: ({ name, body }) => [
    s3('CreateBucket', {
      Bucket: name,
      ...(body.Region === 'us-east-1'
        ? {}
        : { CreateBucketConfiguration: { LocationConstraint: body.Region } }),
    }),
  ],
  'public-access-block': ({ name, body }) => [
    s3('PutPublicAccessBlock', { Bucket: name, PublicAccessBlockConfiguration: body }),
  ],
  'object-ownership': ({ name, body }) => [
    s3('PutBucketOwnershipControls', { Bucket: name, OwnershipControls: { Rules: [body] } }),
  ],
  encryption: ({ name, body }) => [
    s3('PutBucketEncryption', {
      Bucket: name,
      ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: body }] },
    }),
  ],
  // Another Version would change what the variables in the statements of others mean.
  'bucket-policy': ({ name, body }, { others = [], beside = { Version: '2012-10-17' } }) => [
    s3('PutBucketPolicy', {
      Bucket: name,
      Policy: JSON.stringify({ ...beside, Statement: [...others, ...body.Statement] }),
    }),
  ],
  cors: ({ name, body }, { others = [] }) => [
    s3('PutBucketCors', { Bucket: name, CORSConfiguration: { CORSRules: [...others, ...body.CORSRules] } }),
  ],
  lifecycle: ({ name, body }, { others = [], beside = {} }) => [
    s3('PutBucketLifecycleConfiguration', {
      Bucket: name,
      ...beside,
      LifecycleConfiguration: { Rules: [...others, ...inFormOf(others, body.Rules)] },
    }),
  ],
  policy: ({ name, body }) => [
    iam('CreatePolicy', {
      PolicyName: name,
      PolicyDocument: JSON.stringify(body),
    }),
  ],
  user: ({ name }) => [iam('CreateUser', { UserName: name, Tags: [madeBy] })],
  role: ({ name, body }) => [
    iam('CreateRole', {
      RoleName: name,
      Tags: [madeBy],
      AssumeRolePolicyDocument: JSON.stringify(body.AssumeRolePolicyDocument),
    }),
  ],
  'instance-profile': ({ name, body }) => [
    iam('CreateInstanceProfile', { InstanceProfileName: name }),
    iam('AddRoleToInstanceProfile', { InstanceProfileName: name, RoleName: body.Role }),
  ],
  'user-policy': ({ name, body }, context) => [
    iam('AttachUserPolicy', { UserName: name, PolicyArn: policyArn(body.Policy, context) }),
  ],
  'role-policy': ({ name, body }, context) => [
    iam('AttachRolePolicy', { RoleName: name, PolicyArn: policyArn(body.Policy, context) }),
  ],
  'env-file': () => [],
  'access-key': ({ name }) => [iam('CreateAccessKey', { UserName: name })],
}

/**
 * S3 accepts rules of the old form, whose prefix is not within a filter, only together with others of that form.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
function inFormOf(others: readonly unknown[], rules: readonly LifecycleRule[]): readonly object[] {
  const old = others.some((rule) => (rule as { Filter?: unknown }).Filter === undefined)
  return old ? rules.map(({ Filter, ...rule }) => ({ ...rule, Prefix: Filter.Prefix })) : rules
}

export function s3(operation: string, input: Call['input']): Call {
  return { service: 's3', operation, input }
}

export function iam(operation: string, input: Call['input']): Call {
  return { service: 'iam', operation, input }
}
