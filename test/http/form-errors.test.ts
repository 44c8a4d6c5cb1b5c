/** Errors of forms in an app's own routes that go to the app's own error handler. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import express5 from 'express'
import { refuse, type Tintype, TintypeError } from '../../packages/tintype/src/index.ts'
import { formOf, listen, type Parts, startRouteApp } from './route-app.ts'

const express4 = createRequire(new URL('../../examples/express-4/app.ts', import.meta.url))(
  'express',
) as typeof express5

interface Told {
  code: string
  status: number
  limit?: number
  field?: string
  file?: { index: number; name?: string }
}

let tintype: Tintype
let picture: Buffer
let jpeg: File
let png: File
let stop: () => Promise<void>
before(async () => {
  ;({ tintype, picture, jpeg, png, stop } = await startRouteApp())
})
after(() => stop())

for (const [version, express] of [
  [5, express5],
  [4, express4],
] as const) {
  describe(`errors go to the error handler of Express ${version}`, () => {
    let server: Server
    let url: string
    before(async () => {
      const app = express()
      const errors = 'next'
      const hooks = {
        beforeUpload() {
          throw refuse('You have ten photos already.', { status: 403, code: 'too_many_photos' })
        },
      }
      app.post('/posts', tintype.upload({ photo: { max: 1 } }, { errors }), (_req, res) => void res.end())
      app.post('/one', tintype.upload('photo', { errors }), (_req, res) => void res.end())
      const toJpeg = { transform: () => ({ bytes: picture }) }
      const avatar = { accept: ['image/png'] }
      app.post(
        '/changed',
        tintype.upload({ avatar }, { errors, hooks: toJpeg }),
        (_req, res) => void res.end(),
      )
      app.post('/hooked', tintype.upload('photo', { errors, hooks }), (_req, res) => void res.end())
      app.post('/default', tintype.upload('photo', { errors }), (_req, res) => void res.end())
      app.use('/default', ((error, _req, _res, next) => next(error)) as express5.ErrorRequestHandler)
      app.use(['/posts', '/one', '/hooked', '/changed'], ((error, _req, res, _next) => {
        assert.ok(error instanceof TintypeError)
        const { code, status, limit, field, file } = error
        res.status(418).json({ code, status, limit, field, file })
      }) as express5.ErrorRequestHandler)
      ;({ server, url } = await listen(app))
    })
    after(() => server.close())

    const told = async (response: Response) => {
      assert.equal(response.status, 418)
      return (await response.json()) as Told
    }
    const post = (path: string, parts: Parts, headers = {}) =>
      fetch(url + path, { method: 'POST', body: formOf(parts), headers })

    test('with code, status, limit and field', async () => {
      const twice: Parts = [
        ['photo', jpeg],
        ['photo', jpeg],
      ]
      const tooMany = { code: 'too_many_files', status: 400, limit: 1, field: 'photo' }
      assert.deepEqual(await told(await post('/posts', twice)), tooMany)
      const wrong: Parts = [['photo', new File([Buffer.alloc(5000, 'text')], 'b.jpg')]]
      const unsupported = {
        code: 'unsupported_type',
        status: 415,
        field: 'photo',
        file: { index: 0, name: 'b.jpg' },
      }
      for (const path of ['/posts', '/one'])
        assert.deepEqual(await told(await post(path, wrong)), unsupported)
      const nobody = await told(await post('/one', [['photo', jpeg]], { 'X-Nobody': '1' }))
      assert.deepEqual(nobody, { code: 'unauthenticated', status: 401 })
    })

    test('that the app has made itself, by refuse() in a hook', async () => {
      const refusal = { code: 'too_many_photos', status: 403, field: 'photo' }
      const { file: _, ...answer } = await told(await post('/hooked', [['photo', jpeg]]))
      assert.deepEqual(answer, refusal)
    })

    test("that a hook has made a file of which the file's field takes none", async () => {
      const answer = await told(await post('/changed', [['avatar', png]]))
      const expected = {
        code: 'upload_refused',
        status: 422,
        field: 'avatar',
        file: { index: 0, name: 'a.png' },
      }
      assert.deepEqual(answer, expected)
    })

    test('and Express itself answers with the status, and without a stack', async () => {
      const response = await post('/default', [['text', 'x']])
      assert.equal(response.status, 400)
      const page = await response.text()
      assert.match(page, /holds no file/)
      assert.doesNotMatch(page, /\.ts|node_modules/)
    })

    test('while the client still sends: it gets the answer, and the connection serves on', async () => {
      const { port } = new URL(url)
      const socket = connect(Number(port), '127.0.0.1')
      const boundary = 'XbX'
      const part = `--${boundary}\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n`
      const rest = 3_000_000
      socket.write(
        `POST /one HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\n` +
          `Content-Length: ${part.length + 8000 + rest}\r\n\r\n${part}${'no picture'.repeat(800)}`,
      )
      let answers = ''
      const heard = (what: RegExp) =>
        new Promise<void>((resolve) => {
          const look = () => {
            if (!what.test(answers)) return
            socket.off('data', read)
            resolve()
          }
          const read = (bytes: Buffer) => {
            answers += bytes.toString('latin1')
            look()
          }
          socket.on('data', read)
        })
      await heard(/418[\s\S]*unsupported_type/)
      socket.write(Buffer.alloc(rest))
      answers = ''
      socket.write('POST /one HTTP/1.1\r\nHost: a\r\nX-Nobody: 1\r\nContent-Length: 0\r\n\r\n')
      await heard(/418[\s\S]*unauthenticated/)
      socket.destroy()
    })

    test('where the connection is not kept, the answer comes at once, and the end when the body has come', async () => {
      const { port } = new URL(url)
      const socket = connect({ port: Number(port), allowHalfOpen: true })
      const reset = once(socket, 'error').then(([error]) => Promise.reject(error))
      const rest = Buffer.alloc(3_000_000)
      const head = `POST /one HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=B\r\nConnection: close\r\n`
      const begin = `--B\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n${'no picture'.repeat(800)}`
      socket.write(`${head}Content-Length: ${begin.length + rest.length}\r\n\r\n${begin}`)
      let answer = ''
      for await (const bytes of socket.iterator({ destroyOnReturn: false })) {
        answer += bytes.toString('latin1')
        if (answer.includes('unsupported_type')) break
      }
      assert.match(answer, /\r\nConnection: close\r\n/i)
      // Nothing of it is sent before the answer has come.
      socket.end(rest)
      socket.resume()
      await Promise.race([once(socket, 'end'), reset])
      socket.destroy()
    })
  })
}
