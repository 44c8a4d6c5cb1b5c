import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createTestClock } from '../clock.ts'
import { createJobQueue, type JobQueueOptions } from './queue.ts'

/** A queue whose turns are noted in their order, by name, and end when told to. */
function create(options: Partial<JobQueueOptions> = {}) {
  const clock = createTestClock()
  const queue = createJobQueue({ slots: 1, clock, ...options })
  const turns: string[] = []
  const leave = new Map<string, () => void>()
  async function enter(
    name: string,
    {
      owner = name,
      memory = 0,
      isUrgent = false,
      isBackground = false,
      timeLeft = 1000,
      signal = never,
    } = {},
  ) {
    const end = await queue.enter(
      { owner, signal, timeLeft: () => timeLeft },
      { memory, isUrgent, isBackground },
    )
    turns.push(name)
    leave.set(name, end)
  }
  async function end(name: string) {
    leave.get(name)?.()
    await setImmediate()
  }
  return { clock, queue, turns, enter, end }
}

const never = new AbortController().signal

test('owners take turns, however many jobs one of them has in the queue; within an owner the order is kept', async () => {
  const { turns, enter, end } = create()
  const all = [
    enter('a1', { owner: 'a' }),
    enter('a2', { owner: 'a' }),
    enter('a3', { owner: 'a' }),
    enter('b1', { owner: 'b' }),
    enter('c1', { owner: 'c' }),
    enter('b2', { owner: 'b' }),
  ]
  for (const name of ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']) {
    await setImmediate()
    assert.equal(turns.at(-1), name)
    await end(name)
  }
  await Promise.all(all)
})

test('an owner with a turn under way comes after those who have none', async () => {
  const { turns, enter, end } = create({ slots: 2 })
  const all = [enter('a1', { owner: 'a' }), enter('a2', { owner: 'a' })]
  all.push(enter('a3', { owner: 'a' }), enter('b1'), enter('c1'))
  await setImmediate()
  await end('a1')
  await end('b1')
  assert.deepEqual(turns, ['a1', 'a2', 'b1', 'c1'])
  await end('c1')
  assert.equal(turns.at(-1), 'a3')
  await Promise.all(all)
})

test('what is under way together stays within the capacity, and a large job is not overtaken', async () => {
  const { turns, enter, end } = create({ slots: 3, capacity: 50 })
  const all = [enter('a', { memory: 30 }), enter('b', { memory: 30 }), enter('c', { memory: 10 })]
  await setImmediate()
  assert.deepEqual(turns, ['a'])
  await end('a')
  assert.deepEqual(turns, ['a', 'b', 'c'])
  await Promise.all(all)
})

test('an urgent job comes before all others', async () => {
  const { turns, enter, end } = create()
  await enter('a')
  const all = [enter('b'), enter('a2', { owner: 'a' }), enter('u', { owner: 'a', isUrgent: true })]
  for (const name of ['a', 'u', 'b', 'a2']) await end(name)
  await Promise.all(all)
  assert.deepEqual(turns, ['a', 'u', 'b', 'a2'])
})

test('a turn that would come too late is refused in time', async () => {
  const { clock, queue, enter } = create({ leadTime: 400 })
  await enter('a')
  const late = enter('b', { timeLeft: 1000 })
  clock.advance(599)
  assert.equal(queue.waiting, 1)
  clock.advance(1)
  await assert.rejects(late, { code: 'overloaded' })
  assert.equal(queue.waiting, 0)
})

test('a job whose client has gone leaves the queue and holds up no other', async () => {
  const { queue, turns, enter, end } = create({ slots: 2, capacity: 50 })
  const gone = new AbortController()
  await enter('a', { memory: 30 })
  const large = enter('b', { memory: 30, signal: gone.signal })
  const small = enter('c', { memory: 20 })
  gone.abort(new Error('gone'))
  await assert.rejects(large, /gone/)
  await small
  assert.deepEqual([turns, queue.waiting], [['a', 'c'], 0])
  await assert.rejects(enter('d', { signal: gone.signal }), /gone/)
  await end('a')
})

test('a full queue drops the last job of the owner with the most jobs, even if it is the newest', async () => {
  const { queue, turns, enter, end } = create({ maxWaiting: 3 })
  await enter('a')
  const mine = [1, 2, 3].map((number) => enter(`m${number}`, { owner: 'm' }))
  await assert.rejects(enter('m4', { owner: 'm' }), { code: 'overloaded' })
  const other = enter('o')
  await assert.rejects(mine[2] as Promise<void>, { code: 'overloaded' })
  assert.equal(queue.waiting, 3)
  for (const name of ['a', 'm1', 'o', 'm2']) await end(name)
  await Promise.all([...mine.slice(0, 2), other])
  assert.deepEqual(turns, ['a', 'm1', 'o', 'm2'])
})

test('clearing the queue rejects the waiting jobs and no others', async () => {
  const { queue, turns, enter, end } = create()
  await enter('a')
  const waiting = [enter('b'), enter('c')]
  queue.clear(new Error('closing'))
  for (const one of waiting) await assert.rejects(one, /closing/)
  await end('a')
  await enter('d')
  assert.deepEqual([turns, queue.waiting], [['a', 'd'], 0])
})

test('the background comes after all others, leaves them a slot, and counts as waiting for nobody', async () => {
  const { queue, turns, enter, end } = create({ slots: 2, maxWaiting: 3 })
  const later = ['b1', 'b2', 'b3'].map((name) => enter(name, { owner: '', isBackground: true }))
  await setImmediate()
  assert.deepEqual(turns, ['b1'])
  assert.equal(queue.waiting, 0)
  const all = [enter('a1'), enter('a2'), enter('a3')]
  await setImmediate()
  assert.deepEqual(turns, ['b1', 'a1'])
  await end('b1')
  await end('a1')
  assert.deepEqual(turns, ['b1', 'a1', 'a2', 'a3'])
  await end('a2')
  assert.equal(turns.at(-1), 'b2')
  await end('a3')
  assert.equal(turns.length, 5, 'one slot stays free')
  await end('b2')
  assert.equal(turns.at(-1), 'b3')
  await Promise.all([...all, ...later])
})

test('the background waits no longer than it has time, and ends with the queue', async () => {
  const { clock, queue, enter } = create()
  await enter('a1')
  const late = assert.rejects(enter('b1', { isBackground: true }), { code: 'overloaded' })
  await setImmediate()
  clock.advance(1000)
  await late
  const cleared = assert.rejects(enter('b2', { isBackground: true }), /stopping/)
  await setImmediate()
  queue.clear(new Error('stopping'))
  await cleared
})
