import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { openRecords } from '../../packages/tintype/src/records/records.ts'
import { app, auditor, createSetting, type Storage, startStorage } from '../audit/setting.ts'
import { skipWithoutPostgres } from '../support/postgres.ts'
import { command } from '../support/process.ts'
import { postgresDatabases, sqliteDatabases } from './databases.ts'
import type { Databases } from './history.ts'

test('wrong use is 2, and says what is right', async () => {
  for (const [args, says] of [
    [['--at', '2026-11-28T14:03Z'], /--at goes with --check/],
    [['--check', '--at', '2026-11-28 14:03'], /with its offset, such as 2026-11-28T14:03Z/],
    [['--check', '--at', '2999-01-01T00:00Z'], /is yet to come/],
    [['--grace', '1h'], /whole number of seconds/],
    [['--chek'], /--chek/],
  ] as const) {
    const { code, stderr } = await tintype({}, 'restore', ...args)
    assert.deepEqual([code, says.test(stderr)], [2, true], stderr)
  }
})

const places = [
  { name: 'SQLite', skip: false as const, open: ({ directory }: Storage) => sqliteDatabases(directory) },
  { name: 'Postgres', skip: skipWithoutPostgres, open: postgresDatabases },
]

for (const { name, skip, open } of places)
  describe(`tintype restore, the command, on ${name}`, { skip }, () => {
    let storage: Storage
    let databases: Databases & { drop?(): Promise<void> }
    before(async () => {
      storage = await startStorage()
      databases = open(storage)
    })
    after(async () => {
      await databases.drop?.()
      await storage.close()
    })

    /** A dump with a photo that was lost later, beside a bucket that has a newer one and an open multipart upload. */
    async function scene() {
      const url = await databases.create()
      const one = await createSetting(storage, url)
      const [whole, lost] = [await one.publish(), await one.publish()]
      await one.records.close()
      const dump = await databases.dump(url)
      for (const key of [one.bucket.makeKey('original', 'jpg'), one.bucket.makeKey('thumb', 'webp')])
        await one.put(key)
      await one.delete(lost.key)
      await one.bucket.createMultipart(one.bucket.makeKey('original', 'mp4'), { type: 'video/mp4' })
      one.listing.close()
      one.bucket.close()
      const env = {
        DATABASE_URL: dump,
        S3_BUCKET: one.name,
        S3_ENDPOINT: storage.url,
        AWS_ACCESS_KEY_ID: app.accessKeyId,
        AWS_SECRET_ACCESS_KEY: app.secretAccessKey,
        AUDIT_ACCESS_KEY_ID: auditor.accessKeyId,
        AUDIT_SECRET_ACCESS_KEY: auditor.secretAccessKey,
      }
      return { env, whole, lost }
    }

    const typesIn = (stdout: string) =>
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { type: string }).type)

    test('a check changes nothing, ends with 1 where something is lost, and says it for people and programs', async () => {
      const { env, lost } = await scene()
      for (let times = 0; times < 2; times++) {
        const { code, stdout } = await tintype(env, 'restore', '--check', '--json')
        assert.equal(code, 1)
        assert.deepEqual(typesIn(stdout).sort(), ['lost', 'multipart', 'newer', 'newer', 'summary'].sort())
      }
      const { stdout } = await tintype(env, 'restore', '--check')
      assert.match(stdout, new RegExp(`the original of media ${lost.id} is gone; it was whole at 20`))
      assert.match(stdout, /1 is lost or left; see above\.\n$/)
    })

    for (const point of ['putBack.postponed', 'putBack.scheduled', 'putBack.lost', 'putBack.moved']) {
      test(`killed at ${point} and called again, it leaves an empty audit`, async () => {
        const { env, whole } = await scene()
        assert.equal((await tintype({ ...env, CRASH_AT: point }, 'restore')).signal, 'SIGKILL')
        const { code, stderr } = await tintype(env, 'restore')
        // What is lost was told by the run that was killed, or is by this one.
        assert.ok(code === 0 || code === 1, stderr)
        assert.equal((await tintype(env, 'audit')).stdout.split('\n').at(-2), 'Nothing found.')
        const records = await openRecords(env.DATABASE_URL)
        const rows = await records.media.list({ owner: 'somebody' }, { limit: 10 })
        await records.close()
        assert.deepEqual(
          rows.map(({ media }) => media.id),
          [whole.id],
        )
      })
    }

    test('of a bucket that belongs to another database it changes nothing', async () => {
      const { env } = await scene()
      const strange = await createSetting(storage, await databases.create())
      const keys = Array.from({ length: 101 }, () => strange.bucket.makeKey('original', 'jpg'))
      for (const key of keys) await strange.put(key)
      await strange.close()
      const { code, stderr } = await tintype({ ...env, S3_BUCKET: strange.name }, 'restore')
      assert.deepEqual([code, /Nothing was changed: 101 of 101 objects/.test(stderr)], [3, true], stderr)
    })
  })

async function tintype(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [command, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'exit')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code, signal] = (await ended) as [number | null, string | null]
  return { code, signal, stdout, stderr }
}
