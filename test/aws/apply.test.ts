import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { CreateAccessKeyCommand, CreatePolicyVersionCommand, CreateUserCommand } from '@aws-sdk/client-iam'
import { PutBucketCorsCommand, PutBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3'
import { apply } from '../../packages/aws/src/apply.ts'
import { writeEnvFile } from '../../packages/aws/src/env-file.ts'
import { plan } from '../../packages/aws/src/plan.ts'
import { contextOf, skip, stateOf, stoppedAfter, wanted, withAccount } from './moto.ts'

const bucket = 'my-photos'
const everything = { origins: ['https://photos.example'], audit: true }

describe('apply, on moto with enforced policies', { skip }, () => {
  test('twice changes nothing the second time', async () => {
    await withAccount(async (account) => {
      const resources = wanted(account, { bucket, ...everything })
      await apply(resources, contextOf(account, bucket))
      const before = await stateOf(account, bucket)
      const steps = await apply(resources, contextOf(account, bucket))
      assert.deepEqual(
        steps.map(({ action }) => action),
        resources.map(() => 'keep'),
      )
      assert.deepEqual(await stateOf(account, bucket), before)
      assert.deepEqual(before.files, ['.env'])
      assert.equal((before.mode as number) & 0o777, 0o600)
    })
  })

  for (const [kind, asked] of [
    ['a user', everything],
    ['a role', { role: 'photos', origins: everything.origins }],
  ] as const) {
    test(`with ${kind}, stopped after any call and run again, it ends in the same state`, async (t) => {
      const whole = await withAccount(async (account) => {
        await apply(wanted(account, { bucket, ...asked }), contextOf(account, bucket))
        return stateOf(account, bucket)
      })
      let calls = 0
      for (let stopped = true; stopped; calls += 1) {
        await withAccount(async (account) => {
          const resources = wanted(account, { bucket, ...asked })
          stopped = await stoppedAfter(calls, account, () => apply(resources, contextOf(account, bucket)))
          if (!stopped) return
          await apply(resources, contextOf(account, bucket))
          assert.deepEqual(await stateOf(account, bucket), whole, `stopped after ${calls + 1} calls`)
        })
      }
      t.diagnostic(`stopped after each of ${calls - 1} calls that change something`)
      assert.ok(calls > 8)
    })
  }

  test('stopped after any step that it tells of, it ends in the same state', async () => {
    const whole = await withAccount(async (account) => {
      await apply(wanted(account, { bucket }), contextOf(account, bucket))
      return stateOf(account, bucket)
    })
    for (let steps = 0, stopped = true; stopped; steps += 1) {
      await withAccount(async (account) => {
        const resources = wanted(account, { bucket })
        let left = steps
        const onStep = () => {
          if (left === 0) throw new RangeError('stopped')
          left -= 1
        }
        stopped = await apply(resources, { ...contextOf(account, bucket), onStep }).then(
          () => false,
          (error) => error instanceof RangeError,
        )
        await apply(resources, contextOf(account, bucket))
        assert.deepEqual(await stateOf(account, bucket), whole, `stopped after ${steps + 1} steps`)
      })
    }
  })

  test('restores what was changed, and leaves what others have added', async () => {
    await withAccount(async (account) => {
      const resources = wanted(account, { bucket, ...everything })
      await apply(resources, contextOf(account, bucket))
      const before = await stateOf(account, bucket)
      const { s3, iam } = account.aws
      const theirs = { ID: 'theirs', AllowedOrigins: ['https://a.example'], AllowedMethods: ['GET'] }
      await s3.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: [theirs] } }))
      const expiry = {
        ID: 'theirs',
        Status: 'Enabled' as const,
        Filter: { Prefix: 'tmp/' },
        Expiration: { Days: 7 },
      }
      await s3.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: bucket,
          LifecycleConfiguration: { Rules: [expiry] },
        }),
      )
      const PolicyArn = `arn:aws:iam::123456789012:policy/tintype-${bucket}`
      const PolicyDocument = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
      })
      // As many versions as IAM keeps: apply has to make room.
      for (let version = 2; version <= 5; version += 1) {
        await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }))
      }
      const steps = await apply(resources, contextOf(account, bucket))
      assert.deepEqual(
        steps
          .filter(({ action }) => action !== 'keep')
          .map(({ resource, action }) => [resource.type, action]),
        [
          ['cors', 'create'],
          ['lifecycle', 'create'],
          ['policy', 'update'],
        ],
      )
      const after = await stateOf(account, bucket)
      assert.deepEqual(after.policies, before.policies)
      const ids = (rules: unknown) => (rules as { ID: string }[]).map(({ ID }) => ID)
      assert.deepEqual(ids(after.cors), ['theirs', 'tintype'])
      assert.deepEqual(ids(after.lifecycle), ['theirs', 'tintype-abort-incomplete-multipart'])
    })
  })

  test('refuses before it changes anything when .env belongs to something else', async () => {
    for (const variables of [
      { S3_BUCKET: 'other-photos' },
      { AWS_ACCESS_KEY_ID: 'AKIAOTHER', AWS_SECRET_ACCESS_KEY: 's' },
    ]) {
      await withAccount(async (account) => {
        await writeEnvFile(join(account.folder, '.env'), variables)
        await assert.rejects(
          apply(wanted(account, { bucket }), contextOf(account, bucket)),
          /name another file with --env/,
        )
        const { bucket: made, users } = await stateOf(account, bucket)
        assert.deepEqual([made, users], [undefined, []])
      })
    }
  })

  test('refuses a third key, and says which two there are', async () => {
    await withAccount(async (account) => {
      const UserName = `tintype-${bucket}`
      await account.aws.iam.send(new CreateUserCommand({ UserName }))
      for (const _ of [1, 2]) await account.aws.iam.send(new CreateAccessKeyCommand({ UserName }))
      await assert.rejects(
        apply(wanted(account, { bucket }), contextOf(account, bucket)),
        /has two keys already, AKIA\w+ and AKIA\w+/,
      )
    })
  })

  test('the TLS-only policy and a plan for it are stored and found again', async () => {
    await withAccount(async (account) => {
      const resources = wanted(account, { bucket, endpoint: undefined }).filter(
        ({ type }) => type !== 'access-key',
      )
      await apply(resources, contextOf(account, bucket))
      const { policy } = await stateOf(account, bucket)
      assert.match(String(policy), /"aws:SecureTransport":"false"/)
      const steps = await plan(resources, contextOf(account, bucket))
      assert.ok(steps.every(({ action }) => action === 'keep'))
    })
  })
})
