import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CreateAccessKeyCommand, CreateUserCommand } from '@aws-sdk/client-iam'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { apply } from '../../packages/aws/src/apply.ts'
import { destroy } from '../../packages/aws/src/destroy.ts'
import type { Resource } from '../../packages/aws/src/resources.ts'
import { contextOf, region, skip, stateOf, wanted, withAccount } from './moto.ts'

const bucket = 'my-photos'
const everything = { origins: ['https://photos.example'], audit: true }

describe('destroy, on moto', { skip }, () => {
  for (const [kind, asked] of [
    ['a user', everything],
    ['a role', { role: 'photos' }],
  ] as const) {
    test(`takes away all that apply made with ${kind}, and can be run again`, async () => {
      await withAccount(async (account) => {
        const empty = await stateOf(account, bucket)
        const resources = wanted(account, { bucket, ...asked })
        await apply(resources, contextOf(account, bucket))
        await destroy(resources, { ...contextOf(account, bucket), onStep: () => {} })
        const { files: _, variables, mode: __, ...rest } = await stateOf(account, bucket)
        const { files: ___, variables: ____, mode: _____, ...nothing } = empty
        assert.deepEqual(rest, nothing)
        assert.deepEqual(variables, [])
        const outcomes: string[] = []
        await destroy(resources, {
          ...contextOf(account, bucket),
          onStep: ({ outcome }) => outcomes.push(outcome),
        })
        assert.deepEqual([...new Set(outcomes)], ['absent'])
      })
    })
  }

  test('leaves a bucket that has an object, and a user that it did not make', async () => {
    await withAccount(async (account) => {
      const UserName = 'alice'
      await account.aws.iam.send(new CreateUserCommand({ UserName }))
      await account.aws.iam.send(new CreateAccessKeyCommand({ UserName }))
      const resources = wanted(account, { bucket, user: UserName })
      await apply(resources, contextOf(account, bucket))
      await account.aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'media/x', Body: 'x' }))
      const kept: string[] = []
      const onStep = ({ resource, outcome }: { resource: Resource; outcome: string }) => {
        if (outcome === 'kept') kept.push(resource.type)
      }
      await destroy(resources, { ...contextOf(account, bucket), onStep })
      assert.deepEqual(kept, ['user', 'bucket'])
      const { bucket: there, users } = await stateOf(account, bucket)
      assert.equal(there, region)
      const [alice] = users as { keys: string[]; attached: string[] }[]
      assert.deepEqual([alice?.keys, alice?.attached], [['Active'], []])
    })
  })
})
