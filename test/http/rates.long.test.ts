import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import express from 'express'
import { photo } from '../media/photos.ts'
import { mediaOf, problemOf, startServer, type TestServer, upload } from '../support/server.ts'
import { startStorageApp } from '../support/storage-app.ts'

const jpeg = await photo()
const token = 'a token that is long enough'

describe('a rate limit of writes', () => {
  test('is by owner, for uploads and changes together; reading goes on', async (t) => {
    const app = await startStorageApp({ rates: { writes: { count: 3, seconds: 600 } } })
    t.after(() => app.stop())
    const media = await mediaOf(await upload(app.url, { bytes: jpeg }))
    const change = () =>
      fetch(`${app.url}/api/media/${media.id}`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json' },
        body: '{"caption":"new"}',
      })
    assert.equal((await change()).status, 200)
    const session = await fetch(`${app.url}/api/uploads`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'a.jpg', size: 5 }),
    })
    assert.equal(session.status, 201)
    const refused = await upload(app.url, { bytes: jpeg })
    const wait = Number(refused.headers.get('retry-after'))
    assert(wait > 500 && wait <= 600, String(wait))
    const problem = await problemOf(refused)
    assert.deepEqual([problem.status, problem.code, problem.limit], [429, 'too_many_requests', 3])
    assert.equal((await change()).status, 429)
    assert.equal((await fetch(`${app.url}/api/media/${media.id}`)).status, 200)
    // What has begun may end.
    const { id } = (await session.json()) as { id: string }
    assert.equal((await fetch(`${app.url}/api/uploads/${id}`, { method: 'DELETE' })).status, 204)
    assert.equal((await upload(app.url, { bytes: jpeg }, { headers: { 'X-User': 'bob' } })).status, 201)
  })

  test('those that nobody is known for count by address: behind a proxy only as the app trusts it', async (t) => {
    let trust: unknown = false
    const app = await startStorageApp({
      rates: { writes: { count: 2, seconds: 600 } },
      authenticate: () => null,
      routes: (app, tintype) => {
        const behind = express()
        behind.set('trust proxy', (...args: [string, number]) =>
          typeof trust === 'function' ? trust(...args) : trust,
        )
        app.use('/behind', behind.use(tintype.router))
      },
    })
    t.after(() => app.stop())
    const send = (from: string) =>
      upload(app.url, { bytes: jpeg }, { path: '/behind/media', headers: { 'X-Forwarded-For': from } }).then(
        ({ status }) => status,
      )
    assert.deepEqual(
      [await send('192.0.2.1'), await send('192.0.2.2'), await send('192.0.2.3')],
      [401, 401, 429],
    )
    trust = true
    assert.deepEqual(
      [await send('192.0.2.1'), await send('192.0.2.1'), await send('192.0.2.1')],
      [401, 401, 429],
    )
    assert.equal(await send('192.0.2.2'), 401)
  })

  test('counts on an own route too, and refuses before the body is sent', async (t) => {
    const app = await startStorageApp({
      rates: { writes: { count: 1, seconds: 600 } },
      routes: (app, tintype) => app.post('/posts', tintype.upload('photo'), (_req, res) => void res.end()),
    })
    t.after(() => app.stop())
    const post = () => upload(app.url, { bytes: jpeg, field: 'photo' }, { path: '/posts' })
    assert.deepEqual([(await post()).status, (await post()).status], [200, 429])
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const asking = request(`${app.url}/api/media`, {
      method: 'POST',
      headers: {
        'Content-Type': 'multipart/form-data; boundary=x',
        'Content-Length': 1024 ** 3,
      },
    })
    asking.on('response', (response) =>
      resolve(`${response.statusCode} ${response.headers['retry-after'] !== undefined}`),
    )
    asking.on('error', reject)
    asking.flushHeaders()
    assert.equal(await promise, '429 true')
    asking.destroy()
  })
})

test("a limit of the app's own is answered by Express", async (t) => {
  const app = await startStorageApp({
    routes(app, tintype) {
      app.set('env', 'test')
      const signIns = tintype.rateLimit('sign-in', { count: 2, seconds: 600 })
      app.post('/sign-in', async (req, res) => {
        await signIns.demand(req.ip as string)
        if (req.get('x-password') !== 'right') return void res.sendStatus(401)
        await signIns.giveBack(req.ip as string)
        res.sendStatus(204)
      })
    },
  })
  t.after(() => app.stop())
  const signIn = (password: string) =>
    fetch(`${app.url}/sign-in`, { method: 'POST', headers: { 'X-Password': password } })
  const statuses = []
  for (const password of ['right', 'right', 'right', 'wrong', 'wrong', 'right']) {
    statuses.push((await signIn(password)).status)
  }
  assert.deepEqual(statuses, [204, 204, 204, 401, 401, 429])
  assert(Number((await signIn('right')).headers.get('retry-after')) > 500)
  assert.throws(() => app.tintype.rateLimit('x', { count: 0, seconds: 1 }), /rate\.count is 0/)
})

describe('the sign-in of the ready server', () => {
  let server: TestServer
  before(async () => {
    server = await startServer({
      TINTYPE_TOKEN: token,
      RATE_SIGN_IN: '10/600',
      TRUSTED_PROXIES: 'loopback',
    })
  })
  after(() => server.stop())

  const signIn = (given: string, from: string) =>
    fetch(`${server.url}/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': from },
      body: JSON.stringify({ token: given }),
    })
  const ask = (given: string, from: string, path = '/api/media') =>
    fetch(server.url + path, { headers: { Authorization: `Bearer ${given}`, 'X-Forwarded-For': from } })

  test('takes ten wrong tokens from an address, and then none, not even the right one', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => signIn(`guess ${i}`, '192.0.2.1')))
    assert.deepEqual(count(answers), { 401: 10, 429: 20 })
    const refused = await signIn(token, '192.0.2.1')
    assert.equal((await problemOf(refused)).code, 'too_many_requests')
    assert(Number(refused.headers.get('retry-after')) > 500)
    assert.equal((await ask(token, '192.0.2.1')).status, 429)
    assert.equal((await signIn(token, '192.0.2.9')).status, 204)
  })

  test('those that are right do not count, and a session goes on', async () => {
    const from = '192.0.2.2'
    const answers = await Promise.all(Array.from({ length: 8 }, () => signIn(token, from)))
    for (const _ of [1, 2]) answers.push(await signIn(token, from), await signIn(token, from))
    assert.deepEqual(count(answers), { 204: 12 })
    const cookie = answers[0]?.headers.get('set-cookie')?.split(';')[0] as string
    for (let i = 0; i < 11; i++) await signIn('wrong', from)
    assert.equal((await signIn('wrong', from)).status, 429)
    const asked = await fetch(`${server.url}/api/media`, {
      headers: { Cookie: cookie, 'X-Forwarded-For': from },
    })
    assert.equal(asked.status, 200)
  })

  test('tokens of requests count as well, whatever is asked', async () => {
    const paths = ['/api/media', '/session', '/plain', '/metrics']
    const answers = []
    for (let i = 0; i < 16; i++) {
      answers.push(await ask(`guess ${i}`, '2001:db8::1', paths[i % 4] as string))
    }
    assert.deepEqual(
      answers.slice(10).map(({ status }) => status),
      Array(6).fill(429),
    )
    assert(answers.slice(0, 10).every(({ status }) => status !== 429))
    // Of the same network, which is one customer's.
    assert.equal((await ask(token, '2001:db8::2')).status, 429)
    assert.equal((await ask(token, '2001:db8:0:1::1')).status, 200)
  })

  test('X-Forwarded-For of a sender that is no trusted proxy changes nothing', async (t) => {
    const untrusting = await startServer({ TINTYPE_TOKEN: token, TRUSTED_PROXIES: '10.0.0.0/8' })
    t.after(() => untrusting.stop())
    const statuses = []
    for (let i = 0; i < 12; i++) {
      const headers = { Authorization: `Bearer guess ${i}`, 'X-Forwarded-For': `192.0.2.${i}` }
      statuses.push((await fetch(`${untrusting.url}/api/media`, { headers })).status)
    }
    assert.deepEqual(statuses.slice(9), [401, 429, 429])
    assert.deepEqual(
      untrusting.log.filter((line) => line.includes('proxy.not_trusted')),
      [],
    )
    const unaware = await startServer({ TINTYPE_TOKEN: token, PUBLIC_URL: 'https://photos.example' })
    t.after(() => unaware.stop())
    for (const _ of [1, 2]) await fetch(unaware.local, { headers: { 'X-Forwarded-For': '192.0.2.1' } })
    const told = unaware.log.filter((line) => line.includes('proxy.'))
    assert.equal(told.length, 1)
    assert.match(String(told[0]), /TRUSTED_PROXIES/)
  })
})

function count(answers: Response[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
