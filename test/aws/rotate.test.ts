import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { CreateAccessKeyCommand } from '@aws-sdk/client-iam'
import { type AccessKeyContext, rotateKey } from '../../packages/aws/src/access-key.ts'
import { apply } from '../../packages/aws/src/apply.ts'
import { readEnvFile } from '../../packages/aws/src/env-file.ts'
import { type Account, contextOf, skip, stateOf, stoppedAfter, wanted, withAccount } from './moto.ts'

const bucket = 'my-photos'

describe('rotate, on moto with enforced policies', { skip }, () => {
  test('puts a new key in place of the old one, and leaves one key', async () => {
    await withKey(async (account, keys) => {
      const before = await stateOf(account, bucket)
      const old = await keyIn(account)
      await rotateKey(keys, { keepOld: false })
      assert.notEqual(await keyIn(account), old)
      assert.deepEqual(await stateOf(account, bucket), before)
    })
  })

  test('stopped after any call and run again, it ends with one key, which is in the file', async (t) => {
    let calls = 0
    for (let stopped = true; stopped; calls += 1) {
      await withKey(async (account, keys) => {
        const before = await stateOf(account, bucket)
        const old = await keyIn(account)
        stopped = await stoppedAfter(calls, account, () => rotateKey(keys, { keepOld: false }))
        if (stopped) await rotateKey(keys, { keepOld: false })
        assert.deepEqual(await stateOf(account, bucket), before, `stopped after ${calls + 1} calls`)
        assert.notEqual(await keyIn(account), old)
      })
    }
    t.diagnostic(`stopped after each of ${calls - 1} calls that change something`)
    assert.equal(calls - 1, 3)
  })

  test('can keep the old key until the servers have the new one', async () => {
    await withKey(async (account, keys) => {
      const before = await stateOf(account, bucket)
      const old = await keyIn(account)
      await rotateKey(keys, { keepOld: true })
      const fresh = await keyIn(account)
      assert.notEqual(fresh, old)
      assert.deepEqual(keysIn(await stateOf(account, bucket)), ['Active', 'Active'])
      // apply runs in between.
      await apply(wanted(account, { bucket }), contextOf(account, bucket))
      assert.deepEqual(keysIn(await stateOf(account, bucket)), ['Active', 'Active'])
      await rotateKey(keys, { keepOld: false })
      assert.equal(await keyIn(account), fresh)
      assert.deepEqual(await stateOf(account, bucket), before)
    })
  })

  test('a new key that does not work is taken back, and the old one stays', async () => {
    await withKey(async (account, keys) => {
      const before = await stateOf(account, bucket)
      const prove = () => Promise.reject(new Error('denied'))
      await assert.rejects(rotateKey({ ...keys, prove }, { keepOld: false }), /denied/)
      assert.deepEqual(await stateOf(account, bucket), before)
    })
  })

  test('a new key that fails once the old one is off: the old one is on again', async () => {
    await withKey(async (account, keys) => {
      let proofs = 0
      const prove = async () => {
        proofs += 1
        if (proofs === 2) throw new Error('denied')
      }
      await assert.rejects(rotateKey({ ...keys, prove }, { keepOld: false }), /denied/)
      assert.deepEqual(keysIn(await stateOf(account, bucket)), ['Active', 'Active'])
    })
  })

  test('refuses when the user has a second key that is not in the file', async () => {
    await withKey(async (account, keys) => {
      await account.aws.iam.send(new CreateAccessKeyCommand({ UserName: keys.user }))
      await assert.rejects(rotateKey(keys, { keepOld: false }), /has two keys already/)
    })
  })
})

async function withKey(work: (account: Account, keys: AccessKeyContext) => Promise<void>): Promise<void> {
  await withAccount(async (account) => {
    const resources = wanted(account, { bucket })
    const context = contextOf(account, bucket)
    await apply(resources, context)
    const { name: user, body: place } = resources.find((one) => one.type === 'access-key') ?? assert.fail()
    await work(account, { ...context, user, place, prove: (credentials) => context.prove(credentials, user) })
  })
}

async function keyIn({ folder }: Account): Promise<string> {
  const { AWS_ACCESS_KEY_ID = '' } = await readEnvFile(join(folder, '.env'))
  return AWS_ACCESS_KEY_ID
}

function keysIn(state: Record<string, unknown>): string[] {
  return (state.users as { keys: string[] }[])[0]?.keys ?? []
}
