import { existsSync } from 'node:fs'
import {
  DeleteAccessKeyCommand,
  DeleteInstanceProfileCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteUserCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetRoleCommand,
  GetUserCommand,
  ListAccessKeysCommand,
  ListPolicyVersionsCommand,
  RemoveRoleFromInstanceProfileCommand,
  type Tag,
} from '@aws-sdk/client-iam'
import { DeleteBucketCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import { madeBy, policyArn } from './calls.ts'
import { errorCode, ifThere } from './clients.ts'
import { readEnvFile, removeFromEnvFile } from './env-file.ts'
import type { ObserveContext } from './observers.ts'
import { forgetPending } from './pending-key.ts'
import { type Kind, type Resource, type ResourceOf, titleOf } from './resources.ts'

/** The outcome for one resource. */
export type Removal = { resource: Resource; outcome: 'removed' | 'absent' | 'kept'; why?: string }

/**
 * Deletes what {@link apply} makes, in reverse order: keys, identities, policies, and the bucket with its settings in
 * `.env`. A bucket with anything in it stays, with its settings, which protect what is in it. Can be run again after it
 * was stopped.
 */
export async function destroy(
  resources: readonly Resource[],
  context: ObserveContext & { onStep(removal: Removal): void },
): Promise<void> {
  let bucketIsKept = false
  for (const resource of resources.toReversed()) {
    const remove = removers[resource.type] as
      | ((resource: Resource, context: ObserveContext) => Promise<Outcome>)
      | undefined
    const outcome = await remove?.(resource, context)
    if (outcome) context.onStep({ resource, ...outcome })
    if (resource.type === 'bucket') bucketIsKept = outcome?.outcome === 'kept'
  }
  if (bucketIsKept) return
  for (const { type, name, body } of resources) {
    if (type !== 'env-file' || !existsSync(name)) continue
    const found = await readEnvFile(name)
    const ours = Object.entries(body).filter(([variable, value]) => found[variable] === value)
    if (found.S3_BUCKET === body.S3_BUCKET)
      await removeFromEnvFile(
        name,
        ours.map(([variable]) => variable),
      )
  }
}

/** What would be deleted, for people to read first. */
export function removable(resources: readonly Resource[]): string[] {
  return resources
    .toReversed()
    .filter(({ type }) => removers[type] !== undefined)
    .map((resource) => `${titleOf(resource)}${resource.type === 'bucket' ? ', if it is empty' : ''}`)
}

type Outcome = Omit<Removal, 'resource'>

/** Settings of a bucket are deleted with it. */
const removers: { [T in Kind]?: (resource: ResourceOf<T>, context: ObserveContext) => Promise<Outcome> } = {
  async 'access-key'({ name: UserName, body: { File, Id, Secret } }, { aws }) {
    const found = await ifThere(aws.iam.send(new ListAccessKeysCommand({ UserName })))
    const { [Id]: written } = await readEnvFile(File)
    const isOurs = await isOurUser(UserName, aws)
    const all = found?.AccessKeyMetadata?.map(({ AccessKeyId = '' }) => AccessKeyId) ?? []
    const ids = isOurs ? all : all.filter((id) => id === written)
    for (const AccessKeyId of ids) await aws.iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }))
    if (written !== undefined && ids.includes(written)) {
      await removeFromEnvFile(File, [Id, Secret])
    }
    await forgetPending(File, UserName)
    return { outcome: ids.length > 0 ? 'removed' : 'absent' }
  },
  async 'instance-profile'({ name: InstanceProfileName, body }, { aws }) {
    await ifThere(
      aws.iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName: body.Role })),
    )
    return removedIf(await ifThere(aws.iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }))))
  },
  async 'user-policy'({ name: UserName, body }, context) {
    const PolicyArn = policyArn(body.Policy, context)
    return removedIf(
      await ifThere(context.aws.iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn }))),
    )
  },
  async 'role-policy'({ name: RoleName, body }, context) {
    const PolicyArn = policyArn(body.Policy, context)
    return removedIf(
      await ifThere(context.aws.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }))),
    )
  },
  async user({ name: UserName }, { aws }) {
    if (!(await isOurUser(UserName, aws))) return notOurs
    return removedIf(await ifThere(aws.iam.send(new DeleteUserCommand({ UserName }))))
  },
  async role({ name: RoleName }, { aws }) {
    const found = await ifThere(aws.iam.send(new GetRoleCommand({ RoleName })))
    if (found !== undefined && !hasTag(found.Role?.Tags)) return notOurs
    return removedIf(await ifThere(aws.iam.send(new DeleteRoleCommand({ RoleName }))))
  },
  async policy({ name }, context) {
    const PolicyArn = policyArn(name, context)
    const { iam } = context.aws
    const found = await ifThere(iam.send(new ListPolicyVersionsCommand({ PolicyArn })))
    for (const { VersionId, IsDefaultVersion } of found?.Versions ?? []) {
      if (!IsDefaultVersion) await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }))
    }
    return removedIf(await ifThere(iam.send(new DeletePolicyCommand({ PolicyArn }))))
  },
  async bucket({ name: Bucket }, { aws }) {
    try {
      // S3 refuses to delete a bucket with objects; what answers like S3 may not.
      const found = await ifThere(aws.s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 1 })))
      if (found === undefined) return { outcome: 'absent' }
      if ((found.Versions ?? []).length + (found.DeleteMarkers ?? []).length > 0) return full
      return removedIf(await ifThere(aws.s3.send(new DeleteBucketCommand({ Bucket }))))
    } catch (error) {
      if (errorCode(error) === 'BucketNotEmpty') return full
      throw error
    }
  },
}

/** Also one that is not there, so that its absence is what is told. */
async function isOurUser(UserName: string, aws: ObserveContext['aws']): Promise<boolean> {
  const found = await ifThere(aws.iam.send(new GetUserCommand({ UserName })))
  return found === undefined || hasTag(found.User?.Tags)
}

function hasTag(tags: readonly Tag[] | undefined): boolean {
  return tags?.some(({ Key, Value }) => Key === madeBy.Key && Value === madeBy.Value) ?? false
}

const notOurs: Outcome = { outcome: 'kept', why: 'tintype did not make it' }
const full: Outcome = { outcome: 'kept', why: 'there are objects in it; its settings stay too' }

function removedIf(answer: unknown): Outcome {
  return { outcome: answer === undefined ? 'absent' : 'removed' }
}
