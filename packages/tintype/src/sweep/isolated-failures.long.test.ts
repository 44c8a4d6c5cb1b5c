import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { type AppDatabase, databases, forbidDeletion } from '../../../../test/support/app-database.ts'
import { published } from '../../../../test/support/published.ts'
import { uploadRow } from '../../../../test/support/upload-row.ts'
import { S3Refusal } from '../bucket/refusal.ts'
import { createTestClock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { openRecords, type Records } from '../records/records.ts'
import { anyOwner } from '../records/schema.ts'
import { createSweeper, type SweeperOptions } from './sweeper.ts'

for (const { name, create, connect, skip } of databases) {
  describe(`on ${name}, what one item does holds up no other`, { skip }, () => {
    let database: Awaited<ReturnType<typeof create>>
    let records: Records
    let app: AppDatabase
    let clock: ReturnType<typeof createTestClock>
    let deleted: string[]
    let events: string[]

    beforeEach(async () => {
      database = await create()
      records = await openRecords(database.url)
      app = await connect(database.url)
      clock = createTestClock(1_000_000)
      deleted = []
      events = []
    })
    afterEach(async () => {
      await app.close()
      await records.close()
      await database.drop()
    })

    const note = (event: string, { id }: { id?: unknown } = {}) => void events.push(`${event} ${id ?? ''}`)
    const log: Log = { info: note, warn: note, error: note }
    const bucket = {
      delete: async (key: string) => void deleted.push(key),
      abortMultipart: async () => 'aborted' as const,
      openMultiparts: async () => [],
    }
    const sweeping = (more: Partial<SweeperOptions> = {}) =>
      createSweeper({ records, bucket, clock, log, grace: 60_000, random: () => 0, ...more })
    const visible = async (ids: string[]) => {
      const found = await Promise.all(ids.map((id) => records.media.find(id, anyOwner)))
      return found.filter((one) => one !== undefined).map((one) => one.media.id)
    }
    const expired = async (count: number) => {
      const ids: string[] = []
      for (let i = 0; i < count; i++) ids.push(await published(records, { expires_at: i }))
      return ids
    }
    const keyOf = (id: string) => `media/${id}/original.jpg`

    for (const constraint of ['', 'on delete restrict', 'deferrable initially deferred']) {
      test(`expired media that a foreign key ${constraint} refers to count as claimed, the others go`, async () => {
        const ids = await expired(100)
        await records.ledger.reserve(['due before'], clock.now())
        await app.run(`create table post (photo text references tintype_media (id) ${constraint})`)
        for (const id of ids.slice(0, 50)) await app.run(`insert into post values ('${id}')`)
        const sweeper = sweeping()
        await sweeper.sweepDue()
        assert.deepEqual(await visible(ids), ids.slice(0, 50))
        assert.deepEqual(deleted.sort(), ['due before', ...ids.slice(50).map(keyOf)].sort())
        const kept = events.filter((event) => event.startsWith('media.referenced'))
        assert.deepEqual(
          kept,
          ids.slice(0, 50).map((id) => `media.referenced ${id}`),
        )
        events = []
        clock.advance(1_000_000)
        await sweeper.sweepDue()
        assert.deepEqual(
          events.filter((event) => event.startsWith('media.')),
          [],
        )
        assert.equal(await records.ledger.claim(ids[0] as string, anyOwner, 'post:1'), 'claimed')
      })
    }

    test('a media that can not be removed for another reason is tried again later, the others go', async () => {
      const ids = await expired(3)
      const [first] = ids as [string]
      await forbidDeletion(app, name, 'tintype_media', `old.id = '${first}'`)
      const sweeper = sweeping()
      await sweeper.sweepDue()
      assert.deepEqual(await visible(ids), [first])
      assert.ok(events.includes(`media.not_expired ${first}`))
      events = []
      assert.equal(await records.sweep.nextDue(), clock.now() + 600_000)
      await sweeper.sweepDue()
      assert.deepEqual(events, [])
      await app.run(`drop trigger no_deletion${name === 'Postgres' ? ' on tintype_media' : ''}`)
      clock.advance(600_000)
      await sweeper.sweepDue()
      assert.deepEqual(await visible(ids), [])
    })

    test('a key that can not be struck off stays leased, the others go', async () => {
      const ids = [await published(records), await published(records), await published(records)]
      const [kept, ...others] = ids.map(keyOf) as [string, string, string]
      for (const id of ids) await records.ledger.remove(id, anyOwner, clock.now())
      await forbidDeletion(app, name, 'tintype_sweep', `old.key = '${kept}'`)
      assert.equal(await sweeping().sweepDue(), 2)
      assert.deepEqual(deleted.sort(), [kept, ...others].sort())
      assert.ok(events.includes('sweep.not_removed '))
      assert.equal(await records.sweep.nextDue(), clock.now() + 60_000)
    })

    test('what S3 refuses to delete is postponed, the rest of the list is deleted', async () => {
      const refused = Array.from({ length: 90 }, (_, i) => `locked ${i}`)
      const free = Array.from({ length: 90 }, (_, i) => `free ${i}`)
      await records.ledger.reserve(refused, clock.now() - 1)
      await records.ledger.reserve(free, clock.now())
      const picky = {
        ...bucket,
        delete: async (key: string) => (key.startsWith('locked') ? refuse() : bucket.delete(key)),
      }
      await sweeping({ bucket: picky }).sweepDue()
      assert.deepEqual(deleted.sort(), free.sort())
      const postponed = await records.sweep.stuck(1, 1000)
      assert.deepEqual(postponed.map((row) => row.key).sort(), refused.sort())
    })

    test('an answer of S3 that no column can hold postpones the deletion all the same', async () => {
      await records.ledger.reserve(['odd', 'k'], clock.now())
      await sweeping({
        bucket: {
          ...bucket,
          async delete(key) {
            if (key === 'odd') throw new Error('odd \0 \ud800')
            deleted.push(key)
          },
        },
      }).sweepDue()
      assert.deepEqual(deleted, ['k'])
      assert.deepEqual(
        (await records.sweep.stuck(1, 10)).map((row) => [row.key, row.due_at]),
        [['odd', clock.now() + 1000]],
      )
    })

    test('media and sessions expire while S3 is away', async () => {
      const ids = await expired(2)
      await records.ledger.reserve(['k'], clock.now())
      const session = uploadRow({ key: 'k', due_at: clock.now(), expires_at: clock.now() })
      await records.uploads.open(session)
      await records.ledger.reserve(
        Array.from({ length: 100 }, (_, i) => `k${i}`),
        clock.now(),
      )
      const away = async () => {
        throw new Error('S3 is away')
      }
      await assert.rejects(sweeping({ bucket: { ...bucket, delete: away } }).sweepDue(), /S3 is away/)
      assert.deepEqual(await visible(ids), [])
      assert.equal(await records.uploads.find(session.id, session.owner), undefined)
    })

    test('a multipart upload that could not be aborted keeps its row, not its object', async () => {
      await records.ledger.reserve(['k'], clock.now(), { multipart: true })
      await records.ledger.nameMultipart('k', 'id-1')
      await sweeping({ bucket: { ...bucket, abortMultipart: async () => refuse() } }).sweepDue()
      assert.deepEqual(deleted, ['k'])
      assert.equal((await records.sweep.stuck(1, 10)).length, 1)
    })

    test('of several multipart uploads at one key, one that can not be aborted leaves the others to it', async () => {
      await records.ledger.reserve(['k'], clock.now(), { multipart: true })
      const aborted: string[] = []
      await sweeping({
        bucket: {
          ...bucket,
          openMultiparts: async () => ['1', '2', '3'],
          async abortMultipart(_key, id) {
            if (id === '2') throw new Error('no')
            aborted.push(id)
            return 'aborted'
          },
        },
      }).sweepDue()
      assert.deepEqual(aborted, ['1', '3'])
    })

    test('stopping waits for the deletions under way, not for the backlog', async () => {
      const keys = Array.from({ length: 200 }, (_, i) => `k${i}`)
      await records.ledger.reserve(keys, clock.now())
      await expired(2)
      const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const sweeper = sweeping({
        bucket: {
          ...bucket,
          async delete(key) {
            deleted.push(key)
            begun.resolve()
            await go.promise
          },
        },
      })
      sweeper.start()
      await begun.promise
      const stopped = sweeper.stop()
      const underWay = deleted.length
      go.resolve()
      await stopped
      assert.equal(deleted.length, underWay)
      assert.ok(underWay < 40)
      assert.ok(events.every((event) => event.startsWith('sweep.deleted')))
    })
  })
}

/** As the bucket's methods fail where S3 refuses. */
function refuse(): never {
  const cause = new S3Refusal({ status: 403, body: Buffer.from('<Error><Code>AccessDenied</Code></Error>') })
  throw new TintypeError('storage_unavailable', 'The object storage could not do it.', { cause })
}
