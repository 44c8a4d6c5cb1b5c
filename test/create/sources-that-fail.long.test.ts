import assert from 'node:assert/strict'
import { createReadStream, openAsBlob } from 'node:fs'
import { appendFile, truncate, writeFile } from 'node:fs/promises'
import { PassThrough, Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { after, afterEach, before, describe, test } from 'node:test'
import type { MediaSource } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'
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

describe('media.create', () => {
  let one: CreatingApp
  before(async () => {
    one = await startCreatingApp()
  })
  afterEach(() => one.removeAll())
  after(() => one.stop())

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
          const error = await one.refused(source as MediaSource, 'source_failed')
          assert.equal((error.cause as Error).message, 'the disk is gone')
          assert.equal(error.status, 502)
        }
      }
    })

    test('when it is destroyed, or has been read before', async () => {
      const body = stream()
      const failure = one.refused(body, 'source_failed')
      body.on('resume', () => setImmediate(() => body.destroy()))
      await failure
      await one.refused(body, 'source_failed')
      const read = Readable.from([jpeg])
      await read.toArray()
      await one.refused(read, 'source_failed')
      const locked = web(jpeg) as ReadableStream
      locked.getReader()
      await one.refused(locked as MediaSource, 'source_failed')
    })

    test('when it brings something else than bytes', async () => {
      await one.refused(Readable.from([{ a: 1 }]), 'source_failed')
      await one.refused(Readable.from(['<html>']), 'unsupported_type')
    })

    test('when a file is not there, or none', async () => {
      const { message, cause } = await one.refused({ path: one.file('nothing.jpg') }, 'source_failed')
      assert.doesNotMatch(message, /nothing/)
      assert.match(String(cause), /ENOENT.*nothing/)
      await one.refused({ path: one.folder }, 'source_failed')
    })

    test('when a file changes its length while it is read', async () => {
      const path = one.file('changing.mp4')
      for (const change of [() => truncate(path, mebibyte), () => appendFile(path, Buffer.alloc(mebibyte))]) {
        await writeFile(path, video)
        // The first part has left, so the file is being read.
        let changed: Promise<void> | undefined
        one.app.proxy.faults.after = async (req) => {
          if (/uploads/.test(req.url ?? '')) {
            changed ??= change()
            await changed
          }
        }
        await one.refused({ path }, 'source_failed', {}, /bytes/)
        delete one.app.proxy.faults.after
        assert.ok(changed)
      }
      await writeFile(path, video)
      const blob = await openAsBlob(path)
      await truncate(path, mebibyte)
      await one.refused(blob, 'source_failed')
    })

    test('when it stalls', async () => {
      const body = stream()
      const failure = one.refused(body, 'too_slow')
      await until(() => body.listenerCount('data') > 0)
      let isOver = false
      void failure.finally(() => {
        isOver = true
      })
      await until(() => {
        one.app.clock.advance(5000)
        return isOver
      })
      assert.equal((await failure).status, 408)
      assert.ok(body.destroyed)
    })

    test('when it is aborted, at whatever moment', async () => {
      const reason = new Error('no longer wanted')
      const aborted = (source: MediaSource, signal: AbortSignal) =>
        assert.rejects(one.create(source, { signal }), (error) => error === reason)

      await aborted(jpeg, AbortSignal.abort(reason))

      const reading = new AbortController()
      const body = stream()
      body.on('resume', () => setImmediate(() => reading.abort(reason)))
      await aborted(body, reading.signal)
      assert.ok(body.destroyed)

      const streaming = new AbortController()
      one.app.proxy.faults.after = (req) => {
        if (/uploads/.test(req.url ?? '')) streaming.abort(reason)
      }
      await aborted(stream(video.subarray(0, 9 * mebibyte)), streaming.signal)
      delete one.app.proxy.faults.after

      const decoding = new AbortController()
      setImmediate(() => decoding.abort(reason))
      await aborted(Buffer.from(await photo({ width: 3000, height: 3000 })), decoding.signal)
      assert.deepEqual(await one.listed(), [])
    })

    test('when S3 takes none of it', async () => {
      one.app.proxy.faults.pick = (req) => (req.method === 'PUT' ? 'slow down' : undefined)
      await one.refused(jpeg, 'storage_unavailable')
      delete one.app.proxy.faults.pick
    })
  })

  test('closes what it was given, whatever comes of it', async () => {
    for (const bytes of [jpeg, pdf]) {
      const body = createReadStream(one.file('beach.jpg'))
      await one.create(body).catch(() => {})
      assert.ok(body.destroyed)
      let isClosed = false
      async function* source() {
        try {
          yield* inPieces(bytes)
        } finally {
          isClosed = true
        }
      }
      await one.create(source()).catch(() => {})
      assert.ok(isClosed)
    }
  })

  test('closes what it refuses unread', async () => {
    const made = await one.create(jpeg)
    const refusals = [
      (body: Readable) => one.create(body, { data: 'x'.repeat(9000) }),
      (body: Readable) => one.create(body, { idempotencyKey: '' }),
      (body: Readable) => one.create({ stream: body, originalname: 'a.jpg' }, { caption: 'x'.repeat(3000) }),
      (body: Readable) => one.app.tintype.media.replace(made.id, body, { owner: 'bob' }),
    ]
    for (const refuse of refusals) {
      const body = createReadStream(one.file('beach.jpg'))
      await assert.rejects(refuse(body))
      assert.ok(body.destroyed)
    }
  })

  test('many at once stay inside the budget, and all are made', async () => {
    const bytes = await photo({ width: 1500, height: 1500 })
    const made = await Promise.all(Array.from({ length: 20 }, () => one.create(bytes)))
    assert.equal(new Set(made.map(({ id }) => id)).size, 20)
  })
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
