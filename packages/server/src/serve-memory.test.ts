// In a process of its own: it measures the memory of its process.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createTestClock } from '../../tintype/src/clock.ts'
import { silentLog } from '../../tintype/src/log.ts'
import { collectGarbage, type MemoryLook, returnMemory } from './serve-memory.ts'

const mebibyte = 1024 * 1024

test('memory is returned once after a peak, not while there is work, and not for little gain', async () => {
  const clock = createTestClock()
  let now: MemoryLook = { resident: 100 * mebibyte, taken: 60 * mebibyte, busy: 0 }
  let collected = 0
  let stillNeeded = 30
  const server = new EventEmitter()
  const stop = returnMemory({
    server,
    clock,
    log: silentLog,
    look: () => now,
    async collect() {
      collected++
      now = { resident: 160 * mebibyte, taken: stillNeeded * mebibyte, busy: 0 }
    },
  })
  const later = async (resident: number, taken: number, busy: number) => {
    now = { resident: resident * mebibyte, taken: taken * mebibyte, busy }
    clock.advance(2_000)
    for (let i = 0; i < 3; i++) await setImmediate()
    return collected
  }
  assert.equal(await later(300, 200, 0), 0, 'no peak')
  connect(server, 100)
  assert.equal(await later(140, 90, 0), 0, 'little more than at the start')
  assert.equal(await later(300, 200, 0.5), 0, 'work to do')
  assert.equal(await later(300, 200, 0.05), 1)
  assert.equal(await later(160, 40, 0), 1, 'what is left is not V8’s')
  stillNeeded = 190
  const leave = connect(server, 200)
  assert.equal(await later(300, 400, 0), 2, 'the next peak, in which nothing moves for a while')
  assert.equal(await later(300, 195, 0), 2)
  leave()
  assert.equal(await later(300, 60, 0), 3, 'and its end')
  connect(server, 100)
  stop()
  assert.equal(await later(300, 200, 0), 3)
})

test('a server whose memory cannot be given back goes on', async () => {
  const clock = createTestClock()
  let resident = 100 * mebibyte
  let tries = 0
  const server = new EventEmitter()
  returnMemory({
    server,
    clock,
    log: silentLog,
    look: () => ({ resident, taken: resident, busy: 0 }),
    async collect() {
      tries++
      throw new Error('The inspector is not available.')
    },
  })
  connect(server, 100)
  for (resident = 200 * mebibyte; tries < 2; resident += 100 * mebibyte) {
    clock.advance(2_000)
    await setImmediate()
  }
})

test('unused memory is gone after a collection', async () => {
  const { arrayBuffers } = process.memoryUsage()
  const fill = () => Array.from({ length: 100 }, () => Buffer.alloc(mebibyte, 1)).length
  assert.equal(fill(), 100)
  await collectGarbage()
  assert.ok(process.memoryUsage().arrayBuffers - arrayBuffers < 10 * mebibyte)
})

/** @returns ends the connections */
function connect(server: EventEmitter, connections: number): () => void {
  const sockets = Array.from({ length: connections }, () => new EventEmitter())
  for (const socket of sockets) server.emit('connection', socket)
  return () => {
    for (const socket of sockets) socket.emit('close')
  }
}
