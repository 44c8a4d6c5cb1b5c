import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, afterEach, before, describe, test } from 'node:test'
import type { Media, Problem } from '@tintype/protocol'
import sharp from 'sharp'
import { createTintype, type Hooks, refuse } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { databases } from '../support/app-database.ts'
import { type HookedApp, nothing, startHookedApp } from './app.ts'

const mebibyte = 1024 * 1024

describe('hooks', () => {
  const [{ create, connect }] = databases
  let database: Awaited<ReturnType<typeof create>>
  let one: HookedApp
  let jpeg: Buffer
  const called: string[] = []
  const routeHooks: { hooks: Omit<Hooks, 'removed'> } = { hooks: {} }
  before(async () => {
    database = await create()
    one = await startHookedApp({ ...database, connect }, {}, (tintype) => ({
      '/hooked': tintype.upload('file', {
        hooks: {
          beforeUpload: (file) => routeHooks.hooks.beforeUpload?.(file),
          transform: (file) => routeHooks.hooks.transform?.(file),
          ready: (media, about) => routeHooks.hooks.ready?.(media, about),
        },
      }),
    }))
    jpeg = await photo()
  })
  afterEach(async () => {
    one.hooks = {}
    routeHooks.hooks = {}
    one.logged.length = 0
    called.length = 0
    for (const { id } of (await one.tintype.media.list({ owner: 'me' })).media)
      await one.tintype.media.remove(id)
  })
  after(async () => {
    await one.stop()
    await database.drop()
  })

  const post = (
    path: string,
    files: Uint8Array[],
    { method = 'POST', headers = {}, signal }: RequestInit = {},
  ) => {
    const form = new FormData()
    for (const [index, bytes] of files.entries())
      form.append('file', new File([bytes as Uint8Array<ArrayBuffer>], `${index}.jpg`))
    return fetch(one.url + path, { method, body: form, headers, ...(signal ? { signal } : {}) })
  }
  const answer = async (response: Response) => (await response.json()) as Problem & { media: Media[] }

  test('of a route add to those of the app: they run after them, and are given what they have made', async () => {
    const note = (name: string): Hooks => ({
      beforeUpload: () => void called.push(`${name} before`),
      transform({ name: file, width }) {
        called.push(`${name} transform ${file} ${width}`)
      },
      ready: () => void called.push(`${name} ready`),
    })
    one.hooks = {
      ...note('app'),
      async transform({ bytes, name }) {
        called.push('app transform')
        return { bytes: await sharp(bytes).resize(32).toBuffer(), name: `app-${name}` }
      },
    }
    routeHooks.hooks = note('route')
    assert.equal((await post('/hooked', [jpeg])).status, 201)
    assert.deepEqual(called, [
      'app before',
      'route before',
      'app transform',
      'route transform app-0.jpg 32',
      'app ready',
      'route ready',
    ])
    called.length = 0
    routeHooks.hooks = {
      beforeUpload() {
        throw refuse('Not here.')
      },
    }
    assert.equal((await post('/hooked', [jpeg])).status, 422)
    assert.equal((await post('/api/media', [jpeg])).status, 201)
  })

  test('are read and checked when the app starts, and those of a route when it is made', async () => {
    const start = (hooks: unknown) => createTintype({ authenticate: 'this-machine', hooks: hooks as Hooks })
    await assert.rejects(start({ onUpload() {} }), /hooks\.onUpload is not known/)
    await assert.rejects(start({ beforeupload() {} }), /did you mean hooks\.beforeUpload/)
    await assert.rejects(start({ transform: 'crop' }), /hooks\.transform is .*a function/)
    await assert.rejects(start([]), /hooks is/)
    const route = (hooks: object) => () => one.tintype.upload('file', { hooks })
    assert.throws(route({ removed() {} }), /hooks\.removed is not known/)
    assert.throws(route({ ready: 1 }), /hooks\.ready is/)
  })

  test('refuse() takes a sentence, a status of the client’s fault and a code in lower_snake_case', () => {
    const facts = ({ status, code, message }: ReturnType<typeof refuse>) => [status, code, message]
    assert.deepEqual(facts(refuse('No.')), [422, 'refused', 'No.'])
    assert.deepEqual(facts(refuse('No.', { code: 'too_large' })), [413, 'too_large', 'No.'])
    assert.deepEqual(facts(refuse('No.', { status: 402 })), [402, 'refused', 'No.'])
    for (const [message, options] of [
      ['', {}],
      [5, {}],
      ['No.', { status: 500 }],
      ['No.', { status: 399 }],
      ['No.', { status: '403' }],
      ['No.', { code: 'Too-Many' }],
      ['No.', { code: 'internal' }],
      ['No.', { code: 'x'.repeat(65) }],
    ] as const) {
      assert.throws(() => refuse(message as never, options as never), TypeError)
    }
  })

  test('a file of several is refused by its place in the form, and none of the others is stored', async () => {
    one.hooks = {
      transform({ name }) {
        if (name === '1.jpg') throw refuse('Not that one.', { status: 403 })
      },
    }
    const { status, index, name } = await answer(
      await post('/api/media', [jpeg, await photo({ seed: 2 }), jpeg]),
    )
    assert.deepEqual([status, index, name], [403, 1, '1.jpg'])
    assert.deepEqual(await one.left(), nothing)
  })

  test('ready refuses one of several by its place in the form, and none of them is published', async () => {
    one.hooks = {
      ready(media) {
        if (media.name === '1.jpg') throw refuse('Not that one.', { status: 409 })
      },
    }
    const { status, index, name, field } = await answer(
      await post('/api/media', [jpeg, await photo({ seed: 3 }), jpeg]),
    )
    assert.deepEqual([status, index, name, field], [409, 1, '1.jpg', 'file'])
    assert.deepEqual(await one.left(), nothing)
  })

  test('data, caption and alt of a hook are kept, and what can not be kept is 400 with the limit', async () => {
    one.hooks = { transform: () => ({ data: { sea: [1, 2] }, caption: 'At sea', alt: 'A wave' }) }
    const { media } = await one.send('direct', jpeg)
    assert.deepEqual([media?.data, media?.caption, media?.alt], [{ sea: [1, 2] }, 'At sea', 'A wave'])
    one.hooks = { transform: () => ({ data: 'x'.repeat(9000) }) }
    const { status, problem } = await one.send('form', jpeg)
    assert.deepEqual([status, problem.code, problem.limit], [400, 'invalid_parameter', 8192])
    assert.equal(one.logged.find(([event]) => event === 'hook.failed')?.[1].hook, 'transform')
  })

  test('what a transform answers is read once, and an answer that can not be read is a fault of the app', async () => {
    const gone = new Uint8Array(jpeg)
    structuredClone(gone, { transfer: [gone.buffer] })
    const getters = {
      get bytes(): Uint8Array {
        throw new Error('The bytes are not for you.')
      },
    }
    for (const answer of [getters, { bytes: gone }]) {
      one.hooks = { transform: () => answer }
      const { status, problem } = await one.send('form', jpeg)
      assert.deepEqual([status, problem.code], [500, 'hook_failed'])
      assert.deepEqual(one.logged.find(([event]) => event === 'hook.failed')?.[1].hook, 'transform')
      one.logged.length = 0
    }
    let reads = 0
    one.hooks = {
      transform: () => ({
        get name() {
          return ++reads === 1 ? 'first.jpg' : (reads as unknown as string)
        },
      }),
    }
    assert.equal((await one.send('form', jpeg)).media?.name, 'first.jpg')
  })

  test('a replacement keeps the data that its transform returns, or what there was where it returns none', async () => {
    one.hooks = { transform: () => ({ data: { sea: 1 } }) }
    const { media } = await one.send('form', jpeg)
    const put = async () =>
      (await (await post(`/api/media/${media?.id}`, [jpeg], { method: 'PUT' })).json()) as Media
    one.hooks = { transform: () => ({ data: { sea: 2 } }) }
    assert.deepEqual((await put()).data, { sea: 2 })
    one.hooks = { transform: () => ({}) }
    const kept = await put()
    assert.deepEqual([kept.data, kept.revision], [{ sea: 2 }, 3])
    one.hooks = { transform: () => ({ data: null }) }
    assert.equal((await put()).data, null)
    assert.equal((await one.tintype.media.get(media?.id as string))?.data, null)
  })

  test('limits and accept hold for what a transform makes', async () => {
    one.hooks = { transform: async () => ({ bytes: await photo({ type: 'image/tiff' }) }) }
    const { status, problem } = await one.send('form', jpeg)
    assert.deepEqual([status, problem.code], [422, 'upload_refused'])
    one.hooks = { transform: () => ({ bytes: Buffer.concat([jpeg, Buffer.alloc(33 * mebibyte)]) }) }
    const large = await one.send('form', jpeg)
    assert.deepEqual([large.status, large.problem.code], [422, 'upload_refused'])
    assert.deepEqual(await one.left(), nothing)
  })

  test('a replacement is asked for and transformed, and keeps the app’s row: ready is not called again', async () => {
    const { media } = await one.send('form', jpeg)
    one.hooks = {
      beforeUpload: ({ replaces }) => void called.push(`before ${replaces}`),
      transform: async ({ bytes, replaces }) => {
        called.push(`transform ${replaces}`)
        return { bytes: await sharp(bytes).resize(16).toBuffer() }
      },
      ready: () => void called.push('ready'),
    }
    const response = await post(`/api/media/${media?.id}`, [jpeg], { method: 'PUT' })
    const next = (await response.json()) as Media
    assert.deepEqual([response.status, next.id, next.width], [200, media?.id, 16])
    assert.deepEqual(called, [`before ${media?.id}`, `transform ${media?.id}`])
  })

  test('a repeated request is not asked about again: it makes nothing new', async () => {
    const headers = { 'Idempotency-Key': 'once' }
    assert.equal((await post('/api/media', [jpeg], { headers })).status, 201)
    one.hooks = {
      beforeUpload() {
        throw refuse('You have one already.', { status: 403 })
      },
    }
    assert.equal((await post('/api/media', [jpeg], { headers })).status, 200)
    assert.equal((await post('/api/media', [jpeg])).status, 403)
  })

  test('nothing of the file is read before beforeUpload has answered', async () => {
    const asked = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<void>()
    one.hooks = {
      async beforeUpload() {
        asked.resolve()
        await answered.promise
        throw refuse('No.', { status: 403 })
      },
    }
    const sent = post('/api/media', [Buffer.concat([jpeg, Buffer.alloc(20 * mebibyte)])])
    await asked.promise
    answered.resolve()
    assert.equal((await sent).status, 403)
  })

  for (const name of ['beforeUpload', 'transform'] as const) {
    test(`a client that goes away while ${name} runs is told by the signal, and nothing is left`, async () => {
      const client = new AbortController()
      const gone = Promise.withResolvers<void>()
      one.hooks = {
        [name]: async ({ signal }: { signal: AbortSignal }) => {
          signal.addEventListener('abort', () => gone.resolve())
          client.abort()
          await new Promise(() => {})
        },
      }
      await assert.rejects(post('/api/media', [jpeg], { signal: client.signal }))
      await gone.promise
      assert.deepEqual(await one.left(), nothing)
      assert.deepEqual(
        one.logged.filter(([event]) => event === 'hook.failed'),
        [],
      )
    })
  }

  test('bytes of a transform that goes on after its upload are its own, whatever comes after', async () => {
    let kept: Uint8Array = Buffer.alloc(0)
    one.hooks = {
      transform({ bytes }) {
        kept = bytes
      },
    }
    assert.equal((await one.send('form', jpeg)).status, 201)
    one.hooks = {}
    for (let seed = 2; seed < 6; seed++) await one.send('form', await photo({ seed }))
    assert.ok(jpeg.equals(kept))
  })

  test('a video that is streamed is not transformed, and its row appears with it', async () => {
    const video = await largeVideo(9 * mebibyte)
    one.hooks = {
      transform: () => void called.push('transform'),
      ready: ({ kind }, { way }) => void called.push(`ready ${kind} ${way}`),
    }
    const { status } = await one.send('form', video)
    assert.deepEqual([status, called], [201, ['ready video form']])
  })

  test('removed gets the transaction that the app has given to remove()', async () => {
    const { media } = await one.send('form', jpeg)
    const trx = new DatabaseSync(database.url, { timeout: 5000 })
    const seen: unknown[] = []
    one.hooks = { removed: (_media, about) => void seen.push(about.trx) }
    trx.exec('begin immediate')
    await one.tintype.media.remove(media?.id ?? '', { trx })
    assert.ok(await one.tintype.media.get(media?.id ?? ''))
    trx.exec('commit')
    trx.close()
    assert.deepEqual([seen.length, seen[0] === trx], [1, true])
    assert.equal(await one.tintype.media.get(media?.id ?? ''), undefined)
  })
})
