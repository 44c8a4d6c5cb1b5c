import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestClock } from '../../../tintype/src/clock.ts'
import type { ApiRequest } from '../../../tintype/src/http/exchange.ts'
import type { Call, Handler } from '../../../tintype/src/http/routes.ts'
import { healthRoutes } from './health.ts'

test('/readyz asks once a second, however many ask it, and tells what it has learnt to all', async () => {
  const clock = createTestClock()
  let asked = 0
  let works = true
  const check = async () => {
    asked++
    if (!works) throw new Error('away')
  }
  const routes = healthRoutes({ check, isStopping: () => false, clock })
  const ready = routes.find(({ path }) => path === '/readyz')?.methods.GET as Handler
  const askOnce = async () => {
    try {
      return (await ready({} as ApiRequest, {} as Call)).status
    } catch (error) {
      return (error as Error).message
    }
  }
  const ask = () => Promise.all(Array.from({ length: 20 }, askOnce))
  assert.deepEqual([...new Set(await ask()), asked], [200, 1])
  works = false
  assert.deepEqual([...new Set(await ask()), asked], [200, 1])
  clock.advance(1000)
  assert.deepEqual([...new Set(await ask()), asked], ['away', 2])
  works = true
  clock.advance(1000)
  assert.deepEqual([...new Set(await ask()), asked], [200, 3])
})
