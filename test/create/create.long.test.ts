import assert from 'node:assert/strict'
import { createReadStream, openAsBlob } from 'node:fs'
import { truncate, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { after, afterEach, before, describe, test } from 'node:test'
import type { MediaSource, TintypeError } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { sha256 } from '../support/direct.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import {
  type CreatingApp,
  inPieces,
  jpeg,
  mebibyte,
  owner,
  pdf,
  startCreatingApp,
  video,
  web,
} from './creating-app.ts'

const png = await photo({ type: 'image/png' })

describe('media.create', () => {
  let one: CreatingApp
  before(async () => {
    one = await startCreatingApp()
  })
  afterEach(() => one.removeAll())
  after(() => one.stop())

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
    ['a Blob of a file', 'photo.jpg', () => openAsBlob(one.file('beach.jpg'))],
    ['a stream of Node', 'photo.jpg', () => Readable.from(inPieces(jpeg))],
    ['a stream of a file', 'photo.jpg', () => createReadStream(one.file('beach.jpg'))],
    ['a stream of the Web', 'photo.jpg', () => web(jpeg)],
    ['the body of a Response', 'photo.jpg', () => new Response(new Uint8Array(jpeg)).body as MediaSource],
    ['an async iterable', 'photo.jpg', () => inPieces(jpeg, 999)],
    ['a path', 'beach.jpg', () => ({ path: one.file('beach.jpg') })],
    ['Multer’s file in memory', 'für.jpg', () => ({ buffer: jpeg, originalname: 'fÃ¼r.jpg', size: 1 })],
    [
      'Multer’s file on the disk',
      'für.jpg',
      () => ({ path: one.file('upload-1f3a'), originalname: 'für.jpg', filename: 'upload-1f3a' }),
    ],
    ['a file with a stream', 'für.jpg', () => ({ stream: Readable.from([jpeg]), originalname: 'für.jpg' })],
  ]
  // The first, since the clock is right: later on signatures are of a time that has not come yet.
  test('bytes that the app changes meanwhile never become visible', async () => {
    const bytes = Buffer.from(jpeg)
    one.app.proxy.faults.before = ({ method }) => {
      // Not at a deletion, which an earlier test has left to the sweeper.
      if (method === 'PUT') bytes.fill(0, bytes.length / 2)
      return false
    }
    const sent = Buffer.from(bytes)
    const made = await one.create(bytes).catch((error: unknown) => error as TintypeError)
    delete one.app.proxy.faults.before
    // Either they had left already, or S3 has refused what does not have their SHA-256.
    if ('sha256' in made) assert.equal(made.sha256, sha256(sent))
    else assert.deepEqual(await one.listed(), [])
    for (const made of await one.listed()) {
      const shown = await fetch(made.urls.original)
      assert.equal(sha256(Buffer.from(await shown.arrayBuffer())), made.sha256)
    }
  })

  for (const [what, name, source] of sources)
    test(`takes ${what}`, async () => {
      const media = await one.create(await source())
      assert.deepEqual([media.sha256, media.type, media.name], [sha256(jpeg), 'image/jpeg', name])
      assert.deepEqual([media.width, media.height, media.caption], [800, 600, null])
      const shown = await fetch(media.urls.original)
      assert.equal(sha256(Buffer.from(await shown.arrayBuffer())), media.sha256)
      assert.equal((await fetch(media.urls.thumb ?? '')).status, 200)
    })

  test('says of it what the app says', async () => {
    const media = await one.create(
      { path: one.file('beach.jpg') },
      {
        name: 'lake.jpg',
        caption: 'At the lake',
        alt: 'A lake at dusk',
        data: { album: 7 },
      },
    )
    assert.deepEqual([media.name, media.caption], ['lake.jpg', 'At the lake'])
    assert.deepEqual([media.alt, media.data], ['A lake at dusk', { album: 7 }])
    assert.deepEqual(await one.app.tintype.media.get(media.id, { owner }), media)
    assert.equal(await one.app.tintype.media.get(media.id, { owner: 'bob' }), undefined)
  })

  const large: typeof sources = [
    ['a Buffer', 'video.mp4', () => video],
    ['a stream', 'video.mp4', () => Readable.from(inPieces(video, mebibyte))],
    ['a path', 'film.mp4', () => ({ path: one.file('film.mp4') })],
    ['a File', 'a.mp4', () => new File([new Uint8Array(video)], 'a.mp4')],
  ]
  for (const [what, , source] of large)
    test(`streams a video of ${what} to S3 in parts`, async () => {
      let parts = 0
      one.app.proxy.faults.before = (req) => {
        if (/partNumber=/.test(req.url ?? '')) parts++
        return false
      }
      const media = await one.create(await source())
      delete one.app.proxy.faults.before
      assert.deepEqual([media.sha256, media.kind, parts], [sha256(video), 'video', 2])
    })

  test('bytes in memory stay as they are, and where they are', async () => {
    const bytes = Buffer.from(jpeg)
    let most = 0
    one.app.proxy.faults.before = () => {
      void one.used().then((now) => {
        most = Math.max(most, now)
      })
      return false
    }
    await one.create(bytes)
    delete one.app.proxy.faults.before
    assert.deepEqual(bytes, jpeg)
    assert.ok(most >= bytes.length && most < bytes.length + 100_000, `they count once in the budget: ${most}`)
  })

  test('refuses what a form would be refused for', async () => {
    await one.refused(pdf, 'unsupported_type')
    await one.refused(Readable.from([pdf]), 'unsupported_type')
    await one.refused(Buffer.alloc(0), 'empty_file')
    await one.refused(Readable.from([]), 'empty_file')
    await one.refused(new Blob([]), 'empty_file')
    await one.refused(jpeg.subarray(0, jpeg.length / 2), 'not_decodable')
    const error = await one.refused({ buffer: pdf, originalname: 'a.pdf' }, 'unsupported_type')
    assert.deepEqual([error.status, error.file], [415, { index: 0, name: 'a.pdf' }])
    await one.refused(jpeg, 'invalid_name', { name: 'a\0.jpg' })
    await one.refused(jpeg, 'invalid_parameter', { caption: 'x'.repeat(10_000) })
    await one.refused(jpeg, 'invalid_parameter', { alt: 'x'.repeat(10_000) })
    const tooMuch = await one.refused(jpeg, 'invalid_parameter', { data: { text: 'x'.repeat(8192) } })
    assert.equal(tooMuch.limit, 8192)
  })

  test('refuses what is too large before it is read, where its size is known', async () => {
    await truncate(one.file('film.mp4'), 40 * mebibyte)
    const { limit } = await one.refused({ path: one.file('film.mp4') }, 'too_large')
    assert.equal(limit, 32 * mebibyte)
    await writeFile(one.file('film.mp4'), video)
    const zeros = Buffer.concat([video, Buffer.alloc(10 * mebibyte)])
    assert.equal((await one.refused(zeros, 'too_large')).limit, 20 * mebibyte)
    assert.equal(
      (await one.refused(Readable.from(inPieces(zeros, mebibyte)), 'too_large')).limit,
      20 * mebibyte,
    )
  })

  test('says that there is no file where Multer found none', async () => {
    const error = await one.refused(undefined, 'no_file')
    assert.equal(error.status, 400)
  })

  test('refuses what makes no sense, as a TypeError', async () => {
    const wrong = (source: unknown, options: unknown, about: RegExp) =>
      assert.rejects(
        one.app.tintype.media.create(source as Buffer, options as { owner: string }),
        (error) => {
          assert.ok(error instanceof TypeError)
          assert.match(error.message, about)
          return true
        },
      )
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

  test('with the same key is done once; the key with other bytes is refused', async () => {
    const key = { idempotencyKey: 'import:1' }
    const first = await one.create(jpeg, key)
    for (const same of [jpeg, Readable.from([jpeg]), { path: one.file('beach.jpg') }])
      assert.equal((await one.create(same, key)).id, first.id)
    assert.equal((await one.listed()).length, 1)
    await assert.rejects(one.create(png, key), { code: 'idempotency_mismatch', status: 422 })
    await assert.rejects(one.create(jpeg, { ...key, data: 1 }), { code: 'idempotency_mismatch' })
    await assert.rejects(one.create(jpeg, { ...key, caption: 'Another' }), { code: 'idempotency_mismatch' })
    assert.notEqual((await one.create(jpeg, { idempotencyKey: 'import:2' })).id, first.id)
    await assert.rejects(one.create(jpeg, { idempotencyKey: '' }), { code: 'invalid_parameter' })

    const both = await Promise.allSettled([1, 2].map(() => one.create(png, { idempotencyKey: 'import:3' })))
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    const [failed] = both.filter((one) => one.status === 'rejected')
    assert.equal(failed?.reason.code, 'idempotency_in_flight')
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
