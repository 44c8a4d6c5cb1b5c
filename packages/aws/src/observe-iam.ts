import {
  type AccessKeyMetadata,
  type AttachedPolicy,
  GetInstanceProfileCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetUserCommand,
  ListAccessKeysCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupsForUserCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
} from '@aws-sdk/client-iam'
import { refuseThirdKey } from './access-key.ts'
import { policyArn } from './calls.ts'
import { ifThere } from './clients.ts'
import { readEnvFile } from './env-file.ts'
import type { ObserveContext, Observers } from './observers.ts'
import { SetupError } from './options.ts'
import { readPending } from './pending-key.ts'
import { refuseAboveQuota, refuseAttachment } from './refusals.ts'
import type { Bodies } from './resources.ts'

type IamKinds = 'policy' | 'user' | 'role' | 'instance-profile' | 'user-policy' | 'role-policy' | 'access-key'

/** What IAM has; see observe.ts. */
export const observeIam: Observers<IamKinds> = {
  async policy({ name }, context) {
    const PolicyArn = policyArn(name, context)
    const { iam } = context.aws
    const found = await ifThere(iam.send(new GetPolicyCommand({ PolicyArn })))
    if (found === undefined) {
      await refuseAboveQuota('Policies', context.aws)
      return { body: undefined }
    }
    const VersionId = found.Policy?.DefaultVersionId
    const version = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }))
    return {
      body: JSON.parse(decodeURIComponent(version.PolicyVersion?.Document ?? '{}')) as Bodies['policy'],
    }
  },

  async user({ name: UserName }, { aws }) {
    const found = await ifThere(aws.iam.send(new GetUserCommand({ UserName })))
    if (found === undefined) {
      await refuseAboveQuota('Users', aws)
      return { body: undefined }
    }
    const [inline, groups] = await Promise.all([
      aws.iam.send(new ListUserPoliciesCommand({ UserName })),
      aws.iam.send(new ListGroupsForUserCommand({ UserName })),
    ])
    return {
      body: {},
      notes: [
        ...tooMuch(UserName, 'the inline policies', inline.PolicyNames),
        ...tooMuch(
          UserName,
          'what the groups allow:',
          groups.Groups?.map(({ GroupName = '' }) => GroupName),
        ),
      ],
    }
  },

  async role({ name: RoleName }, { aws }) {
    const found = await ifThere(aws.iam.send(new GetRoleCommand({ RoleName })))
    if (found === undefined) {
      await refuseAboveQuota('Roles', aws)
      return { body: undefined }
    }
    const inline = await aws.iam.send(new ListRolePoliciesCommand({ RoleName }))
    const AssumeRolePolicyDocument = JSON.parse(
      decodeURIComponent(found.Role?.AssumeRolePolicyDocument ?? '{}'),
    ) as Bodies['role']['AssumeRolePolicyDocument']
    return {
      body: { AssumeRolePolicyDocument },
      notes: tooMuch(RoleName, 'the inline policies', inline.PolicyNames),
    }
  },

  async 'instance-profile'({ name, body }, { aws }) {
    const found = await ifThere(aws.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name })))
    if (found === undefined) return { body: undefined }
    const Role = found.InstanceProfile?.Roles?.[0]?.RoleName ?? ''
    if (Role !== '' && Role !== body.Role) {
      throw new SetupError(
        `The instance profile ${name} holds the role ${Role} already. Choose another name with --role.`,
      )
    }
    return { body: { Role } }
  },

  async 'user-policy'({ name: UserName, body }, context) {
    const found = await ifThere(context.aws.iam.send(new ListAttachedUserPoliciesCommand({ UserName })))
    return attachment({ kind: 'User', name: UserName }, body, found?.AttachedPolicies ?? [], context)
  },

  async 'role-policy'({ name: RoleName, body }, context) {
    const found = await ifThere(context.aws.iam.send(new ListAttachedRolePoliciesCommand({ RoleName })))
    return attachment({ kind: 'Role', name: RoleName }, body, found?.AttachedPolicies ?? [], context)
  },

  async 'access-key'({ name: UserName, body }, { aws }) {
    const variables = await readEnvFile(body.File)
    const [id = '', secret = ''] = [variables[body.Id], variables[body.Secret]]
    const found = await ifThere(aws.iam.send(new ListAccessKeysCommand({ UserName })))
    const keys = found?.AccessKeyMetadata ?? []
    if (id === '') {
      // One of them may be of an interrupted run: that is cleaned up first.
      if ((await readPending(body.File, UserName)) === undefined) refuseThirdKey(UserName, keys)
      return { body: undefined, notes: otherKeys(UserName, keys, id) }
    }
    const key = keys.find(({ AccessKeyId }) => AccessKeyId === id)
    if (key === undefined) {
      throw new SetupError(
        `${body.File} has the key ${id}, which is none of the user ${UserName}. ` +
          `Take ${body.Id} and ${body.Secret} out of it, or name another file with --env.`,
      )
    }
    if (key.Status !== 'Active' || secret === '') {
      const why = secret === '' ? 'without its secret' : 'which has been deactivated'
      throw new SetupError(
        `${body.File} has the key ${id} ${why}. Take its two lines out and delete the key: ` +
          `aws iam delete-access-key --user-name ${UserName} --access-key-id ${id}`,
      )
    }
    return { body, notes: otherKeys(UserName, keys, id) }
  },
}

async function attachment(
  identity: { kind: 'User' | 'Role'; name: string },
  body: { Policy: string },
  attached: readonly AttachedPolicy[],
  context: ObserveContext,
) {
  const arn = policyArn(body.Policy, context)
  const others = attached
    .filter(({ PolicyArn }) => PolicyArn !== arn)
    .map(({ PolicyName = '' }) => PolicyName)
  const isThere = others.length < attached.length
  if (!isThere && others.length > 0) await refuseAttachment(identity, others.length, context.aws)
  return {
    body: isThere ? body : undefined,
    notes: tooMuch(identity.name, 'the attached policies', others),
  }
}

function tooMuch(identity: string, what: string, names: readonly string[] | undefined): string[] {
  if (names === undefined || names.length === 0) return []
  return [
    `${identity} may do more than the app needs, by ${what} ${names.join(', ')}: take it off, or choose another.`,
  ]
}

function otherKeys(user: string, keys: readonly AccessKeyMetadata[], own: string): string[] {
  return keys
    .filter(({ AccessKeyId }) => AccessKeyId !== own)
    .map(
      ({ AccessKeyId, CreateDate }) =>
        `${user} has another key, ${AccessKeyId} of ${CreateDate?.toISOString().slice(0, 10)}. It stays; delete it if it is unused.`,
    )
}
