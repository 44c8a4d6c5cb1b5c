import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createReport } from '../../packages/server/src/commands/audit-report.ts'
import { createKeys } from '../../packages/tintype/src/bucket/keys.ts'
import { photo } from '../media/photos.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'
import { upload } from '../support/server.ts'
import { app, auditor, createSetting, type Setting, type Storage, startStorage } from './setting.ts'

const { makeKey } = createKeys()

const command = fileURLToPath(import.meta.resolve('../../packages/server/bin/tintype.js'))

async function audit(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [command, 'audit', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await ended) as [number | null]
  const lines = () =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { code, stdout, stderr, lines }
}

describe('tintype audit, on a bucket', () => {
  let storage: Storage
  let one: Setting
  let env: Record<string, string>

  before(async () => {
    storage = await startStorage()
  })
  after(() => storage.close())
  beforeEach(async () => {
    const database = join(storage.directory, `${Date.now()}.db`)
    one = await createSetting(storage, database)
    env = {
      DATABASE_URL: database,
      S3_BUCKET: one.name,
      S3_ENDPOINT: storage.url,
      AWS_ACCESS_KEY_ID: app.accessKeyId,
      AWS_SECRET_ACCESS_KEY: app.secretAccessKey,
      AUDIT_ACCESS_KEY_ID: auditor.accessKeyId,
      AUDIT_SECRET_ACCESS_KEY: auditor.secretAccessKey,
    }
  })
  afterEach(() => one.close())

  test('ends with 0 and a summary where nothing is to be found', async () => {
    await one.publish()
    const { code, stdout, stderr } = await audit(env)
    assert.equal(code, 0)
    assert.match(
      stdout,
      /^2 objects in [\d.]+ s: 2 visible, 0 to be deleted, 0 multipart uploads in progress\nNothing found\.\n$/,
    )
    assert.equal(stderr, '')
  })

  test('ends with 1 and one JSON object a line where something is', async () => {
    const lost = await one.publish()
    await one.delete(lost.key)
    const key = makeKey('original', 'jpg')
    await one.put(key)
    const { code, lines } = await audit(env, '--json')
    assert.equal(code, 1)
    const summary = lines().at(-1)
    const found = lines().slice(0, -1)
    assert.deepEqual(found.map((finding) => `${finding.type} ${finding.key}`).sort(), [
      `dangling ${lost.key}`,
      `orphan ${key}`,
    ])
    assert.equal(summary?.type, 'summary')
    assert.equal(summary?.objects, 2)
  })

  test('repairs what is old enough, and says so', async () => {
    await one.put(makeKey('original', 'jpg'))
    const younger = await audit(env, '--repair')
    assert.equal(younger.code, 1)
    assert.match(younger.stdout, /left alone, since it is younger/)
    const repaired = await audit(env, '--repair', '--grace', '0')
    assert.equal(repaired.code, 1)
    assert.match(repaired.stdout, /put on the sweep list/)
    assert.equal((await audit(env)).code, 0)
  })

  test('does not repair a bucket that the database knows nothing of, unless it is forced to', async () => {
    for (let i = 0; i < 101; i++) await one.put(makeKey('original', 'jpg'))
    const refused = await audit(env, '--repair', '--grace', '0')
    assert.equal(refused.code, 3)
    assert.match(refused.stderr, /belong together/)
    assert.equal((await one.records.audit.count()).sweep, 0)
    await audit(env, '--repair', '--force', '--grace', '0')
    assert.equal((await one.records.audit.count()).sweep, 101)
  })

  test('ends with 3 and the permission that is missing, where it may not list', async () => {
    const { AUDIT_ACCESS_KEY_ID: _, AUDIT_SECRET_ACCESS_KEY: __, ...own } = env
    const { code, stderr } = await audit(own)
    assert.equal(code, 3)
    assert.match(stderr, /it needs s3:ListBucket\. Set AUDIT_ACCESS_KEY_ID/)
  })

  for (const [what, args] of [
    ['an unknown option', ['--fix']],
    ['a grace period that is no number', ['--grace', 'soon']],
    ['force without repair', ['--force']],
  ] as const) {
    test(`ends with 2 for ${what}`, async () => assert.equal((await audit(env, ...args)).code, 2))
  }
})

describe('tintype audit, on the embedded S3', () => {
  let directory: string
  let server: ServerProcess

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-audit-'))
    server = await startProcess({ TINTYPE_DATA: directory, VARIANTS: 'thumb:320' })
    assert.equal((await upload(server.url, { bytes: await photo() })).status, 201)
  })
  afterEach(async () => {
    if (server.child.exitCode === null && server.child.signalCode === null) await server.kill()
    await rm(directory, { recursive: true })
  })

  const summary = async () => {
    const { code, stderr, lines } = await audit({ TINTYPE_DATA: directory }, '--json', '--checksums')
    assert.equal(code, 0, stderr)
    return lines().at(-1)
  }

  test('goes through the server that runs, without disturbing it', async () => {
    assert.equal((await summary())?.visible, 2)
    assert.equal((await upload(server.url, { bytes: await photo() })).status, 201)
  })

  test('opens it where no server runs, also after one was killed', async () => {
    await server.kill()
    assert.ok(await readFile(join(directory, 's3-address.json')))
    assert.equal((await summary())?.visible, 2)
    server = await startProcess({ TINTYPE_DATA: directory, VARIANTS: 'thumb:320' })
    assert.equal((await summary())?.visible, 2)
    assert.equal(await server.terminate(), 0)
    await assert.rejects(readFile(join(directory, 's3-address.json')), { code: 'ENOENT' })
  })

  test('says where it looked when there is none', async () => {
    const { code, stderr } = await audit({ TINTYPE_DATA: join(directory, 'elsewhere') })
    assert.equal(code, 3)
    assert.match(stderr, /no embedded S3 in .*elsewhere/)
  })
})

test('a terminal shows how far the audit is, and keeps only the result', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const drawn: string[] = []
  const lines: string[] = []
  const report = createReport({
    json: false,
    repair: false,
    write: (line) => lines.push(line),
    terminal: { isTTY: true, columns: 60, write: (text: string) => drawn.push(text) },
    expected: { objects: 2000, sweep: 0 },
  })
  const findings = {
    orphan: 0,
    dangling: 0,
    size: 0,
    checksum: 0,
    unreadable: 0,
    scheduled: 0,
    unrestorable: 0,
    returned: 0,
    multipart: 0,
    stuck: 0,
  }
  const totals = {
    objects: 1000,
    visible: 990,
    scheduled: 10,
    restorable: 0,
    multiparts: 0,
    checksums: 0,
    findings,
  }
  report.watch(totals)
  t.mock.timers.tick(200)
  assert.match(drawn.at(-1) ?? '', /█{12}░{12} 50 % {2}1,000 objects/)
  report.summary(totals)
  report.close()
  assert.equal(drawn.at(-1), '\r\x1b[K')
  assert.equal(lines.at(-1), 'Nothing found.')
})
