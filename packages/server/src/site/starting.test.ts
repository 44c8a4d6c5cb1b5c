import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Problem } from '@tintype/protocol'
import { answerWhileStarting } from './starting.ts'

test('while the server starts it answers with problem details and when to come back', async () => {
  const server = createServer(answerWhileStarting).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const answer = await fetch(`http://127.0.0.1:${port}/api/media`)
  const { code, status, requestId } = (await answer.json()) as Problem
  server.close()
  assert.deepEqual([answer.status, status, code], [503, 503, 'overloaded'])
  assert.equal(answer.headers.get('content-type'), 'application/problem+json')
  assert.equal(answer.headers.get('retry-after'), '1')
  assert.equal(answer.headers.get('x-request-id'), requestId)
})
