import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import * as iamApi from '@aws-sdk/client-iam'
import * as s3Api from '@aws-sdk/client-s3'
import { callsFor } from '../calls.ts'
import { type AskedFor, readOptions } from '../options.ts'
import { desiredResources, type Resource } from '../resources.ts'
import { cliScript } from './cli.ts'
import { cloudFormation } from './cloudformation.ts'
import { jsonPlan } from './json.ts'
import { terraform } from './terraform.ts'

const region = 'eu-central-1'
const origins = ['https://photos.example', 'https://www.photos.example']
const variants: Record<string, Partial<AskedFor>> = {
  'a user': {},
  'a user, with everything': { origins, audit: true },
  'a role': { role: 'photos', origins },
  'a role for containers': { role: 'photos', trust: 'ecs', audit: true, multipart: false },
  'an endpoint without TLS': { endpoint: 'http://127.0.0.1:9000' },
}

const desired = Object.entries(variants).map(([name, asked]) => ({
  name,
  resources: desiredResources(readOptions({ bucket: 'my-photos', region, ...asked }), '.env'),
}))

describe('what others say of the files', () => {
  test('terraform fmt -check passes', skipWithout('terraform', 'version'), () => {
    const files = desired.map(({ resources }, at) => [`${at}.tf`, terraform(resources, region)] as const)
    inFolder(files, (cwd) => {
      const { status, stdout } = spawnSync('terraform', ['fmt', '-check', '-diff'], { cwd, encoding: 'utf8' })
      assert.equal(status, 0, stdout)
    })
  })

  test('cfn-lint finds nothing', skipWithout('cfn-lint', '--version'), () => {
    const files = desired.map(({ resources }, at) => [`${at}.json`, cloudFormation(resources)] as const)
    inFolder(files, (cwd) => {
      const names = files.map(([name]) => name)
      const { status, stdout } = spawnSync('cfn-lint', names, { cwd, encoding: 'utf8' })
      assert.equal(status, 0, stdout)
    })
  })
})

for (const { name, resources } of desired) {
  describe(`files for ${name}`, () => {
    test('json has each resource and the calls that make it, which the SDK has too', () => {
      const { resources: steps } = JSON.parse(jsonPlan(resources, region)) as {
        resources: (Resource & { calls: { service: 's3' | 'iam'; operation: string }[] })[]
      }
      assert.deepEqual(
        steps.map(({ calls: _, ...resource }) => resource),
        resources,
      )
      for (const { service, operation } of steps.flatMap(({ calls }) => calls)) {
        assert.ok(`${operation}Command` in (service === 's3' ? s3Api : iamApi), operation)
      }
    })

    test('cli is a shell script with each of these calls, in this order', () => {
      const script = cliScript(resources, region)
      execFileSync('bash', ['-n'], { input: script })
      const calls = resources.flatMap((resource) => callsFor(resource, { account: '1', region }))
      const lines = [...script.matchAll(/aws (?:s3api|iam) ([a-z-]+)/g)].map((match) => match[1])
      assert.deepEqual(
        lines.map((line) => line?.replaceAll('-', '')),
        calls.map(({ operation }) => operation.toLowerCase()),
      )
    })

    test('terraform is in canonical form', () => {
      const lines = terraform(resources, region).split('\n')
      assert.deepEqual(
        lines.filter((line) => /\s$|\t/.test(line)),
        [],
      )
      assert.deepEqual(misaligned(lines), [])
      assert.equal(count(lines, /[{[(]$/), count(lines, /^ *[}\])]/))
    })

    test('cloudformation says of the bucket and of IAM what the state says', () => {
      const { Resources } = JSON.parse(cloudFormation(resources)) as {
        Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>
      }
      const find = (type: string, key: string, value: string) =>
        Object.values(Resources).find(({ Type, Properties }) => Type === type && Properties[key] === value)
          ?.Properties
      for (const { type, name: of, body } of resources) {
        const bucket = find('AWS::S3::Bucket', 'BucketName', 'my-photos')
        if (type === 'public-access-block') assert.deepEqual(bucket?.PublicAccessBlockConfiguration, body)
        if (type === 'object-ownership') assert.deepEqual(bucket?.OwnershipControls, { Rules: [body] })
        if (type === 'policy') {
          assert.deepEqual(find('AWS::IAM::ManagedPolicy', 'ManagedPolicyName', of)?.PolicyDocument, body)
        }
        if (type === 'user') assert.ok(find('AWS::IAM::User', 'UserName', of))
        if (type === 'role') {
          const { AssumeRolePolicyDocument } = find('AWS::IAM::Role', 'RoleName', of) ?? {}
          assert.deepEqual({ AssumeRolePolicyDocument }, body)
        }
      }
      assert.deepEqual(dangling(Resources), [])
    })

    test('no file makes an access key for a role', () => {
      const keys = resources.filter(({ type }) => type === 'access-key').length
      assert.equal(count(terraform(resources, region).split('\n'), /^resource "aws_iam_access_key"/), keys)
      assert.equal(cloudFormation(resources).split('"AWS::IAM::AccessKey"').length - 1, keys)
      assert.equal(cliScript(resources, region).split('create-access-key').length - 1, keys)
    })
  })
}

/** Runs of one-line arguments at one depth whose `=` are not below each other. */
function misaligned(lines: readonly string[]): string[] {
  const shape = (line: string | undefined) => /^( *)([\w":-]+ *)= (.*[^{[(]|\[.*\]|<<-EOT)$/.exec(line ?? '')
  return lines.filter((line, at) => {
    const [, indent, name] = shape(line) ?? []
    const [, indentBefore, nameBefore] = shape(lines[at - 1]) ?? []
    if (name === undefined || nameBefore === undefined || indent !== indentBefore) return false
    return name.length !== nameBefore.length
  })
}

/** References to what the template does not have. */
function dangling(resources: object): string[] {
  const text = JSON.stringify(resources)
  const names = [...text.matchAll(/"Ref":"(\w+)"|\$\{(\w+)/g)].map(
    (match) => (match[1] ?? match[2]) as string,
  )
  return names.filter((name) => !Object.hasOwn(resources, name))
}

function count(lines: readonly string[], pattern: RegExp): number {
  return lines.filter((line) => pattern.test(line)).length
}

function skipWithout(command: string, ...args: string[]): { skip: string | false } {
  const { error } = spawnSync(command, args)
  return { skip: error ? `${command} is not installed` : false }
}

function inFolder(files: readonly (readonly [string, string])[], work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'tintype-formats-'))
  try {
    for (const [name, text] of files) writeFileSync(join(folder, name), text)
    work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
