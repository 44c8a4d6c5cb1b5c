import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'
import { test } from 'node:test'
import { createLine, type FlowOptions } from './line.ts'
import { createLink } from './link.ts'

const fast = { latency: 2, bandwidth: 10e9 }

test('every byte arrives, in both directions, and the ends come behind them', async () => {
  await using world = await startWorld((socket) => socket.pipe(socket))
  const client = world.connect()
  const sent = Buffer.alloc(3_000_000, 'all of it')
  client.end(sent)
  const got = await client.toArray()
  assert(sent.equals(Buffer.concat(got)))
  assert.equal(world.endpoint.sent(), sent.length)
})

test('a sender waits while the receiver takes nothing, and goes on when it does', async () => {
  let carried = 0
  let takeAll = () => {}
  const roomy = Promise.withResolvers<void>()
  const flow = createLine({ rate: 1e12, delay: 0 }).open({
    from: 0,
    deliver(_piece, taken) {
      const before = takeAll
      takeAll = () => {
        before()
        taken()
      }
      if (carried === 1_048_576) full.resolve()
    },
    finish() {},
    carried: (bytes) => {
      carried += bytes
    },
    roomy: () => roomy.resolve(),
  })
  const full = Promise.withResolvers<void>()
  let pushed = 0
  while (flow.push(Buffer.alloc(131_072))) pushed++
  assert.equal(pushed, 3)
  for (let n = 0; n < 8; n++) flow.push(Buffer.alloc(131_072))
  await full.promise
  assert.equal(carried, 1_048_576)
  takeAll()
  await roomy.promise
  assert(carried > 1_048_576)
})

test('a cut ends what is there with an error at both ends; after it has been restored new ones come through', async () => {
  const served: Socket[] = []
  await using world = await startWorld((socket) => served.push(socket.pipe(socket)))
  const client = world.connect()
  client.write('hello')
  await once(client, 'data')
  const ends = [client, served[0] as Socket].map((socket) => once(socket, 'error'))
  world.link.cut()
  for (const [error] of await Promise.all(ends)) assert.equal(error.code, 'ECONNRESET')

  const refused = world.connect()
  await once(refused, 'error')

  world.link.restore()
  const next = world.connect()
  next.write('again')
  assert.equal(String((await once(next, 'data'))[0]), 'again')
})

test('what is to be counted can be waited for', async () => {
  await using world = await startWorld((socket) => socket.resume())
  const half = world.endpoint.reached(500_000)
  const client = world.connect()
  client.write(Buffer.alloc(1_000_000))
  await half
  assert(world.endpoint.sent() >= 500_000)
  assert.equal(world.endpoint.active(), 1)
})

test('two flows share the line evenly, and neither bandwidth nor delay depend on how late timers are', async () => {
  let time = 0
  const line = createLine({ rate: 1000, delay: 25, now: () => time })
  const arrivals: { name: string; at: number; bytes: number }[] = []
  const [seven, all] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const flow = (name: string): FlowOptions => ({
    from: 0,
    deliver(piece, taken) {
      arrivals.push({ name, at: time, bytes: piece.length })
      taken()
      if (arrivals.length === 7) seven.resolve()
      if (arrivals.length === 8) all.resolve()
    },
    finish() {},
    carried() {},
    roomy() {},
  })
  const [one, other] = [line.open(flow('one')), line.open(flow('other'))]
  for (const each of [one, other]) each.push(Buffer.alloc(4 * 16_384))
  // One jump over almost everything: the line has been busy meanwhile, whether anybody looked or not.
  time = 8 * 16_384 + 24
  await seven.promise
  const early = arrivals.length
  time += 2
  await all.promise
  assert.equal(early, 7)
  assert.equal(arrivals.map(({ name }) => name[1]).join(''), 'ntntntnt')
})

async function startWorld(serve: (socket: Socket) => unknown) {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const link = createLink(fast)
  const endpoint = await link.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return {
    link,
    endpoint,
    connect() {
      const socket = dial(Number(new URL(endpoint.origin).port), '127.0.0.1')
      socket.on('error', () => {})
      return socket
    },
    async [Symbol.asyncDispose]() {
      await link.close()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
