import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { type ClientRequest, createServer, IncomingMessage, request } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { createTestClock } from '../clock.ts'
import { readBody } from './body.ts'

const stallTimeout = 40_000

describe('a request body', () => {
  const clock = createTestClock()
  let server: ReturnType<typeof createServer>
  let client: ClientRequest
  let leastRate: number
  let received: number
  let isOver: boolean
  let whole: Promise<void>
  /** What the reader of the chunks waits for. */
  let blocked: Promise<void> | undefined
  /** Of each chunk that is taken. */
  let events: EventEmitter

  beforeEach(async () => {
    leastRate = 1
    received = 0
    isOver = false
    blocked = undefined
    events = new EventEmitter()
    server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    client = request({ port: (server.address() as AddressInfo).port, method: 'POST' })
    client.on('error', () => {})
    client.write('-')
    const [req] = await once(server, 'request')
    const take = (chunk: Buffer) => {
      received += chunk.length
      events.emit('chunk')
      return blocked
    }
    whole = readBody(req, take, { clock, stallTimeout, leastRate: () => leastRate }).finally(() => {
      isOver = true
    })
    whole.catch(() => {})
    while (received < 1) await once(events, 'chunk')
  })
  afterEach(() => {
    client.destroy()
    server.close()
    server.closeAllConnections()
  })

  /** Sends this many bytes and waits until they have been read. */
  async function send(bytes: number): Promise<void> {
    const before = received
    client.write(Buffer.alloc(bytes))
    while (received < before + bytes) await once(events, 'chunk')
  }

  /** Time in which promises have been heard. */
  const turn = () => new Promise((resolve) => setImmediate(resolve))

  test('of a sender who stops is given up one stall time-out after its last bytes', async () => {
    await send(1000)
    clock.advance(stallTimeout)
    await turn()
    assert.equal(isOver, false)
    clock.advance(stallTimeout / 4)
    await assert.rejects(whole, { code: 'too_slow' })
  })

  test('of a sender who drips is taken as long as nobody needs its memory', async () => {
    for (let times = 0; times < 100; times++) {
      await send(20)
      clock.advance(10_000)
    }
    await turn()
    assert.equal(isOver, false)
    leastRate = 100
    clock.advance(10_000)
    await assert.rejects(whole, { code: 'too_slow' })
  })

  test('that nobody takes stops the sender, and is not its fault', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    blocked = promise
    const bytes = 50 * 1024 * 1024
    client.write(Buffer.alloc(bytes))
    await once(events, 'chunk')
    for (let minute = 0; minute < 10; minute++) {
      clock.advance(60_000)
      await turn()
    }
    assert.equal(isOver, false)
    assert.ok(received < 128 * 1024, `${received} bytes were pressed upon a reader that waits`)
    blocked = undefined
    resolve()
    client.end()
    await whole
    assert.equal(received, 1 + bytes)
  })

  test('that had come whole before it was read is not over before its last chunk has been taken', async () => {
    const whole = new IncomingMessage(new Socket())
    for (const chunk of ['a', 'b', 'c']) whole.push(chunk)
    whole.push(null)
    whole.complete = true
    let taken = ''
    const take = async (chunk: Buffer) => {
      await turn()
      taken += chunk
    }
    await readBody(whole, take, { clock, stallTimeout, leastRate: () => leastRate })
    assert.equal(taken, 'abc')
  })

  test('of a sender who goes away fails, and one that ends has been read whole', async () => {
    client.destroy()
    await assert.rejects(whole, { code: 'malformed_request' })
  })

  test('that had come whole is lost when its connection closes before it is read', async () => {
    const whole = new IncomingMessage(new Socket())
    for (const chunk of ['a', 'b', 'c']) whole.push(chunk)
    whole.push(null)
    whole.complete = true
    let taken = ''
    const take = async (chunk: Buffer) => {
      taken += chunk
      whole.destroy()
      await once(whole, 'close')
    }
    const options = { clock, stallTimeout, leastRate: () => leastRate }
    await assert.rejects(readBody(whole, take, options), { code: 'malformed_request' })
    await assert.rejects(readBody(whole, take, options), { code: 'malformed_request' })
    assert.equal(taken, 'a')
  })

  test('fails with its reader, at once or later, and leaves the rest unread', async () => {
    const { promise, reject } = Promise.withResolvers<void>()
    blocked = promise
    await send(1)
    reject(new Error('no room'))
    await assert.rejects(whole, { message: 'no room' })
    const before = received
    client.end(Buffer.alloc(1024 * 1024))
    for (let times = 0; times < 20; times++) await turn()
    assert.equal(received, before)
  })
})
