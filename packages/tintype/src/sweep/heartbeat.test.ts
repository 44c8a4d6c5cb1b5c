import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { dumpSqlite } from '../../../../test/support/dump.ts'
import { published } from '../../../../test/support/published.ts'
import { S3Refusal } from '../bucket/refusal.ts'
import { createTestClock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { silentLog } from '../log.ts'
import { openRecords, type Records } from '../records/records.ts'
import { anyOwner } from '../records/schema.ts'
import { createLedgerHeartbeat } from './heartbeat.ts'
import { createSweeper } from './sweeper.ts'

const minute = 60_000
const day = 86_400_000

/** What the bucket keeps, whatever becomes of the database. */
function createNotes() {
  const objects = new Map<string, Buffer>()
  let failure: Error | undefined
  const demandAnswer = () => {
    if (failure) throw failure
  }
  return {
    objects,
    deleted: [] as string[],
    fail(error?: Error) {
      failure = error
    },
    heartbeatKey: (id: string) => `heartbeat/${id}`,
    async head(key: string) {
      demandAnswer()
      const size = objects.get(key)?.length
      return size === undefined ? undefined : { size, type: undefined, etag: '"1"', sha256: undefined }
    },
    async read(key: string) {
      demandAnswer()
      return objects.get(key) ?? Buffer.alloc(0)
    },
    async put(key: string, bytes: Uint8Array) {
      demandAnswer()
      objects.set(key, Buffer.from(bytes))
    },
    async delete(key: string) {
      this.deleted.push(key)
    },
    abortMultipart: async () => 'aborted' as const,
    openMultiparts: async () => [],
  }
}

describe('a database that was put back', () => {
  let directory: string
  let count = 0
  let notes: ReturnType<typeof createNotes>
  let clock: ReturnType<typeof createTestClock>
  const opened: Records[] = []
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-heartbeat-'))
  })
  after(async () => {
    for (const records of opened) await records.close()
    await rm(directory, { recursive: true })
  })
  beforeEach(() => {
    notes = createNotes()
    clock = createTestClock()
  })
  const fresh = () => join(directory, `${count++}.db`)

  /** A process with this database. */
  async function start(file: string, undo = 30 * day) {
    const records = await openRecords(file, undefined, { changed: () => heartbeat.changed() })
    opened.push(records)
    const heartbeat = createLedgerHeartbeat({
      heartbeat: records.heartbeat,
      bucket: notes,
      clock,
      log: silentLog,
      undo,
    })
    const shared = { records, bucket: notes, clock, log: silentLog }
    return { file, records, heartbeat, sweeper: createSweeper({ ...shared, heartbeat, grace: 0 }) }
  }

  test('is told by the bucket; nothing is deleted by it, and nothing expires', async () => {
    const one = await start(fresh())
    const expiring = await published(one.records, { expires_at: clock.now() + minute })
    await one.records.ledger.reserve(['under way'], clock.now() + minute)
    await one.sweeper.sweepDue()
    const dump = await dumpSqlite(one.file)
    clock.advance(2 * minute)
    await published(one.records)
    await one.sweeper.sweepDue()
    assert.deepEqual(
      new Set(notes.deleted.splice(0)),
      new Set(['under way', `media/${expiring}/original.jpg`]),
    )

    clock.advance(minute)
    const putBack = await start(dump)
    assert.equal(await putBack.sweeper.sweepDue(), 0)
    assert.ok(putBack.heartbeat.isPutBack)
    assert.ok(await putBack.records.media.find(expiring, anyOwner))
    const leaseEnd = clock.now() + minute
    const keys = await putBack.records.ledger.remove(expiring, anyOwner, leaseEnd)
    assert.equal(await putBack.sweeper.sweepKeys(keys ?? [], leaseEnd), false)
    assert.deepEqual(notes.deleted, [])

    // What `tintype restore` does at its end.
    const state = await putBack.records.heartbeat.read()
    await putBack.records.heartbeat.move(state, { ...state, at: clock.now() })
    clock.advance(minute)
    await putBack.sweeper.sweepDue()
    assert.equal(putBack.heartbeat.isPutBack, false)
    assert.ok(notes.deleted.length > 0)
  })

  test('is told also where nothing but uploads came after the dump, and the server stopped in peace', async () => {
    const one = await start(fresh())
    await published(one.records)
    await one.sweeper.sweepDue()
    const dump = await dumpSqlite(one.file)
    await published(one.records)
    await one.heartbeat.stop()
    const putBack = await start(dump)
    assert.equal(await putBack.heartbeat.mayDelete(), false)
  })

  test('is noticed by a process that runs', async () => {
    const one = await start(fresh())
    const dump = await dumpSqlite(one.file)
    const { records } = await start(dump)
    const heartbeat = createLedgerHeartbeat({
      // The same address, another state behind it.
      heartbeat: { ...one.records.heartbeat, read: () => reading() },
      bucket: notes,
      clock,
      log: silentLog,
      undo: 0,
    })
    let reading = one.records.heartbeat.read
    assert.equal(await heartbeat.mayDelete({ deleting: true }), true)
    reading = records.heartbeat.read
    clock.advance(minute)
    assert.equal(await heartbeat.mayDelete({ deleting: true }), false)
  })

  test('is no database that goes on, whatever was killed in between, nor a new one', async () => {
    const file = fresh()
    const one = await start(file)
    await published(one.records)
    await one.sweeper.sweepDue()
    const again = await start(file)
    assert.equal(await again.heartbeat.mayDelete({ deleting: true }), true)
    // Killed between the database and the bucket.
    const state = await one.records.heartbeat.read()
    await one.records.heartbeat.move(state, { ...state, at: clock.now() + 5 })
    assert.equal(await (await start(file)).heartbeat.mayDelete({ deleting: true }), true)
    assert.equal(await (await start(fresh())).heartbeat.mayDelete({ deleting: true }), true)
  })

  test('is not to be told where S3 refuses the note: then deletions go on. They wait while S3 is silent', async () => {
    const one = await start(fresh())
    await one.records.ledger.reserve(['k'], clock.now())
    notes.fail(new TintypeError('storage_unavailable', 'It did not answer.'))
    await assert.rejects(one.sweeper.sweepDue(), { code: 'storage_unavailable' })
    const refusal = new S3Refusal({
      status: 403,
      body: Buffer.from('<Error><Code>AccessDenied</Code></Error>'),
    })
    notes.fail(new TintypeError('storage_unavailable', 'It refused.', { cause: refusal }))
    assert.equal(await one.sweeper.sweepDue(), 1)
  })

  test('writes once a minute at the most, and nothing when nothing changes', async () => {
    const one = await start(fresh())
    const beats: number[] = []
    const put = notes.put.bind(notes)
    notes.put = async (key, bytes) => {
      beats.push(clock.now())
      await put(key, bytes)
    }
    const begun = clock.now()
    for (let i = 0; i < 10; i++) {
      if (i < 3) await published(one.records)
      await one.sweeper.sweepDue()
      clock.advance(30_000)
    }
    assert.deepEqual(
      beats.map((at) => at - begun),
      [0, minute],
    )
  })

  test('the oldest moment to go back to begins with the ledger, and follows the window when something is deleted', async () => {
    const one = await start(fresh(), 2 * day)
    const begun = clock.now()
    await published(one.records)
    await one.sweeper.sweepDue()
    clock.advance(10 * day)
    assert.equal((await one.records.heartbeat.read()).wholeSince, begun)
    await one.records.ledger.reserve(['k'], clock.now())
    await one.sweeper.sweepDue()
    // Until the next note something may be deleted that was removed a minute later.
    assert.equal((await one.records.heartbeat.read()).wholeSince, clock.now() + minute - 2 * day)
    const longer = await start(one.file, 30 * day)
    clock.advance(day)
    await longer.records.ledger.reserve(['l'], clock.now())
    await longer.sweeper.sweepDue()
    assert.equal((await longer.records.heartbeat.read()).wholeSince, clock.now() - day + minute - 2 * day)
  })
})
