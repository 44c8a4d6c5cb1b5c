import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { startLocalS3 } from '@tintype/local-s3'
import type { Finding } from '../../../tintype/src/bucket/finding.ts'
import { appPolicy } from '../../../tintype/src/bucket/policy.ts'
import { createLog } from '../../../tintype/src/log.ts'
import { type Config, parseConfig } from '../config.ts'
import { childIsolation, databaseAnswers, dataFolder, nodeVersion, portIsFree } from './local.ts'
import { publicAddress } from './public-address.ts'
import { checkAtStart } from './startup.ts'

describe('doctor on this machine', () => {
  test('Node 22.16 is the oldest that will do', () => {
    assert.deepEqual(
      ['24.21.0', '22.16.0', '22.15.1', '20.20.2'].map((version) => nodeVersion(version).verdict),
      ['ok', 'ok', 'failed', 'failed'],
    )
  })

  test('child processes that can open files and sockets are a warning', () => {
    const all = { limits: true, descriptors: true, namespaces: true, readOnly: true, privileges: true }
    const none = { limits: true, descriptors: false, namespaces: false, readOnly: false, privileges: false }
    assert.equal(childIsolation(all, 'linux').verdict, 'ok')
    assert.match(childIsolation({ ...all, readOnly: false }, 'linux').detail ?? '', /without namespaces/)
    assert.equal(childIsolation(none, 'linux').verdict, 'warned')
    assert.equal(childIsolation(none, 'darwin').verdict, 'skipped')
  })

  test('a data folder that is not there yet is fine, and is not made', async () => {
    await inFolder(async (folder) => {
      const finding = await dataFolder(config({ TINTYPE_DATA: join(folder, 'a/b') }))
      assert.equal(finding?.verdict, 'ok')
      assert.match(finding?.detail ?? '', /GiB free$/)
    })
  })

  test('a data folder that can not be written is a failure', {
    skip: process.getuid?.() === 0 && 'root may write anywhere',
  }, async () => {
    await inFolder(async (folder) => {
      await chmod(folder, 0o500)
      assert.match(wrong(await dataFolder(config({ TINTYPE_DATA: folder }))), /EACCES.*TINTYPE_DATA/)
      await chmod(folder, 0o700)
    })
  })

  test('with a bucket and a database elsewhere, no folder is needed', async () => {
    assert.equal(await dataFolder(config({ S3_BUCKET: 'photos', DATABASE_URL: 'postgres://h/d' })), undefined)
  })

  test('a damaged SQLite file is a failure; none is fine', async () => {
    await inFolder(async (folder) => {
      assert.equal((await databaseAnswers(config({ TINTYPE_DATA: folder }))).verdict, 'ok')
      await writeFile(join(folder, 'tintype.db'), 'This is no database.'.repeat(400))
      assert.match(
        wrong(await databaseAnswers(config({ TINTYPE_DATA: folder }))),
        /not a database.*DATABASE_URL/,
      )
    })
  })

  test('a database that does not answer is a failure that tells no password', async () => {
    const finding = await databaseAnswers(config({ DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/d' }))
    assert.match(wrong(finding), /ECONNREFUSED.*DATABASE_URL/)
    assert.doesNotMatch(JSON.stringify(finding), /hunter2/)
  })

  test('a port that another program has is a failure', async () => {
    const server = createServer((socket) => socket.end('no HTTP'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const PORT = String((server.address() as AddressInfo).port)
    assert.match(wrong(await portIsFree(config({ PORT }))), /another program.*PORT/)
    server.close()
    assert.equal((await portIsFree(config({ PORT: '0' }))).verdict, 'ok')
  })

  test('a public address without TLS is a warning, on this machine it is none', () => {
    const token = { TINTYPE_TOKEN: 'a token of 16 letters' }
    const verdicts = ['http://photos.example', 'https://photos.example', 'http://localhost:3000'].map(
      (PUBLIC_URL) => publicAddress(config({ PUBLIC_URL, ...token }))?.verdict,
    )
    assert.deepEqual(verdicts, ['warned', 'ok', 'ok'])
  })
})

describe('the short form, at the start of the server', () => {
  test('finds nothing with a key that may do what it needs, and writes nothing', async () => {
    await withS3(async (env) => assert.deepEqual(await logged(env), []))
  })

  for (const [what, change, remedy] of [
    ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'x' }, /secret does not belong/],
    ['an unknown key', { AWS_ACCESS_KEY_ID: 'x' }, /does not know the key/],
    ['another region', { AWS_REGION: 'eu-west-1' }, /AWS_REGION/],
    ['nothing that listens', { S3_ENDPOINT: 'http://127.0.0.1:9' }, /Nothing listens/],
    ['an address without TLS', { PUBLIC_URL: 'http://photos.example' }, /TLS/],
  ] as const) {
    test(`tells the log of ${what}, and what to do`, async () => {
      await withS3(async (env) => {
        const [line, ...others] = await logged({ ...env, ...change })
        assert.deepEqual(others, [])
        assert.equal(line?.event, 'doctor.found')
        assert.match(String(line?.remedy), remedy)
      })
    })
  }
})

async function logged(env: Record<string, string>): Promise<Record<string, unknown>[]> {
  const lines: string[] = []
  const log = createLog((line) => lines.push(line))
  await checkAtStart(config(env), { log, now: Date.now, signal: new AbortController().signal })
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

async function withS3(work: (env: Record<string, string>) => Promise<void>): Promise<void> {
  await inFolder(async (directory) => {
    const key = { accessKeyId: 'app', secretAccessKey: 'secret' }
    const identities = [{ ...key, policy: appPolicy('photos', { multipart: true }) }]
    const s3 = await startLocalS3({ directory, identities, buckets: ['photos'] })
    try {
      await work({
        TINTYPE_DATA: directory,
        S3_BUCKET: 'photos',
        S3_ENDPOINT: s3.url,
        AWS_ACCESS_KEY_ID: key.accessKeyId,
        AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
      })
    } finally {
      await s3.close()
    }
  })
}

function config(env: Record<string, string>): Config {
  return parseConfig(env)
}

function wrong(finding: Finding | undefined): string {
  assert.equal(finding?.verdict, 'failed')
  return `${finding?.detail} ${finding?.remedy}`
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tintype-doctor-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
