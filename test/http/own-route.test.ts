import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import express from 'express'
import { createTintype, type Media, type Tintype } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { problemOf } from '../support/server.ts'

interface Answer {
  body: unknown
  media: Media[]
}

/** `tintype.upload()` on a route of an app. */
describe('a route of the app', () => {
  let tintype: Tintype
  let server: Server
  let directory: string
  let url: string
  let jpeg: File
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-test-'))
    const silent = { info() {}, warn() {}, error() {} }
    tintype = await createTintype({
      variants: { thumb: { width: 320 } },
      directory,
      authenticate: () => 'me',
      log: silent,
    })
    const app = express()
    const answer: express.RequestHandler = ({ body, media }, res) => void res.json({ body, media })
    app.post('/posts', tintype.upload('photo'), answer)
    app.post('/one', tintype.upload('photo', { maxFiles: 1 }), answer)
    app.post('/optional', tintype.upload('photo', { required: false }), answer)
    app.post('/after-json', express.json(), tintype.upload('photo'), answer)
    server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    jpeg = new File([new Uint8Array(await photo())], 'a.jpg')
  })
  after(async () => {
    server.close()
    await tintype.close()
    await rm(directory, { recursive: true })
  })

  /** Each value under its name, in their order. */
  async function post(path: string, parts: [name: string, value: string | File][], headers = {}) {
    const form = new FormData()
    for (const [name, value] of parts) form.append(name, value)
    return fetch(url + path, { method: 'POST', body: form, headers })
  }
  const answered = async (response: Response) => {
    assert.equal(response.status, 200)
    return (await response.json()) as Answer
  }
  const stored = async () => (await tintype.media.list({ owner: 'me', limit: 1000 })).media.length

  const counted = async (outcome: string) =>
    Number(
      new RegExp(`^tintype_uploads_total{outcome="${outcome}"} (\\d+)`, 'm').exec(
        await tintype.metrics(),
      )?.[1] ?? 0,
    )

  test('is counted as an upload when it makes media, and as repeated when it has made them before', async () => {
    const before = [await counted('created'), await counted('repeated')] as const
    const headers = { 'Idempotency-Key': 'counted' }
    for (let times = 0; times < 2; times++) await answered(await post('/posts', [['photo', jpeg]], headers))
    await answered(await post('/optional', [['text', 'x']], headers))
    assert.deepEqual([await counted('created'), await counted('repeated')], [before[0] + 1, before[1] + 1])
  })

  test('is not made for no field or no files', () => {
    for (const maxFiles of [0, Number.NaN, 1.5]) {
      assert.throws(() => tintype.upload('photo', { maxFiles }), /^TypeError: maxFiles is .* from 1 to 1000/)
    }
    const slips = { maxFile: 1, required: 'no' } as object
    assert.throws(
      () => tintype.upload('photo', slips),
      /^TypeError: maxFile is not known: did you mean maxFiles/,
    )
    assert.throws(
      () => tintype.upload('photo', { required: 'no' as never }),
      /^TypeError: required is "no"; .*true or false/,
    )
    const storage = tintype.storage as (options: object) => unknown
    assert.throws(() => storage({ limits: {} }), /^TypeError: limits is not known: no options are taken here/)
    tintype.upload('photo', { maxFiles: undefined, required: undefined })
    assert.throws(() => tintype.upload(''), /file field/)
  })

  test('gets lists and objects in its body, as from Multer', async () => {
    const response = await post('/posts', [
      ['tags', 'a'],
      ['tags', 'b'],
      ['sizes[]', 'XL'],
      ['user[name]', 'Ada'],
      ['photo', jpeg],
    ])
    const { body, media } = await answered(response)
    assert.deepEqual(body, { tags: ['a', 'b'], sizes: ['XL'], user: { name: 'Ada' } })
    assert.equal(media.length, 1)
  })

  test('M1, M3 gets neither holes nor prototypes', async () => {
    for (const name of ['a[1000000]', '__proto__[x]', 'constructor[prototype][x]', '__proto__']) {
      assert.equal(
        (
          await post('/posts', [
            [name, 'x'],
            ['photo', jpeg],
          ])
        ).status,
        400,
      )
    }
    assert.equal(({} as { x?: string }).x, undefined)
  })

  for (const path of ['/posts', '/one']) {
    test(`M23 gets text under the file field's name as text: ${path}`, async () => {
      const { body, media } = await answered(
        await post(path, [
          ['photo', '{"title":"🐧"}'],
          ['photo', jpeg],
        ]),
      )
      assert.deepEqual([body, media.length], [{ photo: '{"title":"🐧"}' }, 1])
    })
  }

  test('refuses two captions', async () => {
    const response = await post('/posts', [
      ['caption', 'a'],
      ['caption', 'b'],
      ['photo', jpeg],
    ])
    assert.deepEqual([response.status, (await problemOf(response)).code], [400, 'invalid_parameter'])
  })

  test('may do without a file, and refuses to otherwise', async () => {
    const nothing: [string, string | File][] = [
      ['text', 'Hello'],
      ['photo', new File([], '')],
    ]
    assert.deepEqual(await answered(await post('/optional', nothing)), { body: { text: 'Hello' }, media: [] })
    const refused = await post('/posts', nothing)
    assert.deepEqual([refused.status, (await problemOf(refused)).code], [400, 'no_file'])
    // What was chosen is looked into all the same.
    assert.equal((await post('/optional', [['photo', new File([], 'a.jpg')]])).status, 400)
  })

  test('takes a form whose other file inputs are empty', async () => {
    await answered(
      await post('/one', [
        ['avatar', new File([], '')],
        ['photo', new File([], '')],
        ['photo', jpeg],
      ]),
    )
    assert.equal((await post('/one', [['avatar', jpeg]])).status, 400)
  })

  test('answers JSON with 415, also behind a middleware that has read it', async () => {
    for (const path of ['/posts', '/after-json']) {
      const headers = { 'Content-Type': 'application/json' }
      const response = await fetch(url + path, { method: 'POST', body: '{}', headers })
      assert.deepEqual([response.status, (await problemOf(response)).code], [415, 'unsupported_body'])
    }
  })

  test('stores once what is sent twice with one Idempotency-Key, and refuses another form with it', async () => {
    const before = await stored()
    const headers = { 'Idempotency-Key': 'own-route-1' }
    const send = async (text: string) =>
      post(
        '/posts',
        [
          ['text', text],
          ['photo', jpeg],
        ],
        headers,
      )
    const [first, second] = [await answered(await send('Hello')), await answered(await send('Hello'))]
    assert.equal(second.media[0]?.id, first.media[0]?.id)
    assert.equal(await stored(), before + 1)
    assert.equal((await send('Another text')).status, 422)
    // Another route is another request.
    await answered(await post('/one', [['photo', jpeg]], headers))
    assert.equal(await stored(), before + 2)
  })
})
