import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestClock } from '../clock.ts'
import { createBudget } from './budget.ts'

const never = new AbortController().signal
const clock = createTestClock()
const create = (queue = 10) => createBudget({ bytes: 100, wait: 1000, queue, clock })

test('who finds the budget full waits in line, first come first served', async () => {
  const budget = create()
  const first = await budget.reserve(80, never)
  const order: string[] = []
  const large = budget.reserve(60, never).then(() => order.push('large'))
  const small = budget.reserve(10, never).then(() => order.push('small'))
  first.release()
  await Promise.all([large, small])
  assert.deepEqual(order, ['large', 'small'])
  assert.equal(budget.used, 70)
})

test('a wait that is too long, and a line that is, end in overloaded', async () => {
  const budget = create(1)
  await budget.reserve(100, never)
  const waiting = budget.reserve(1, never)
  await assert.rejects(budget.reserve(1, never), { code: 'overloaded' })
  clock.advance(1000)
  await assert.rejects(waiting, { code: 'overloaded' })
})

test('what can never fit is refused at once', async () => {
  await assert.rejects(create().reserve(101, never), { code: 'too_large', limit: 100 })
})

test('who leaves the line makes room for the next', async () => {
  const budget = create()
  const held = await budget.reserve(50, never)
  const leaving = new AbortController()
  const large = budget.reserve(60, leaving.signal)
  const small = budget.reserve(50, never)
  leaving.abort(new Error('gone'))
  await assert.rejects(large, /gone/)
  await small
  held.release()
  held.release()
  assert.equal(budget.used, 50)
})

test('who holds memory and needs more of it comes before who holds none', async () => {
  const budget = create()
  const first = await budget.reserve(40, never)
  const second = await budget.reserve(40, never)
  const order: string[] = []
  const arriving = budget.reserve(60, never).then(() => order.push('arriving'))
  const growing = Promise.resolve(first.growTo(70)).then(() => order.push('growing'))
  assert.ok(budget.isContested)
  second.shrinkTo(30)
  await growing
  first.release()
  await arriving
  assert.deepEqual(order, ['growing', 'arriving'])
  assert.deepEqual([budget.used, budget.isContested], [90, false])
})

test('memory is reserved for as long as the work lasts, and what it says that lasts longer, however either ends', async () => {
  for (const fails of [false, true]) {
    const budget = create()
    const later = Promise.withResolvers<void>()
    const work = budget.within(60, never, async (reservation) => {
      await reservation.growTo(70)
      assert.equal(budget.used, 70)
      reservation.lastUntil(later.promise)
      if (fails) throw new Error('of the work')
      return 'done'
    })
    if (fails) await assert.rejects(work, /of the work/)
    else assert.equal(await work, 'done')
    assert.equal(budget.used, 70)
    if (fails) later.reject(new Error('of what lasted longer'))
    else later.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(budget.used, 0)
  }
})

test('one that has gone gets no memory, and what is asked for in vain is not counted', async () => {
  const budget = create()
  const gone = AbortSignal.abort(new Error('gone'))
  await assert.rejects(
    budget.within(10, gone, () => assert.fail()),
    /gone/,
  )
  const first = await budget.reserve(50, never)
  const other = await budget.reserve(50, never)
  const growing = first.growTo(60)
  first.release()
  other.release()
  await assert.rejects(Promise.resolve(growing), /released/)
  assert.equal(budget.used, 0)
})

test('memory that stays spare is for others: who has to leave it free waits, and holds up nobody', async () => {
  const budget = create()
  const work = Promise.withResolvers<void>()
  const within = (bytes: number, spare: number) => budget.within(bytes, never, () => work.promise, { spare })
  const slow = within(60, 30)
  const more = within(20, 30)
  assert.deepEqual([budget.used, budget.waiting], [60, 1])
  const form = await budget.reserve(40, never)
  assert.deepEqual([budget.used, budget.waiting], [100, 1])
  form.release()
  work.resolve()
  await Promise.all([slow, more])
  // Alone, it has all.
  await within(90, 30)
})

test('what can grow at once does, and who waits its turn overtakes nobody', async () => {
  const budget = create()
  const first = await budget.reserve(50, never)
  const second = await budget.reserve(10, never)
  assert.deepEqual([first.tryGrowTo(90), first.tryGrowTo(91), budget.used], [true, false, 100])
  const order: string[] = []
  const arriving = budget.reserve(20, never).then(() => order.push('arriving'))
  const growing = second.growInTurn(30).then(() => order.push('growing'))
  assert.equal(second.tryGrowTo(11), false)
  first.release()
  await Promise.all([arriving, growing])
  assert.deepEqual([order, budget.used], [['arriving', 'growing'], 50])
})
