import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import { readEnvFile } from '../../packages/aws/src/env-file.ts'
import { photo } from '../media/photos.ts'
import { command, startProcess } from '../support/process.ts'
import { mediaOf, upload } from '../support/server.ts'
import { type Account, skip, stateOf, withAccount } from './moto.ts'

const bucket = 'my-photos'
const setup = ['--bucket', bucket, '--region', 'eu-central-1', '--origin', 'https://photos.example']

describe('from nothing, on moto with enforced policies', { skip }, () => {
  test('plan, apply, check and serve: four commands, and a photo goes in and out', async () => {
    await withAccount(async (account) => {
      const planned = await tintype(account, account.adminEnv, 'aws', 'plan', ...setup)
      assert.equal(planned.code, 0, planned.said)
      assert.match(planned.said, /^\+ bucket my-photos$/m)
      assert.match(planned.said, /11 to make, 0 to change, 0 as it should be\./)
      assert.deepEqual((await stateOf(account, bucket)).files, [], 'a plan changes nothing')

      const applied = await tintype(account, account.adminEnv, 'aws', 'apply', ...setup)
      assert.equal(applied.code, 0, applied.said)

      const checked = await tintype(
        account,
        account.env,
        'aws',
        'check',
        '--origin',
        'https://photos.example',
      )
      assert.equal(checked.code, 0, checked.said)
      assert.match(checked.said, /\n0 failed, \d\d as it should be/)

      const server = await startProcess(account.env, { cwd: account.folder })
      try {
        const bytes = await photo()
        const media = await mediaOf(await upload(server.url, { bytes }))
        const original = await fetch(`${server.url}/api/media/${media.id}/original`)
        assert.deepEqual(Buffer.from(await original.arrayBuffer()), bytes)
        const { status } = await fetch(`${server.url}/api/media/${media.id}`, { method: 'DELETE' })
        assert.equal(status, 204)
      } finally {
        await server.terminate()
      }

      const { AWS_SECRET_ACCESS_KEY = '' } = await readEnvFile(join(account.folder, '.env'))
      assert.ok(AWS_SECRET_ACCESS_KEY.length > 20)
      for (const { said } of [planned, applied, checked]) assert.ok(!said.includes(AWS_SECRET_ACCESS_KEY))
    })
  })

  test('the files need no credentials and no network', async () => {
    await withAccount(async (account) => {
      for (const format of ['json', 'cli', 'terraform', 'cloudformation']) {
        const env = { PATH: account.env.PATH ?? '' }
        const { code, said } = await tintype(account, env, 'aws', 'plan', ...setup, '--format', format)
        assert.equal(code, 0, said)
        assert.ok(said.length > 1000)
      }
    })
  })

  test('killed after any line that it prints and run again, apply ends in the same state', async (t) => {
    const whole = await withAccount(async (account) => {
      await tintype(account, account.adminEnv, 'aws', 'apply', ...setup)
      return stateOf(account, bucket)
    })
    let lines = 0
    for (let killed = true; killed; lines += 1) {
      await withAccount(async (account) => {
        killed = await killedAfter(lines + 1, account, 'aws', 'apply', ...setup)
        const { code, said } = await tintype(account, account.adminEnv, 'aws', 'apply', ...setup)
        assert.equal(code, 0, said)
        assert.deepEqual(await stateOf(account, bucket), whole, `killed after ${lines + 1} lines`)
      })
    }
    t.diagnostic(`killed after each of ${lines - 1} lines`)
    assert.ok(lines > 10)
  })

  test('check with an administrator in the environment says that .env does not count', async () => {
    await withAccount(async (account) => {
      await tintype(account, account.adminEnv, 'aws', 'apply', ...setup)
      const { code, said } = await tintype(account, account.adminEnv, 'aws', 'check')
      assert.equal(code, 1)
      assert.match(
        said,
        /✗ \.env counts: the environment has another AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY/,
      )
      assert.match(said, /✗ may not list the bucket \(s3:ListBucket\): it may/)
    })
  })

  test('rotate and destroy', async () => {
    await withAccount(async (account) => {
      await tintype(account, account.adminEnv, 'aws', 'apply', ...setup)
      const before = await readFile(join(account.folder, '.env'), 'utf8')
      const rotated = await tintype(account, account.adminEnv, 'aws', 'rotate')
      assert.equal(rotated.code, 0, rotated.said)
      assert.notEqual(await readFile(join(account.folder, '.env'), 'utf8'), before)
      assert.equal((await tintype(account, account.env, 'aws', 'check')).code, 0)

      const asked = await tintype(account, account.adminEnv, 'aws', 'destroy')
      assert.match(asked.said, /Add --yes to do it/)
      assert.equal((await stateOf(account, bucket)).bucket, 'eu-central-1')
      const destroyed = await tintype(account, account.adminEnv, 'aws', 'destroy', '--yes')
      assert.equal(destroyed.code, 0, destroyed.said)
      const { bucket: gone, users, policies } = await stateOf(account, bucket)
      assert.deepEqual([gone, users, policies], [undefined, [], []])
    })
  })

  test('what goes wrong is one sentence', async () => {
    await withAccount(async (account) => {
      for (const [env, args, sentence] of [
        [account.env, ['plan', '--bucket', 'My_Photos'], /can't be called "My_Photos"/],
        [
          { ...account.env, AWS_EC2_METADATA_DISABLED: 'true' },
          ['plan', ...setup],
          /There are no AWS credentials here/,
        ],
        [{ ...account.adminEnv, AWS_SECRET_ACCESS_KEY: 'x' }, ['plan', ...setup], /secret does not belong/],
        [
          { ...account.adminEnv, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
          ['plan', ...setup],
          /can't be reached/,
        ],
        [account.adminEnv, ['plan', ...setup, '--yes'], /takes no --yes/],
        [account.adminEnv, ['plan', ...setup, '--format', 'xml'], /one of json, cli, terraform/],
      ] as const) {
        const { code, said } = await tintype(account, env, 'aws', ...args)
        assert.ok(code === 1 || code === 2)
        assert.match(said, sentence)
        assert.doesNotMatch(said, /\n\s+at /)
      }
    })
  })
})

/** Runs a command in the account's folder; what it says on both outputs. */
async function tintype(account: Account, env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [command, ...args], {
    cwd: account.folder,
    env,
  })
  const chunks: Buffer[] = []
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said: Buffer.concat(chunks).toString() }
}

/** @returns whether it was killed before it had ended by itself */
async function killedAfter(lines: number, account: Account, ...args: string[]): Promise<boolean> {
  const options = { cwd: account.folder, env: account.adminEnv }
  const child = spawn(process.execPath, [command, ...args], options)
  let left = lines
  createInterface({ input: child.stdout }).on('line', () => {
    left -= 1
    if (left === 0) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return child.signalCode === 'SIGKILL'
}
