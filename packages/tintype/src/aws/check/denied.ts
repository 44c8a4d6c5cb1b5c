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
import { type Finding, failed, ok, skipped, warned } from '../../doctor/finding.ts'
import { errorCode, errorStatus } from '../clients.ts'
import type { Subject } from './subject.ts'

/** An action that the app must not have. */
interface Forbidden {
  /** As policies name it. */
  action: string
  what: string
  /**
   * Must do no harm where it is allowed: it reads, or S3 finds something wrong with it after it has looked at the
   * permissions.
   */
  attempt(target: Target): Promise<unknown>
}

interface Target {
  subject: Subject
  s3: S3.S3Client
  /** A probe that is there: while it is, S3 deletes no bucket. */
  Bucket: string
  Key: string
  /** The app's own user or role. */
  identity: { type: 'user' | 'role'; name: string }
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
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

/** All that {@link denied} tries on AWS, where multipart uploads are on. */
export const forbiddenActions: readonly string[] = [...reads, ...readsOfAws, ...writes].map(
  ({ action }) => action,
)

/** Only where multipart uploads are off. */
const multipartOnly: Forbidden[] = [
  {
    action: 's3:ListMultipartUploadParts',
    what: 'list the parts of an upload',
    attempt: async ({ s3, Bucket, Key }) => {
      const { UploadId } = await s3.send(new S3.CreateMultipartUploadCommand({ Bucket, Key }))
      return s3.send(new S3.ListPartsCommand({ Bucket, Key, UploadId }))
    },
  },
  {
    action: 's3:AbortMultipartUpload',
    what: 'abort an upload',
    attempt: async ({ s3, Bucket, Key }) => {
      const { UploadId } = await s3.send(new S3.CreateMultipartUploadCommand({ Bucket, Key }))
      return s3.send(new S3.AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
    },
  },
]

/**
 * Tries what the app must not be able to do, and finds that it is denied.
 *
 * @param options.strict on AWS: writes and IAM too. Elsewhere many keys can't be narrower, so that what is allowed
 *   is a warning, and nothing is tried whose harmlessness was not seen
 */
export async function* denied(
  target: Omit<Target, 's3' | 'Bucket'>,
  { multipart, strict, iam }: { multipart: boolean; strict: boolean; iam: boolean },
): AsyncGenerator<Finding> {
  const { subject } = target
  const list = strict ? [...reads, ...readsOfAws, ...(multipart ? [] : multipartOnly), ...writes] : reads
  for (const forbidden of list.filter(({ action }) => iam || !action.startsWith('iam:'))) {
    const attempt = forbidden.attempt({ ...target, s3: subject.aws.s3, Bucket: subject.bucket })
    yield judge(
      `may not ${forbidden.what} (${forbidden.action})`,
      forbidden.action,
      await outcome(attempt),
      strict,
    )
  }
}

/** @param other a bucket, and an object in it, that the app must not reach */
export async function* otherBucket(
  { aws: { s3 }, probe }: Subject,
  { bucket: Bucket, key }: { bucket: string; key: string },
): AsyncGenerator<Finding> {
  const Key = probe()
  const put = await outcome(s3.send(new S3.PutObjectCommand({ Bucket, Key, Body: 'probe' })))
  if (put === 'done') await s3.send(new S3.DeleteObjectCommand({ Bucket, Key })).catch(() => {})
  yield judge(`may not put into ${Bucket}`, `s3:PutObject on ${Bucket}`, put, true)
  const got = await outcome(s3.send(new S3.HeadObjectCommand({ Bucket, Key: key })))
  yield judge(`may not read ${Bucket}/${key}`, `s3:GetObject on ${Bucket}`, got, true)
  const listed = await outcome(s3.send(new S3.ListObjectsV2Command({ Bucket, MaxKeys: 1 })))
  yield judge(`may not list ${Bucket}`, `s3:ListBucket on ${Bucket}`, listed, true)
}

type Outcome = 'denied' | 'done' | { code: string; status: number | undefined }

async function outcome(attempt: Promise<unknown>): Promise<Outcome> {
  try {
    await attempt
    return 'done'
  } catch (error) {
    const [code, status] = [errorCode(error), errorStatus(error)]
    return status === 403 || /^AccessDenied/.test(code) ? 'denied' : { code, status }
  }
}

/** Whatever S3 says but "denied" it says after it has looked at the permissions. */
function judge(what: string, action: string, came: Outcome, strict: boolean): Finding {
  if (came === 'denied') return ok(what)
  if (came !== 'done' && (came.status === 501 || came.status === 405)) return skipped(what, 'not served here')
  if (came !== 'done' && (came.status === undefined || came.status >= 500)) {
    return failed(
      what,
      `no clear answer: ${came.status ?? ''} ${came.code}`,
      'Try again; look at the state of the service.',
    )
  }
  const detail = came === 'done' ? 'it may' : `it may (${came.code})`
  return (strict ? failed : warned)(
    what,
    detail,
    `Take ${action} out of the policies of this key; the app never needs it.`,
  )
}

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
