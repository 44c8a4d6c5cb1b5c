import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import type { ErrorRequestHandler, Request, Response } from 'express'
import multer2 from 'multer'
import sharp from 'sharp'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const multer1: typeof multer2 = createRequire(import.meta.url)('multer-1')
const jpeg = new Uint8Array(await photo({ width: 400, height: 300 }))
const video = new Uint8Array(await largeVideo(10 * 1024 * 1024))
const text = new TextEncoder().encode('Not a picture, however long one looks at it.')

const file = (name = 'a.jpg', bytes = jpeg) => new File([bytes], name, { type: 'image/jpeg' })
type Part = [name: string, value: string | File]

for (const [version, multer] of [
  ['1.4.5-lts', multer1],
  ['2', multer2],
] as const)
  describe(`Multer ${version}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'tintype-multer-'))
    let app: StorageApp

    before(async () => {
      app = await startStorageApp({
        routes(server, tintype) {
          const storage = tintype.storage()
          const fileFilter: multer2.Options['fileFilter'] = (_req, { originalname }, callback) => {
            if (/forbidden/.test(originalname)) callback(new Error('The filter says no.'))
            else callback(null, !/skip/.test(originalname))
          }
          const upload = multer({ storage, fileFilter })
          const show = (req: Request, res: Response) =>
            void res.json({ file: req.file, files: req.files, body: req.body })
          server.post('/single', upload.single('photo'), show)
          server.post('/array', upload.array('photos', 2), show)
          server.post('/fields', upload.fields([{ name: 'a', maxCount: 1 }, { name: 'b' }]), show)
          server.post('/any', upload.any(), show)
          server.post('/none', upload.none(), show)
          for (const [name, limits] of Object.entries({
            bytes: { fileSize: jpeg.length },
            few: { files: 1 },
            texts: { fields: 1 },
            parts: { parts: 2 },
          }))
            server.post(`/${name}`, multer({ storage, limits }).any(), show)
          // Fails behind Multer, when all files have been made.
          server.post('/later', upload.any(), (_req, _res, next) => next(new Error('of the app')))

          const create = async (req: Request, res: Response) => {
            const files = (req.files ?? [req.file]) as Express.Multer.File[]
            const media = []
            for (const one of files) media.push(await tintype.media.create(one, { owner: 'ann' }))
            res.json(media)
          }
          const inMemory = multer({ storage: multer.memoryStorage() })
          server.post('/memory', inMemory.any(), create)
          server.post('/one', inMemory.single('photo'), create)
          server.post('/disk', multer({ dest: folder }).any(), create)
          server.post('/changed', inMemory.single('photo'), async (req, res) => {
            if (req.file) {
              req.file.buffer = await sharp(req.file.buffer).resize(100).png().toBuffer()
              req.file.originalname = 'small.png'
            }
            res.json(await tintype.media.create(req.file, { owner: 'ann' }))
          })
          const answer: ErrorRequestHandler = (error, _req, res, _next) =>
            void res.status(error.status ?? 500).json({ code: error.code, message: error.message })
          server.use(answer)
        },
      })
    })
    after(async () => {
      await app.stop()
      rmSync(folder, { recursive: true })
    })
    afterEach(async () => {
      for (const { id } of await listed()) await app.tintype.media.remove(id)
      await until(
        async () => {
          app.clock.advance(60_000)
          return [...(await app.keys()), ...(await app.openMultiparts())]
        },
        (seen) => seen.length === 0,
      )
    })

    const listed = async () => (await app.tintype.media.list({ owner: 'ann' })).media
    async function send(path: string, ...parts: Part[]) {
      const form = new FormData()
      for (const [name, value] of parts) form.append(name, value)
      const response = await fetch(app.url + path, { method: 'POST', body: form })
      return { status: response.status, body: (await response.json()) as Answer }
    }
    interface Answer {
      code?: string
      message?: string
      file?: { media: Media }
      files?: { media: Media; fieldname: string }[] | Record<string, { media: Media }[]>
      body?: Record<string, unknown>
    }
    /** Nothing of the request is left: neither a media nor, once swept, an object. */
    async function leavesNothing(path: string, status: number, code: string | undefined, ...parts: Part[]) {
      const { status: got, body } = await send(path, ...parts)
      assert.deepEqual([got, body.code], [status, code], JSON.stringify(body))
      await until(listed, (seen) => seen.length === 0)
    }

    test('.single, .array, .fields and .any give each file its media, and text to req.body', async () => {
      const one = await send('/single', ['title', 'Sea'], ['photo', file('für.jpg')])
      assert.deepEqual([one.body.file?.media.name, one.body.body], ['für.jpg', { title: 'Sea' }])
      const two = await send('/array', ['photos', file()], ['photos', file('b.jpg')])
      const named = (two.body.files as { media: Media }[]).map(({ media }) => media.name)
      assert.deepEqual(named, ['a.jpg', 'b.jpg'])
      const grouped = await send('/fields', ['a', file('1.jpg')], ['b', file('2.jpg')], ['b', file('3.jpg')])
      const groups = Object.entries(grouped.body.files ?? {}).map(([name, all]) => [name, all.length])
      assert.deepEqual(groups, [
        ['a', 1],
        ['b', 2],
      ])
      const any = await send('/any', ['x', file()], ['y', file('film.mp4', video)])
      const kinds = (any.body.files as { media: Media; fieldname: string }[]).map((f) => [
        f.fieldname,
        f.media.kind,
      ])
      assert.deepEqual(kinds, [
        ['x', 'image'],
        ['y', 'video'],
      ])
      assert.equal((await listed()).length, 8)
    })

    test('.none takes text alone', async () => {
      assert.deepEqual((await send('/none', ['a', '1'])).body.body, { a: '1' })
      await leavesNothing('/none', 500, 'LIMIT_UNEXPECTED_FILE', ['a', '1'], ['photo', file()])
    })

    test('a form without a file passes, and so do files that the filter skips', async () => {
      assert.equal((await send('/single', ['a', '1'])).body.file, undefined)
      assert.deepEqual((await send('/any', ['x', file('skip.jpg')])).body.files, [])
    })

    test('what fails after a first file leaves nothing of it', async () => {
      const refused = [415, 'unsupported_type'] as const
      await leavesNothing('/any', ...refused, ['x', file()], ['y', file('b.jpg', text)])
      await leavesNothing('/any', ...refused, ['x', file('f.mp4', video)], ['y', file('b.jpg', text)])
      await leavesNothing('/fields', ...refused, ['a', file()], ['b', file()], ['b', file('b.jpg', text)])
      await leavesNothing('/any', 500, undefined, ['x', file()], ['y', file('forbidden.jpg')])
      const unexpected = [500, 'LIMIT_UNEXPECTED_FILE'] as const
      await leavesNothing('/single', ...unexpected, ['photo', file()], ['photo', file()])
      await leavesNothing('/array', ...unexpected, ['photos', file()], ['photos', file()], ['photos', file()])
      await leavesNothing('/fields', ...unexpected, ['b', file()], ['c', file()])
    })

    test('Multer’s limits leave nothing', async () => {
      const longer = file('b.jpg', new Uint8Array([...jpeg, ...jpeg]))
      await leavesNothing('/bytes', 500, 'LIMIT_FILE_SIZE', ['x', longer])
      await leavesNothing('/few', 500, 'LIMIT_FILE_COUNT', ['x', file()], ['y', file()])
      await leavesNothing('/texts', 500, 'LIMIT_FIELD_COUNT', ['x', file()], ['a', '1'], ['b', '2'])
      const parts: Part[] = [
        ['x', file()],
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ]
      await leavesNothing('/parts', 500, 'LIMIT_PART_COUNT', ...parts)
    })

    test('what fails in the app’s own handler keeps its media, to be claimed or to expire', async () => {
      assert.equal((await send('/later', ['x', file()])).status, 500)
      assert.equal((await listed()).length, 1)
    })

    test('an aborted form leaves nothing, at whatever byte it is cut', async () => {
      const body = Buffer.concat([part('a.jpg', jpeg), part('b.jpg', jpeg), Buffer.from('--B--\r\n')])
      const first = part('a.jpg', jpeg).length
      for (const cut of [60, first - 200, first, first + 60, first + 300, body.length - 10]) {
        const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
        const head = `POST /any HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: ${body.length}\r\n\r\n`
        await new Promise((resolve) => socket.write(head, resolve))
        await new Promise((resolve) => socket.write(body.subarray(0, cut), resolve))
        // The first file, where it has come whole, is a media when the client goes.
        if (cut > first + 200) await until(listed, (seen) => seen.length > 0)
        socket.destroy()
        await until(async () => /_bytes\{of="used"\} 0$/m.test(await app.tintype.metrics()))
        await until(listed, (seen) => seen.length === 0)
      }
    })

    test('a file in memory, changed or not, and one on the disk go to media.create', async () => {
      const media = async (path: string, ...parts: Part[]) =>
        (await send(path, ...parts)).body as unknown as Media[]
      const [inMemory] = await media('/memory', ['x', file('für.jpg')])
      assert.deepEqual([inMemory?.name, inMemory?.type], ['für.jpg', 'image/jpeg'])
      const [large] = await media('/memory', ['x', file('film.mp4', video)])
      assert.deepEqual([large?.kind, large?.bytes], ['video', video.length])
      const [onDisk] = await media('/disk', ['x', file('für.jpg')])
      assert.deepEqual([onDisk?.name, onDisk?.sha256], ['für.jpg', inMemory?.sha256])
      assert.equal(readdirSync(folder).length, 1, 'the app’s file is the app’s')
      const changed = (await send('/changed', ['photo', file()])).body as unknown as Media
      assert.deepEqual([changed.type, changed.width, changed.name], ['image/png', 100, 'small.png'])
    })

    test('no file, or one that is none, is refused by media.create with its status', async () => {
      await leavesNothing('/one', 400, 'no_file', ['a', '1'])
      await leavesNothing('/one', 415, 'unsupported_type', ['photo', file('b.jpg', text)])
      await leavesNothing('/one', 422, 'not_decodable', ['photo', file('b.jpg', jpeg.subarray(0, 900))])
    })
  })

function part(name: string, bytes: Uint8Array): Buffer {
  const head = `--B\r\nContent-Disposition: form-data; name="x"; filename="${name}"\r\nContent-Type: image/jpeg\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n')])
}
