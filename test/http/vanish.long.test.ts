import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { type ClientRequest, request } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import type { ErrorRequestHandler, Request } from 'express'
import multer from 'multer'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { announcement, send } from '../support/direct.ts'
import { whenGone } from '../support/door.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

/** One way to send something: what has to be there before, and the request. */
interface Way {
  method?: string
  path(): Promise<string>
  type: string
  body: Buffer
}

const mebibyte = 1024 * 1024
const day = 24 * 3600 * 1000
const boundary = 'XbX'
const formType = `multipart/form-data; boundary=${boundary}`
const jpeg = await photo({ width: 640, height: 480 })
const mp4 = await largeVideo(9 * mebibyte)

/** T9: they leave no memory reserved, no connection open, and no row or object behind. */
describe('clients that vanish', () => {
  let app: StorageApp
  let rows: () => number
  const events = new EventEmitter()
  /** Set: who asks is told later. */
  let gate: Promise<void> | undefined

  before(async () => {
    const authenticate = async (req: Request) => {
      events.emit('asked', req)
      await gate
      return 'ann'
    }
    app = await startStorageApp({
      authenticate,
      limits: { memory: 110 * mebibyte },
      routes(express, tintype) {
        express.post('/own', tintype.upload('file'), (req, res) => void res.status(201).json(req.media))
        const files = multer({ storage: tintype.storage() })
        express.post('/multer', files.array('file'), (req, res) => void res.status(201).json(req.files))
        const refused: ErrorRequestHandler = (_error, _req, res, _next) => void res.status(400).end()
        express.use(refused)
      },
    })
    const database = new DatabaseSync(app.database, { readOnly: true })
    const tables = ['media', 'variant', 'upload', 'part', 'sweep']
    rows = () => {
      const counted = tables.map(
        (table) => database.prepare(`select count(*) as n from tintype_${table}`).get()?.n,
      )
      return counted.reduce((sum: number, n) => sum + Number(n), 0)
    }
  })
  after(() => app.stop())

  const ways: Record<string, Way> = {
    'a form': { path: async () => '/api/media', type: formType, body: form(jpeg, 'a.jpg') },
    'a form with a video that is streamed': {
      path: async () => '/api/media',
      type: formType,
      body: form(mp4, 'a.mp4'),
    },
    'a replacement': {
      method: 'PUT',
      path: async () => {
        const { media } = await answer(start(ways['a form'] as Way, '/api/media'))
        return `/api/media/${media[0].id}`
      },
      type: formType,
      body: form(jpeg, 'a.jpg'),
    },
    "an app's own route": { path: async () => '/own', type: formType, body: form(jpeg, 'a.jpg') },
    Multer: { path: async () => '/multer', type: formType, body: form(jpeg, 'a.jpg') },
    'the beginning of a direct upload': {
      path: async () => '/api/uploads',
      type: 'application/json',
      // Large enough to be counted.
      body: json({ ...announcement(jpeg), padding: 'x'.repeat(20_000) }),
    },
    'the end of a direct upload': {
      async path() {
        const session = await answer(start(ways['the beginning of a direct upload'] as Way, '/api/uploads'))
        assert.ok((await send(session.put, jpeg)).ok)
        return `/api/uploads/${session.id}/complete`
      },
      type: 'application/json',
      body: json({ padding: 'x'.repeat(100_000) }),
    },
  }

  for (const [name, way] of Object.entries(ways)) {
    test(`${name}: at any turn of the event loop`, async () => {
      const whole = start(way, await way.path())
      const turns = await turnsUntil(answer(whole))
      const moments = 6
      for (let moment = 0; moment < moments; moment++) {
        const outgoing = start(way, await way.path())
        await turn(Math.floor((turns * moment) / moments))
        outgoing.destroy()
      }
      await untilNothingIsHeld()
    })

    test(`${name}: while it is asked who they are`, async () => {
      const path = await way.path()
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      const asked = once(events, 'asked') as Promise<[Request]>
      const outgoing = start(way, path)
      const [req] = await asked
      const closed = whenGone(req)
      outgoing.destroy()
      // Of a connection that is not being read, since its body is large, nobody learns that it has ended.
      if (way.body.length < mebibyte) await closed
      gate = undefined
      resolve()
      await untilNothingIsHeld()
    })

    test(`${name}: while they wait for memory`, async () => {
      const path = await way.path()
      // All there is, announced and never sent.
      const hog = start({ ...(ways['a form'] as Way), body: Buffer.alloc(0) }, '/api/media', {
        length: await allMemory(),
      })
      await until(memory, (seen) => seen.used > 30 * mebibyte)
      const outgoing = start(way, path)
      await until(memory, (seen) => seen.waiting > 0)
      outgoing.destroy()
      if (way.body.length < mebibyte) await until(memory, (seen) => seen.waiting === 0)
      hog.destroy()
      await untilNothingIsHeld()
    })

    test(`${name}: in the middle of the body`, async () => {
      const outgoing = start({ ...way, body: way.body.subarray(0, way.body.length / 2) }, await way.path(), {
        length: way.body.length,
      })
      await once(events, 'asked')
      await turn(20)
      outgoing.destroy()
      await untilNothingIsHeld()
    })
  }

  test('an Idempotency-Key is free again when the client that used it has gone', async () => {
    const way = ways['a form'] as Way
    const key = 'gone'
    const cut = start({ ...way, body: way.body.subarray(0, 1000) }, '/api/media', {
      length: way.body.length,
      key,
    })
    await once(events, 'asked')
    await turn(20)
    cut.destroy()
    await untilNothingIsHeld()
    const { media } = await answer(start(way, '/api/media', { key }))
    assert.equal(media.length, 1)
  })

  test('when what was made is deleted and all times are over, no row and no object is left', async () => {
    const { media } = await app.tintype.media.list({ owner: 'ann', limit: 1000 })
    for (const { id } of media) await app.tintype.media.remove(id)
    await until(async () => {
      app.clock.advance(day)
      await turn(100)
      return rows() === 0
    })
    assert.deepEqual([await app.keys(), await app.openMultiparts()], [[], []])
  })

  function start(
    { method = 'POST', type, body }: Way,
    path: string,
    { length = body.length, key = crypto.randomUUID() as string } = {},
  ): ClientRequest {
    const headers = { 'content-type': type, 'content-length': length, 'idempotency-key': key }
    const outgoing = request(app.url + path, { method, headers, agent: false })
    outgoing.on('error', () => {})
    if (length === body.length) outgoing.end(body)
    else outgoing.write(body.length > 0 ? body : '-')
    return outgoing
  }

  async function memory(): Promise<{ used: number; limit: number; waiting: number }> {
    const lines = (await app.tintype.metrics()).split('\n')
    const number = (name: string) =>
      Number(
        lines
          .find((line) => line.startsWith(name))
          ?.split(' ')
          .at(-1),
      )
    return {
      used: number('tintype_upload_memory_bytes{of="used"}'),
      limit: number('tintype_upload_memory_bytes{of="limit"}'),
      waiting: number('tintype_uploads_waiting '),
    }
  }

  /** What a form may announce that takes all memory. */
  async function allMemory(): Promise<number> {
    return (await memory()).limit - 64 * 1024
  }

  async function untilNothingIsHeld(): Promise<void> {
    await until(async () => (await memory()).used === 0 && (await app.connections()) === 0)
  }
})

// biome-ignore lint/suspicious/noExplicitAny: what the API answers
async function answer(outgoing: ClientRequest): Promise<any> {
  const [response] = await once(outgoing, 'response')
  return JSON.parse(await text(response))
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function form(bytes: Buffer, name: string): Buffer {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)])
}

async function turn(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await new Promise((resolve) => setImmediate(resolve))
}

async function turnsUntil(event: Promise<unknown>): Promise<number> {
  let isOver = false
  event.finally(() => {
    isOver = true
  })
  for (let turns = 0; turns < 1_000_000; turns++) {
    if (isOver) return turns
    await turn(1)
  }
  throw new Error('It was not over after a million turns.')
}
