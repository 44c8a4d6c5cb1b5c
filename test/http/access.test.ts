import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { parseConfig } from '../../packages/server/src/config.ts'
import { photo } from '../media/photos.ts'
import { startBucketServer } from '../support/bucket-server.ts'
import { notByWeb } from '../support/door.ts'
import { mediaOf, problemOf, startServer, type TestServer, upload } from '../support/server.ts'
import { until } from '../support/until.ts'

const token = 'a token with spaces in it'
const bearer = { Authorization: `Bearer ${token}` }

describe('a server with a token', () => {
  let server: TestServer
  before(async () => {
    server = await startServer({ TINTYPE_TOKEN: token })
  })
  after(() => server.stop())

  test('answers unauthenticated clients with 401 on every route, and shows them no id', async () => {
    const { id } = await mediaOf(await upload(server.url, { bytes: await photo() }, { headers: bearer }))
    for (const [method, path] of [
      ['GET', '/api/media'],
      ['GET', `/api/media/${id}`],
      ['GET', `/api/media/${id}/original`],
      ['PATCH', `/api/media/${id}`],
      ['PUT', `/api/media/${id}`],
      ['DELETE', `/api/media/${id}`],
    ]) {
      const response = await fetch(server.url + path, { method: method as string })
      assert.equal(response.status, 401, `${method} ${path}`)
      assert.equal(response.headers.get('www-authenticate'), 'Bearer')
    }
    assert.equal((await fetch(`${server.url}/plain`)).status, 401)
    assert.equal(
      (await fetch(`${server.url}/api/media/${id}`, { headers: { Authorization: 'Bearer wrong' } })).status,
      401,
    )
  })

  test('makes URLs from its configuration, never from forwarded headers', async () => {
    const headers = {
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Proto': 'https',
      Forwarded: 'host=evil.example',
    }
    const response = await upload(
      server.url,
      { bytes: await photo() },
      { headers: { ...headers, ...bearer } },
    )
    assert.equal(response.status, 201)
    assert.doesNotMatch(await response.text(), /evil/)
  })

  test('refuses an unauthenticated client before the body is sent', {
    skip: notByWeb('continue'),
  }, async () => {
    const { promise, resolve, reject } = Promise.withResolvers<{
      status: number | undefined
      continued: boolean
    }>()
    let continued = false
    const req = request(`${server.url}/api/media`, {
      method: 'POST',
      headers: {
        Expect: '100-continue',
        'Content-Length': 1e9,
        'Content-Type': 'multipart/form-data; boundary=x',
      },
    })
    req.on('continue', () => {
      continued = true
    })
    req.on('response', (res) => {
      resolve({ status: res.statusCode, continued })
      req.destroy()
    })
    req.on('error', reject)
    req.flushHeaders()
    assert.deepEqual(await promise, { status: 401, continued: false })
  })

  test('signs a browser in by a cookie that scripts cannot read and other sites cannot write with', async () => {
    const session = async (headers: Record<string, string> = {}) =>
      (await fetch(`${server.url}/session`, { headers })).json()
    assert.deepEqual(await session(), { signedIn: false, required: true, albums: true })
    const signIn = (given: string) =>
      fetch(`${server.url}/session`, {
        method: 'POST',
        body: new URLSearchParams({ token: given }),
        redirect: 'manual',
      })
    assert.equal((await signIn('wrong')).status, 401)
    const cookie = (await signIn(token)).headers.get('set-cookie') ?? ''
    assert.match(cookie, /HttpOnly; SameSite=Lax/)
    assert.ok(!cookie.includes(token))
    const headers = { Cookie: cookie.split(';')[0] as string }
    assert.deepEqual(await session(headers), { signedIn: true, required: true, albums: true })
    assert.equal((await fetch(`${server.url}/api/media`, { headers })).status, 200)
    const besideOthers = { Cookie: `a=b; tintype_session=of-another-server; ${headers.Cookie}; c=d` }
    assert.deepEqual(await session(besideOthers), { signedIn: true, required: true, albums: true })
    assert.deepEqual(await session({ Cookie: `x${headers.Cookie}` }), {
      signedIn: false,
      required: true,
      albums: true,
    })
    const crossSite = await upload(
      server.url,
      { bytes: await photo() },
      { headers: { ...headers, Origin: 'https://evil.example' } },
    )
    assert.equal(crossSite.status, 403)
    assert.equal((await problemOf(crossSite)).code, 'cross_site')
  })
})

describe('a server without a token', () => {
  let server: TestServer
  before(async () => {
    server = await startServer()
  })
  after(() => server.stop())

  test('refuses writes that pages of other sites send', async () => {
    const bytes = await photo()
    for (const headers of [
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { 'Sec-Fetch-Site': 'cross-site' },
    ]) {
      assert.equal((await upload(server.url, { bytes }, { headers })).status, 403)
    }
    assert.equal((await upload(server.url, { bytes }, { headers: { Origin: server.url } })).status, 201)
  })

  test('makes URLs from its configuration, never from forwarded headers', async () => {
    const headers = {
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Proto': 'https',
      Forwarded: 'host=evil.example',
    }
    const response = await upload(server.url, { bytes: await photo() }, { headers })
    assert.equal(response.status, 201)
    assert.doesNotMatch(await response.text(), /evil/)
  })

  test('lets in nobody by a proxy, and says why', async () => {
    for (const [name, value] of [
      ['X-Forwarded-For', '203.0.113.7'],
      ['Forwarded', 'for=203.0.113.7'],
      ['Via', '1.1 proxy'],
      ['X-Real-IP', '127.0.0.1'],
      ['CF-Connecting-IP', '203.0.113.7'],
    ] as const) {
      for (const path of ['/api/media', '/plain', '/metrics', '/session']) {
        const method = path === '/session' ? 'POST' : 'GET'
        const response = await fetch(server.url + path, { method, headers: { [name]: value } })
        assert.equal(response.status, 401, `${name} ${path}`)
        const { detail } = await problemOf(response)
        assert.ok(detail.includes(name.toLowerCase()) && detail.includes('TINTYPE_TOKEN'), detail)
      }
    }
  })

  test('answers to its own names alone, so that DNS rebinding gets nothing', async () => {
    const { promise, resolve } = Promise.withResolvers<number | undefined>()
    request(`${server.url}/api/media`, { headers: { Host: 'evil.example' } }, (res) => {
      res.resume()
      resolve(res.statusCode)
    }).end()
    assert.equal(await promise, 403)
  })

  test('is ready when database and bucket answer', async () => {
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200)
  })

  test('is not ready while its bucket is away, and says so as problem details', async () => {
    const away = await startBucketServer({})
    try {
      away.proxy.faults.pick = () => 'reset before'
      const response = await fetch(`${away.server.url}/readyz`)
      assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '2'])
      assert.equal((await problemOf(response)).code, 'storage_unavailable')
      delete away.proxy.faults.pick
      // What has been learnt is told for a second.
      await until(
        async () => (await fetch(`${away.server.url}/readyz`)).status,
        (status) => status === 200,
      )
    } finally {
      await away.stop()
    }
  })

  test('sends a policy that lets no foreign script run', async () => {
    const policy = (await fetch(`${server.url}/plain`)).headers.get('content-security-policy') ?? ''
    assert.match(policy, /default-src 'none'; script-src 'self'/)
    assert.doesNotMatch(policy, /unsafe/)
  })
})

test('a server with ORIGINS answers pages of a front end on another port, with or without its token', async () => {
  const origin = 'http://localhost:5173'
  const server = await startServer({ TINTYPE_TOKEN: token, ORIGINS: origin })
  try {
    const asked = await fetch(`${server.url}/api/media`, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization',
      },
    })
    assert.deepEqual(
      [asked.status, asked.headers.get('access-control-allow-headers')],
      [204, 'authorization'],
    )
    for (const [headers, status] of [
      [bearer, 201],
      [{}, 401],
    ] as [Record<string, string>, number][]) {
      const page = { Origin: origin, 'Sec-Fetch-Site': 'same-site', ...headers }
      const response = await upload(server.url, { bytes: await photo() }, { headers: page })
      assert.deepEqual(
        [response.status, response.headers.get('access-control-allow-origin')],
        [status, origin],
      )
    }
    const other = { ...bearer, Origin: 'http://localhost:5174', 'Sec-Fetch-Site': 'same-site' }
    assert.equal((await upload(server.url, { bytes: await photo() }, { headers: other })).status, 403)
  } finally {
    await server.stop()
  }
})

describe('the configuration', () => {
  for (const [name, value, expected] of [
    ['TINTYPE_TOKEN', 'short', /TINTYPE_TOKEN/],
    ['PORT', '70000', /PORT is "70000"/],
    ['MAX_PHOTO_BYTES', 'many', /MAX_PHOTO_BYTES/],
    ['S3_ENDPOINT', 'http://localhost:9000', /S3_BUCKET/],
    ['PUBLIC_URL', 'photos.example', /PUBLIC_URL/],
    ['SIGN_READ_TTL', '999999', /SIGN_READ_TTL/],
  ] as const) {
    test(`${name}=${value} is refused by name`, () =>
      assert.throws(() => parseConfig({ [name]: value }), expected))
  }

  test('HOST=0.0.0.0 is refused by name where nobody would have to sign in', () =>
    assert.rejects(startServer({ HOST: '0.0.0.0' }), /HOST.*TINTYPE_TOKEN/))

  test('sizes may have units', () => {
    assert.equal(parseConfig({ MAX_PHOTO_BYTES: '32MB' }).limits.imageBytes, 33_554_432)
    assert.equal(parseConfig({ MAX_VIDEO_BYTES: '1.5 GiB' }).limits.videoBytes, 1.5 * 1024 ** 3)
  })
})
