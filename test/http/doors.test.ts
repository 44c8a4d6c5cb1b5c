import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import type { Media, MediaPage } from '@tintype/protocol'
import express from 'express'
import { createTintype, type Tintype } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { problemOf } from '../support/server.ts'

const log = { info() {}, warn() {}, error() {} }
const jpeg = await photo()

function form(bytes: Uint8Array, name = 'a.jpg'): FormData {
  const body = new FormData()
  body.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), name)
  return body
}

/** One library, and every way to get to its API. */
describe('the doors', () => {
  let tintype: Tintype
  let directory: string
  const asked: object[] = []
  const open: ReturnType<typeof createServer>[] = []
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-test-'))
    const authenticate = (request: object) => {
      asked.push(request)
      return 'me'
    }
    tintype = await createTintype({
      variants: { thumb: { width: 320 } },
      directory,
      authenticate,
      log,
    })
  })
  after(async () => {
    for (const server of open) server.closeAllConnections()
    for (const server of open) server.close()
    await tintype.close()
    await rm(directory, { recursive: true })
  })

  async function listen(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, '127.0.0.1')
    open.push(server)
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  const ways: Record<string, () => Promise<(path: string, init?: RequestInit) => Promise<Response>>> = {
    'Node, by its own path': async () => {
      const url = await listen((req, res) => tintype.node(req, res))
      return (path, init) => fetch(`${url}/v1/api${path}`, init)
    },
    'Node, at a path that the app names': async () => {
      const url = await listen((req, res) => tintype.node(req, res, { mount: '/media' }))
      return (path, init) => fetch(`${url}/media${path}`, init)
    },
    Express: async () => {
      const url = await listen(express().use('/api', tintype.router))
      return (path, init) => fetch(`${url}/api${path}`, init)
    },
    'a route of Express, by the door of Node': async () => {
      const url = await listen(express().all('/api{/*rest}', (req, res) => tintype.node(req, res)))
      return (path, init) => fetch(`${url}/api${path}`, init)
    },
    'Connect, which says no baseUrl': async () => {
      const url = await listen((req, res) => {
        const taken = Object.assign(req, {
          originalUrl: req.url,
          url: req.url?.replace(/^\/a\/api/, '') || '/',
        })
        tintype.router(taken, res, () => {})
      })
      return (path, init) => fetch(`${url}/a/api${path}`, init)
    },
    Web: async () => (path, init) => tintype.fetch(new Request(`http://app.example/api${path}`, init)),
  }

  for (const [way, openDoor] of Object.entries(ways)) {
    test(`${way}: takes a photo, lists it, shows it, and says where what it made is`, async () => {
      const api = await openDoor()
      const made = await api('/media', { method: 'POST', body: form(jpeg) })
      assert.equal(made.status, 201)
      const { media } = (await made.json()) as { media: [Media] }
      const [{ id, urls }] = media
      const location = made.headers.get('location') as string
      assert.ok(location.endsWith(`/media/${id}`), location)
      const mount = location.slice(0, -`/media/${id}`.length)
      const { pathname, search } = new URL(urls.original)
      assert.ok(pathname.startsWith(`${mount}/s3/`), urls.original)
      const shown = await api(pathname.slice(mount.length) + search, { headers: { Range: 'bytes=0-1' } })
      assert.deepEqual([shown.status, shown.headers.get('content-type')], [206, 'image/jpeg'])
      assert.equal(shown.headers.get('content-security-policy'), "sandbox; default-src 'none'")
      assert.deepEqual(Buffer.from(await shown.arrayBuffer()), jpeg.subarray(0, 2))
      const page = (await (await api('/media?limit=1')).json()) as MediaPage
      assert.equal(page.media[0]?.id, id)
      const head = await api(`/media/${id}`, { method: 'HEAD' })
      assert.deepEqual([head.status, await head.text()], [200, ''])
      assert.ok(Number(head.headers.get('content-length')) > 100)
      const gone = await api(`/media/${id}`, { method: 'DELETE' })
      assert.deepEqual([gone.status, await gone.text()], [204, ''])
      const absent = await api(`/media/${id}`)
      assert.equal((await problemOf(absent)).requestId, absent.headers.get('x-request-id'))
      for (const path of ['/nothing', '/media/a/b/c', '/']) {
        const nothing = await api(path)
        assert.deepEqual([nothing.status, (await problemOf(nothing)).code], [404, 'not_found'], path)
      }
      assert.equal((await api('/media/%ff')).status, 400)
    })
  }

  test('each of them tells what happens as it happens, and ends when the client leaves', async () => {
    const open = await Promise.all(
      Object.values(ways).map(async (openDoor) => {
        const answer = await (await openDoor())('/events')
        assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8')
        return (answer.body as ReadableStream<Uint8Array>).getReader()
      }),
    )
    const { id } = await tintype.media.create(jpeg, { owner: 'me' })
    for (const reader of open) {
      let text = ''
      while (!text.includes(`{"id":"${id}"`))
        text += Buffer.from((await reader.read()).value ?? []).toString()
      assert.match(text, /^event: ready$/m)
      await reader.cancel()
    }
    await tintype.media.remove(id)
  })

  test('authenticate is given the request as its framework has it', async () => {
    const url = await listen(
      express()
        .use('/api', (req, _res, next) => {
          Object.assign(req, { user: 'ann' })
          next()
        })
        .use('/api', tintype.router),
    )
    await fetch(`${url}/api/media`)
    assert.equal((asked.at(-1) as { user: string; baseUrl: string }).user, 'ann')
    const request = new Request('http://app.example/api/media')
    await tintype.fetch(request)
    assert.equal(asked.at(-1), request)
  })

  test('the app may say itself who asks, and that it is nobody', async () => {
    const seen = asked.length
    const request = () => new Request('http://app.example/api/media')
    assert.equal((await tintype.fetch(request(), { owner: 'bob' })).status, 200)
    for (const owner of [null, undefined, '']) {
      assert.equal((await tintype.fetch(request(), { owner })).status, 401)
    }
    const url = await listen((req, res) => tintype.node(req, res, { owner: null }))
    assert.equal((await fetch(`${url}/api/media`)).status, 401)
    assert.equal(asked.length, seen)
  })

  test('Web: a large video passes through, piece by piece, as it is asked for', async () => {
    const video = await largeVideo(24 * 1024 * 1024)
    const head = Buffer.from('--B\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n')
    const pieces: Buffer[] = [head]
    for (let at = 0; at < video.length; at += 65_536) pieces.push(video.subarray(at, at + 65_536))
    pieces.push(Buffer.from('\r\n--B--\r\n'))
    let asked = 0
    const body = new ReadableStream(
      { pull: (controller) => (pieces[asked] ? controller.enqueue(pieces[asked++]) : controller.close()) },
      { highWaterMark: 0 },
    )
    const headers = { 'Content-Type': 'multipart/form-data; boundary=B' }
    const request = new Request('http://app.example/api/media', {
      method: 'POST',
      body,
      headers,
      duplex: 'half',
    } as RequestInit)
    const response = await tintype.fetch(request)
    assert.equal(response.status, 201)
    const { media } = (await response.json()) as { media: [Media] }
    assert.equal(media[0].bytes, video.length)
    const shown = await tintype.fetch(new Request(media[0].urls.original))
    let read = 0
    for await (const chunk of shown.body ?? []) read += chunk.length
    assert.equal(read, video.length)
  })

  test('Web: an upload whose client has gone is given up', async () => {
    const gone = new AbortController()
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    const body = new ReadableStream({
      start: (controller) =>
        controller.enqueue(
          Buffer.from('--B\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'),
        ),
      pull() {
        resolve()
        return new Promise(() => {})
      },
    })
    const headers = { 'Content-Type': 'multipart/form-data; boundary=B' }
    const init = { method: 'POST', body, headers, duplex: 'half', signal: gone.signal } as RequestInit
    const answered = tintype.fetch(new Request('http://app.example/api/media', init))
    await begun
    gone.abort()
    assert.equal((await answered).status, 400)
    assert.match(await tintype.metrics(), /^tintype_upload_memory_bytes{of="used"} 0$/m)
  })

  test('Web: a view whose reader has gone is given up', async () => {
    const made = await tintype.fetch(
      new Request('http://app.example/api/media', { method: 'POST', body: form(jpeg) }),
    )
    const { media } = (await made.json()) as { media: [Media] }
    const shown = await tintype.fetch(new Request(media[0].urls.original))
    await shown.body?.cancel()
    assert.equal((await tintype.fetch(new Request(media[0].urls.original))).status, 200)
  })

  test('Web: a body that the app has read before is refused with what to do', async () => {
    const request = new Request('http://app.example/api/media', { method: 'POST', body: form(jpeg) })
    await request.formData()
    const response = await tintype.fetch(request)
    assert.deepEqual([response.status, (await problemOf(response)).code], [415, 'unsupported_body'])
  })

  describe('Web, with the request of Node that the server tells', () => {
    /** @param use what the app does with the request before Tintype gets it */
    async function upload(use: (request: Request) => unknown = () => {}): Promise<Response> {
      const fetchOf = async (request: Request, { incoming }: { incoming: object }) => {
        await use(request)
        return tintype.fetch(request, { incoming: incoming as IncomingMessage })
      }
      const listener = getRequestListener(fetchOf as Parameters<typeof getRequestListener>[0], {
        overrideGlobalObjects: false,
      })
      const url = await listen((req, res) => void listener(req, res))
      return fetch(`${url}/api/media`, { method: 'POST', body: form(jpeg) })
    }

    test('authenticate is given the Web request', async () => {
      let seen: Request | undefined
      const answer = await upload((request) => {
        seen = request
      })
      assert.equal(answer.status, 201)
      assert.equal(asked.at(-1), seen)
    })

    test('what the app reads too is read from the Web request', async () => {
      let copy: Promise<ArrayBuffer> | undefined
      const answer = await upload((request) => {
        copy = request.clone().arrayBuffer()
      })
      assert.equal(answer.status, 201)
      assert.ok(Buffer.from((await copy) as ArrayBuffer).includes(jpeg))
    })

    const reads: Record<string, (request: Request) => unknown> = {
      parsed: (request: Request) => request.formData(),
      'read whole': (request: Request) => request.arrayBuffer(),
      'begun to read': (request: Request) => void request.arrayBuffer(),
    }
    for (const [how, read] of Object.entries(reads)) {
      test(`a body that the app has ${how} is refused with what to do`, async () => {
        const answer = await upload(read)
        assert.deepEqual([answer.status, (await problemOf(answer)).code], [415, 'unsupported_body'])
      })
    }
  })
})
