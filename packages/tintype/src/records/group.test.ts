import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGroup } from './group.ts'

test('who comes while a run is under way goes together in the next one', async () => {
  const runs: number[][] = []
  const gate = Promise.withResolvers<void>()
  const add = createGroup(async (items: number[]) => {
    runs.push(items)
    if (runs.length === 1) await gate.promise
  })
  const first = add(1)
  await new Promise(setImmediate)
  const rest = [add(2), add(3), add(4)]
  gate.resolve()
  await Promise.all([first, ...rest])
  assert.deepEqual(runs, [[1], [2, 3, 4]])
})

test('a run that fails fails for its own callers alone', async () => {
  const add = createGroup(async (items: string[]) => {
    if (items.includes('bad')) throw new Error('no')
  })
  const outcomes = await Promise.allSettled([add('bad'), add('with it')])
  assert.deepEqual(
    outcomes.map((one) => one.status),
    ['rejected', 'rejected'],
  )
  await add('later')
})

test('groups are bounded', async () => {
  const sizes: number[] = []
  const add = createGroup(async (items: number[]) => void sizes.push(items.length))
  await Promise.all(Array.from({ length: 250 }, (_, i) => add(i)))
  assert.deepEqual(sizes, [100, 100, 50])
})
