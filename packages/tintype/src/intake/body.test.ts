import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { createTestClock } from '../clock.ts'
import { createBody } from './body.ts'

const stallTimeout = 40_000

describe('a request body', () => {
  const clock = createTestClock()
  let server: ReturnType<typeof createServer>
  let client: ClientRequest
  let body: Readable
  let leastRate: number
  let failure: Promise<{ code?: string }>

  beforeEach(async () => {
    leastRate = 1
    server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    client = request({ port: (server.address() as AddressInfo).port, method: 'POST' })
    client.on('error', () => {})
    client.write('-')
    const [req] = await once(server, 'request')
    body = createBody(req, { clock, stallTimeout, leastRate: () => leastRate })
    failure = once(body, 'error').then(([error]) => error)
  })
  afterEach(() => {
    client.destroy()
    server.close()
    server.closeAllConnections()
  })

  /** Sends so many bytes and waits until they have been read here. */
  async function send(bytes: number): Promise<void> {
    client.write(Buffer.alloc(bytes))
    for (let left = bytes; left > 0; ) {
      const [chunk] = await once(body, 'data')
      left -= chunk.length
    }
  }

  test('of a sender who stops is given up one stall time-out after its last bytes', async () => {
    await once(body, 'data')
    await send(1000)
    clock.advance(stallTimeout)
    assert.equal(body.destroyed, false)
    clock.advance(stallTimeout / 4)
    assert.equal((await failure).code, 'too_slow')
  })

  test('of a sender who drips is taken as long as nobody needs its memory', async () => {
    await once(body, 'data')
    for (let times = 0; times < 100; times++) {
      await send(20)
      clock.advance(10_000)
    }
    assert.equal(body.destroyed, false)
    leastRate = 100
    clock.advance(10_000)
    assert.equal((await failure).code, 'too_slow')
  })

  test('that nobody reads is not the sender’s fault', async () => {
    client.write(Buffer.alloc(10 * 1024 * 1024))
    while (body.readableLength < 64 * 1024) await new Promise((resolve) => setImmediate(resolve))
    for (let minute = 0; minute < 10; minute++) clock.advance(60_000)
    assert.equal(body.destroyed, false)
    body.resume()
    client.end()
    await once(body, 'end')
  })

  test('of a sender who goes away fails, and one that ends has been read whole', async () => {
    await once(body, 'data')
    client.destroy()
    assert.equal((await failure).code, 'malformed_request')
  })
})
