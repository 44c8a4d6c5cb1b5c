import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { photo } from '../media/photos.ts'
import type { begin } from '../support/direct.ts'
import { problemOf, startServer, type TestServer, upload } from '../support/server.ts'

describe('/debug', () => {
  let server: TestServer
  before(async () => {
    server = await startServer({ TINTYPE_TOKEN: 'a-token-that-is-long-enough', HOST: '127.0.0.1' })
  })
  after(() => server.stop())

  const headers = { Authorization: 'Bearer a-token-that-is-long-enough' }
  const look = (more: Record<string, string> = {}) =>
    fetch(`${server.local}/debug`, { headers: { ...headers, ...more } })

  test('shows what is under way, without a script', async () => {
    const bytes = await photo({ width: 64, height: 48 })
    assert.equal((await upload(server.local, { bytes }, { headers })).status, 201)
    const announced = await fetch(`${server.local}/api/uploads`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: '<b>.mp4', type: 'video/<mp4>', size: 20_000_000 }),
    })
    const { id } = (await announced.json()) as Awaited<ReturnType<typeof begin>>
    const answer = await look()
    assert.equal(answer.status, 200)
    const policy = answer.headers.get('content-security-policy') ?? ''
    assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; /)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    const html = await answer.text()
    assert.ok(!/<script|<b>|<mp4>/.test(html))
    for (const part of ['Memory for uploads', 'Decoders', 'Ledger', 'Deletions to come', 'Outbox']) {
      assert.ok(html.includes(`<h2>${part}`), part)
    }
    assert.match(html, /<dt>media<\/dt><dd>1<\/dd>/)
    assert.ok(html.includes(`<td>${id}</td>`) && html.includes('20.0 MB'))
    assert.match(html, /<td>in 24 h<\/td>/)
  })

  test('is not there for others than this machine', async () => {
    for (const more of [{ 'X-Forwarded-For': '203.0.113.7' }, { Via: '1.1 proxy' }]) {
      const answer = await look(more)
      assert.deepEqual(
        [answer.status, (await problemOf(answer)).code],
        [404, 'not_found'],
        JSON.stringify(more),
      )
    }
    // `fetch` keeps the Host to itself.
    const [named] = await once(
      get(`${server.local}/debug`, { headers: { ...headers, Host: 'photos.example' } }),
      'response',
    )
    named.resume()
    assert.equal(named.statusCode, 404)
  })

  test('asks for the token where there is one', async () => {
    assert.equal((await fetch(`${server.local}/debug`)).status, 401)
  })
})
