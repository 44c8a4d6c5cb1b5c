import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { createDatabase, skipWithoutPostgres } from '../../../../test/support/postgres.ts'
import { createTestClock } from '../clock.ts'
import type { Log } from '../log.ts'
import { openRecords } from '../records/records.ts'
import { createRateLimits } from './rates.ts'

const log: Log = { info() {}, warn() {}, error() {} }
const clock = createTestClock(0)
const rate = { count: 3, seconds: 60 }

const outcomes = async (asks: Promise<unknown>[]) => {
  const settled = await Promise.allSettled(asks)
  return settled.map((one) => (one.status === 'fulfilled' ? 'yes' : one.reason.code))
}

describe('a rate limit in memory', () => {
  const make = () => createRateLimits({ counts: undefined, clock, log })('test', rate)

  test('lets through so many in its time, says how long to wait, and then begins anew', async (t: TestContext) => {
    t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
    const limit = make()
    for (let i = 0; i < 3; i++) await limit.demand('ann')
    t.mock.timers.tick(20_500)
    await assert.rejects(limit.demand('ann'), {
      code: 'too_many_requests',
      status: 429,
      limit: 3,
      retryAfter: 40,
      headers: { 'Retry-After': '40' },
      message: /3 in 60 seconds.*Wait 40 seconds/,
    })
    await limit.demand('bob')
    t.mock.timers.tick(40_000)
    await limit.demand('ann')
  })

  test('of many at once as many pass', async () => {
    const limit = make()
    const asked = await outcomes(Array.from({ length: 50 }, () => limit.demand('ann')))
    assert.equal(asked.filter((one) => one === 'yes').length, 3)
  })

  test('what is given back counts no more, and a check counts nothing', async () => {
    const limit = make()
    for (let i = 0; i < 10; i++) {
      await limit.demand('ann')
      await limit.giveBack('ann')
    }
    for (let i = 0; i < 10; i++) await limit.check('ann')
    for (let i = 0; i < 3; i++) await limit.demand('ann')
    await limit.check('ann')
    await assert.rejects(limit.demand('ann'), { code: 'too_many_requests' })
    await assert.rejects(limit.check('ann'), { code: 'too_many_requests' })
    await limit.check('bob')
  })
})

describe('a rate limit on Postgres', { skip: skipWithoutPostgres }, () => {
  test('is shared by processes, and a database that fails locks nobody out', async (t) => {
    const database = await createDatabase()
    const processes = await Promise.all([openRecords(database.url), openRecords(database.url)])
    let failures = 0
    const noting: Log = { ...log, warn: () => void failures++ }
    const [one, two] = processes.map(({ rates }) =>
      createRateLimits({ counts: rates, clock, log: noting })('test', rate),
    )
    assert(one && two)
    t.after(() => database.drop())
    const asked = await outcomes(Array.from({ length: 20 }, (_, i) => (i % 2 ? one : two).demand('ann')))
    assert.equal(asked.filter((answer) => answer === 'yes').length, 3)
    await assert.rejects(one.check('ann'), { code: 'too_many_requests' })
    await one.demand('bob')
    assert.equal(failures, 0)

    for (const records of processes) await records.close()
    assert.deepEqual(
      await outcomes([one.demand('bob'), one.demand('bob'), one.demand('bob'), one.demand('bob')]),
      ['yes', 'yes', 'yes', 'too_many_requests'],
    )
    assert.equal(failures, 4)
  })

  test('two limits of different names count apart', async (t) => {
    const database = await createDatabase()
    const records = await openRecords(database.url)
    t.after(async () => {
      await records.close()
      await database.drop()
    })
    const make = createRateLimits({ counts: records.rates, clock, log })
    const [writes, signIns] = [make('writes', rate), make('sign-in', rate)]
    for (let i = 0; i < 3; i++) await writes.demand('ann')
    await signIns.demand('ann')
    await assert.rejects(writes.demand('ann'), { code: 'too_many_requests' })
  })
})

test('a database that says nothing keeps nobody waiting', async () => {
  const slow = createTestClock(0)
  const counts = {
    table: 'rate',
    schema: undefined,
    query: () => new Promise<never>(() => {}),
    forget: async () => {},
  }
  const limit = createRateLimits({ counts, clock: slow, log })('test', rate)
  let isThrough = false
  const asked = limit.demand('ann').then(() => {
    isThrough = true
  })
  while (!isThrough) {
    await new Promise(setImmediate)
    await slow.advance(2000)
  }
  await asked
})
