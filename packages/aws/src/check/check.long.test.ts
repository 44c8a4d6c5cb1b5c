import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { startLocalS3 } from '@tintype/local-s3'
import type { Finding } from 'tintype/internal/bucket/finding'
import {
  appPolicy,
  multipartActions,
  objectActions,
  type PolicyDocument,
} from '../../../tintype/src/bucket/policy.ts'
import { readOptions } from '../options.ts'
import { desiredResources } from '../resources.ts'
import { type CheckOptions, checkBucket } from './check.ts'
import { forbidden } from './forbidden.ts'

const secretAccessKey = 'secret'
const name = 'photos'
const origin = 'https://photos.example'
const policy = appPolicy(name, { multipart: true })

/** Actions that local-s3 answers with NotImplemented, neither allowed nor denied. */
const notServed = /Encryption|Ownership|PublicAccess|Versioning$|Tagging|ObjectVersion$/

/** One identity for each policy that is tried. */
const identities = new Map<string, PolicyDocument>([
  ['app', policy],
  ['formOnly', appPolicy(name, { multipart: false })],
  ['prefixed', appPolicy(name, { multipart: true, prefix: 'photos/' })],
  ['wide', widened('s3:GetObject', 'arn:aws:s3:::*')],
])
const wideActions = forbidden({ multipart: true, strict: true, iam: false, prefix: '' })
  .map(({ action }) => action)
  .filter((action) => !notServed.test(action))
for (const action of wideActions) identities.set(`with ${action}`, widened(action, '*'))
for (const action of [...objectActions, ...multipartActions])
  identities.set(`without ${action}`, narrowed(action))

const directory = await mkdtemp(join(tmpdir(), 'tintype-check-'))
const s3 = await startLocalS3({
  directory,
  buckets: [name, 'other'],
  identities: [
    ...[...identities].map(([accessKeyId, one]) => ({
      name: accessKeyId,
      accessKeyId,
      secretAccessKey,
      policy: one,
    })),
    { accessKeyId: 'admin', secretAccessKey },
  ],
})
const admin = new S3Client({
  endpoint: s3.url,
  forcePathStyle: true,
  region: 'us-east-1',
  credentials: { accessKeyId: 'admin', secretAccessKey },
})
const nowhere = await closedEndpoint()
await setCors({})
await admin.send(new PutObjectCommand({ Bucket: 'other', Key: 'there', Body: 'x' }))
after(async () => {
  admin.destroy()
  await s3.close()
  await rm(directory, { recursive: true })
})

describe('check, with the very policy that apply writes', () => {
  test('finds nothing wrong, and leaves nothing behind', async () => {
    const findings = await check('app')
    assert.deepEqual(wrong(findings), [])
    assert.ok(findings.length > 25, String(findings.length))
    const { KeyCount } = await admin.send(new ListObjectsV2Command({ Bucket: name }))
    assert.equal(KeyCount, 0)
  })

  test('with a clock that is too wrong says that, and nothing that comes of it', async () => {
    const now = () => Date.now() + 20 * 60_000
    const findings = await check('app', { now })
    assert.deepEqual(
      findings.map(({ what, verdict }) => [what, verdict]),
      [['the clock is right', 'failed']],
    )
    assert.match(findings[0]?.detail ?? '', /^1(199|200|201) s ahead of/)
  })

  test('without multipart uploads, three actions suffice', async () => {
    assert.deepEqual(wrong(await check('formOnly', { multipart: false })), [])
  })

  test('below a prefix finds nothing wrong, and a key that may do more than that', async () => {
    const below = (who: string) => ({ bucket: { ...options(who).bucket, prefix: 'photos/' } })
    assert.deepEqual(wrong(await check('prefixed', below('prefixed'))), [])
    const found = wrong(await check('app', below('app')))
    assert.deepEqual(
      found.map(({ what }) => what),
      ['may not delete an object outside of its prefix (s3:DeleteObject)'],
    )
  })

  test('finds the two actions for multipart uploads too much where there are none', async () => {
    const found = wrong(await check('app', { multipart: false }))
    assert.deepEqual(found.map(actionIn), multipartActions.toReversed())
    const { Uploads = [] } = await admin.send(new ListMultipartUploadsCommand({ Bucket: name }))
    assert.deepEqual(Uploads, [])
  })
})

describe('check fails when the policy is', () => {
  for (const action of wideActions) {
    test(`widened by ${action}, and names it`, async () => {
      const found = wrong(await check(`with ${action}`))
      assert.deepEqual([...new Set(found.map(actionIn))], [action])
      for (const { verdict, remedy } of found)
        assert.deepEqual([verdict, remedy === undefined], ['failed', false])
    })
  }

  for (const action of [...objectActions, ...multipartActions]) {
    test(`narrowed by ${action}, and names it`, async () => {
      const found = wrong(await check(`without ${action}`))
      assert.ok(found.map(actionIn).includes(action), JSON.stringify(found))
      assert.ok(found.every(({ verdict, remedy }) => verdict === 'failed' && remedy))
      const { Uploads = [] } = await admin.send(new ListMultipartUploadsCommand({ Bucket: name }))
      assert.deepEqual(Uploads, [], 'multipart uploads are left behind')
    })
  }

  test('widened to other buckets', async () => {
    const other = { bucket: 'other', key: 'there' }
    assert.deepEqual(wrong(await check('app', { other })), [])
    const found = wrong(await check('wide', { other }))
    assert.deepEqual(
      found.map(({ what }) => what),
      ['may not read other/there'],
    )
  })
})

describe('where IAM is out of reach', () => {
  test('the bucket is checked all the same, and it says what was not', async () => {
    process.env.AWS_ENDPOINT_URL_STS = nowhere
    const findings = await check('app', { iam: true })
    delete process.env.AWS_ENDPOINT_URL_STS
    assert.deepEqual(wrong(findings), [])
    assert.match(findings.find(({ verdict }) => verdict === 'skipped')?.detail ?? '', /STS can't be reached/)
    assert.ok(findings.length > 25)
  })
})

describe('where keys can not be narrow', () => {
  test('what is too much is a warning, and what would change the bucket is not tried', async () => {
    const found = wrong(await check('with s3:ListBucket', { excess: 'warned' }))
    assert.deepEqual(
      found.map(({ verdict }) => verdict),
      ['warned'],
    )
    assert.deepEqual(wrong(await check('with s3:DeleteBucket', { excess: 'warned' })), [])
  })
})

describe('a key, a bucket or a service that is none: one line with the remedy', () => {
  for (const [what, change, remedy] of [
    ['an unknown key', { credentials: { accessKeyId: 'nobody', secretAccessKey } }, /does not know the key/],
    [
      'a wrong secret',
      { credentials: { accessKeyId: 'app', secretAccessKey: 'x' } },
      /secret does not belong/,
    ],
    [
      'a bucket that is not there',
      { name: 'nowhere', credentials: { accessKeyId: 'admin', secretAccessKey } },
      /S3_BUCKET/,
    ],
    ['a service that is not there', { endpoint: nowhere }, /Nothing listens|S3_ENDPOINT/],
    ['another region', { region: 'eu-west-1' }, /AWS_REGION/],
  ] as const) {
    test(what, async () => {
      const bucket = { ...options('app').bucket, ...change }
      const found = wrong(await collect(checkBucket({ ...options('app'), bucket })))
      assert.equal(found.length, 1, JSON.stringify(found))
      assert.match(found[0]?.remedy ?? '', remedy)
    })
  }

  test('a clock that is wrong is told by how much', async () => {
    const slow = await collect(checkBucket({ ...options('app'), now: () => Date.now() - 120_000 }))
    assert.match(wrong(slow)[0]?.detail ?? '', /^12\d s behind the service$|^119 s/)
  })
})

describe('a preflight that fails is explained in one sentence', () => {
  for (const [what, rule, detail] of [
    [
      'another origin',
      { AllowedOrigins: ['https://photo.example'] },
      /no CORS rule of the bucket is for the origin/,
    ],
    ['no PUT', { AllowedMethods: ['GET'] }, /does not allow the method PUT/],
    [
      'a header too few',
      { AllowedHeaders: ['content-type', 'if-none-match'] },
      /allow the header x-amz-checksum-sha256$/,
    ],
    [
      'no headers',
      { AllowedHeaders: [] },
      /allow the header content-type, if-none-match, x-amz-checksum-sha256$/,
    ],
    ['nothing exposed', { ExposeHeaders: [] }, /etag and x-amz-checksum-sha256 are not in ExposeHeaders/],
  ] as const) {
    test(what, async () => {
      await setCors(rule)
      const found = wrong(await check('app'))
      assert.equal(found.length, 1, JSON.stringify(found))
      assert.match(found[0]?.detail ?? '', detail)
      await setCors({})
    })
  }
})

function options(accessKeyId: string): CheckOptions {
  return {
    bucket: { name, endpoint: s3.url, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey } },
    multipart: true,
    origins: [origin],
    excess: 'failed',
    iam: false,
    now: Date.now,
  }
}

function check(accessKeyId: string, change: Partial<CheckOptions> = {}): Promise<Finding[]> {
  return collect(checkBucket({ ...options(accessKeyId), ...change }))
}

async function collect(findings: AsyncIterable<Finding>): Promise<Finding[]> {
  const all: Finding[] = []
  for await (const finding of findings) all.push(finding)
  return all
}

function wrong(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ verdict }) => verdict === 'failed' || verdict === 'warned')
}

function actionIn({ what }: Finding): string | undefined {
  return /\((\w+:\w+)\)/.exec(what)?.[1]
}

function widened(action: string, resource: string): PolicyDocument {
  const more = { Sid: 'More', Effect: 'Allow' as const, Action: [action], Resource: [resource] }
  return { ...policy, Statement: [...policy.Statement, more] }
}

function narrowed(action: string): PolicyDocument {
  const Statement = policy.Statement.map((one) => ({
    ...one,
    Action: one.Action.filter((other) => other !== action),
  }))
  return { ...policy, Statement }
}

/** The rule that apply would make, changed. */
async function setCors(change: object): Promise<void> {
  const resources = desiredResources(
    readOptions({ bucket: name, region: 'us-east-1', origins: [origin] }),
    '.env',
  )
  const cors = resources.find((one) => one.type === 'cors')
  const CORSRules = cors?.type === 'cors' ? cors.body.CORSRules.map((rule) => ({ ...rule, ...change })) : []
  await admin.send(new PutBucketCorsCommand({ Bucket: name, CORSConfiguration: { CORSRules } }))
}

/** An address where nothing listens. */
async function closedEndpoint(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}
