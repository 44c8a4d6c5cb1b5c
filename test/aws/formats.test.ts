import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { apply } from '../../packages/aws/src/apply.ts'
import { canonical } from '../../packages/aws/src/canonical.ts'
import { cliScript } from '../../packages/aws/src/formats/cli.ts'
import { cloudFormation } from '../../packages/aws/src/formats/cloudformation.ts'
import { terraform } from '../../packages/aws/src/formats/terraform.ts'
import { type Account, contextOf, region, skip, stateOf, wanted, withAccount } from './moto.ts'

const bucket = 'my-photos'
const variants = {
  'a user': { bucket, origins: ['https://photos.example', 'http://localhost:3000'], audit: true },
  'a role and TLS only': { bucket, role: 'photos', origins: ['https://photos.example'], endpoint: undefined },
}

/** A folder with the AWS provider, for `terraform init` without a network. */
const plugins = process.env.TF_PLUGINS ?? '/opt/tf-plugins'

for (const [name, asked] of Object.entries(variants)) {
  describe(`files for ${name}, carried out on moto, make what apply makes`, { skip }, () => {
    test('cli, run twice', without('aws', '--version'), async () => {
      const whole = await applied(asked)
      await withAccount(async (account) => {
        const file = join(account.folder, 'setup.sh')
        await writeFile(file, cliScript(wanted(account, asked), region))
        for (const _ of ['once', 'twice']) {
          const said = run('bash', [file], account)
          for (const secret of await secretsIn(account)) assert.ok(!said.includes(secret))
        }
        assert.deepEqual(comparable(await stateOf(account, bucket)), whole)
      })
    })

    test(
      'terraform',
      without('terraform', 'version', !existsSync(plugins) && `no AWS provider in ${plugins}`),
      async () => {
        const whole = await applied(asked)
        await withAccount(async (account) => {
          await writeFile(join(account.folder, 'main.tf'), terraform(wanted(account, asked), region))
          await writeFile(
            join(account.folder, 'moto_override.tf'),
            'provider "aws" {\n  s3_use_path_style = true\n}\n',
          )
          run('terraform', ['init', `-plugin-dir=${plugins}`], account)
          run('terraform', ['apply', '-auto-approve'], account)
          const env = run('terraform', ['output', '-raw', 'env'], account)
          await writeFile(join(account.folder, '.env'), env, { mode: 0o600 })
          assert.deepEqual(comparable(await stateOf(account, bucket)), whole)
          const { status } = spawnSync('terraform', ['plan', '-detailed-exitcode'], {
            cwd: account.folder,
            env: account.adminEnv,
          })
          assert.equal(status, 0, 'a second plan finds nothing to do')
        })
      },
    )

    test('cloudformation, as far as moto carries it out', without('aws', '--version'), async () => {
      const whole = await applied(asked)
      await withAccount(async (account) => {
        await writeFile(join(account.folder, 'stack.json'), cloudFormation(wanted(account, asked)))
        const stack = ['--stack-name', 'tintype', '--capabilities', 'CAPABILITY_NAMED_IAM']
        run('aws', ['cloudformation', 'validate-template', '--template-body', 'file://stack.json'], account)
        run(
          'aws',
          ['cloudformation', 'create-stack', '--template-body', 'file://stack.json', ...stack],
          account,
        )
        const made = comparable(await stateOf(account, bucket))
        // moto's buckets from stacks have their encryption and none of the other settings, its users no tags.
        for (const part of ['bucket', 'encryption', 'policies', 'roles'])
          assert.deepEqual(made[part], whole[part], part)
        const users = (state: Record<string, unknown>) =>
          (state.users as object[]).map((user) => ({ ...user, keyIsInFile: true, Tags: undefined }))
        assert.deepEqual(users(made), users(whole))
      })
    })
  })
}

async function applied(asked: Parameters<typeof wanted>[1]): Promise<Record<string, unknown>> {
  return withAccount(async (account) => {
    await apply(wanted(account, asked), contextOf(account, bucket))
    return comparable(await stateOf(account, bucket))
  })
}

/** Without the files that the tools leave, with policies as data and users by name. */
function comparable({ files: _, policy, users, ...state }: Record<string, unknown>): Record<string, unknown> {
  const byName = (users as { UserName: string }[]).toSorted((a, b) => a.UserName.localeCompare(b.UserName))
  const all = { ...state, users: byName, policy: typeof policy === 'string' ? JSON.parse(policy) : policy }
  return JSON.parse(canonical(all)) as Record<string, unknown>
}

async function secretsIn(account: Account): Promise<string[]> {
  const { readEnvFile } = await import('../../packages/aws/src/env-file.ts')
  const variables = await readEnvFile(join(account.folder, '.env'))
  return Object.entries(variables).flatMap(([variable, value]) =>
    variable.endsWith('SECRET_ACCESS_KEY') ? [value] : [],
  )
}

function run(command: string, args: string[], { folder, adminEnv }: Account): string {
  const env = { ...adminEnv, AWS_DEFAULT_REGION: region, HOME: process.env.HOME ?? folder }
  return execFileSync(command, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function without(command: string, argument: string, other: string | false = false): { skip: string | false } {
  return { skip: spawnSync(command, [argument]).error ? `${command} is not installed` : other }
}
