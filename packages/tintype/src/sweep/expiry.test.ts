import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { onPostgres } from '../../../../test/support/app-database.ts'
import { createDatabase, skipWithoutPostgres } from '../../../../test/support/postgres.ts'
import { published } from '../../../../test/support/published.ts'
import { uploadRow } from '../../../../test/support/upload-row.ts'
import { createTestClock } from '../clock.ts'
import { silentLog } from '../log.ts'
import { openRecords } from '../records/records.ts'
import { anyOwner } from '../records/schema.ts'
import { createSweeper } from './sweeper.ts'

describe('expired media that a transaction of the app holds, on Postgres', {
  skip: skipWithoutPostgres,
}, () => {
  for (const { what, count, hold, end, pause } of [
    {
      what: 'has locked',
      count: 45,
      hold: 'select id from tintype_media where id in (IDS) for update',
      end: 'rollback',
      pause: 1000,
    },
    {
      what: 'refers to',
      count: 45,
      hold: 'insert into post select id from tintype_media where id in (IDS)',
      end: 'rollback',
      pause: 1000,
    },
    {
      what: 'refers to no longer',
      count: 1,
      hold: 'delete from post where photo in (IDS)',
      end: 'commit',
      pause: 60_000,
    },
  ]) {
    test(`what it ${what} waits, without a busy loop, and the others go`, async (t) => {
      const database = await createDatabase()
      const records = await openRecords(database.url)
      const app = await onPostgres(database.url)
      t.after(async () => {
        await app.close()
        await records.close()
        await database.drop()
      })
      const ids: string[] = []
      for (let i = 0; i < 60; i++) ids.push(await published(records, { expires_at: i }))
      const held = ids.slice(0, count)
      const list = held.map((id) => `'${id}'`).join()
      await app.run('create table post (photo text references tintype_media (id))')
      if (end === 'commit')
        await app.run(`insert into post select id from tintype_media where id in (${list})`)
      await app.run('begin')
      await app.run(hold.replace('IDS', list))

      const clock = createTestClock(1_000_000)
      let sleeping = Promise.withResolvers<number>()
      const sweeper = createSweeper({
        records,
        bucket: {
          delete: async () => {},
          abortMultipart: async () => 'aborted' as const,
          openMultiparts: async () => [],
        },
        log: silentLog,
        grace: 0,
        clock: {
          now: clock.now,
          after(ms, task) {
            sleeping.resolve(ms)
            return clock.after(ms, task)
          },
        },
      })
      const left = async () => {
        const found = await Promise.all(ids.map((id) => records.media.find(id, anyOwner)))
        return found.flatMap((one) => one?.media.id ?? [])
      }
      await sweeper.sweepDue()
      assert.deepEqual(await left(), held)
      sweeper.start()
      assert.equal(await sleeping.promise, pause)
      await app.run(end)
      sleeping = Promise.withResolvers()
      // A media whose reference was locked is tried again after ten minutes.
      clock.advance(600_000)
      await sleeping.promise
      await sweeper.stop()
      assert.deepEqual(await left(), [])
    })
  }
})

test('a session whose row is locked does not keep the others from expiring', {
  skip: skipWithoutPostgres,
}, async (t) => {
  const database = await createDatabase()
  const records = await openRecords(database.url)
  const app = await onPostgres(database.url)
  t.after(async () => {
    await app.close()
    await records.close()
    await database.drop()
  })
  const sessions = ['a', 'b', 'c'].map((key) => uploadRow({ key, due_at: 5, expires_at: 5 }))
  for (const session of sessions) {
    await records.ledger.reserve([session.key], 5)
    await records.uploads.open(session)
  }
  const [locked] = sessions as [(typeof sessions)[0]]
  await app.run('begin')
  await app.run(`select id from tintype_upload where id = '${locked.id}' for update`)
  const left = async () => {
    const found = await Promise.all(sessions.map(({ id, owner }) => records.uploads.find(id, owner)))
    return found.flatMap((one) => one?.id ?? [])
  }
  assert.equal(await records.uploads.expire(10, 40), 2)
  assert.deepEqual(await left(), [locked.id])
  await app.run('rollback')
  assert.equal(await records.uploads.expire(10, 40), 1)
})
