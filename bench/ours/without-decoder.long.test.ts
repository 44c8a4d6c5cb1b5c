import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { contestants, openArena, type RunningContestant } from '../harness/contestants.ts'
import { photo } from '../harness/inputs.ts'
import { fire, shotAt } from '../harness/load.ts'

let arena: Awaited<ReturnType<typeof openArena>>
before(async () => {
  arena = await openArena([contestants.tintype, contestants.tintypeUndecoded])
})
after(() => arena.close())

async function send(one: RunningContestant | undefined, head: Buffer) {
  assert.ok(one)
  const file = { name: 'photo.jpg', type: 'image/jpeg', head, size: head.length }
  return fire(one.origin, shotAt(one, file))
}

test('a photo whose second half is missing passes without the decode check, and with it does not', async () => {
  const { head } = await photo(640, 480, 60_000)
  const cut = Buffer.concat([head.subarray(0, head.length / 2), Buffer.from([0xff, 0xd9])])
  const [whole, blind] = arena.running
  assert.equal((await send(whole, cut)).status, 422)
  const { status, body } = await send(blind, cut)
  assert.equal(status, 201)
  const { media } = JSON.parse(body) as { media: { urls: object }[] }
  assert.deepEqual(Object.keys(media[0]?.urls ?? {}), ['original'])
})

test('the other checks stay', async () => {
  assert.equal((await send(arena.running[1], Buffer.from('<html></html>'.repeat(1000)))).status, 415)
})
