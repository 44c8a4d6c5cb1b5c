import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { createTestClock } from '../clock.ts'
import { silentLog } from '../log.ts'
import { openRecords, type Records } from '../records/records.ts'
import { createSweeper } from './sweeper.ts'

describe('the sweeper', () => {
  const clock = createTestClock(1_000_000)
  let records: Records
  let deleted: string[]
  let broken: boolean

  beforeEach(async () => {
    records = await openRecords(':memory:')
    deleted = []
    broken = false
  })
  afterEach(() => records.close())

  const bucket = {
    async delete(key: string) {
      if (broken) throw new Error('S3 is away')
      deleted.push(key)
    },
  }
  const create = () =>
    createSweeper({ sweep: records.sweep, bucket, clock, log: silentLog, grace: 300_000, random: () => 0 })

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
      async delete(key: string) {
        deleted.push(key)
        gone.resolve()
      },
    }
    const worker = createSweeper({
      sweep: {
        ...records.sweep,
        async nextDue() {
          const due = await records.sweep.nextDue()
          setImmediate(() => clock.advance(10_000))
          return due
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
})
