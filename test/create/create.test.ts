import assert from 'node:assert/strict'
import { createReadStream, openAsBlob } from 'node:fs'
import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { after, afterEach, before, describe, test } from 'node:test'
import type { MediaSource, TintypeError } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { sha256 } from '../support/direct.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const mebibyte = 1024 * 1024
const jpeg = await photo({ width: 800, height: 600 })
const png = await photo({ type: 'image/png' })
const video = await largeVideo(12 * mebibyte)
const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(300_000, 32)])
const owner = 'ann'

describe('media.create', () => {
  let app: StorageApp
  let folder: string
  const file = (name: string) => join(folder, name)
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tintype-create-'))
    await writeFile(file('beach.jpg'), jpeg)
    await writeFile(file('upload-1f3a'), jpeg)
    await writeFile(file('film.mp4'), video)
    app = await startStorageApp({ limits: { memory: 100 * mebibyte, videoBytes: 20 * mebibyte } })
  })
  after(async () => {
    await app.stop()
    await rm(folder, { recursive: true })
  })
  afterEach(async () => {
    await until(used, (bytes) => bytes === 0)
    for (const { id } of await listed()) await app.tintype.media.remove(id)
    await until(keys, (seen) => seen.length === 0)
  })

  const create = (source: MediaSource, more: object = {}) =>
    app.tintype.media.create(source, { owner, ...more })
  const listed = async () => (await app.tintype.media.list({ owner })).media
  /** In the bucket, when the sweeper has had its time. */
  async function keys() {
    app.clock.advance(60_000)
    return [...(await app.keys()), ...(await app.openMultiparts())]
  }
  async function used(): Promise<number> {
    const line = /^tintype_upload_memory_bytes\{of="used"\} (\d+)$/m.exec(await app.tintype.metrics())
    return Number(line?.[1])
  }
  async function refused(
    source: MediaSource,
    code: string,
    more: object = {},
    about?: RegExp,
  ): Promise<TintypeError> {
    let thrown: unknown
    await create(source, more).catch((error: unknown) => {
      thrown = error
    })
    assert.equal((thrown as TintypeError | undefined)?.code, code, String(thrown))
    if (about) assert.match((thrown as TintypeError).message, about)
    assert.deepEqual(await listed(), [])
    return thrown as TintypeError
  }

  async function* inPieces(bytes: Buffer, size = 64 * 1024) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const web = (bytes: Buffer) => ReadableStream.from(inPieces(bytes))

  const sources: [what: string, name: string, () => MediaSource | Promise<MediaSource>][] = [
    ['a Buffer', 'photo.jpg', () => jpeg],
    [
      'a part of a larger buffer',
      'photo.jpg',
      () => new Uint8Array(Buffer.concat([pdf, jpeg])).subarray(pdf.length),
    ],
    ['an ArrayBuffer', 'photo.jpg', () => new Uint8Array(jpeg).buffer],
    ['a Blob', 'photo.jpg', () => new Blob([new Uint8Array(jpeg)])],
    ['a File', 'sea.jpg', () => new File([new Uint8Array(jpeg)], 'sea.jpg')],
    ['a Blob of a file', 'photo.jpg', () => openAsBlob(file('beach.jpg'))],
    ['a stream of Node', 'photo.jpg', () => Readable.from(inPieces(jpeg))],
    ['a stream of a file', 'photo.jpg', () => createReadStream(file('beach.jpg'))],
    ['a stream of the Web', 'photo.jpg', () => web(jpeg)],
    ['the body of a Response', 'photo.jpg', () => new Response(new Uint8Array(jpeg)).body as MediaSource],
    ['an async iterable', 'photo.jpg', () => inPieces(jpeg, 999)],
    ['a path', 'beach.jpg', () => ({ path: file('beach.jpg') })],
    ['Multer’s file in memory', 'für.jpg', () => ({ buffer: jpeg, originalname: 'fÃ¼r.jpg', size: 1 })],
    [
      'Multer’s file on the disk',
      'für.jpg',
      () => ({ path: file('upload-1f3a'), originalname: 'für.jpg', filename: 'upload-1f3a' }),
    ],
    ['a file with a stream', 'für.jpg', () => ({ stream: Readable.from([jpeg]), originalname: 'für.jpg' })],
  ]
  // The first, since the clock is right: later on signatures are of a time that has not come yet.
  test('bytes that the app changes meanwhile never become visible', async () => {
    const bytes = Buffer.from(jpeg)
    app.proxy.faults.before = ({ method }) => {
      // Not at a deletion, which an earlier test has left to the sweeper.
      if (method === 'PUT') bytes.fill(0, bytes.length / 2)
      return false
    }
    const sent = Buffer.from(bytes)
    const made = await create(bytes).catch((error: unknown) => error as TintypeError)
    delete app.proxy.faults.before
    // Either they had left already, or S3 has refused what does not have their SHA-256.
    if ('sha256' in made) assert.equal(made.sha256, sha256(sent))
    else assert.deepEqual(await listed(), [])
    for (const one of await listed()) {
      const shown = await fetch(one.urls.original)
      assert.equal(sha256(Buffer.from(await shown.arrayBuffer())), one.sha256)
    }
  })

  for (const [what, name, source] of sources)
    test(`takes ${what}`, async () => {
      const media = await create(await source())
      assert.deepEqual([media.sha256, media.type, media.name], [sha256(jpeg), 'image/jpeg', name])
      assert.deepEqual([media.width, media.height, media.caption], [800, 600, null])
      const shown = await fetch(media.urls.original)
      assert.equal(sha256(Buffer.from(await shown.arrayBuffer())), media.sha256)
      assert.equal((await fetch(media.urls.thumb ?? '')).status, 200)
    })

  test('says of it what the app says', async () => {
    const media = await create(
      { path: file('beach.jpg') },
      {
        name: 'lake.jpg',
        caption: 'At the lake',
        alt: 'A lake at dusk',
        data: { album: 7 },
      },
    )
    assert.deepEqual([media.name, media.caption], ['lake.jpg', 'At the lake'])
    assert.deepEqual([media.alt, media.data], ['A lake at dusk', { album: 7 }])
    assert.deepEqual(await app.tintype.media.get(media.id, { owner }), media)
    assert.equal(await app.tintype.media.get(media.id, { owner: 'bob' }), undefined)
  })

  const large: typeof sources = [
    ['a Buffer', 'video.mp4', () => video],
    ['a stream', 'video.mp4', () => Readable.from(inPieces(video, mebibyte))],
    ['a path', 'film.mp4', () => ({ path: file('film.mp4') })],
    ['a File', 'a.mp4', () => new File([new Uint8Array(video)], 'a.mp4')],
  ]
  for (const [what, , source] of large)
    test(`streams a video of ${what} to S3 in parts`, async () => {
      let parts = 0
      app.proxy.faults.before = (req) => {
        if (/partNumber=/.test(req.url ?? '')) parts++
        return false
      }
      const media = await create(await source())
      delete app.proxy.faults.before
      assert.deepEqual([media.sha256, media.kind, parts], [sha256(video), 'video', 2])
    })

  test('bytes in memory stay as they are, and where they are', async () => {
    const bytes = Buffer.from(jpeg)
    let most = 0
    app.proxy.faults.before = () => {
      void used().then((now) => {
        most = Math.max(most, now)
      })
      return false
    }
    await create(bytes)
    delete app.proxy.faults.before
    assert.deepEqual(bytes, jpeg)
    assert.ok(most >= bytes.length && most < bytes.length + 100_000, `they count once in the budget: ${most}`)
  })

  test('refuses what a form would be refused for', async () => {
    await refused(pdf, 'unsupported_type')
    await refused(Readable.from([pdf]), 'unsupported_type')
    await refused(Buffer.alloc(0), 'empty_file')
    await refused(Readable.from([]), 'empty_file')
    await refused(new Blob([]), 'empty_file')
    await refused(jpeg.subarray(0, jpeg.length / 2), 'not_decodable')
    const error = await refused({ buffer: pdf, originalname: 'a.pdf' }, 'unsupported_type')
    assert.deepEqual([error.status, error.file], [415, { index: 0, name: 'a.pdf' }])
    await refused(jpeg, 'invalid_name', { name: 'a\0.jpg' })
    await refused(jpeg, 'invalid_parameter', { caption: 'x'.repeat(10_000) })
    await refused(jpeg, 'invalid_parameter', { alt: 'x'.repeat(10_000) })
    const tooMuch = await refused(jpeg, 'invalid_parameter', { data: { text: 'x'.repeat(8192) } })
    assert.equal(tooMuch.limit, 8192)
  })

  test('refuses what is too large before it is read, where its size is known', async () => {
    await truncate(file('film.mp4'), 40 * mebibyte)
    const { limit } = await refused({ path: file('film.mp4') }, 'too_large')
    assert.equal(limit, 32 * mebibyte)
    await writeFile(file('film.mp4'), video)
    const zeros = Buffer.concat([video, Buffer.alloc(10 * mebibyte)])
    assert.equal((await refused(zeros, 'too_large')).limit, 20 * mebibyte)
    assert.equal((await refused(Readable.from(inPieces(zeros, mebibyte)), 'too_large')).limit, 20 * mebibyte)
  })

  test('says that there is no file where Multer found none', async () => {
    const error = await refused(undefined, 'no_file')
    assert.equal(error.status, 400)
  })

  test('refuses what makes no sense, as a TypeError', async () => {
    const wrong = (source: unknown, options: unknown, about: RegExp) =>
      assert.rejects(app.tintype.media.create(source as Buffer, options as { owner: string }), (error) => {
        assert.ok(error instanceof TypeError)
        assert.match(error.message, about)
        return true
      })
    await wrong('beach.jpg', { owner }, /^The file is a string; it has to be a Uint8Array/)
    await wrong({}, { owner }, /^The file is an object/)
    await wrong({ media: {}, originalname: 'a.jpg' }, { owner }, /media/)
    await wrong(Promise.resolve(jpeg), { owner }, /a promise/)
    await wrong(jpeg, undefined, /owner/)
    await wrong(jpeg, { owner: undefined }, /^owner has no value/)
    await wrong(jpeg, { owner: 7 }, /^owner is 7/)
    await wrong(jpeg, { owner, Name: 'a' }, /did you mean name/)
    await wrong(jpeg, { owner, name: 7 }, /^name is 7/)
    await wrong(jpeg, { owner, signal: {} }, /^signal is an object/)
    await wrong(jpeg, { owner, idempotencyKey: 7 }, /^idempotencyKey is 7/)
  })

  describe('of a source that fails, which leaves nothing', () => {
    /** Some of the file, then what the test wants. */
    function stream(bytes = jpeg.subarray(0, 20_000)) {
      const body = new PassThrough()
      body.write(bytes)
      return body
    }

    test('when it throws', async () => {
      async function* failing(bytes: Buffer) {
        yield* inPieces(bytes)
        throw new Error('the disk is gone')
      }
      for (const start of [jpeg.subarray(0, 20_000), video.subarray(0, 10 * mebibyte)]) {
        for (const source of [
          failing(start),
          ReadableStream.from(failing(start)),
          Readable.from(failing(start)),
        ]) {
          const error = await refused(source as MediaSource, 'source_failed')
          assert.equal((error.cause as Error).message, 'the disk is gone')
          assert.equal(error.status, 502)
        }
      }
    })

    test('when it is destroyed, or has been read before', async () => {
      const body = stream()
      const failure = refused(body, 'source_failed')
      body.on('resume', () => setImmediate(() => body.destroy()))
      await failure
      await refused(body, 'source_failed')
      const read = Readable.from([jpeg])
      await read.toArray()
      await refused(read, 'source_failed')
      const locked = web(jpeg) as ReadableStream
      locked.getReader()
      await refused(locked as MediaSource, 'source_failed')
    })

    test('when it brings something else than bytes', async () => {
      await refused(Readable.from([{ a: 1 }]), 'source_failed')
      await refused(Readable.from(['<html>']), 'unsupported_type')
    })

    test('when a file is not there, or none', async () => {
      const { message, cause } = await refused({ path: file('nothing.jpg') }, 'source_failed')
      assert.doesNotMatch(message, /nothing/)
      assert.match(String(cause), /ENOENT.*nothing/)
      await refused({ path: folder }, 'source_failed')
    })

    test('when a file changes its length while it is read', async () => {
      const path = file('changing.mp4')
      for (const change of [() => truncate(path, mebibyte), () => appendFile(path, Buffer.alloc(mebibyte))]) {
        await writeFile(path, video)
        // The first part has left, so the file is being read.
        let changed: Promise<void> | undefined
        app.proxy.faults.after = async (req) => {
          if (/uploads/.test(req.url ?? '')) {
            changed ??= change()
            await changed
          }
        }
        await refused({ path }, 'source_failed', {}, /bytes/)
        delete app.proxy.faults.after
        assert.ok(changed)
      }
      await writeFile(path, video)
      const blob = await openAsBlob(path)
      await truncate(path, mebibyte)
      await refused(blob, 'source_failed')
    })

    test('when it stalls', async () => {
      const body = stream()
      const failure = refused(body, 'too_slow')
      await until(() => body.listenerCount('data') > 0)
      let isOver = false
      void failure.finally(() => {
        isOver = true
      })
      await until(() => {
        app.clock.advance(5000)
        return isOver
      })
      assert.equal((await failure).status, 408)
      assert.ok(body.destroyed)
    })

    test('when it is aborted, at whatever moment', async () => {
      const reason = new Error('no longer wanted')
      const aborted = (source: MediaSource, signal: AbortSignal) =>
        assert.rejects(create(source, { signal }), (error) => error === reason)

      await aborted(jpeg, AbortSignal.abort(reason))

      const reading = new AbortController()
      const body = stream()
      body.on('resume', () => setImmediate(() => reading.abort(reason)))
      await aborted(body, reading.signal)
      assert.ok(body.destroyed)

      const streaming = new AbortController()
      app.proxy.faults.after = (req) => {
        if (/uploads/.test(req.url ?? '')) streaming.abort(reason)
      }
      await aborted(stream(video.subarray(0, 9 * mebibyte)), streaming.signal)
      delete app.proxy.faults.after

      const decoding = new AbortController()
      setImmediate(() => decoding.abort(reason))
      await aborted(Buffer.from(await photo({ width: 3000, height: 3000 })), decoding.signal)
      assert.deepEqual(await listed(), [])
    })

    test('when S3 takes none of it', async () => {
      app.proxy.faults.pick = (req) => (req.method === 'PUT' ? 'slow down' : undefined)
      await refused(jpeg, 'storage_unavailable')
      delete app.proxy.faults.pick
    })
  })

  test('closes what it was given, whatever comes of it', async () => {
    for (const bytes of [jpeg, pdf]) {
      const body = createReadStream(file('beach.jpg'))
      await create(body).catch(() => {})
      assert.ok(body.destroyed)
      let isClosed = false
      async function* source() {
        try {
          yield* inPieces(bytes)
        } finally {
          isClosed = true
        }
      }
      await create(source()).catch(() => {})
      assert.ok(isClosed)
    }
  })

  test('closes what it refuses unread', async () => {
    const made = await create(jpeg)
    const refusals = [
      (body: Readable) => create(body, { data: 'x'.repeat(9000) }),
      (body: Readable) => create(body, { idempotencyKey: '' }),
      (body: Readable) => create({ stream: body, originalname: 'a.jpg' }, { caption: 'x'.repeat(3000) }),
      (body: Readable) => app.tintype.media.replace(made.id, body, { owner: 'bob' }),
    ]
    for (const refuse of refusals) {
      const body = createReadStream(file('beach.jpg'))
      await assert.rejects(refuse(body))
      assert.ok(body.destroyed)
    }
  })

  test('with the same key is done once; the key with other bytes is refused', async () => {
    const key = { idempotencyKey: 'import:1' }
    const first = await create(jpeg, key)
    for (const same of [jpeg, Readable.from([jpeg]), { path: file('beach.jpg') }])
      assert.equal((await create(same, key)).id, first.id)
    assert.equal((await listed()).length, 1)
    await assert.rejects(create(png, key), { code: 'idempotency_mismatch', status: 422 })
    await assert.rejects(create(jpeg, { ...key, data: 1 }), { code: 'idempotency_mismatch' })
    await assert.rejects(create(jpeg, { ...key, caption: 'Another' }), { code: 'idempotency_mismatch' })
    assert.notEqual((await create(jpeg, { idempotencyKey: 'import:2' })).id, first.id)
    await assert.rejects(create(jpeg, { idempotencyKey: '' }), { code: 'invalid_parameter' })

    const both = await Promise.allSettled([1, 2].map(() => create(png, { idempotencyKey: 'import:3' })))
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    const [failed] = both.filter((one) => one.status === 'rejected')
    assert.equal(failed?.reason.code, 'idempotency_in_flight')
  })

  test('many at once stay inside the budget, and all are made', async () => {
    const bytes = await photo({ width: 1500, height: 1500 })
    const made = await Promise.all(Array.from({ length: 20 }, () => create(bytes)))
    assert.equal(new Set(made.map(({ id }) => id)).size, 20)
  })
})

describe('media.replace', () => {
  let app: StorageApp
  before(async () => {
    app = await startStorageApp()
  })
  after(() => app.stop())

  test('gives a media new bytes, for its owner', async () => {
    const { media } = app.tintype
    const old = await media.create(jpeg, { owner, name: 'a.jpg', caption: 'Mine', data: [1] })
    await media.claim(old.id, { by: 'post:1' })
    const next = await media.replace(old.id, { buffer: png, originalname: 'b.png' }, { owner })
    assert.deepEqual([next.id, next.sha256, next.name, next.caption], [old.id, sha256(png), 'b.png', 'Mine'])
    assert.deepEqual(next.data, [1])
    assert.equal((await media.replace(old.id, Readable.from([jpeg]), { name: 'c.jpg' })).name, 'c.jpg')
    await assert.rejects(media.replace(old.id, pdf), { code: 'unsupported_type' })
    assert.equal((await media.get(old.id))?.sha256, sha256(jpeg))
    await media.remove(old.id)
  })

  test('reads nothing of the source where there is no such media', async () => {
    const { media } = app.tintype
    const mine = await media.create(jpeg, { owner })
    for (const [id, whose] of [
      [mine.id, { owner: 'bob' }],
      ['A'.repeat(22), {}],
      ['nonsense', {}],
    ] as const) {
      await assert.rejects(media.replace(id, { path: '/nowhere' }, whose), { code: 'not_found' })
    }
    await assert.rejects(media.replace(mine.id, jpeg, { owner: undefined as unknown as string }), TypeError)
    await media.remove(mine.id)
  })
})

test('after close() files of the app are refused as all else is', async () => {
  const app = await startStorageApp()
  await app.tintype.close()
  const body = Readable.from([jpeg])
  await assert.rejects(app.tintype.media.create(body, { owner }), { code: 'shutting_down' })
  await assert.rejects(app.tintype.media.replace('A'.repeat(22), jpeg), { code: 'shutting_down' })
  await app.stop()
})

test('a stream that fails before it is read costs one upload, not the process', async (t) => {
  let unread: Readable | undefined
  const quotas = async () => {
    // While the app is asked, nobody reads the stream yet.
    if (unread) await until(async () => unread?.errored, Boolean)
    return { media: 10 }
  }
  const app = await startStorageApp({ quotas })
  t.after(() => app.stop())
  const { media } = app.tintype
  const { id } = await media.create(jpeg, { owner })
  for (const make of [
    (body: Readable) => media.create(body, { owner }),
    (body: Readable) => media.create({ stream: body, originalname: 'a.jpg' }, { owner }),
    (body: Readable) => media.replace(id, body),
  ]) {
    unread = createReadStream('/nowhere/at-all.jpg')
    await assert.rejects(make(unread), { code: 'source_failed' })
  }
  assert.equal((await media.list({ owner })).media.length, 1)
})
