import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { uploadRow } from '../../../../test/support/upload-row.ts'
import { createTestClock } from '../clock.ts'
import { silentLog } from '../log.ts'
import { openRecords, type Records } from '../records/records.ts'
import { createSweeper } from './sweeper.ts'

describe('the sweeper', () => {
  const clock = createTestClock(1_000_000)
  let records: Records
  let deleted: string[]
  let broken: boolean
  let aborted: string[]

  beforeEach(async () => {
    records = await openRecords(':memory:')
    deleted = []
    broken = false
    aborted = []
  })
  afterEach(() => records.close())

  const bucket = {
    async delete(key: string) {
      if (broken) throw new Error('S3 is away')
      deleted.push(key)
    },
    async abortMultipart(key: string, id: string): Promise<'aborted' | 'denied'> {
      aborted.push(`${key} ${id}`)
      return id === 'denied' ? 'denied' : 'aborted'
    },
    openMultiparts: async (key: string): Promise<string[] | 'denied'> =>
      key === 'mine' ? 'denied' : ['lost'],
  }
  const create = () =>
    createSweeper({ records, bucket, clock, log: silentLog, grace: 300_000, random: () => 0 })

  test('deletes what is due, and leaves alone what is not', async () => {
    await records.ledger.reserve(['due'], clock.now())
    await records.ledger.reserve(['later'], clock.now() + 1)
    await create().sweepDue()
    assert.deepEqual(deleted, ['due'])
  })

  test('deletes a key that may still be written to once more after the grace period, then forgets it', async () => {
    await records.ledger.reserve(['k'], clock.now())
    const sweeper = create()
    await sweeper.sweepDue()
    await sweeper.sweepDue()
    assert.deepEqual(deleted, ['k'])
    clock.advance(300_000)
    await sweeper.sweepDue()
    assert.deepEqual(deleted, ['k', 'k'])
    assert.equal(await records.sweep.nextDue(), undefined)
  })

  test('deletes the object although its multipart upload may not be aborted', async () => {
    await records.ledger.reserve(['k'], clock.now(), { multipart: true })
    await records.ledger.nameMultipart('k', 'denied')
    assert.equal(await create().sweepDue(), 1)
    assert.deepEqual([aborted, deleted], [['k denied'], ['k']])
    clock.advance(300_000)
    await create().sweepDue()
    assert.equal(await records.sweep.nextDue(), undefined)
  })

  test('tries again later, and later still, while S3 does not answer', async () => {
    await records.ledger.reserve(['k'], clock.now())
    const sweeper = create()
    broken = true
    for (const wait of [1000, 2000, 4000]) {
      await sweeper.sweepDue()
      assert.equal(await records.sweep.nextDue(), clock.now() + wait)
      clock.advance(wait)
    }
    broken = false
    await sweeper.sweepDue()
    assert.deepEqual(deleted, ['k'])
  })

  test('sleeps until the next key is due', async () => {
    await records.ledger.reserve(['k'], clock.now() + 10_000)
    const gone = Promise.withResolvers<void>()
    const watching = {
      ...bucket,
      async delete(key: string) {
        deleted.push(key)
        gone.resolve()
      },
    }
    const worker = createSweeper({
      records: {
        ...records,
        sweep: {
          ...records.sweep,
          async nextDue() {
            const due = await records.sweep.nextDue()
            setImmediate(() => clock.advance(10_000))
            return due
          },
        },
      },
      bucket: watching,
      clock,
      log: silentLog,
      grace: 0,
    })
    worker.start()
    await gone.promise
    await worker.stop()
    assert.deepEqual(deleted, ['k'])
  })

  test('more keys than one batch holds are all deleted in one go', async () => {
    const keys = Array.from({ length: 120 }, (_, i) => `k${i}`)
    await records.ledger.reserve(keys, clock.now())
    await create().sweepDue()
    assert.deepEqual(deleted.sort(), keys.sort())
  })

  test('aborts the multipart upload of a key, at the second look too', async () => {
    await records.ledger.reserve(['k'], clock.now(), { multipart: true })
    await records.ledger.nameMultipart('k', 'id-1')
    const sweeper = create()
    await sweeper.sweepDue()
    clock.advance(300_000)
    await sweeper.sweepDue()
    assert.deepEqual(aborted, ['k id-1', 'k id-1'])
    assert.equal(await records.sweep.nextDue(), undefined)
  })

  test('aborts a multipart upload that was begun when its key had been forgotten already', async () => {
    await records.ledger.nameMultipart('k', 'id-1')
    await create().sweepDue()
    assert.deepEqual(aborted, ['k id-1'])
  })

  test('looks for a multipart upload whose id was lost, and goes on where it may not list', async () => {
    await records.ledger.reserve(['k', 'mine'], clock.now(), { multipart: true })
    await create().sweepDue()
    assert.deepEqual(aborted, ['k lost'])
    assert.deepEqual(deleted.sort(), ['k', 'mine'])
  })

  test('a key that may still be written to is deleted again when the last signature has expired', async () => {
    const end = clock.now() + 1_000_000
    await records.ledger.reserve(['k'], clock.now())
    await records.uploads.open(uploadRow({ key: 'k', due_at: clock.now(), expires_at: end }))
    const sweeper = create()
    await sweeper.sweepDue()
    clock.advance(1_000_000 + 299_999)
    await sweeper.sweepDue()
    assert.deepEqual(deleted, ['k'])
    clock.advance(1)
    await sweeper.sweepDue()
    assert.deepEqual(deleted, ['k', 'k'])
  })

  test('forgets sessions that have expired', async () => {
    await records.ledger.reserve(['k'], clock.now() + 5_000)
    const row = uploadRow({ key: 'k', due_at: clock.now() + 5_000, expires_at: clock.now() + 10 })
    await records.uploads.open(row)
    assert.equal(await records.sweep.nextDue(), clock.now() + 5_000)
    clock.advance(5_000)
    await create().sweepDue()
    assert.equal(await records.uploads.find(row.id, row.owner), undefined)
  })

  test('leaves the rest of the list in peace when nothing of a batch succeeds', async () => {
    await records.ledger.reserve(
      Array.from({ length: 120 }, (_, i) => `k${i}`),
      clock.now(),
    )
    broken = true
    await assert.rejects(create().sweepDue(), /S3 is away/)
    broken = false
    await create().sweepDue()
    assert.equal(deleted.length, 80)
  })
})
