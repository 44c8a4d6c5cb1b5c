/** Forms of an app's own routes, as people write them for Multer: several file fields, options of each, errors of the app's own. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { request, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import express5 from 'express'
import {
  createTintype,
  type Media,
  refuse,
  type Tintype,
  TintypeError,
} from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { problemOf } from '../support/server.ts'

const express4 = createRequire(new URL('../../examples/express-4/app.ts', import.meta.url))(
  'express',
) as typeof express5

type Lists = Record<string, Media[]>
interface Told {
  code: string
  status: number
  limit?: number
  field?: string
  file?: { index: number; name?: string }
}

let tintype: Tintype
let directory: string
let picture: Buffer
let jpeg: File
let png: File
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tintype-test-'))
  const silent = { info() {}, warn() {}, error() {} }
  tintype = await createTintype({
    variants: { thumb: { width: 320 } },
    directory,
    authenticate: ownerOf,
    log: silent,
  })
  picture = await photo()
  jpeg = new File([new Uint8Array(picture)], 'a.jpg')
  png = new File([new Uint8Array(await photo({ type: 'image/png' }))], 'a.png')
})
after(async () => {
  await tintype.close()
  await rm(directory, { recursive: true })
})

function ownerOf({ headers }: { headers: object }): string | null {
  return 'x-nobody' in headers ? null : 'me'
}
const stored = async () => (await tintype.media.list({ owner: 'me', limit: 1000 })).media.length

type Parts = [name: string, value: string | File][]
const formOf = (parts: Parts) => {
  const form = new FormData()
  for (const [name, value] of parts) form.append(name, value)
  return form
}

async function listen(app: express5.Express): Promise<{ server: Server; url: string }> {
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe('a form of several file fields', () => {
  let server: Server
  let url: string
  before(async () => {
    const app = express5()
    const answer: express5.RequestHandler = ({ body, media }, res) => void res.json({ body, media })
    const small = { imageBytes: 1000, videoBytes: 1000 }
    // Listens to bodies, as what logs or signs them does.
    app.use('/heard', (req, _res, next) => next(void req.on('data', () => {})))
    app.use('/parsed', express5.urlencoded())
    app.use('/parsed', express5.json())
    app.post('/posts', tintype.upload({ photo: { max: 1, required: false }, gallery: { max: 3 } }), answer)
    app.post(
      '/kinds',
      tintype.upload({
        avatar: { accept: ['image/png'], required: false },
        tiny: { limits: small, required: false },
        narrow: { limits: { pixels: 10 }, required: false },
      }),
      answer,
    )
    const optional = { photo: { required: false }, 'scans[]': { required: false } }
    app.post(['/optional', '/parsed/optional'], tintype.upload(optional), answer)
    app.post('/heard/later', tintype.upload('photo', { required: false }), express5.urlencoded(), answer)
    app.post('/parsed/one', tintype.upload('photo', { required: false }), answer)
    const limits = { fields: 2, fieldBytes: 100_000, fieldNameBytes: 10 }
    app.post('/text', tintype.upload({ photo: { required: false } }, { limits }), answer)
    app.post('/text-one', tintype.upload('photo', { required: false, limits }), answer)
    app.post('/none', tintype.upload('photo', { required: false, limits: { fields: 0 } }), answer)
    ;({ server, url } = await listen(app))
  })
  after(() => server.close())

  const post = (path: string, parts: Parts, headers = {}) =>
    fetch(url + path, { method: 'POST', body: formOf(parts), headers })
  const answered = async (response: Response) => {
    assert.equal(response.status, 200, await response.clone().text())
    return (await response.json()) as { body: unknown; media: Lists }
  }
  const names = (media: Lists) =>
    Object.fromEntries(Object.entries(media).map(([field, list]) => [field, list.map(({ name }) => name)]))
  const named = (name: string) => new File([jpeg], name)
  const refused = async (response: Response) => {
    const { code, status, limit, field, index, name } = await problemOf(response)
    return { code, status, ...(limit && { limit }), ...(field && { field }), ...(name && { index, name }) }
  }

  test('gives the media by field, each in the order of the form', async () => {
    const { body, media } = await answered(
      await post('/posts', [
        ['gallery', named('1.jpg')],
        ['photo', named('2.jpg')],
        ['tags[]', 'a'],
        ['gallery', named('3.jpg')],
      ]),
    )
    assert.deepEqual(names(media), { photo: ['2.jpg'], gallery: ['1.jpg', '3.jpg'] })
    assert.deepEqual(body, { tags: ['a'] })
  })

  test('gives an empty list for a field that was left empty, as browsers send it', async () => {
    const { media } = await answered(
      await post('/posts', [
        ['photo', new File([], '')],
        ['gallery', jpeg],
      ]),
    )
    assert.deepEqual(names(media), { photo: [], gallery: ['a.jpg'] })
  })

  test('lacks a file that is required', async () => {
    const expected = { code: 'no_file', status: 400, field: 'gallery' }
    assert.deepEqual(await refused(await post('/posts', [['photo', jpeg]])), expected)
  })

  test('stores all of it or nothing', async () => {
    const before = await stored()
    const response = await post('/posts', [
      ['photo', jpeg],
      ['gallery', jpeg],
      ['gallery', new File([Buffer.alloc(5000, 'no picture')], 'b.jpg')],
    ])
    const expected = { code: 'unsupported_type', status: 415, field: 'gallery', index: 2, name: 'b.jpg' }
    assert.deepEqual(await refused(response), expected)
    assert.equal(await stored(), before)
  })

  test('has no more files in a field than its max', async () => {
    for (const [field, count, limit] of [
      ['photo', 2, 1],
      ['gallery', 4, 3],
    ] as const) {
      const parts = Array.from({ length: count }, () => [field, jpeg] as [string, File])
      const expected = { code: 'too_many_files', status: 400, limit, field }
      assert.deepEqual(await refused(await post('/posts', parts)), expected)
    }
  })

  test('names the field that came and those that may come', async () => {
    const problem = await problemOf(await post('/posts', [['avatar', jpeg]]))
    assert.equal(problem.code, 'unexpected_field')
    assert.equal(problem.field, 'avatar')
    assert.match(problem.detail, /"avatar".*"photo" or "gallery"/)
  })

  test('takes in each field the types and sizes of that field', async () => {
    const { media } = await answered(
      await post('/kinds', [
        ['avatar', png],
        ['tiny', new File([Buffer.from(gif, 'base64')], 'dot.gif')],
      ]),
    )
    assert.deepEqual(names(media), { avatar: ['a.png'], tiny: ['dot.gif'], narrow: [] })
    for (const [field, code, limit] of [
      ['avatar', 'unsupported_type', undefined],
      ['tiny', 'too_large', 1000],
      ['narrow', 'too_many_pixels', 10],
    ] as const) {
      const problem = await problemOf(await post('/kinds', [[field, jpeg]]))
      assert.deepEqual([problem.code, problem.limit, problem.field], [code, limit, field])
    }
  })

  test("takes text under a file field's name as text", async () => {
    const { body, media } = await answered(
      await post('/posts', [
        ['gallery', '{"id":1}'],
        ['gallery', jpeg],
        ['photo', 'later'],
      ]),
    )
    assert.deepEqual(body, { gallery: '{"id":1}', photo: 'later' })
    assert.deepEqual(names(media), { photo: [], gallery: ['a.jpg'] })
  })

  test('passes without a file where none is required, whatever body it has', async () => {
    const empty = { photo: [], 'scans[]': [] }
    assert.deepEqual(await answered(await post('/optional', [['title', 'x']])), {
      body: { title: 'x' },
      media: empty,
    })
    const bodies: [path: string, init: RequestInit, body: unknown][] = [
      ['/optional', { body: null }, undefined],
      ['/optional', { body: 'title=x', headers: { 'Content-Type': 'text/plain' } }, undefined],
      ['/parsed/optional', { body: new URLSearchParams({ title: 'x' }) }, { title: 'x' }],
      [
        '/parsed/optional',
        { body: '{"title":"x"}', headers: { 'Content-Type': 'application/json' } },
        { title: 'x' },
      ],
    ]
    for (const [path, init, body] of bodies) {
      const answer = await answered(await fetch(url + path, { method: 'POST', ...init }))
      assert.deepEqual(answer, { ...(body === undefined ? {} : { body }), media: empty })
    }
    const one = await fetch(`${url}/parsed/one`, {
      method: 'POST',
      body: new URLSearchParams({ title: 'x' }),
    })
    assert.deepEqual(await one.json(), { body: { title: 'x' }, media: [] })
    for (const size of [1, 50_000]) {
      const title = 'x'.repeat(size)
      const later = { method: 'POST', body: new URLSearchParams({ title }) }
      const heard = await (await fetch(`${url}/heard/later`, later)).json()
      assert.deepEqual(heard, { body: { title }, media: [] })
    }
    // The owner is asked for all the same.
    const nobody = { method: 'POST', headers: { 'X-Nobody': '1' } }
    assert.equal((await fetch(`${url}/optional`, nobody)).status, 401)
  })

  test('has as much text as the route takes', async () => {
    for (const path of ['/text', '/text-one']) {
      await answered(await post(path, [['long', 'x'.repeat(100_000)]]))
      for (const [parts, code, limit, field] of [
        [[['long', 'x'.repeat(100_001)]], 'malformed_multipart', 100_000, 'long'],
        [
          [
            ['a', ''],
            ['b', ''],
            ['c', ''],
          ],
          'too_many_fields',
          2,
          'c',
        ],
        [[['x'.repeat(11), '']], 'malformed_multipart', 10, 'x'.repeat(10)],
      ] as [Parts, string, number, string][]) {
        const expected = { code, status: 400, limit, field }
        assert.deepEqual(await refused(await post(path, parts)), expected)
      }
    }
    // File inputs that were left empty are no text. Written out, since Node's fetch leaves an empty file name out.
    const empty = '--XbX\r\nContent-Disposition: form-data; name="a"; filename=""\r\n\r\n\r\n'
    const headers = { 'Content-Type': 'multipart/form-data; boundary=XbX' }
    const body = `${empty.repeat(3)}--XbX--\r\n`
    await answered(await fetch(`${url}/none`, { method: 'POST', body, headers }))
    assert.equal((await post('/none', [['a', 'x']])).status, 400)
  })

  test('is stored once with one Idempotency-Key, and another one when a file came in another field', async () => {
    const before = await stored()
    const headers = { 'Idempotency-Key': 'several-fields' }
    const send = (first: string) =>
      post(
        '/posts',
        [
          ['gallery', jpeg],
          [first, named('b.jpg')],
        ],
        headers,
      )
    const first = await answered(await send('photo'))
    assert.equal(await stored(), before + 2)
    const ids = (media: Lists) => Object.values(media).map((list) => list.map(({ id }) => id))
    assert.deepEqual(ids((await answered(await send('photo'))).media), ids(first.media))
    assert.equal((await send('gallery')).status, 422)
    assert.equal(await stored(), before + 2)
    // What has been deleted since is missing from its field, and the other one stays in its own.
    await tintype.media.remove(first.media.gallery?.[0]?.id as string)
    const third = (await answered(await send('photo'))).media
    assert.deepEqual(ids(third), [ids(first.media)[0], []])
  })

  test('is not made of what makes no sense', () => {
    const upload = tintype.upload as (...given: unknown[]) => unknown
    for (const [given, says] of [
      [[{}], /file fields/],
      [[[]], /file fields/],
      [[{ '': {} }], /file fields/],
      [[{ photo: { max: 0 } }], /photo\.max is 0/],
      [[{ photo: true }], /photo is true; it has to be an object with options/],
      [[{ photo: { maxCount: 1 } }], /photo\.maxCount is not known/],
      [[{ photo: { accept: ['image/bmp'] } }], /photo\.accept/],
      [
        [{ photo: { limits: { imageBytes: 2 ** 40 } } }],
        /photo\.limits\.imageBytes .*raise limits\.imageBytes/,
      ],
      [['photo', { limits: { videoBytes: 2 ** 50 } }], /^TypeError: limits\.videoBytes/],
      [[{ photo: {} }, { errors: 'throw' }], /errors is "throw"/],
      [[{ photo: {} }, { limits: { fields: -1 } }], /limits\.fields is -1/],
      [[{ photo: {} }, { required: false }], /required is not known/],
    ] as const) {
      assert.throws(() => upload(...given), says)
    }
  })

  test('takes no type that the app does not take', async () => {
    const other = join(directory, 'other')
    const log = { info() {}, warn() {}, error() {} }
    const narrow = await createTintype({
      directory: other,
      authenticate: ownerOf,
      accept: ['image/png'],
      limits: { fields: 1 },
      log,
    })
    try {
      assert.throws(
        () => narrow.upload({ photo: { accept: ['image/jpeg'] } }),
        /photo\.accept has image\/jpeg/,
      )
      const app = express5()
      app.post('/', narrow.upload('photo', { required: false }), (_req, res) => void res.end())
      const { server, url } = await listen(app)
      const twice: Parts = [
        ['a', ''],
        ['b', ''],
      ]
      const problem = await problemOf(await fetch(url, { method: 'POST', body: formOf(twice) }))
      assert.deepEqual([problem.code, problem.limit], ['too_many_fields', 1])
      server.close()
    } finally {
      await narrow.close()
    }
  })
})

const gif = 'R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs='

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

    test('where the connection ends with the answer, the body is read before it', async () => {
      const body = Buffer.alloc(3_000_000, 'no form')
      const req = request(`${url}/one`, {
        method: 'POST',
        headers: {
          'Content-Type': 'multipart/form-data',
          Connection: 'close',
          'Content-Length': body.length,
        },
        agent: false,
      })
      const answer = new Promise<string>((resolve, reject) => {
        req.once('response', (res) => void text(res).then(resolve, reject))
        req.once('error', reject)
      })
      req.end(body)
      assert.match(await answer, /malformed_multipart/)
    })
  })
}
