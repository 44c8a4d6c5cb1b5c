import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLanes, type Lane, type Lanes, mostLanes } from './lanes.ts'

/** How many can be had at once. */
async function width(lanes: Lanes): Promise<number> {
  const taken: Lane[] = []
  const stop = new AbortController()
  for (let n = 0; n < 20; n++) {
    lanes.take(stop.signal).then(
      (lane) => taken.push(lane),
      () => {},
    )
  }
  await new Promise(setImmediate)
  const free = taken.length
  stop.abort()
  for (const lane of taken) lane.leave()
  return free
}

/** A line of so many bytes a millisecond, of which one lane gets at most `each`. */
function line(capacity: number, each: number) {
  let time = 0
  const lanes = createLanes(3, () => time)
  const carry = async (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      const free = await width(lanes)
      const taken = await Promise.all(Array.from({ length: free }, () => lanes.take()))
      const rate = Math.min(capacity, each * free)
      time += (1000 * free) / rate
      for (const lane of taken) lane.done(1000)
    }
  }
  return { lanes, carry }
}

test('a line that gives more to more connections gets the most', async () => {
  const { lanes, carry } = line(1000, 10)
  await carry(40)
  assert.equal(await width(lanes), mostLanes)
})

test('a line that is full gets few more than at the start', async () => {
  const { lanes, carry } = line(10, 10)
  await carry(40)
  const found = await width(lanes)
  assert(found >= 3 && found <= 4, `${found} lanes`)
})

test('a body that is out makes room for the next one, but no more are open than lanes at the most', async () => {
  const lanes = createLanes(3)
  const open: Lane[] = []
  for (let n = 0; n < 3; n++) open.push(await lanes.take())
  assert.equal(await width(lanes), 0)
  for (const lane of open) {
    lane.sent()
    lane.sent()
  }
  assert.equal(await width(lanes), mostLanes - 3)
  for (const lane of open) lane.done(1000)
  assert.equal(await width(lanes), 3)
})

test('failures halve them down to one, and they come back', async () => {
  const { lanes, carry } = line(1000, 10)
  for (let n = 0; n < 3; n++) (await lanes.take()).failed()
  assert.equal(await width(lanes), 1)
  await carry(60)
  assert.equal(await width(lanes), mostLanes)
})

test('after failures what succeeds leads back to the start, however slow it is', async () => {
  const { lanes, carry } = line(10, 10)
  for (let n = 0; n < 3; n++) (await lanes.take()).failed()
  await carry(10)
  assert((await width(lanes)) >= 3)
})

test('a task that gives up waiting leaves the queue to the others', async () => {
  const lanes = createLanes(1)
  const first = await lanes.take()
  const controller = new AbortController()
  const second = lanes.take(controller.signal)
  const third = lanes.take()
  controller.abort(new Error('enough'))
  await assert.rejects(second, /enough/)
  first.leave()
  await third
  await assert.rejects(lanes.take(controller.signal), /enough/)
})
