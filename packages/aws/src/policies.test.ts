import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer as createHttp, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
  type S3ServiceException,
} from '@aws-sdk/client-s3'
import { createLocalS3 } from '@tintype/local-s3'
import type { PolicyDocument } from '../../tintype/src/bucket/policy.ts'
import { callsFor } from './calls.ts'
import { readOptions } from './options.ts'
import { desiredResources, type Resource, type ResourceOf } from './resources.ts'

const options = readOptions({ bucket: 'photos', region: 'us-east-1', audit: true })
const resources = desiredResources(options, '.env')
const Bucket = options.bucket
const openssl = spawnSync('openssl', ['version']).error ? 'openssl is not installed' : false

describe('the policies that apply writes, enforced by local-s3', () => {
  test('a key that is not there is 403 for the app, which may not list', async () => {
    await withS3(async ({ http }) => {
      assert.equal(await status(http('app').send(new GetObjectCommand({ Bucket, Key: 'missing' }))), 403)
      assert.equal(await status(http('admin').send(new GetObjectCommand({ Bucket, Key: 'missing' }))), 404)
    })
  })

  test("the audit's user lists, and neither reads nor writes", async () => {
    await withS3(async ({ http }) => {
      await http('app').send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
      const audit = http('audit')
      assert.equal((await audit.send(new ListObjectsV2Command({ Bucket }))).KeyCount, 1)
      assert.equal(await status(audit.send(new GetObjectCommand({ Bucket, Key: 'k' }))), 403)
      assert.equal(await status(audit.send(new PutObjectCommand({ Bucket, Key: 'l', Body: 'x' }))), 403)
    })
  })

  test('TLS only: without it even the owner is refused, with it nothing changes', {
    skip: openssl,
  }, async () => {
    await withS3(async ({ http, https }) => {
      const [call] = callsFor(one('bucket-policy'), { account: '', region: 'us-east-1' })
      await http('admin').send(new PutBucketPolicyCommand(call?.input as never))
      for (const who of ['app', 'admin'] as const) {
        const put = () => new PutObjectCommand({ Bucket, Key: who, Body: 'x' })
        assert.equal(await status(http(who).send(put())), 403)
        assert.equal(await status(https(who).send(put())), 200)
      }
      // The bucket's owner can always repair its policy; others can't.
      assert.equal(await status(https('app').send(new PutBucketPolicyCommand(call?.input as never))), 403)
    })
  })
})

test('two prefixes in one bucket have policies, users and rules of their own', () => {
  const of = (prefix: string) =>
    desiredResources(
      readOptions({
        bucket: 'photos',
        region: 'us-east-1',
        prefix,
        audit: true,
        origins: ['https://a.example'],
      }),
      '.env',
    )
  const [red, blue] = [of('red/'), of('shops/blue/')]
  const own = red.filter((one) => /^(policy|user|user-policy|access-key)$/.test(one.type))
  const names = new Set(blue.map(({ name }) => name))
  for (const { name } of own) assert.ok(!names.has(name), name)
  assert.ok(names.has('tintype-photos-shops-blue'))
  for (const type of ['cors', 'lifecycle'] as const) {
    const ids = [red, blue].map((all) => JSON.stringify(all.find((one) => one.type === type)?.body))
    const [id, other] = ids.map((body) => /"ID":"([^"]*)"/.exec(body)?.[1])
    assert.notEqual(id, other)
  }
  assert.match(JSON.stringify(blue.find((one) => one.type === 'lifecycle')), /"Prefix":"shops\/blue\/"/)
  assert.equal(
    (blue.find((one) => one.type === 'env-file') as ResourceOf<'env-file'>).body.S3_PREFIX,
    'shops/blue/',
  )
})

type Who = 'app' | 'audit' | 'admin'

/** One local-s3 behind a port without and a port with TLS. */
async function withS3(
  work: (clients: Record<'http' | 'https', (who: Who) => S3Client>) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-policies-'))
  const identity = (accessKeyId: Who, policy?: PolicyDocument) => ({
    name: accessKeyId,
    accessKeyId,
    secretAccessKey: 'secret',
    ...(policy ? { policy } : {}),
  })
  const s3 = await createLocalS3({
    directory,
    buckets: [Bucket],
    identities: [
      identity('app', one('policy').body as PolicyDocument),
      identity('audit', one('policy', 1).body as PolicyDocument),
      identity('admin'),
    ],
  })
  const servers = { http: createHttp(s3.handle), https: createHttps(await certificate(directory), s3.handle) }
  for (const server of Object.values(servers)) await once(server.listen(0, '127.0.0.1'), 'listening')
  const clients: S3Client[] = []
  const client = (scheme: 'http' | 'https') => (who: Who) => {
    const { port } = (servers[scheme] as Server).address() as AddressInfo
    const made = new S3Client({
      endpoint: `${scheme}://127.0.0.1:${port}`,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: { accessKeyId: who, secretAccessKey: 'secret' },
      requestHandler: { httpsAgent: { rejectUnauthorized: false } },
    })
    clients.push(made)
    return made
  }
  try {
    await work({ http: client('http'), https: client('https') })
  } finally {
    for (const one of clients) one.destroy()
    for (const server of Object.values(servers)) server.close().closeAllConnections()
    await s3.close()
    await rm(directory, { recursive: true })
  }
}

/** For a minute of 127.0.0.1. Without openssl there is none, and no connection. */
async function certificate(folder: string): Promise<{ key?: Buffer; cert?: Buffer }> {
  if (openssl) return {}
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const request = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '1',
  ]
  spawnSync('openssl', [...request, '-subj', '/CN=localhost', '-keyout', key, '-out', cert])
  return { key: await readFile(key), cert: await readFile(cert) }
}

function one(type: Resource['type'], at = 0): Resource {
  return resources.filter((resource) => resource.type === type)[at] ?? assert.fail(type)
}

async function status(
  asking: Promise<{ $metadata: { httpStatusCode?: number | undefined } }>,
): Promise<number | undefined> {
  const { $metadata } = await asking.catch((error: S3ServiceException) => error)
  return $metadata.httpStatusCode
}
