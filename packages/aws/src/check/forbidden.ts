import { randomUUID } from 'node:crypto'
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  ListRolesCommand,
  ListUsersCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import * as S3 from '@aws-sdk/client-s3'
import { checkKey } from 'tintype/internal/bucket/keys'
import type { Subject } from './subject.ts'

/**
 * Actions that the app must not have and that are tried. Not all of S3's: those that reveal something, change something,
 * or lead to more permissions.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
export function forbidden({ multipart, strict, iam, prefix }: Extent): readonly Forbidden[] {
  const always = prefix === '' ? reads : [...reads, beside]
  if (!strict) return always
  const all = [...always, ...readsOfAws, ...(multipart ? [] : multipartOnly), ...writes]
  return all.filter(({ action }) => iam || !action.startsWith('iam:'))
}

export interface Extent {
  /** Whether the two actions for multipart uploads are the app's. */
  multipart: boolean
  /** Includes actions that would change the bucket if a service checked permissions later than AWS does. */
  strict: boolean
  /** Whether there is an IAM. */
  iam: boolean
  /** What the app's keys begin with, '' for none. */
  prefix: string
}

/** An action that the app must not have. */
export interface Forbidden {
  /** As policies name it. */
  action: string
  what: string
  /**
   * Must do no harm where it is allowed: it reads, or S3 finds something wrong with it after it has looked at the
   * permissions.
   */
  attempt(target: Target): Promise<unknown>
}

export interface Target {
  subject: Subject
  s3: S3.S3Client
  /** An existing probe: while it exists, S3 does not delete the bucket. */
  Bucket: string
  Key: string
  /** The app's own user or role. */
  identity: { type: 'user' | 'role'; name: string }
}

const reads: Forbidden[] = [
  s3('s3:ListBucket', 'list the bucket', ({ Bucket }) => new S3.ListObjectsV2Command({ Bucket, MaxKeys: 1 })),
  s3(
    's3:ListBucketVersions',
    'list versions',
    ({ Bucket }) => new S3.ListObjectVersionsCommand({ Bucket, MaxKeys: 1 }),
  ),
  s3(
    's3:ListBucketMultipartUploads',
    'list uploads',
    ({ Bucket }) => new S3.ListMultipartUploadsCommand({ Bucket }),
  ),
  s3('s3:ListAllMyBuckets', 'list all buckets', () => new S3.ListBucketsCommand({})),
  s3(
    's3:GetBucketPolicy',
    "read the bucket's policy",
    ({ Bucket }) => new S3.GetBucketPolicyCommand({ Bucket }),
  ),
  s3('s3:GetBucketAcl', "read the bucket's ACL", ({ Bucket }) => new S3.GetBucketAclCommand({ Bucket })),
  s3('s3:GetBucketCORS', "read the bucket's CORS", ({ Bucket }) => new S3.GetBucketCorsCommand({ Bucket })),
  s3(
    's3:GetBucketLocation',
    "read the bucket's region",
    ({ Bucket }) => new S3.GetBucketLocationCommand({ Bucket }),
  ),
  s3(
    's3:GetBucketVersioning',
    "read the bucket's versioning",
    ({ Bucket }) => new S3.GetBucketVersioningCommand({ Bucket }),
  ),
  s3(
    's3:GetLifecycleConfiguration',
    "read the bucket's lifecycle",
    ({ Bucket }) => new S3.GetBucketLifecycleConfigurationCommand({ Bucket }),
  ),
]

/** Where the app has a prefix. A key that is not there. */
const beside = s3(
  's3:DeleteObject',
  'delete an object outside of its prefix',
  ({ Bucket }) => new S3.DeleteObjectCommand({ Bucket, Key: checkKey(randomUUID()) }),
)

const readsOfAws: Forbidden[] = [
  s3(
    's3:GetBucketPublicAccessBlock',
    'read Block Public Access',
    ({ Bucket }) => new S3.GetPublicAccessBlockCommand({ Bucket }),
  ),
  s3(
    's3:GetEncryptionConfiguration',
    'read the encryption',
    ({ Bucket }) => new S3.GetBucketEncryptionCommand({ Bucket }),
  ),
  s3(
    's3:GetBucketOwnershipControls',
    'read object ownership',
    ({ Bucket }) => new S3.GetBucketOwnershipControlsCommand({ Bucket }),
  ),
  s3(
    's3:GetObjectAcl',
    "read an object's ACL",
    ({ Bucket, Key }) => new S3.GetObjectAclCommand({ Bucket, Key }),
  ),
  s3(
    's3:GetObjectTagging',
    "read an object's tags",
    ({ Bucket, Key }) => new S3.GetObjectTaggingCommand({ Bucket, Key }),
  ),
  s3(
    's3:GetObjectVersion',
    'read a version',
    ({ Bucket, Key }) => new S3.GetObjectCommand({ Bucket, Key, VersionId: 'null' }),
  ),
  iam('iam:ListUsers', 'list users', () => new ListUsersCommand({ MaxItems: 1 })),
  iam('iam:ListRoles', 'list roles', () => new ListRolesCommand({ MaxItems: 1 })),
]

const writes: Forbidden[] = [
  // BucketNotEmpty where it is allowed: the probe is in it.
  s3('s3:DeleteBucket', 'delete the bucket', ({ Bucket }) => new S3.DeleteBucketCommand({ Bucket })),
  // BucketAlreadyOwnedByYou.
  s3(
    's3:CreateBucket',
    'create a bucket',
    ({ Bucket, subject: { region } }) =>
      new S3.CreateBucketCommand({
        Bucket,
        ...(region === 'us-east-1'
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: region as S3.BucketLocationConstraint } }),
      }),
  ),
  // MalformedPolicy, MalformedXML: what can't be read is not kept.
  s3(
    's3:PutBucketPolicy',
    "change the bucket's policy",
    ({ Bucket }) => new S3.PutBucketPolicyCommand({ Bucket, Policy: '-' }),
  ),
  s3(
    's3:PutBucketCORS',
    "change the bucket's CORS",
    ({ Bucket }) => new S3.PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [] } }),
  ),
  s3(
    's3:PutLifecycleConfiguration',
    "change the bucket's lifecycle",
    ({ Bucket }) =>
      new S3.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [] } }),
  ),
  s3(
    's3:PutEncryptionConfiguration',
    'change the encryption',
    ({ Bucket }) =>
      new S3.PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [] } }),
  ),
  s3(
    's3:PutBucketVersioning',
    'change the versioning',
    ({ Bucket }) =>
      new S3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: '-' as 'Enabled' } }),
  ),
  s3(
    's3:PutBucketOwnershipControls',
    'change object ownership',
    ({ Bucket }) =>
      new S3.PutBucketOwnershipControlsCommand({
        Bucket,
        OwnershipControls: { Rules: [{ ObjectOwnership: '-' as 'ObjectWriter' }] },
      }),
  ),
  // What apply sets anyway.
  s3(
    's3:PutBucketPublicAccessBlock',
    'change Block Public Access',
    ({ Bucket }) =>
      new S3.PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          IgnorePublicAcls: true,
          BlockPublicPolicy: true,
          RestrictPublicBuckets: true,
        },
      }),
  ),
  s3(
    's3:PutBucketAcl',
    "change the bucket's ACL",
    ({ Bucket }) => new S3.PutBucketAclCommand({ Bucket, ACL: 'private' }),
  ),
  s3(
    's3:PutObjectAcl',
    "change an object's ACL",
    ({ Bucket, Key }) => new S3.PutObjectAclCommand({ Bucket, Key, ACL: 'private' }),
  ),
  s3(
    's3:PutObjectTagging',
    "change an object's tags",
    ({ Bucket, Key }) => new S3.PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet: [] } }),
  ),
  // A version of a key that is not there.
  s3(
    's3:DeleteObjectVersion',
    'delete a version',
    ({ Bucket, subject }) => new S3.DeleteObjectCommand({ Bucket, Key: subject.probe(), VersionId: 'null' }),
  ),
  // EntityAlreadyExists, MalformedPolicyDocument, NoSuchEntity.
  {
    action: 'iam:CreateUser',
    what: 'create a user or role',
    attempt({ subject: { aws }, identity: { type, name } }) {
      const AssumeRolePolicyDocument = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
      })
      return type === 'user'
        ? aws.iam.send(new CreateUserCommand({ UserName: name }))
        : aws.iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }))
    },
  },
  iam('iam:CreateAccessKey', 'create an access key', () => new CreateAccessKeyCommand({ UserName: nobody })),
  iam(
    'iam:PutUserPolicy',
    'write a policy',
    () => new PutUserPolicyCommand({ UserName: nobody, PolicyName: nobody, PolicyDocument: '{}' }),
  ),
  iam(
    'iam:AttachUserPolicy',
    'attach a policy',
    () =>
      new AttachUserPolicyCommand({ UserName: nobody, PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }),
  ),
]

const nobody = 'tintype-check-nobody'

/** NoSuchUpload where it is allowed. One that is begun could not be ended again. */
const UploadId = 'tintype-check-no-such-upload'

/** Only where multipart uploads are off. */
const multipartOnly: Forbidden[] = [
  s3(
    's3:ListMultipartUploadParts',
    'list the parts of an upload',
    ({ Bucket, Key }) => new S3.ListPartsCommand({ Bucket, Key, UploadId }),
  ),
  s3(
    's3:AbortMultipartUpload',
    'abort an upload',
    ({ Bucket, Key }) => new S3.AbortMultipartUploadCommand({ Bucket, Key, UploadId }),
  ),
]

function s3<C>(action: string, what: string, command: (target: Target) => C): Forbidden {
  return {
    action,
    what,
    attempt: (target) => (target.s3.send as (command: C) => Promise<unknown>)(command(target)),
  }
}

function iam<C>(action: string, what: string, command: () => C): Forbidden {
  return {
    action,
    what,
    attempt: ({ subject }) => (subject.aws.iam.send as (command: C) => Promise<unknown>)(command()),
  }
}
