import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inParallel } from './parallel.ts'

describe('work in parallel', () => {
  const items = [0, 1, 2, 3, 4, 5, 6]

  test('results have the order of the items, and no more are under way than allowed', async () => {
    let underWay = 0
    let most = 0
    const results = await inParallel(items, 3, async (item) => {
      most = Math.max(most, ++underWay)
      await new Promise(setImmediate)
      underWay -= 1
      return item * 2
    })
    assert.deepEqual(results, [0, 2, 4, 6, 8, 10, 12])
    assert.equal(most, 3)
  })

  test('when one fails, no further one is begun, and those under way have ended before it throws', async () => {
    const begun: number[] = []
    const ended: number[] = []
    const work = inParallel(items, 3, async (item) => {
      begun.push(item)
      if (item === 1) throw new Error('one')
      await new Promise(setImmediate)
      ended.push(item)
    })
    await assert.rejects(work, /one/)
    assert.deepEqual(
      [begun, ended],
      [
        [0, 1, 2],
        [0, 2],
      ],
    )
  })

  test('when it is stopped, it ends with what is under way', async () => {
    let stopped = false
    const results = await inParallel(
      items,
      2,
      async (item) => {
        await new Promise(setImmediate)
        stopped = true
        return item
      },
      () => stopped,
    )
    assert.deepEqual(results, [0, 1])
  })
})
