/**
 * Checks beforehand for what AWS would refuse in the middle of the work, so that nothing is changed unless all of it can
 * be.
 */
import { access, constants } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { GetAccountSummaryCommand } from '@aws-sdk/client-iam'
import { GetBucketAclCommand, GetBucketPolicyStatusCommand, type Grant } from '@aws-sdk/client-s3'
import { type Aws, ifThere } from './clients.ts'
import { SetupError } from './options.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html */
export const mostCorsRules = 100
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html */
export const mostLifecycleRules = 1000
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html */
const longestBucketPolicy = 20 * 1024

/** @throws {SetupError} when there is no room for one more */
export function refuseAbove(others: number, most: number, what: string, bucket: string): void {
  if (others < most) return
  throw new SetupError(
    `The bucket ${bucket} has ${others} ${what} of others, and S3 takes no more than ${most}. Take one away.`,
  )
}

/**
 * ACLs end with BucketOwnerEnforced, and S3 refuses it while the bucket's ACL grants access to anyone but its owner.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 *
 * @throws {SetupError}
 */
export async function refuseAclOfOthers(Bucket: string, { s3 }: Aws): Promise<void> {
  const acl = await ifThere(s3.send(new GetBucketAclCommand({ Bucket })))
  const others = (acl?.Grants ?? []).filter(
    ({ Grantee }) => Grantee?.ID === undefined || Grantee.ID !== acl?.Owner?.ID,
  )
  if (others.length === 0) return
  throw new SetupError(
    `The ACL of the bucket ${Bucket} admits ${[...new Set(others.map(nameOf))].join(', ')}, and S3 turns no ACLs off while it does. ` +
      `Give what they need in the bucket policy, then: aws s3api put-bucket-acl --bucket ${Bucket} --acl private`,
  )
}

function nameOf({ Grantee }: Grant): string {
  return (
    Grantee?.URI?.replace(/^.*\//, '') ??
    Grantee?.DisplayName ??
    Grantee?.EmailAddress ??
    Grantee?.ID ??
    'somebody'
  )
}

/**
 * A policy that is written again has to be one that S3 still takes: not too long with our statement in it, and not
 * public, which Block Public Access refuses.
 *
 * @throws {SetupError}
 */
export async function refusePolicy(Bucket: string, policy: object, { s3 }: Aws): Promise<void> {
  const length = JSON.stringify(policy).length
  if (length > longestBucketPolicy) {
    throw new SetupError(
      `With the statement that refuses requests without TLS, the policy of the bucket ${Bucket} would have ${length} bytes; ` +
        `S3 takes ${longestBucketPolicy}. Shorten it.`,
    )
  }
  const status = await ifThere(s3.send(new GetBucketPolicyStatusCommand({ Bucket }))).catch(whereServed)
  if (status?.PolicyStatus?.IsPublic !== true) return
  throw new SetupError(
    `The policy of the bucket ${Bucket} admits everybody, which Block Public Access refuses. ` +
      'Take that statement out of it, or choose another bucket: photos are to be private.',
  )
}

/** @throws {SetupError} when the file can't be replaced: the key would be made and lost */
export async function refuseUnwritable(path: string): Promise<void> {
  const folder = dirname(resolve(path))
  try {
    await access(folder, constants.W_OK)
  } catch (cause) {
    throw new SetupError(
      `${path} can't be written: ${folder} is not there, or not yours. Name another file with --env.`,
      {
        cause,
      },
    )
  }
}

/** @throws {SetupError} when the account has no room for one more */
export async function refuseAboveQuota(kind: 'Users' | 'Roles' | 'Policies', aws: Aws): Promise<void> {
  const { [kind]: used, [`${kind}Quota` as const]: quota } = await quotas(aws)
  if (used === undefined || quota === undefined || used < quota) return
  throw new SetupError(
    `The account has ${used} ${kind.toLowerCase()}, as many as its quota allows. Delete one, or ask AWS for more.`,
  )
}

/**
 * @param attached how many others are attached already
 * @throws {SetupError} when no more can be attached
 */
export async function refuseAttachment(
  { kind, name }: { kind: 'User' | 'Role'; name: string },
  attached: number,
  aws: Aws,
): Promise<void> {
  const quota = (await quotas(aws))[`AttachedPoliciesPer${kind}Quota`]
  if (quota === undefined || attached < quota) return
  throw new SetupError(
    `${name} has ${attached} policies attached, and IAM takes no more than ${quota}. Take one off, or choose another name.`,
  )
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html. Without the right to ask, it is learnt later. */
async function quotas({ iam }: Aws): Promise<Partial<Record<string, number>>> {
  try {
    return (await iam.send(new GetAccountSummaryCommand({}))).SummaryMap ?? {}
  } catch {
    return {}
  }
}

/** Services that answer as S3 does may have no such question. */
function whereServed(error: { $metadata?: { httpStatusCode?: number } }): undefined {
  const status = error.$metadata?.httpStatusCode ?? 0
  if (status === 501 || status === 405 || status === 403 || status === 400) return undefined
  throw error
}
