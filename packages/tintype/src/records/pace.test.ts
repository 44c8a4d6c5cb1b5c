import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Kysely, sql } from 'kysely'
import { createPace } from './pace.ts'
import { createSqliteDialect } from './sqlite.ts'

describe('statements of SQLite, each of which takes a while', () => {
  let time = 0
  const now = () => time
  const run = (ms: number) => () => {
    time += ms
  }

  test('go on in the same turn of the event loop until they take too long together, then in the next', async () => {
    const pace = createPace({ longest: 100, now })
    pace.timed(run(60))
    assert.equal(pace.wait(), undefined)
    pace.timed(run(60))
    const waiting = pace.wait()
    assert.ok(waiting)
    await waiting
    assert.equal(pace.wait(), undefined)
  })

  test('of those that wait, no more go on in a turn than there is time for', async () => {
    const pace = createPace({ longest: 100, now })
    const turns = countTurns()
    const ranIn: number[] = []
    pace.timed(run(100))
    const wait = async () => {
      await pace.wait()
      ranIn.push(turns.count)
      pace.timed(run(50))
    }
    await Promise.all(Array.from({ length: 6 }, wait))
    turns.stop()
    const [first = 0] = ranIn
    assert.deepEqual(
      ranIn.map((turn) => turn - first),
      [0, 0, 1, 1, 2, 2],
    )
  })

  test('let timers and connections have their turn, however many there are one after the other', async () => {
    const db = new Kysely<unknown>({
      dialect: createSqliteDialect(':memory:', createPace({ longest: 1e-6 })),
    })
    const turns = countTurns()
    for (let at = 0; at < 20; at++)
      await db.transaction().execute(async (trx) => void (await sql`select 1`.execute(trx)))
    turns.stop()
    await db.destroy()
    assert.ok(turns.count >= 19, `${turns.count} turns`)
  })
})

function countTurns() {
  const turns = { count: 0, stop: () => clearImmediate(next) }
  const turn = () => {
    turns.count++
    next = setImmediate(turn)
  }
  let next = setImmediate(turn)
  return turns
}
