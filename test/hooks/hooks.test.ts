import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import sharp from 'sharp'
import { createTestClock } from '../../packages/tintype/src/clock.ts'
import { refuse } from '../../packages/tintype/src/index.ts'
import { exifOf, exifSegment, withSegments } from '../media/details.ts'
import { photo } from '../media/photos.ts'
import { databases } from '../support/app-database.ts'
import { type HookedApp, nothing, startHookedApp, ways } from './app.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('the hooks of an app', () => {
  const { create, connect } = databases[0]
  let database: Awaited<ReturnType<typeof create>>
  let one: HookedApp
  let jpeg: Buffer
  const clock = createTestClock(Date.now())
  before(async () => {
    database = await create()
    one = await startHookedApp({ ...database, connect }, { clock })
    jpeg = await photo()
  })
  afterEach(async () => {
    one.hooks = {}
    one.logged.length = 0
    await one.tintype.media.list({ owner: 'me' }).then(async ({ media }) => {
      for (const { id } of media) await one.tintype.media.remove(id)
    })
  })
  after(async () => {
    await one.stop()
    await database.drop()
  })

  const original = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer())

  for (const way of ways) {
    describe(`by ${way}`, () => {
      test('beforeUpload hears of the file, and refuses it with its own sentence, code and status', async () => {
        const heard: unknown[] = []
        one.hooks = {
          beforeUpload({ signal, request, bytes = 0, fields, uploadId, ...file }) {
            assert.ok(signal instanceof AbortSignal && bytes >= jpeg.length)
            assert.equal(request === undefined, way === 'server')
            assert.equal(uploadId !== undefined, way === 'direct')
            heard.push({ ...file, fields: { ...fields } })
            throw refuse('You have ten photos already.', { status: 403, code: 'too_many_photos' })
          },
        }
        const isForm = way !== 'direct' && way !== 'server'
        const fields: Record<string, string> = way === 'server' ? {} : { album: 'sea' }
        const { status, problem } = await one.send(way, jpeg, { fields })
        assert.deepEqual(
          [status, problem.code, problem.detail],
          [403, 'too_many_photos', 'You have ten photos already.'],
        )
        const kind = isForm ? 'form' : way
        assert.deepEqual(heard, [
          { owner: 'me', way: kind, name: 'a.jpg', type: 'image/jpeg', fields, replaces: undefined },
        ])
        assert.deepEqual(await one.left(), nothing)
      })

      test('transform changes bytes and name, and what is stored is what it made', async () => {
        one.hooks = {
          transform: async ({ bytes, name, type, width, height }) => {
            assert.deepEqual([type, width, height], ['image/jpeg', 64, 48])
            return {
              bytes: await sharp(bytes).resize(32).webp().toBuffer(),
              name: `holiday-${name}`,
              caption: 'Sea',
              data: { camera: 'X', tags: ['a\0b'] },
            }
          },
        }
        const about = { original: '2024:01:31 14:25:01', make: 'Apple', model: 'iPhone' }
        const { status, media } = await one.send(way, withSegments(jpeg, [exifSegment(exifOf(about))]))
        assert.equal(status, 201)
        assert.ok(media)
        // What is made of a photo lacks when and with what it was taken.
        assert.deepEqual([media.takenAt, media.camera], ['2024-01-31T14:25:01', 'Apple iPhone'])
        assert.deepEqual(media.data, { camera: 'X', tags: ['a\0b'] })
        const { type, width, height, name, caption } = media
        assert.deepEqual([type, width, height, name, caption], ['image/webp', 32, 24, 'holiday-a.jpg', 'Sea'])
        const stored = await original(media.urls.original)
        assert.deepEqual([stored.length, sha256(stored)], [media.bytes, media.sha256])
        assert.equal((await sharp(stored).metadata()).format, 'webp')
      })

      test('text that comes with the file is there at each hook', async () => {
        const heard: unknown[] = []
        const hear = ({ fields }: { fields: object }) => void heard.push(JSON.parse(JSON.stringify(fields)))
        one.hooks = { beforeUpload: hear, transform: hear, ready: (_, about) => hear(about) }
        const sent = { album: 'sea', 'tags[0]': 'a', 'tags[1]': 'b', caption: 'Sea' }
        const { media } = await one.send(way, jpeg, { fields: sent })
        const all = { album: 'sea', tags: ['a', 'b'], caption: 'Sea' }
        const expected = way === 'server' ? {} : all
        assert.deepEqual(heard, [expected, expected, expected])
        assert.ok(media)
      })

      test('what transform changes without bytes leaves the file as it was sent', async () => {
        one.hooks = {
          transform({ bytes, name }) {
            bytes.fill(0)
            return { name: `x-${name}` }
          },
        }
        const { media } = await one.send(way, jpeg)
        assert.deepEqual([media?.name, media?.sha256], ['x-a.jpg', sha256(jpeg)])
        assert.deepEqual(await original(media?.urls.original ?? ''), jpeg)
      })

      test('bytes that a transform has not asked for are not to be had afterwards', async () => {
        const kept: { bytes: Buffer }[] = []
        one.hooks = { transform: (file) => void kept.push(file) }
        assert.equal((await one.send(way, jpeg)).status, 201)
        assert.throws(() => kept[0]?.bytes, /before the hook has ended/)
      })

      test('data of a transform that is too large, or no JSON, is 400', async () => {
        const circle: { self?: object } = {}
        circle.self = circle
        for (const data of ['x'.repeat(8192), circle, 1n, () => {}]) {
          one.hooks = { transform: () => ({ data }) }
          const { status, problem } = await one.send(way, jpeg)
          assert.deepEqual([status, problem.code], [400, 'invalid_parameter'])
          if (typeof data === 'string') assert.equal(problem.limit, 8192)
        }
      })

      test('a transform that makes no picture is 422, and the log names it', async () => {
        one.hooks = { transform: () => ({ bytes: Buffer.from('no picture at all') }) }
        const { status, problem } = await one.send(way, jpeg)
        assert.deepEqual([status, problem.code], [422, 'upload_refused'])
        assert.equal(one.logged.find(([event]) => event === 'hook.failed')?.[1].hook, 'transform')
        assert.deepEqual(await one.left(), nothing)
      })

      for (const [what, transform] of [
        ['bytes', () => ({ bytes: 'text' })],
        ['a name', () => ({ name: 5 })],
        ['an object', () => Buffer.from('x')],
      ] as const) {
        test(`a transform whose answer is not ${what} is 500`, async () => {
          one.hooks = { transform: transform as never }
          const { status, problem } = await one.send(way, jpeg)
          assert.deepEqual([status, problem.code], [500, 'hook_failed'])
          assert.deepEqual(await one.left(), nothing)
        })
      }

      for (const name of ['beforeUpload', 'transform', 'ready'] as const) {
        test(`a ${name} that throws is 500, tells the client nothing, and leaves nothing`, async () => {
          one.hooks = {
            [name]() {
              throw new Error('secret of the app')
            },
          }
          const { status, problem } = await one.send(way, jpeg)
          assert.deepEqual([status, problem.code], [500, 'hook_failed'])
          assert.ok(!JSON.stringify(problem).includes('secret'))
          const [, fields] = one.logged.find(([event]) => event === 'hook.failed') ?? []
          assert.equal(fields?.hook, name)
          assert.match(String(fields?.error), /secret of the app/)
          assert.deepEqual(await one.left(), nothing)
        })

        test(`a ${name} that never ends is 503 after its time, and is told by its signal`, async () => {
          let signal: AbortSignal | undefined
          const hang = (about: { signal: AbortSignal }) => {
            signal = about.signal
            // The longest time that a hook has.
            setImmediate(() => clock.advance(30_000))
            return new Promise<never>(() => {})
          }
          one.hooks = { [name]: name === 'ready' ? (_: unknown, about: never) => hang(about) : hang }
          const { status, problem } = await one.send(way, jpeg)
          assert.deepEqual([status, problem.code], [503, 'hook_timeout'])
          assert.equal(signal?.aborted, true)
          assert.deepEqual(await one.left(), nothing)
          one.hooks = {}
          assert.equal((await one.send(way, jpeg)).status, 201)
        })

        test(`a ${name} refuses with a sentence for people`, async () => {
          one.hooks = {
            async [name]() {
              throw refuse('Not on Sundays.')
            },
          }
          const { status, problem } = await one.send(way, jpeg)
          assert.deepEqual([status, problem.code, problem.detail], [422, 'refused', 'Not on Sundays.'])
          assert.deepEqual(await one.left(), nothing)
        })
      }
    })
  }
})
