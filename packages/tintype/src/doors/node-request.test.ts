import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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
