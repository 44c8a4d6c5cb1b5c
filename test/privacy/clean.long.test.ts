import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Bucket, createBucket } from '../../packages/tintype/src/bucket/bucket.ts'
import { largeVideo, withPlace } from '../media/videos.ts'
import { appCredentials, bucketName, type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const command = fileURLToPath(import.meta.resolve('../../packages/server/bin/tintype.js'))
const clip = withPlace(readFileSync(new URL('../media/files/index-at-end.mp4', import.meta.url)))
const long = withPlace(await largeVideo(9 * 1024 ** 2, { index: 'last' }))
const place = '+51.5000'

describe('tintype clean, as a process beside a server', () => {
  let app: StorageApp
  let database: DatabaseSync
  let bucket: Bucket
  before(async () => {
    app = await startStorageApp({ privacy: { location: 'keep', identifiers: 'keep' } })
    database = new DatabaseSync(app.database)
    bucket = createBucket(
      { name: bucketName, endpoint: app.proxy.url, credentials: appCredentials },
      { signReadTtl: 60, now: Date.now },
    )
  })
  after(async () => {
    bucket.close()
    database.close()
    await app.stop()
  })

  async function clean(env: Record<string, string>, ...args: string[]) {
    const child = spawn(process.execPath, [command, 'clean', ...args], {
      env: {
        DATABASE_URL: app.database,
        S3_BUCKET: bucketName,
        S3_ENDPOINT: app.proxy.url,
        AWS_ACCESS_KEY_ID: appCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: appCredentials.secretAccessKey,
        UPLOAD_DEADLINE: '30',
        SWEEP_GRACE: '1',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = once(child, 'exit')
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    const [code, signal] = (await ended) as [number | null, string | null]
    return { code, signal, stdout, stderr }
  }
  async function old(bytes: Buffer): Promise<string> {
    const { id } = await app.tintype.media.create(bytes, { owner: 'ann' })
    database.prepare('update tintype_media set cleaned = null where id = ?').run(id)
    return id
  }
  /** By a request of our own: the clock of the app, by which it signs URLs, moves on. */
  async function stored(id: string): Promise<Buffer> {
    const row = database.prepare('select key, bytes from tintype_media where id = ?').get(id)
    return bucket.read(String(row?.key), { range: { start: 0, end: Number(row?.bytes) } })
  }

  test('says by its exit code what there is to do, and then does it', async () => {
    const id = await old(clip)
    const dry = await clean({}, '--dry-run')
    assert.deepEqual([dry.code, dry.stderr], [1, ''])
    assert.match(dry.stdout, /^would be \S+ \S+: location\n1 looked at in [\d.]+ s: 1 to be cleaned\.\n$/)
    assert.ok((await stored(id)).includes(place))
    const done = await clean({}, '--json')
    const lines = done.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.deepEqual([done.code, lines[0]?.outcome, lines[1]?.cleaned], [0, 'cleaned', 1])
    assert.ok(!(await stored(id)).includes(place))
    assert.equal((await clean({}, '--dry-run')).code, 0)
    assert.equal((await clean({}, '--frobnicate')).code, 2)
    assert.equal((await clean({ DATABASE_URL: '/dev/null/tintype.db' })).code, 3)
    await app.tintype.media.remove(id)
  })

  for (const [point, bytes] of [
    ['clean.created', long],
    ['clean.partStored', long],
    ['clean.partStored:2', long],
    ['clean.assembled', long],
    ['clean.copied', long],
    ['clean.stored', clip],
    ['clean.publishing', clip],
  ] as const)
    test(`killed at ${point}, it has lost nothing, goes on the next time, and leaves nothing behind`, async () => {
      const id = await old(bytes)
      assert.equal((await clean({ CRASH_AT: point })).signal, 'SIGKILL')
      assert.equal((await stored(id)).length, bytes.length)
      assert.equal((await clean({})).code, 0)
      assert.ok(!(await stored(id)).includes(place))
      const { urls } = (await app.tintype.media.get(id, { owner: 'ann' })) ?? {}
      const left = async () => {
        app.clock.advance(60_000)
        return [...(await app.keys()), ...(await app.openMultiparts())]
      }
      await until(left, (keys) => keys.length === Object.keys(urls ?? {}).length)
      await app.tintype.media.remove(id)
      await until(left, (keys) => keys.length === 0)
    })
})
