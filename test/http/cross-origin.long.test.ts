import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import express from 'express'
import { silentLog } from '../../packages/tintype/src/log.ts'
import { createTintype, type Tintype } from '../../packages/tintype/src/tintype.ts'
import { photo } from '../media/photos.ts'
import { announcement, type begin, post, send } from '../support/direct.ts'
import { mediaOf, problemOf, upload } from '../support/server.ts'

const origin = 'http://localhost:5173'
const front = { Origin: origin, 'Sec-Fetch-Site': 'same-site' }
const evil = 'https://evil.example'

/** An app on another port than its pages, whose users sign in by a cookie. */
describe('an app that names the origin of its pages', () => {
  let directory: string
  let tintype: Tintype
  let server: Server
  let url: string
  let jpeg: Buffer
  before(async () => {
    jpeg = await photo()
    directory = await mkdtemp(join(tmpdir(), 'tintype-cross-'))
    tintype = await createTintype({
      directory,
      authenticate: (req) => /(?:^|; )user=(\w+)/.exec(req.headers.cookie ?? '')?.[1] ?? null,
      origins: [origin],
      log: silentLog,
    })
    const photos = tintype.upload('photo')
    const app = express()
      .use('/api', tintype.router)
      .options('/posts', photos)
      .post('/posts', photos, (req, res) => void res.json(req.media))
    server = createServer(app)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(async () => {
    server.close()
    server.closeAllConnections()
    await tintype.close()
    await rm(directory, { recursive: true })
  })

  const cookie = { Cookie: 'user=ann' }
  const names = (value: string | null) => (value ?? '').toLowerCase().split(/, */)
  const ask = (path: string, method: string, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': method, ...headers },
    })

  for (const [path, method, credentials] of [
    ['/api/media', 'POST', true],
    ['/api/media/AAAAAAAAAAAAAAAAAAAAAA', 'DELETE', true],
    ['/api/nothing', 'PATCH', true],
    ['/posts', 'POST', true],
    ['/api/s3/tintype/media/x', 'PUT', false],
  ] as const) {
    test(`browsers that ask first are answered before anybody is asked who they are: ${path}`, async () => {
      const wanted = 'authorization, idempotency-key, content-type, x-amz-checksum-sha256'
      const answer = await ask(path, method, { 'Access-Control-Request-Headers': wanted })
      assert.equal(answer.status, 204)
      const { headers } = answer
      assert.equal(headers.get('access-control-allow-origin'), origin)
      assert.ok(names(headers.get('access-control-allow-methods')).includes(method.toLowerCase()))
      assert.equal(headers.get('access-control-allow-headers'), wanted)
      assert.ok(Number(headers.get('access-control-max-age')) > 0)
      assert.equal(headers.get('access-control-allow-credentials'), credentials ? 'true' : null)
      assert.ok(names(headers.get('vary')).includes('origin'))
      const other = await ask(path, method, { Origin: evil })
      assert.equal(other.headers.get('access-control-allow-origin'), null)
      assert.ok(path === '/posts' || names(other.headers.get('vary')).includes('origin'))
    })
  }

  test('its pages read answers and errors, with the headers that tell of them', async () => {
    const form = (path: string, field: string, headers: object, bytes = jpeg) =>
      upload(url, { bytes, field }, { path, headers: { ...front, ...headers } })
    for (const [response, status] of [
      [await form('/api/media', 'file', cookie), 201],
      [await form('/api/media', 'file', {}), 401],
      [await form('/api/media', 'file', cookie, Buffer.from('<html>')), 415],
      [await form('/posts', 'photo', cookie), 200],
      [await form('/posts', 'photo', {}), 401],
      [await form('/posts', 'photo', cookie, Buffer.from('<html>')), 415],
      [await fetch(`${url}/api/media`, { headers: { ...front, ...cookie } }), 200],
      [await fetch(`${url}/api/nothing`, { headers: front }), 404],
      [await fetch(`${url}/api/media`, { method: 'PUT', headers: front }), 405],
    ] as const) {
      const { headers } = response
      await response.arrayBuffer()
      assert.equal(response.status, status)
      assert.equal(headers.get('access-control-allow-origin'), origin)
      assert.equal(headers.get('access-control-allow-credentials'), 'true')
      for (const name of ['location', 'retry-after', 'x-request-id', 'etag']) {
        assert.ok(names(headers.get('access-control-expose-headers')).includes(name), name)
      }
      assert.ok(names(headers.get('vary')).includes('origin'))
    }
  })

  test('its pages write to the storage, and read what it says', async () => {
    const begun = await post(`${url}/api/uploads`, announcement(jpeg), { ...front, ...cookie })
    const session = (await begun.json()) as Awaited<ReturnType<typeof begin>>
    assert.ok(session.put)
    const stored = await send(session.put, jpeg, { Origin: origin })
    assert.equal(stored.status, 200)
    const refused = await send({ ...session.put, url: `${session.put.url}x` }, jpeg, { Origin: origin })
    assert.equal(refused.status, 403)
    for (const { headers } of [stored, refused]) {
      assert.equal(headers.get('access-control-allow-origin'), origin)
      const exposed = names(headers.get('access-control-expose-headers'))
      assert.ok(exposed.includes('etag') && exposed.includes('x-amz-checksum-sha256'))
    }
  })

  test('pages of other sites write nowhere, whatever cookie or token comes along', async () => {
    const media = await mediaOf(await upload(url, { bytes: jpeg }, { headers: cookie }))
    for (const page of [
      { Origin: evil, 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' },
      { Origin: 'http://localhost:8080', 'Sec-Fetch-Site': 'same-site' },
      { Origin: evil },
    ]) {
      const headers = { ...cookie, Authorization: 'Bearer x', ...page } as Record<string, string>
      for (const response of [
        await upload(url, { bytes: jpeg }, { headers }),
        await upload(url, { bytes: jpeg, field: 'photo' }, { headers, path: '/posts' }),
        await post(`${url}/api/uploads`, announcement(jpeg), headers),
        await fetch(`${url}/api/media/${media.id}`, { method: 'DELETE', headers }),
      ]) {
        assert.equal(response.status, 403)
        assert.equal(response.headers.get('access-control-allow-origin'), null)
        assert.equal((await problemOf(response)).code, 'cross_site')
      }
    }
  })

  test('its own pages write, and programs that are no browsers', async () => {
    for (const headers of [
      {},
      { 'Sec-Fetch-Site': 'same-origin', Origin: 'http://behind.a.proxy' },
      { 'Sec-Fetch-Site': 'none' },
      { Origin: url },
    ] as Record<string, string>[]) {
      const sent = { headers: { ...cookie, ...headers } }
      assert.equal((await upload(url, { bytes: jpeg }, sent)).status, 201)
      const posted = await upload(url, { bytes: jpeg, field: 'photo' }, { ...sent, path: '/posts' })
      assert.equal(posted.status, 200)
    }
  })
})
