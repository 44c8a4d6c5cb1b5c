/** Forms of an app's own routes, as people write them for Multer: several file fields, options of each. */
import assert from 'node:assert/strict'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import express5 from 'express'
import { createTintype, type Media, type Tintype } from '../../packages/tintype/src/index.ts'
import { problemOf } from '../support/server.ts'
import { formOf, listen, ownerOf, type Parts, startRouteApp } from './route-app.ts'

type Lists = Record<string, Media[]>
let tintype: Tintype
let jpeg: File
let png: File
let directory: string
let stop: () => Promise<void>
before(async () => {
  ;({ tintype, jpeg, png, directory, stop } = await startRouteApp())
})
after(() => stop())

const stored = async () => (await tintype.media.list({ owner: 'me', limit: 1000 })).media.length

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
    const narrow = await createTintype({
      directory: join(directory, 'other'),
      authenticate: ownerOf,
      accept: ['image/png'],
      limits: { fields: 1 },
      log: { info() {}, warn() {}, error() {} },
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
