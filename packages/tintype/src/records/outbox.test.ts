import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createDatabase, skipWithoutPostgres } from '../../../../test/support/postgres.ts'
import { publication } from '../../../../test/support/published.ts'
import { uploadRow } from '../../../../test/support/upload-row.ts'
import type { LedgerEvent, PublishedMedia } from './ledger-types.ts'
import { type EventSink, noSink } from './outbox.ts'
import { openRecords, type Records } from './records.ts'
import { anyOwner, type EventKind, type OutboxRow } from './schema.ts'

for (const { name, create, skip } of [
  { name: 'SQLite', create: createFile, skip: false },
  { name: 'Postgres', create: createDatabase, skip: skipWithoutPostgres },
]) {
  describe(`the outbox on ${name}`, { skip }, () => {
    let database: Awaited<ReturnType<typeof create>>
    let records: Records
    let consumers = ['one', 'two']
    const committed: LedgerEvent[] = []
    const handedOver: LedgerEvent[] = []
    const sink: EventSink = {
      now: () => 1000,
      isWanted: () => true,
      consumersOf: () => consumers,
      committed: (events) => void committed.push(...events),
      handedOver: (events) => void handedOver.push(...events),
    }

    before(async () => {
      database = await create()
      records = await openRecords(database.url, undefined, { sink })
    })
    after(async () => {
      await records.close()
      await database.drop()
    })

    async function publish(on = records): Promise<PublishedMedia> {
      const one = publication()
      await on.ledger.reserve([one.key], 10_000)
      await on.ledger.publish([one])
      return one
    }
    async function replace(one: PublishedMedia, on = records): Promise<void> {
      const next = publication()
      await on.ledger.reserve([next.key], 10_000)
      await on.ledger.replace({ ...next, media: { ...next.media, id: one.media.id } }, 10_000)
    }
    const lease = (consumer = 'one', { now = 2000, end = 5000, limit = 100 } = {}) =>
      records.outbox.lease(consumer, now, end, limit)
    const kinds = (rows: OutboxRow[]) => rows.map(({ kind }) => kind)
    const beginAnew = () => records.outbox.forget(Number.MAX_SAFE_INTEGER)

    test('each change is a row for each consumer, and listeners hear of it after the commit', async () => {
      const one = await publish()
      const [row] = await lease()
      assert.deepEqual(
        { kind: row?.kind, subject: row?.subject, created_at: row?.created_at, attempts: row?.attempts },
        { kind: 'ready', subject: one.media.id, created_at: 1000, attempts: 0 },
      )
      assert.equal(JSON.parse(row?.payload ?? '').media.sha256, one.media.sha256)
      assert.deepEqual(kinds(await lease('two')), ['ready'])
      assert.deepEqual(
        committed.splice(0).map(({ id, kind }) => [id, kind]),
        [[row?.id, 'ready']],
      )
    })

    test('the next event of a media is given out when the earlier one was taken, by that consumer', async () => {
      const one = await publish()
      await replace(one)
      await records.ledger.remove(one.media.id, 'o', 0)
      const seen: EventKind[] = []
      for (let rows = await of(one); rows.length > 0; rows = await of(one)) {
        seen.push(...kinds(rows))
        assert.deepEqual(await of(one), [], 'what is leased is not given out again')
        await Promise.all(rows.map(records.outbox.delivered))
      }
      assert.deepEqual(seen, ['ready', 'replaced', 'removed'])
      assert.deepEqual(kinds((await lease('two')).filter(({ subject }) => subject === one.media.id)), [
        'ready',
      ])
    })
    const of = async (one: PublishedMedia) =>
      (await lease()).filter(({ subject }) => subject === one.media.id)

    test('a lease that has ended gives the event out again, and the process that had it changes nothing', async () => {
      await beginAnew()
      await publish()
      const [late] = await lease()
      const [again] = await lease('one', { now: 6000, end: 9000 })
      assert.equal(again?.id, late?.id)
      await records.outbox.delivered(late as OutboxRow)
      await records.outbox.postpone(late as OutboxRow, 0, 'late')
      assert.deepEqual(await lease('one', { now: 8999 }), [])
      await records.outbox.delivered(again as OutboxRow)
      assert.deepEqual(await lease('one', { now: 99_999 }), [])
    })

    test('what is postponed makes the later events of its media wait, and no others', async () => {
      await beginAnew()
      const one = await publish()
      await records.ledger.remove(one.media.id, 'o', 0)
      const [first] = await lease()
      await records.outbox.postpone(first as OutboxRow, 7000, 'no\0answer')
      assert.deepEqual(await lease('one', { now: 6999 }), [])
      const other = await publish()
      assert.deepEqual(
        (await lease('one')).map(({ subject }) => subject),
        [other.media.id],
      )
      const [again] = await lease('one', { now: 7000, end: 8000 })
      assert.deepEqual([again?.kind, again?.attempts, again?.error], ['ready', 1, 'noanswer'])
      assert.deepEqual(kinds(await lease('two')).sort(), ['ready', 'ready'])
    })

    test('what is given up holds up nothing, and counts as failed', async () => {
      await beginAnew()
      const one = await publish()
      await records.ledger.remove(one.media.id, 'o', 0)
      const [first] = await lease()
      await records.outbox.fail(first as OutboxRow, 3000, 'gone')
      assert.deepEqual(kinds(await lease()), ['removed'])
      const backlog = await records.outbox.backlog()
      assert.deepEqual(
        backlog.sort((a, b) => (a.consumer < b.consumer ? -1 : 1)),
        [
          { consumer: 'one', pending: 1, oldest: 1000, failed: 1 },
          { consumer: 'two', pending: 2, oldest: 1000, failed: 0 },
        ],
      )
      assert.equal(await records.outbox.failAll('two', 3000, '410'), 2)
      assert.deepEqual(await lease('two'), [])
      assert.equal(await records.outbox.forget(1000), 0)
      assert.equal(await records.outbox.forget(1001), 4)
    })

    test('a refused direct upload and a media that expires are told; what changes nothing is not', async () => {
      await beginAnew()
      const session = uploadRow({
        owner: 'o',
        key: `media/${Math.random()}`,
        due_at: 10_000,
        expires_at: 9000,
      })
      await records.ledger.reserve([session.key], 10_000)
      await records.uploads.open(session)
      const refusal = JSON.stringify({ code: 'upload_refused', detail: 'No picture.', limit: 5 })
      assert.equal(await records.uploads.refuse(session.id, refusal, 1), true)
      assert.equal(await records.uploads.refuse(session.id, refusal, 1), false)
      const one = publication()
      await records.ledger.reserve([one.key], 10_000)
      await records.ledger.publish([{ ...one, media: { ...one.media, expires_at: 1 } }])
      assert.equal(await records.expiry.expire(one.media.id, 2000), 'expired')
      assert.equal(await records.ledger.remove(one.media.id, 'o', 0), undefined)
      const rows = await lease()
      assert.deepEqual(kinds(rows).sort(), ['ready', 'refused'])
      assert.deepEqual(JSON.parse(rows.find(({ kind }) => kind === 'refused')?.payload ?? ''), {
        owner: 'o',
        refusal: {
          code: 'upload_refused',
          detail: 'No picture.',
          limit: 5,
          name: 'a.jpg',
          uploadId: session.id,
        },
      })
      await Promise.all(rows.map(records.outbox.delivered))
      assert.deepEqual(kinds(await lease()), ['expired'])
    })

    test('a publication that fails leaves no event', async () => {
      await beginAnew()
      committed.length = 0
      const one = publication()
      await assert.rejects(records.ledger.publish([one]), { code: 'overloaded' })
      assert.deepEqual(await lease(), [])
      assert.deepEqual(committed, [])
    })

    test('where nobody listens nothing is written', async () => {
      await beginAnew()
      consumers = []
      await publish()
      consumers = ['one', 'two']
      assert.deepEqual(await records.outbox.backlog(), [])
    })

    test('of several who deliver at once each event goes to one, in the order of its media', async () => {
      await beginAnew()
      const others = await Promise.all([1, 2, 3].map(() => openRecords(database.url)))
      const media = await Promise.all(Array.from({ length: 30 }, () => publish()))
      const seen: OutboxRow[] = []
      let writing = true
      const deliver = async ({ outbox }: Records) => {
        for (;;) {
          const isLast = !writing
          const rows = await outbox.lease('one', 2000, 90_000, 5)
          seen.push(...rows)
          await Promise.all(rows.map(outbox.delivered))
          if (rows.length === 0 && isLast) return
          await setImmediate()
        }
      }
      const delivering = Promise.all(others.map(deliver))
      for (const one of media) {
        await replace(one)
        await records.ledger.remove(one.media.id, anyOwner, 0)
      }
      writing = false
      await delivering
      for (const one of media) {
        const told = seen.filter(({ subject }) => subject === one.media.id)
        assert.deepEqual(kinds(told), ['ready', 'replaced', 'removed'])
      }
      assert.equal(new Set(seen.map(({ id }) => id)).size, seen.length)
      await Promise.all(others.map((one) => one.close()))
    })
  })
}

test('in a transaction of the app the event is written when that commits, and never when it rolls back', async () => {
  const { url, drop } = await createFile()
  const handedOver: LedgerEvent[] = []
  const sink: EventSink = {
    ...noSink,
    isWanted: () => true,
    consumersOf: () => ['one'],
    handedOver: (events) => void handedOver.push(...events),
  }
  const records = await openRecords(url, undefined, { sink })
  const app = new DatabaseSync(url)
  try {
    const one = publication()
    await records.ledger.reserve([one.key], 10_000)
    await records.ledger.publish([one])
    const rows = async () => (await records.outbox.lease('one', 1, 1, 10)).map(({ kind }) => kind)
    const [ready] = await records.outbox.lease('one', 1, 2, 10)
    await records.outbox.delivered(ready as OutboxRow)
    for (const [end, expected] of [
      ['rollback', []],
      ['commit', ['removed']],
    ] as const) {
      app.exec('begin immediate')
      await records.ledger.remove(one.media.id, 'o', 0, { trx: app })
      app.exec(end)
      assert.deepEqual(await rows(), expected)
    }
    assert.equal(handedOver.length, 2)
  } finally {
    app.close()
    await records.close()
    await drop()
  }
})

async function createFile() {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-outbox-'))
  return { url: join(directory, 'test.db'), drop: () => rm(directory, { recursive: true }) }
}
