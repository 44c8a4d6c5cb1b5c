import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  ListPolicyVersionsCommand,
} from '@aws-sdk/client-iam'
import { CreateBucketCommand, DeleteBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { apply } from '../../packages/aws/src/apply.ts'
import { checkBucket } from '../../packages/aws/src/check/check.ts'
import { forbidden } from '../../packages/aws/src/check/forbidden.ts'
import { readEnvFile } from '../../packages/aws/src/env-file.ts'
import type { Finding } from '../../packages/tintype/src/bucket/finding.ts'
import {
  appPolicy,
  multipartActions,
  objectActions,
  type PolicyDocument,
} from '../../packages/tintype/src/bucket/policy.ts'
import { type Account, contextOf, freshAccount, motoUrl, region, skip, wanted } from './moto.ts'

const bucket = 'my-photos'
const origin = 'https://photos.example'
const PolicyArn = `arn:aws:iam::123456789012:policy/tintype-${bucket}`
const policy = appPolicy(bucket, { multipart: true })

/**
 * moto knows these under other names, or not at all: with them in a policy it denies still. local-s3 judges those
 * that it serves, in packages/aws/src/check/check.long.test.ts.
 */
const notJudged = new Set([
  's3:GetBucketPublicAccessBlock',
  's3:GetEncryptionConfiguration',
  's3:GetBucketOwnershipControls',
  's3:PutBucketPublicAccessBlock',
  's3:PutEncryptionConfiguration',
  's3:PutBucketOwnershipControls',
])

describe('check, on moto with enforced policies', { skip }, () => {
  let account: Account
  before(async () => {
    account = await freshAccount()
    await apply(wanted(account, { bucket, origins: [origin] }), contextOf(account, bucket))
  })
  after(() => account.close())

  test('passes right after apply, IAM and preflight included', async () => {
    const findings = await check(account)
    assert.deepEqual(failures(findings), [])
    assert.ok(findings.length > 45, String(findings.length))
  })

  for (const { action } of forbidden({ multipart: true, strict: true, iam: true, prefix: '' })) {
    const options = notJudged.has(action) ? { skip: 'moto does not judge this action' } : {}
    test(`fails when the policy is widened by ${action}`, options, async () => {
      const more = { Sid: 'More', Effect: 'Allow' as const, Action: [action], Resource: ['*'] }
      await withPolicy(account, { ...policy, Statement: [...policy.Statement, more] }, async () => {
        assert.ok(failures(await check(account)).some(({ what }) => what.includes(action)))
      })
    })
  }

  for (const action of [...objectActions, ...multipartActions]) {
    test(`fails when the policy is narrowed by ${action}`, async () => {
      const Statement = policy.Statement.map((one) => ({
        ...one,
        Action: one.Action.filter((other) => other !== action),
      }))
      await withPolicy(account, { ...policy, Statement }, async () => {
        assert.ok(failures(await check(account)).some(({ what }) => what.includes(action)))
      })
    })
  }

  test('passes again when all is put right', async () => {
    assert.deepEqual(failures(await check(account)), [])
  })

  test('fails when the policy is about other buckets too', async () => {
    const { s3 } = account.aws
    const CreateBucketConfiguration = { LocationConstraint: region } as const
    await s3.send(new CreateBucketCommand({ Bucket: 'other', CreateBucketConfiguration }))
    await s3.send(new PutObjectCommand({ Bucket: 'other', Key: 'there', Body: 'x' }))
    assert.deepEqual(failures(await check(account, { bucket: 'other', key: 'there' })), [])
    const Statement = policy.Statement.map((one) => ({ ...one, Resource: ['arn:aws:s3:::*'] }))
    await withPolicy(account, { ...policy, Statement }, async () => {
      const found = failures(await check(account, { bucket: 'other', key: 'there' }))
      assert.deepEqual(
        found.map(({ what }) => what),
        ['may not put into other', 'may not read other/there'],
      )
    })
  })
})

/** Changed as in the console; then apply restores it. */
async function withPolicy(
  account: Account,
  document: PolicyDocument,
  work: () => Promise<void>,
): Promise<void> {
  const { iam } = account.aws
  const PolicyDocument = JSON.stringify(document)
  await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }))
  try {
    await work()
  } finally {
    // What moto takes for a policy, S3 would not.
    await account.aws.s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }))
    await apply(wanted(account, { bucket, origins: [origin] }), contextOf(account, bucket))
    const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }))
    for (const { VersionId } of Versions.filter(({ IsDefaultVersion }) => !IsDefaultVersion)) {
      await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }))
    }
  }
}

async function check({ folder }: Account, other?: { bucket: string; key: string }): Promise<Finding[]> {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = await readEnvFile(join(folder, '.env'))
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY }
  const findings: Finding[] = []
  for await (const finding of checkBucket({
    bucket: { name: bucket, region, endpoint: motoUrl, credentials },
    multipart: true,
    origins: [origin],
    other,
    excess: 'failed',
    iam: true,
    now: Date.now,
  })) {
    findings.push(finding)
  }
  return findings
}

function failures(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ verdict }) => verdict === 'failed')
}
