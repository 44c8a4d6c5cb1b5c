import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { systemClock } from '../clock.ts'
import { readBody } from './body.ts'
import { createTurns } from './turns.ts'

describe('a turn of the event loop', () => {
  const setUp = () => {
    let time = 0
    let accept = () => {}
    const onAccept = (listener: () => void) => {
      accept = listener
    }
    const turns = createTurns({ onAccept, now: () => time })
    const passed: string[] = []
    const read = (name: string) => turns.wait()?.then(() => passed.push(name))
    return { accept: () => accept(), advance: (ms: number) => (time += ms), read, passed }
  }

  test('that accepts no connection reads what has come', () => {
    const { read } = setUp()
    assert.equal(read('a'), undefined)
  })

  test('that accepts one reads no more of large bodies, until one comes that accepts none: then all go on', async () => {
    const { accept, read, passed } = setUp()
    for (let turn = 0; turn < 5; turn++) {
      accept()
      read(`${turn}`)
      await nextTurn()
      assert.deepEqual(passed, [])
    }
    await nextTurn()
    assert.deepEqual(passed, ['0', '1', '2', '3', '4'])
    await nextTurn()
    assert.equal(read('later'), undefined)
  })

  test('lets a body go on that has given way for 100 ms: connections may never stop coming', async () => {
    const { accept, advance, read, passed } = setUp()
    accept()
    read('a')
    advance(60)
    read('b')
    await nextTurn()
    accept()
    advance(40)
    await nextTurn()
    assert.deepEqual(passed, ['a'])
  })
})

test('connections that came at once are accepted before their bodies are read', async () => {
  const count = 50
  const bytes = 2 * 1024 * 1024
  let received = 0
  let connections = 0
  let receivedBefore = 0
  const bodies: Promise<void>[] = []
  const server = createServer((req, res) => {
    const take = (chunk: Buffer) => {
      received += chunk.length
    }
    const body = readBody(req, take, { clock: systemClock, stallTimeout: 60_000, leastRate: () => 1 })
    bodies.push(body.then(() => void res.end()))
  })
  server.on('connection', () => {
    connections++
    receivedBefore = received
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = `
    const { connect } = require('node:net')
    const { workerData, parentPort } = require('node:worker_threads')
    const { port, count, bytes, sent } = workerData
    for (let i = 0; i < count; i++) {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('PUT / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\nContent-Length: ' + bytes + '\\r\\n\\r\\n')
        socket.write(Buffer.alloc(bytes))
        Atomics.add(sent, 0, 1)
        Atomics.notify(sent, 0)
      })
      socket.resume().on('error', () => {})
    }`
  const sent = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(client, { eval: true, workerData: { port, count, bytes, sent } })
  await once(worker, 'online')
  // This thread accepts nothing meanwhile, as one that has much to do.
  for (let seen = 0; seen < count; seen = Atomics.load(sent, 0)) Atomics.wait(sent, 0, seen, 1000)
  await once(worker, 'exit')
  await Promise.all(bodies)
  server.close()
  assert.equal(connections, count)
  assert.equal(received, count * bytes)
  // Of each no more than what is read before it can be paused.
  assert.ok(
    receivedBefore < (count * bytes) / 4,
    `${receivedBefore} bytes were read before the last was accepted`,
  )
})
