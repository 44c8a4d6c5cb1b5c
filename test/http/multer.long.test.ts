import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { connect, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, afterEach, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import type { ErrorRequestHandler } from 'express'
import multer2 from 'multer'
import { TintypeError } from '../../packages/tintype/src/errors.ts'
import { photo } from '../media/photos.ts'
import { upload } from '../support/server.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const multer1: typeof multer2 = createRequire(import.meta.url)('multer-1')
const mebibyte = 1024 * 1024
const jpeg = await photo({ width: 800, height: 600 })
const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(300_000, 32)])

for (const [version, multer] of [
  ['1', multer1],
  ['2', multer2],
] as const) {
  describe(`Multer ${version} with Tintype as its storage, and Express's own error handler`, () => {
    let app: StorageApp
    const events = new EventEmitter()

    before(async () => {
      app = await startStorageApp({
        limits: { memory: 100 * mebibyte },
        authenticate(req) {
          events.emit('asked', req)
          return 'ann'
        },
        routes(server, tintype) {
          // As in development, but without a log of its own.
          server.set('env', 'test')
          const storage = tintype.storage()
          const fileFilter: multer2.Options['fileFilter'] = (_req, file, callback) =>
            callback(null, !/skip/.test(file.originalname))
          const files = multer({ storage, fileFilter })
          const small = multer({ storage, limits: { fileSize: jpeg.length - 1 } })
          server.post('/up', files.array('file'), (req, res) => void res.status(201).json(req.files))
          const answers: ErrorRequestHandler = (error, _req, res, next) =>
            error.status
              ? void res.status(error.status).json({ code: error.code, file: error.file })
              : next(error)
          server.post('/answered', files.array('file'), answers)
          server.post('/small', small.array('file'), (req, res) => void res.status(201).json(req.files))
        },
      })
    })
    after(() => app.stop())
    afterEach(async () => {
      await until(used, (seen) => seen === 0)
      for (const { id } of await listed()) await app.tintype.media.remove(id)
    })

    const send = (files: Parameters<typeof upload>[1], path = '/up') =>
      upload(app.url, files, { path, headers: { connection: 'close' } })

    test('gives each file its media; a filter may skip some', async () => {
      const response = await send([{ bytes: pdf, name: 'skip.pdf' }, { bytes: jpeg }, { bytes: jpeg }])
      assert.equal(response.status, 201)
      const files = (await response.json()) as { media: Media; size: number }[]
      assert.deepEqual(
        files.map(({ media, size }) => [media.type, size]),
        [
          ['image/jpeg', jpeg.length],
          ['image/jpeg', jpeg.length],
        ],
      )
    })

    test('a refusal has its status and its sentence, and no stack; files before it are removed', async () => {
      for (const files of [
        [{ bytes: pdf }, { bytes: jpeg }],
        [{ bytes: jpeg }, { bytes: pdf }],
      ]) {
        const response = await send(files)
        const page = await response.text()
        assert.equal(response.status, 415)
        assert.match(page, /TintypeError: .*\./)
        assert.doesNotMatch(page, /\.ts:\d|node:internal|&nbsp; at /)
        assert.deepEqual(await listed(), [])
      }
    })

    test('an error handler that answers at once gets its answer through, and the connection goes on', async () => {
      const large = Buffer.concat([pdf, Buffer.alloc(2_000_000, 32)])
      for (let times = 0; times < 3; times++) {
        const options = { path: '/answered' }
        const response = await upload(app.url, [{ bytes: jpeg }, { bytes: large, name: 'a.pdf' }], options)
        const file = { index: 1, name: 'a.pdf' }
        assert.deepEqual([response.status, await response.json()], [415, { code: 'unsupported_type', file }])
      }
      const last = await send({ bytes: jpeg })
      assert.equal(last.status, 201)
    })

    test('a form that claims to be compressed is 415', async () => {
      const headers = { 'content-encoding': 'gzip', connection: 'close' }
      assert.equal((await upload(app.url, { bytes: jpeg }, { path: '/up', headers })).status, 415)
    })

    test('what is over Multer’s own limit leaves nothing', async () => {
      const response = await send([{ bytes: jpeg.subarray(0, 500) }, { bytes: jpeg }], '/small')
      assert.equal(response.status >= 400, true)
      assert.deepEqual(await listed(), [])
    })

    test('a sender that stalls is answered 408', async () => {
      const asked = once(events, 'asked')
      const answer = sendRaw(part('a.jpg', jpeg.subarray(0, 2000)), { announced: 500_000 })
      await asked
      let isOver = false
      answer.then(() => {
        isOver = true
      })
      await until(async () => {
        app.clock.advance(5000)
        return isOver
      })
      const head = await answer
      assert.match(head, /^HTTP\/1.1 408 /)
      assert.match(head, /\r\nConnection: close\r\n/i)
    })

    test('a sender that stalls behind a file is answered, and the file removed', async () => {
      const field = '\r\n--B\r\nContent-Disposition: form-data; name="text"\r\n\r\nsome'
      const body = Buffer.concat([part('a.jpg', jpeg), Buffer.from(field)])
      const answer = sendRaw(body, { announced: 500_000 })
      await until(listed, (seen) => seen.length === 1)
      let isOver = false
      answer.then(() => {
        isOver = true
      })
      await until(async () => {
        app.clock.advance(5000)
        return isOver
      })
      assert.match(await answer, version === '1' ? /^HTTP\/1.1 500 / : /^HTTP\/1.1 408 /)
      await until(listed, (seen) => seen.length === 0)
    })

    test('a sender that goes on dripping after a refusal is answered, and left', async () => {
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
      const answer = text(socket)
      const first = part('a.pdf', pdf.subarray(0, 20_000))
      socket.write(headOf(first.length + 5_000_000))
      socket.write(first)
      let isOver = false
      answer.finally(() => {
        isOver = true
      })
      await until(async () => {
        if (socket.writable) socket.write('drip')
        app.clock.advance(1000)
        await turn(20)
        return isOver
      })
      assert.match(await answer, /^HTTP\/1.1 415 /)
      socket.destroy()
    })

    test('a request that is cut between its files leaves none', async () => {
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
      const first = part('a.jpg', jpeg)
      const field = '--B\r\nContent-Disposition: form-data; name="text"\r\n\r\nsome'
      socket.write(headOf(first.length + 500_000))
      socket.write(Buffer.concat([first, Buffer.from(`\r\n${field}`)]))
      await until(listed, (seen) => seen.length === 1)
      socket.destroy()
      await until(listed, (seen) => seen.length === 0)
    })

    test('connections that are cut within a file leave nothing reserved', async () => {
      const sockets = Array.from({ length: 60 }, () => {
        const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
        socket.on('error', () => {})
        socket.write(headOf(500_000))
        socket.write(part('a.jpg', jpeg.subarray(0, 100)))
        return socket
      })
      await once(events, 'asked')
      await turn(50)
      for (const socket of sockets) socket.destroy()
      await until(used, (seen) => seen === 0)
      assert.equal((await send({ bytes: jpeg })).status, 201)
    })

    function headOf(announced: number): string {
      return `POST /up HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: ${announced}\r\n\r\n`
    }

    /** @returns what was answered, when the connection has ended */
    async function sendRaw(body: Buffer, { announced }: { announced: number }): Promise<string> {
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
      socket.write(headOf(announced))
      socket.write(body)
      return text(socket)
    }

    async function listed(): Promise<Media[]> {
      return (await app.tintype.media.list({ owner: 'ann' })).media
    }

    async function used(): Promise<number> {
      const lines = (await app.tintype.metrics()).split('\n')
      const line = lines.find((one) => one.startsWith('tintype_upload_memory_bytes{of="used"}'))
      return Number(line?.split(' ').at(-1))
    }
  })
}

describe('the storage engine by itself', () => {
  let app: StorageApp
  before(async () => {
    app = await startStorageApp({ authenticate: () => 'ann' })
  })
  after(() => app.stop())

  /** Calls it as Multer does. */
  function handle(stream: Readable, callback: (error?: unknown, info?: object) => void) {
    const req = new IncomingMessage(new Socket())
    app.tintype.storage()._handleFile(req, { stream, originalname: 'a.jpg' }, callback)
  }

  test('leaves the memory of what it is given alone', async () => {
    const bytes = Buffer.from(new Uint8Array(jpeg).buffer)
    const { promise, resolve } = Promise.withResolvers<unknown>()
    handle(Readable.from([bytes]), (error, info) => resolve(error ?? info))
    assert.equal(((await promise) as { size: number }).size, jpeg.length)
    assert.deepEqual(bytes, jpeg)
  })

  test('takes plain bytes as well, and tells what text is', async () => {
    const sent = [new Uint8Array(jpeg.subarray(0, 100)), new Uint8Array(jpeg.subarray(100))]
    const outcomes = await Promise.all(
      [sent, ['<html>']].map(
        (chunks) =>
          new Promise((resolve) => handle(Readable.from(chunks), (error, info) => resolve(error ?? info))),
      ),
    )
    assert.equal((outcomes[0] as { size: number }).size, jpeg.length)
    assert.equal((outcomes[1] as TintypeError).code, 'unsupported_type')
  })

  for (const [outcome, bytes] of [
    ['success', jpeg],
    ['failure', pdf],
  ] as const) {
    test(`a callback that throws when it hears of ${outcome} is called once, and nothing else ends`, async () => {
      let calls = 0
      const { promise, resolve } = Promise.withResolvers<void>()
      handle(Readable.from([bytes]), () => {
        calls++
        resolve()
        throw new Error('of the app')
      })
      await promise
      await turn(20)
      assert.equal(calls, 1)
      assert.ok(app.log.some((line) => /multer.callback_failed.*of the app/.test(line)))
      app.log.length = 0
    })
  }

  test('a file that was never made is removed without a word', async () => {
    const { promise, resolve } = Promise.withResolvers<Error | null>()
    app.tintype.storage()._removeFile(new IncomingMessage(new Socket()), {}, resolve)
    assert.equal(await promise, null)
  })

  test('errors carry what default error handlers go by', () => {
    const { status, statusCode, expose, headers } = new TintypeError('overloaded', 'Later.')
    assert.deepEqual([status, statusCode, expose, headers], [503, 503, false, { 'Retry-After': '2' }])
    const refusal = new TintypeError('too_large', 'Smaller.')
    assert.deepEqual([refusal.status, refusal.expose, refusal.headers], [413, true, undefined])
  })
})

function part(name: string, bytes: Buffer): Buffer {
  const head = `--B\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: image/jpeg\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bytes])
}

async function turn(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await new Promise((resolve) => setImmediate(resolve))
}
