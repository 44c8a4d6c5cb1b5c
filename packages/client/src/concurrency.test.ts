import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ConcurrencyLimiter,
  createConcurrencyLimiter,
  maxConcurrency,
  type Slot,
} from './concurrency.ts'

/** How many slots are free. */
async function freeSlots(limiter: ConcurrencyLimiter): Promise<number> {
  const taken: Slot[] = []
  const stop = new AbortController()
  for (let n = 0; n < 20; n++) {
    limiter.acquire(stop.signal).then(
      (slot) => taken.push(slot),
      () => {},
    )
  }
  await new Promise(setImmediate)
  const free = taken.length
  stop.abort()
  for (const slot of taken) slot.release()
  return free
}

/** A network that carries `capacity` bytes a millisecond, and at most `each` over one connection. */
function network(capacity: number, each: number) {
  let time = 0
  const limiter = createConcurrencyLimiter(3, () => time)
  const carry = async (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      const free = await freeSlots(limiter)
      const taken = await Promise.all(Array.from({ length: free }, () => limiter.acquire()))
      const rate = Math.min(capacity, each * free)
      time += (1000 * free) / rate
      for (const slot of taken) slot.succeeded(1000)
    }
  }
  return { limiter, carry }
}

test('a network that gives more to more connections gets the most', async () => {
  const { limiter, carry } = network(1000, 10)
  await carry(40)
  assert.equal(await freeSlots(limiter), maxConcurrency)
})

test('a saturated network gets few more than at the start', async () => {
  const { limiter, carry } = network(10, 10)
  await carry(40)
  const found = await freeSlots(limiter)
  assert(found >= 3 && found <= 4, `${found} slots`)
})

test('a body that has left makes room for the next one, within the maximum of open requests', async () => {
  const limiter = createConcurrencyLimiter(3)
  const open: Slot[] = []
  for (let n = 0; n < 3; n++) open.push(await limiter.acquire())
  assert.equal(await freeSlots(limiter), 0)
  for (const slot of open) {
    slot.sent()
    slot.sent()
  }
  assert.equal(await freeSlots(limiter), maxConcurrency - 3)
  for (const slot of open) slot.succeeded(1000)
  assert.equal(await freeSlots(limiter), 3)
})

test('failures halve the limit down to one, and successes raise it again', async () => {
  const { limiter, carry } = network(1000, 10)
  for (let n = 0; n < 3; n++) (await limiter.acquire()).failed()
  assert.equal(await freeSlots(limiter), 1)
  await carry(60)
  assert.equal(await freeSlots(limiter), maxConcurrency)
})

test('after failures successes lead back to the start, however slow they are', async () => {
  const { limiter, carry } = network(10, 10)
  for (let n = 0; n < 3; n++) (await limiter.acquire()).failed()
  await carry(10)
  assert((await freeSlots(limiter)) >= 3)
})

test('a task that gives up waiting leaves its place to the others', async () => {
  const limiter = createConcurrencyLimiter(1)
  const first = await limiter.acquire()
  const controller = new AbortController()
  const second = limiter.acquire(controller.signal)
  const third = limiter.acquire()
  controller.abort(new Error('enough'))
  await assert.rejects(second, /enough/)
  first.release()
  await third
  await assert.rejects(limiter.acquire(controller.signal), /enough/)
})
