import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  GetAccountAuthorizationDetailsCommand,
  ListAccessKeysCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import type { ApplyContext } from '../../packages/aws/src/apply.ts'
import { canonical } from '../../packages/aws/src/canonical.ts'
import { type Aws, type Credentials, createAws, ifThere } from '../../packages/aws/src/clients.ts'
import { readEnvFile } from '../../packages/aws/src/env-file.ts'
import { type AskedFor, readOptions } from '../../packages/aws/src/options.ts'
import { proveKey } from '../../packages/aws/src/prove.ts'
import { desiredResources, type Resource } from '../../packages/aws/src/resources.ts'

/** Where enforcing_moto.py listens; `.ci/run` starts it. */
export const motoUrl = process.env.MOTO_URL
export const skip = motoUrl === undefined ? 'MOTO_URL is not set: start test/aws/enforcing_moto.py' : false

export const region = 'eu-central-1'

export interface Account {
  aws: Aws
  admin: Credentials
  /** Variables for a process that acts as the administrator. */
  adminEnv: Record<string, string>
  /** Variables for a process that has no credentials of its own. */
  env: Record<string, string>
  /** Empty, for `.env`. */
  folder: string
  close(): Promise<void>
}

/** An AWS with nothing in it but one administrator, in which every request is held against the policies. */
export async function freshAccount(): Promise<Account> {
  const url = motoUrl ?? ''
  // IAM and STS have no endpoint of their own in our settings; the SDK reads this.
  process.env.AWS_ENDPOINT_URL = url
  await fetch(`${url}/moto-api/reset`, { method: 'POST' })
  await fetch(`${url}/moto-api/reset-auth`, { method: 'POST', body: 'inf' })
  const account = createAws({
    region,
    endpoint: url,
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  })
  const UserName = 'admin'
  await account.iam.send(new CreateUserCommand({ UserName }))
  const everything = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }
  const PolicyDocument = JSON.stringify(everything)
  await account.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'everything', PolicyDocument }))
  const { AccessKey } = await account.iam.send(new CreateAccessKeyCommand({ UserName }))
  account.close()
  await fetch(`${url}/moto-api/reset-auth`, { method: 'POST', body: '0' })
  const admin = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  }
  const aws = createAws({ region, endpoint: url, credentials: admin })
  const folder = await mkdtemp(join(tmpdir(), 'tintype-aws-'))
  const env = { AWS_ENDPOINT_URL: url, S3_ENDPOINT: url, PATH: process.env.PATH ?? '', HOME: folder }
  return {
    aws,
    admin,
    env,
    adminEnv: { ...env, AWS_ACCESS_KEY_ID: admin.accessKeyId, AWS_SECRET_ACCESS_KEY: admin.secretAccessKey },
    folder,
    async close() {
      aws.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** All that there is, read by means of its own: settings of the bucket, IAM whole, the folder and its `.env`. */
export async function stateOf({ aws, folder }: Account, Bucket: string): Promise<Record<string, unknown>> {
  const { s3, iam } = aws
  const target = { Bucket }
  const location = await ifThere(s3.send(new GetBucketLocationCommand(target)))
  const details = await iam.send(
    new GetAccountAuthorizationDetailsCommand({ Filter: ['User', 'Role', 'LocalManagedPolicy'] }),
  )
  const users = (details.UserDetailList ?? []).filter(({ UserName }) => UserName !== 'admin')
  const path = join(folder, '.env')
  const variables = await readEnvFile(path)
  return {
    bucket: location?.LocationConstraint,
    access: (await ifThere(s3.send(new GetPublicAccessBlockCommand(target))))?.PublicAccessBlockConfiguration,
    ownership: (await ifThere(s3.send(new GetBucketOwnershipControlsCommand(target))))?.OwnershipControls,
    encryption: (await ifThere(s3.send(new GetBucketEncryptionCommand(target))))
      ?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm,
    policy: (await ifThere(s3.send(new GetBucketPolicyCommand(target))))?.Policy,
    cors: (await ifThere(s3.send(new GetBucketCorsCommand(target))))?.CORSRules,
    lifecycle: (await ifThere(s3.send(new GetBucketLifecycleConfigurationCommand(target))))?.Rules,
    policies: (details.Policies ?? [])
      .map(({ PolicyName, PolicyVersionList = [] }) => ({
        PolicyName,
        documents: PolicyVersionList.filter(({ IsDefaultVersion }) => IsDefaultVersion).map(
          ({ Document = '' }) => JSON.parse(decodeURIComponent(Document)),
        ),
      }))
      // By what they allow: moto's list names none of them, and has them in the order in which they were made.
      .toSorted((a, b) => canonical(a.documents).localeCompare(canonical(b.documents))),
    users: await Promise.all(
      users.map(async ({ UserName = '', AttachedManagedPolicies = [], UserPolicyList = [], Tags }) => {
        const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName }))
        return {
          UserName,
          attached: AttachedManagedPolicies.map(({ PolicyName }) => PolicyName),
          inline: UserPolicyList.length,
          Tags,
          keys: AccessKeyMetadata.map(({ Status }) => Status),
          keyIsInFile: AccessKeyMetadata.every(({ AccessKeyId }) =>
            Object.values(variables).includes(AccessKeyId ?? ''),
          ),
        }
      }),
    ),
    roles: (details.RoleDetailList ?? []).map(
      ({
        RoleName,
        AssumeRolePolicyDocument = '',
        AttachedManagedPolicies = [],
        InstanceProfileList = [],
      }) => ({
        RoleName,
        trust: JSON.parse(decodeURIComponent(AssumeRolePolicyDocument)),
        attached: AttachedManagedPolicies.map(({ PolicyName }) => PolicyName),
        profiles: InstanceProfileList.map(({ InstanceProfileName }) => InstanceProfileName),
      }),
    ),
    files: (await readdir(folder)).toSorted(),
    variables: Object.keys(variables).toSorted(),
    mode: (await stat(path).catch(() => undefined))?.mode,
  }
}

/** For everything that changes something; it doesn't wait. */
export function contextOf(account: Account, bucket: string): ApplyContext {
  const sleep = async () => {}
  const options = readOptions({ bucket, region, endpoint: motoUrl })
  return {
    aws: account.aws,
    account: '123456789012',
    region,
    prove: (credentials, user) => proveKey(credentials, options, { lists: user.endsWith('-audit'), sleep }),
    onStep: () => {},
    sleep,
    now: Date.now,
  }
}

export function wanted({ folder }: Account, asked: Partial<AskedFor> & { bucket: string }): Resource[] {
  return desiredResources(readOptions({ region, endpoint: motoUrl, ...asked }), join(folder, '.env'))
}

export async function withAccount<T>(work: (account: Account) => Promise<T>): Promise<T> {
  const account = await freshAccount()
  try {
    return await work(account)
  } finally {
    await account.close()
  }
}

class Stopped extends Error {}

/**
 * Runs the work until so many calls have changed something: then it is stopped before it sees the answer.
 * @returns whether it was stopped
 */
export async function stoppedAfter(
  calls: number,
  { aws }: Account,
  work: () => Promise<unknown>,
): Promise<boolean> {
  let left = calls
  const stop =
    (next: (args: object) => Promise<object>, { commandName = '' }) =>
    async (args: object) => {
      const answer = await next(args)
      if (!/^(Create|Put|Attach|Add|Update|Delete)/.test(String(commandName))) return answer
      left -= 1
      if (left < 0) throw new Stopped()
      return answer
    }
  const options = { step: 'initialize' as const, name: 'stop' }
  const stacks = [aws.s3.middlewareStack, aws.iam.middlewareStack]
  for (const stack of stacks) (stack.add as (middleware: unknown, options: object) => void)(stop, options)
  try {
    await work()
    return false
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
    return true
  } finally {
    for (const stack of stacks) stack.remove('stop')
  }
}
