import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import { NodeRequest } from './node-request.ts'

test('however many wait for the end of an answer, Node counts one listener, and warns of no leak', async () => {
  const told: boolean[] = []
  let listeners = 0
  const server = createServer((req, res) => {
    const before = res.listenerCount('close')
    for (let i = 0; i < 12; i++) new NodeRequest(req, res).whenOver((isWhole) => told.push(isWhole))
    listeners = res.listenerCount('close') - before
    res.end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await once(server.close(), 'close')
  assert.equal(listeners, 1)
  assert.deepEqual(told, Array(12).fill(true))
})

test('answers that wait for another on their connection are told of its end: Node 22 tells the first alone', async () => {
  const { promise: allCame, resolve: came } = Promise.withResolvers<void>()
  const ends: Promise<boolean>[] = []
  const closed = [0, 0, 0]
  const server = createServer((req, res) => {
    const at = ends.length
    res.on('close', () => {
      closed[at] = (closed[at] ?? 0) + 1
    })
    const { signal } = new NodeRequest(req, res)
    const again = new NodeRequest(req, res)
    ends.push(new Promise((resolve) => again.whenOver((isWhole) => resolve(isWhole || !signal.aborted))))
    if (ends.length === 3) came()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  // What is never told ends the test then.
  server.unref()
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3))
  await allCame
  socket.destroy()
  assert.deepEqual(await Promise.all(ends), [false, false, false])
  assert.deepEqual(closed, [1, 1, 1])
  server.close()
})
