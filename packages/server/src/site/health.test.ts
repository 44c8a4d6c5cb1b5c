import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import express from 'express'
import { createTestClock } from '../../../tintype/src/clock.ts'
import { healthRoutes } from './health.ts'

test('/readyz asks once a second, however many ask it, and tells what it has learnt to all', async () => {
  const clock = createTestClock()
  let asked = 0
  let works = true
  const check = async () => {
    asked++
    if (!works) throw new Error('away')
  }
  const app = express()
    .set('env', 'test')
    .use(healthRoutes({ check, isStopping: () => false, clock }))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/readyz`
  const ask = () => Promise.all(Array.from({ length: 20 }, async () => (await fetch(url)).status))
  try {
    assert.deepEqual([...new Set(await ask()), asked], [200, 1])
    works = false
    assert.deepEqual([...new Set(await ask()), asked], [200, 1])
    clock.advance(1000)
    assert.deepEqual([...new Set(await ask()), asked], [500, 2])
    works = true
    clock.advance(1000)
    assert.deepEqual([...new Set(await ask()), asked], [200, 3])
  } finally {
    server.close()
    server.closeAllConnections()
  }
})
