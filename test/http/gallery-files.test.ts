import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openRaw } from '../support/raw-http.ts'
import { startServer } from '../support/server.ts'

test('a folder of the gallery’s files is no address, and leads nowhere: what browsers read as another host least of all', async (t) => {
  const server = await startServer()
  t.after(() => server.stop())
  for (const path of ['/assets', '//assets', '/\\evil.example/..', '//evil.example/%2e%2e/assets']) {
    const { socket, next } = openRaw(server.local)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost:${server.port}\r\nConnection: close\r\n\r\n`)
    const { status, headers } = await next()
    assert.deepEqual([status, headers.get('location')], [404, undefined], path)
  }
})
