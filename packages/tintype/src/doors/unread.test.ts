import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { until } from '../../../../test/support/until.ts'
import { createTestClock } from '../clock.ts'
import { limitLeftovers } from './drain.ts'
import { finishUnread } from './unread.ts'

describe('an answer to a body that nobody wants', () => {
  const clock = createTestClock()
  const server = createServer((req, res) => {
    if (req.method === 'GET') return res.end('answered')
    res.statusCode = 413
    finishUnread(req, res, 'too large', clock)
  })
  limitLeftovers(server, clock)
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  after(() => {
    server.close()
    server.closeAllConnections()
  })

  async function begin(method = 'POST') {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const requested = once(server, 'request') as Promise<[IncomingMessage]>
    socket.on('error', () => {})
    socket.write(`${method} / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n-`)
    const [req] = await requested
    const state = { isOver: false }
    const answer = text(socket).finally(() => {
      state.isOver = true
    })
    /** Sends something, and waits until it has arrived. */
    const drip = async (bytes = 1) => {
      const before = req.socket.bytesRead
      socket.write(Buffer.alloc(bytes))
      await until(() => req.socket.bytesRead >= before + bytes || state.isOver, Boolean, { every: 0 })
    }
    return { answer, drip, state }
  }

  test('is there at once, while the body may go on', async () => {
    const { drip, state, answer } = await begin()
    for (let second = 0; second < 25; second++) {
      await drip(1000)
      clock.advance(1000)
    }
    await turn()
    assert.equal(state.isOver, false)
    clock.advance(60_000)
    assert.match(await answer, /^HTTP\/1.1 413 .*Connection: close\r\n.*too large$/s)
  })

  test('ends the connection when nothing comes for five seconds', async () => {
    const { answer } = await begin()
    clock.advance(6000)
    assert.match(await answer, /too large$/)
  })

  for (const [method, whose] of [
    ['POST', 'ours'],
    ['GET', 'of a handler that looks at no body'],
  ]) {
    test(`ends the connection after half a minute, however little comes: ${whose}`, async () => {
      const { drip, state, answer } = await begin(method)
      let seconds = 0
      for (; !state.isOver && seconds < 60; seconds++) {
        await drip()
        clock.advance(1000)
        await turn()
      }
      await answer
      assert.ok(seconds >= 30 && seconds <= 32, `${seconds} seconds`)
    })
  }

  test('ends the connection after 64 MiB, however fast they come', async () => {
    const { drip, state } = await begin()
    let mebibytes = 0
    // Within no time at all: the clock stands still.
    for (; !state.isOver && mebibytes < 200; mebibytes += 6) await drip(6 * 1024 * 1024)
    assert.ok(mebibytes >= 64 && mebibytes < 100, `${mebibytes} MiB`)
  })
})

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
