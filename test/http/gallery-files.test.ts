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

test('the page has what it asks for first under way, the photos only of somebody who has signed in', async (t) => {
  const TINTYPE_TOKEN = 'a token that is long enough'
  const server = await startServer({ TINTYPE_TOKEN })
  t.after(() => server.stop())
  const linked = async (path: string, headers = {}) => {
    const { status, headers: answered } = await fetch(`${server.url}${path}`, { headers })
    assert.equal(status, 200, path)
    return (answered.get('link') ?? '')
      .split(', ')
      .map((link) => link.replace(/; rel=preload; as=fetch; crossorigin$/, ''))
  }
  const token = { Authorization: `Bearer ${TINTYPE_TOKEN}` }
  assert.deepEqual(await linked('/'), ['<./session>'])
  assert.deepEqual(await linked('/', token), ['<./session>', '<./api/media?order=taken&limit=60>'])
  assert.deepEqual(await linked('/photo/abc', token), ['</session>', '</api/media?order=taken&limit=60>'])
  assert.deepEqual(await linked('/?q=lake', token), ['<./session>'])
  assert.deepEqual(await linked('/albums', token), ['</session>'])
})
