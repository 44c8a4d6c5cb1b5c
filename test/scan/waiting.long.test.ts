import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import type { ErrorRequestHandler } from 'express'
import multer from 'multer'
import { type FileToScan, refuse, TintypeError } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { upload } from '../support/server.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

/** What has come of an upload. */
interface Outcome {
  status: number
  media?: Media
  code?: string
  detail?: string
}

describe('a scan that takes long, on ways in that have nobody to ask later', () => {
  let app: StorageApp
  let jpeg: Buffer
  let begun: PromiseWithResolvers<{ file: FileToScan; pass(): void; fail(error: Error): void }>

  before(async () => {
    jpeg = await photo({ width: 900, height: 900 })
    app = await startStorageApp({
      times: { scanAnswer: 10, uploadDeadline: 300 },
      hooks: {
        scan: (file) =>
          new Promise((resolve, reject) => begun.resolve({ file, pass: resolve, fail: reject })),
      },
      routes(server, tintype) {
        server.post('/own', tintype.upload('file'), ({ media }, res) => void res.json({ media: media?.[0] }))
        server.post('/multer', multer({ storage: tintype.storage() }).single('file'), ({ file }, res) => {
          res.json({ media: file?.media })
        })
        const answers: ErrorRequestHandler = ({ status, code, message }, _req, res, _next) =>
          void res.status(status).json({ code, detail: message })
        server.use(answers)
      },
    })
  })
  after(() => app.stop())

  const post = async (path: string): Promise<Outcome> => {
    const response = await upload(app.url, { bytes: jpeg, name: 'a.jpg' }, { path })
    return { status: response.status, ...((await response.json()) as object) }
  }
  const create = async (source: Readable | Buffer): Promise<Outcome> => {
    try {
      return { status: 200, media: await app.tintype.media.create(source, { owner: 'ann', name: 'a.jpg' }) }
    } catch (error) {
      assert.ok(error instanceof TintypeError)
      return { status: error.status, code: error.code, detail: error.message }
    }
  }

  for (const [way, send, isGivenBack] of [
    ['a route with tintype.upload()', () => post('/own'), true],
    ["Multer's storage", () => post('/multer'), true],
    ['media.create of a stream', () => create(Readable.from([jpeg])), true],
    // The app has them in memory all the while.
    ['media.create of bytes', () => create(jpeg), false],
  ] as const)
    test(`${way} waits for it${isGivenBack ? ', without the memory,' : ''} and has the media or the refusal`, async (t) => {
      for (const refusal of [undefined, refuse('It holds a worm.', { status: 403, code: 'infected' })]) {
        begun = Promise.withResolvers()
        let isOver = false
        const sent = send().finally(() => {
          isOver = true
        })
        const { file, pass, fail } = await begun.promise
        // The app can't stop before.
        t.after(pass)
        const before = await used(app)
        assert.ok(before >= jpeg.length)
        app.clock.advance(10_000)
        if (isGivenBack)
          await until(
            () => used(app),
            (now) => now <= before - jpeg.length,
          )
        // Far longer than an unfinished upload may take.
        for (let minutes = 0; minutes < 8; minutes++) {
          app.clock.advance(60_000)
          assert.equal((await app.keys()).length, 2)
        }
        assert.deepEqual([isOver, file.signal.aborted], [false, false])
        assert.deepEqual((await app.tintype.media.list({ owner: 'ann' })).media, [])
        assert.equal(Buffer.concat(await file.read().toArray()).equals(jpeg), true)

        if (refusal) fail(refusal)
        else pass()
        const { status, media, code, detail } = await sent
        if (refusal) {
          assert.deepEqual([status, code, detail], [403, 'infected', 'It holds a worm.'])
          continue
        }
        assert.deepEqual([status, media?.sha256], [200, file.sha256])
        await app.tintype.media.remove(media?.id ?? '')
      }
      assert.equal(await used(app), 0)
      await until(
        async () => {
          app.clock.advance(600_000)
          return app.keys()
        },
        (keys) => keys.length === 0,
      )
    })
})

async function used({ tintype }: StorageApp): Promise<number> {
  const [, bytes] = /^tintype_upload_memory_bytes\{of="used"\} (\d+)/m.exec(await tintype.metrics()) ?? []
  return Number(bytes)
}
