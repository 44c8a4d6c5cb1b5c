import assert from 'node:assert/strict'
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import type { Media, SignedPut, UploadSession } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { mediaOf, startServer, type TestServer, upload } from '../support/server.ts'

const token = 'a-token-of-thirty-two-characters'
const bearer = { Authorization: `Bearer ${token}` }

interface Sent {
  method?: string
  headers?: OutgoingHttpHeaders
  body?: string | Uint8Array
}

/** Asks as a proxy does that passes this Host on: fetch would not let it be set. */
async function ask(url: string, { method = 'GET', headers = {}, body }: Sent = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request(url, { method, headers }, resolve).on('error', reject).end(body)
  const response = await promise
  return { status: response.statusCode, headers: response.headers, text: await text(response) }
}

/** What a proxy at this public address hands on. */
const behind = (server: TestServer, url: string) => {
  const { pathname, search } = new URL(url)
  return `http://127.0.0.1:${server.port}${pathname}${search}`
}

describe('a server that people reach by PUBLIC_URL', () => {
  const publicUrl = 'https://photos.example:8443'
  let server: TestServer
  before(async () => {
    server = await startServer({ TINTYPE_TOKEN: token, PUBLIC_URL: 'HTTPS://Photos.Example.:8443/' })
  })
  after(() => server.stop())

  for (const host of ['127.0.0.1:3000', 'photos.example', 'photos.example:8443', 'photos.example.:8443']) {
    test(`signs in, shows and takes pictures behind a proxy that passes Host ${host}`, async () => {
      const local = `http://127.0.0.1:${server.port}`
      const signedIn = await ask(`${local}/session`, {
        method: 'POST',
        headers: { host, origin: publicUrl, 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      })
      assert.equal(signedIn.status, 204)
      assert.match(String(signedIn.headers['set-cookie']), /; Path=\/; HttpOnly; SameSite=Lax; Secure$/)

      const bytes = await photo()
      const { createHash } = await import('node:crypto')
      const begun = await ask(`${local}/api/uploads`, {
        method: 'POST',
        headers: { host, origin: publicUrl, ...bearer, 'content-type': 'application/json' },
        body: JSON.stringify({
          name: 'a.jpg',
          size: bytes.length,
          type: 'image/jpeg',
          sha256: createHash('sha256').update(bytes).digest('hex'),
        }),
      })
      const { id, put } = JSON.parse(begun.text) as UploadSession & { put: SignedPut }
      assert.ok(put.url.startsWith(`${publicUrl}/api/s3/`), put.url)
      const stored = await ask(behind(server, put.url), {
        method: 'PUT',
        headers: { host, ...put.headers, 'content-length': bytes.length },
        body: bytes,
      })
      assert.equal(stored.status, 200)
      const done = await ask(`${local}/api/uploads/${id}/complete`, {
        method: 'POST',
        headers: { host, origin: publicUrl, ...bearer },
      })
      const { urls } = JSON.parse(done.text) as Media
      assert.ok(urls.original.startsWith(`${publicUrl}/api/s3/`), urls.original)
      assert.equal((await ask(behind(server, urls.original), { headers: { host } })).status, 200)
    })
  }

  test('refuses pages of other sites, and says what to set', async () => {
    const answer = await ask(`http://127.0.0.1:${server.port}/session`, {
      method: 'POST',
      headers: { host: 'photos.example', origin: 'https://evil.example', 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    assert.equal(answer.status, 403)
    assert.match(answer.text, /Pages of https:\/\/evil\.example may not write to .*ORIGINS.*PUBLIC_URL/)
  })

  test('logs what the embedded S3 refuses, without the signature', async () => {
    const media = await mediaOf(
      await upload(`http://127.0.0.1:${server.port}`, { bytes: await photo() }, { headers: bearer }),
    )
    const changed = behind(server, media.urls.original).replace('image%2Fjpeg', 'text%2Fhtml')
    assert.equal((await ask(changed)).status, 403)
    const line = server.log.find((one) => one.includes('"s3.refused"')) ?? ''
    const { level, method, path, status, code } = JSON.parse(line)
    assert.deepEqual([level, method, status, code], ['warn', 'GET', 403, 'SignatureDoesNotMatch'])
    assert.match(path, /^\/tintype\/media\//)
    assert.ok(!server.log.some((one) => /X-Amz-|Signature=/.test(one)))
  })
})

describe('a server below a path', () => {
  let server: TestServer
  let local: string
  before(async () => {
    server = await startServer({ TINTYPE_TOKEN: token, PUBLIC_URL: 'https://example.org/photos' })
    local = `http://127.0.0.1:${server.port}`
  })
  after(() => server.stop())

  for (const [what, prefix] of [
    ['takes it off', ''],
    ['leaves it', '/photos'],
  ] as const) {
    test(`works behind a proxy that ${what}`, async () => {
      const at = local + prefix
      const html = await (await fetch(`${at}/`)).text()
      const [script] = /assets\/[^"]+\.js/.exec(html) ?? []
      assert.ok(!/(src|href)="\//.test(html), html)
      assert.equal((await fetch(`${at}/${script}`)).status, 200)

      const made = await upload(at, { bytes: await photo() }, { headers: bearer })
      const media = await mediaOf(made)
      assert.equal(made.headers.get('location'), `/photos/api/media/${media.id}`)
      assert.match(media.urls.original, /^https:\/\/example\.org\/photos\/api\/s3\//)
      const asSent = behind(server, media.urls.original).replace(`${local}/photos`, at)
      assert.equal((await fetch(asSent)).status, 200)

      const plain = await (await fetch(`${at}/plain`, { headers: bearer })).text()
      assert.match(plain, /href="\/photos\/plain\.css"[\s\S]*action="\/photos\/api\/media"/)
      const form = new FormData()
      form.append('file', new Blob([new Uint8Array(await photo())]), 'a.jpg')
      const headers = { ...bearer, Accept: 'text/html', Origin: 'https://example.org' }
      const sent = (Referer: string) =>
        fetch(`${at}/api/media`, {
          method: 'POST',
          body: form,
          headers: { ...headers, Referer },
          redirect: 'manual',
        })
      assert.equal((await sent('https://example.org/photos/plain')).headers.get('location'), '/photos/plain')
      assert.equal((await sent('https://evil.example/x')).headers.get('location'), '/photos/')

      const signedIn = await fetch(`${at}/session`, {
        method: 'POST',
        body: new URLSearchParams({ token }),
        headers: { Accept: 'text/html' },
        redirect: 'manual',
      })
      assert.equal(signedIn.headers.get('location'), '/photos/plain')
      assert.match(signedIn.headers.get('set-cookie') ?? '', /; Path=\/photos; /)
    })
  }

  test('leads to the slash at its end, without which relative addresses would lead beside it', async () => {
    for (const [path, to] of [
      ['/photos', '/photos/'],
      ['/photos?x=1', '/photos/?x=1'],
    ]) {
      const answer = await fetch(local + path, { redirect: 'manual' })
      assert.deepEqual([answer.status, answer.headers.get('location')], [308, to])
    }
    assert.equal((await fetch(`${local}/photosx`)).status, 404)
  })
})

describe('a server without PUBLIC_URL', () => {
  let server: TestServer
  before(async () => {
    server = await startServer({ TINTYPE_TOKEN: token, HOST: '0.0.0.0' })
  })
  after(() => server.stop())

  test('gives pictures the name that it was asked by, as a phone on the same network does', async () => {
    await upload(`http://127.0.0.1:${server.port}`, { bytes: await photo() }, { headers: bearer })
    for (const host of [`192.168.1.7:${server.port}`, `photobox.local:${server.port}`]) {
      const headers = { host, ...bearer, 'x-forwarded-host': 'evil.example' }
      const { media } = JSON.parse((await ask(`${server.local}/api/media`, { headers })).text)
      assert.equal(new URL(media[0].urls.thumb).host, host)
      assert.equal((await ask(behind(server, media[0].urls.thumb), { headers: { host } })).status, 200)
      const page = await ask(`${server.local}/`, { headers })
      const [images] = /img-src [^;]*/.exec(String(page.headers['content-security-policy'])) ?? []
      assert.equal(images, `img-src 'self' data: blob: http://${host}`)
    }
  })

  test('says once that a proxy is in front which nobody has told it of', () => {
    assert.equal(server.log.filter((line) => line.includes('"proxy.unknown"')).length, 1)
    assert.match(server.log.find((line) => line.includes('"proxy.unknown"')) ?? '', /PUBLIC_URL/)
  })

  test('answers a request whose target is the whole URL', async () => {
    const url = `${server.local}/api/media`
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>()
    request(server.local, { path: `http://photos.example/api/media`, headers: bearer }, resolve).end()
    const { media } = JSON.parse(await text(await promise))
    const { pathname, search } = new URL(media[0].urls.thumb, url)
    const shown = Promise.withResolvers<IncomingMessage>()
    request(server.local, { path: `http://photos.example${pathname}${search}` }, shown.resolve).end()
    assert.equal((await shown.promise).statusCode, 200)
  })
})

test('a server for this machine alone is known by its names, whatever port a proxy leaves in the Host', async () => {
  const server = await startServer({ PUBLIC_URL: 'https://photos.example:8443' })
  try {
    const statuses = []
    for (const host of ['localhost', '127.0.0.1:3000', 'photos.example', 'photos.example.', '[::1]:3000']) {
      statuses.push((await ask(`${server.local}/api/media`, { headers: { host } })).status)
    }
    assert.deepEqual(statuses, [200, 200, 200, 200, 200])
    for (const host of ['evil.example', 'photos.example.evil.example', 'xphotos.example']) {
      assert.equal((await ask(`${server.local}/api/media`, { headers: { host } })).status, 403)
    }
  } finally {
    await server.stop()
  }
})
