import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { startServer } from '../support/server.ts'

test('T1 a client that sends headers one by one is 408 and cut off, while others are served', async () => {
  const server = await startServer()
  const { hostname, port, host } = new URL(server.url)
  const attackers = Array.from({ length: 20 }, async () => {
    const socket = connect(Number(port), hostname)
    socket.write(`POST /api/media HTTP/1.1\r\nHost: ${host}\r\n`)
    const drip = setInterval(() => socket.write('X-Header: x\r\n'), 200)
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    // What is sent at the very moment of the end is answered by a reset.
    socket.on('error', () => {})
    await once(socket, 'close')
    clearInterval(drip)
    return answer.split('\r\n')[0]
  })
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
  assert.deepEqual(new Set(await Promise.all(attackers)), new Set(['HTTP/1.1 408 Request Timeout']))
  await server.stop()
})
