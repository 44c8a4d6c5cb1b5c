import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKiller } from './killer.ts'
import { createMoments } from './moments.ts'
import { createRandom } from './random.ts'

test('kills come at random moments and at each kind of S3 call, before and after it, in turn', async () => {
  let kills = 0
  const [events, answers] = [createMoments(), createMoments()]
  const killer = createKiller(createRandom(1), { events, answers }, async () => void kills++)
  const calls = [
    { operation: 'PutObject', key: 'k' },
    { operation: 'DeleteObject', key: 'k' },
  ]
  for (const call of calls) killer.seen(call)
  killer.seen({ operation: 'HeadObject', key: 'k' })
  const ways: string[] = []
  for (let i = 0; i < 8; i++) {
    let isOver = false
    const struck = killer.strike().then((how) => {
      ways.push(how)
      isOver = true
    })
    while (!isOver) {
      events.happen()
      answers.happen()
      for (const call of calls)
        for (const when of ['before', 'after'] as const) if (killer.hits(call, when)) await killer.killNow()
      await new Promise(setImmediate)
    }
    await struck
  }
  assert.equal(kills, 8)
  assert.deepEqual(
    ways.filter((_, index) => index % 2 === 1),
    ['before PutObject', 'after PutObject', 'before DeleteObject', 'after DeleteObject'],
  )
  assert.ok(ways.filter((_, index) => index % 2 === 0).every((how) => how === 'at a random moment'))
})
