import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { createTestClock } from '../clock.ts'
import { silentLog } from '../log.ts'
import { openRecords, type Records } from '../records/records.ts'
import { createPendingKeys, type PendingKeys } from './pending-keys.ts'

const deadline = 900_000

describe('keys that are held while bytes arrive', () => {
  let records: Records
  let clock: ReturnType<typeof createTestClock>
  let pending: PendingKeys
  let wakes: number
  beforeEach(async () => {
    records = await openRecords(':memory:')
    clock = createTestClock()
    wakes = 0
    const sweeper = { wake: () => wakes++ }
    pending = createPendingKeys({ ledger: records.ledger, sweeper, clock, log: silentLog, deadline })
  })
  afterEach(() => records.close())

  const sweep = () => records.sweep.lease(clock.now(), clock.now() + 60_000, 10)
  const takeOff = async (keys: string[], dueAt: number) =>
    records.ledger.extend(keys, dueAt, dueAt).then((ok) => assert.ok(ok))

  test('are never due as long as the request lives, and all for the date that confirming tells', async () => {
    await pending.reserve('a')
    for (let hour = 0; hour < 3; hour++) {
      for (let minute = 0; minute < 60; minute += 4) {
        clock.advance(4 * 60_000)
        await pending.reserve(`${hour}:${minute}`)
      }
      assert.deepEqual(await sweep(), [])
    }
    const dueAt = await pending.confirm()
    assert.equal(dueAt, clock.now() + deadline)
    await takeOff(['a', '0:0', '2:56'], dueAt)
    clock.advance(deadline)
    assert.equal((await sweep()).length, 10)
  })

  test('are lost once the sweeper has claimed one of them', async () => {
    await pending.reserve('a')
    // What a process looks like that slept: its beats did not come, the sweeper's clock went on.
    await records.sweep.lease(clock.now() + deadline, clock.now() + 2 * deadline, 10)
    clock.advance(deadline / 3)
    await assert.rejects(pending.confirm(), { code: 'overloaded' })
    assert.ok(pending.signal.aborted)
  })

  test('go back on the list when they are given up and the sweeper has forgotten them meanwhile', async () => {
    await pending.reserve('a')
    const [row] = await records.sweep.lease(clock.now() + deadline, clock.now() + 2 * deadline, 10)
    assert.ok(row)
    await records.sweep.forget(row)
    await pending.release()
    assert.deepEqual(
      (await sweep()).map((one) => [one.key, one.upload_id]),
      [['a', '']],
    )
  })

  test('are not written to when putting them on the list has taken until their deadline', async () => {
    async function reserve(...args: Parameters<Records['ledger']['reserve']>) {
      await records.ledger.reserve(...args)
      clock.advance(deadline)
    }
    const ledger = { ...records.ledger, reserve, extend: () => new Promise<boolean>(() => {}) }
    pending = createPendingKeys({ ledger, sweeper: { wake() {} }, clock, log: silentLog, deadline })
    await assert.rejects(pending.reserve('a'), { code: 'overloaded' })
  })

  test('survive a database that fails after it has moved the date', async () => {
    const { extend } = records.ledger
    const once = { fails: true }
    const ledger = {
      ...records.ledger,
      extend: async (...args: Parameters<typeof extend>) => {
        const moved = await extend(...args)
        if (once.fails) throw new Error('The connection broke.')
        return moved
      },
    }
    pending = createPendingKeys({ ledger, sweeper: { wake() {} }, clock, log: silentLog, deadline })
    await pending.reserve('a')
    clock.advance(deadline / 3)
    await assert.rejects(pending.reserve('b'))
    once.fails = false
    clock.advance(1000)
    await pending.reserve('b')
    clock.advance(1000)
    const dueAt = await pending.confirm()
    await takeOff(['a', 'b'], dueAt)
  })

  test('are due at once when they are given up, unless they have been published', async () => {
    await pending.reserve('a')
    await pending.release()
    assert.deepEqual(
      (await sweep()).map((row) => [row.key, row.upload_id, row.recheck]),
      [['a', '', 1]],
    )
    assert.equal(wakes, 1)
  })
})
