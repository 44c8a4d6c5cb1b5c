import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Media, Problem, ScanningUploads, UploadStatus } from '@tintype/protocol'
import { upload as uploadByClient } from '../../packages/client/src/index.ts'
import { type FileToScan, refuse } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { begin, complete, send, sendParts, sha256 } from '../support/direct.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

/** A scan that the test ends. */
interface Scan {
  file: FileToScan
  pass(): void
  fail(error: unknown): void
}

const answer = 10_000
const minute = 60_000

describe('a scan by the app', () => {
  let app: StorageApp
  let photos: Buffer[]
  const waiting: ((scan: Scan) => void)[] = []
  const arrived: Scan[] = []
  /** What the hook does; by default it waits for the test. */
  let hook: (file: FileToScan) => void | Promise<void>

  /** The next scan that begins. */
  function next(): Promise<Scan> {
    const scan = arrived.shift()
    if (scan) return Promise.resolve(scan)
    const { promise, resolve } = Promise.withResolvers<Scan>()
    waiting.push(resolve)
    return promise
  }
  function wait(file: FileToScan): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const scan = { file, pass: resolve, fail: reject }
    const taker = waiting.shift()
    if (taker) taker(scan)
    else arrived.push(scan)
    return promise
  }

  before(async () => {
    photos = await Promise.all([photo({ width: 40, height: 30 }), photo({ width: 30, height: 40 })])
  })
  beforeEach(async (t) => {
    hook = wait
    // URLs are signed by the clock, which the tests before have moved far ahead; and one of them stops its app.
    const isFresh = /direct upload|process stops|client,/.test(t.name)
    if (app && !isFresh) return
    await app?.stop()
    app = await startStorageApp({ hooks: { scan: (file) => hook(file) }, times: { uploadDeadline: 300 } })
  })
  after(() => app.stop())

  function upload(files: Buffer[], headers: Record<string, string> = {}, url = app.url): Promise<Response> {
    const body = new FormData()
    for (const [i, bytes] of files.entries())
      body.append('file', new Blob([Uint8Array.from(bytes)]), `${i}.jpg`)
    return fetch(`${url}/api/media`, { method: 'POST', body, headers })
  }
  const list = async () => ((await (await fetch(`${app.url}/api/media`)).json()) as { media: Media[] }).media
  async function status(id: string, url = app.url): Promise<UploadStatus> {
    const response = await fetch(`${url}/api/uploads/${id}`)
    assert.equal(response.status, 200)
    return (await response.json()) as UploadStatus
  }
  const ended = (id: string) =>
    until(
      () => status(id),
      ({ state }) => state !== 'scanning',
    )
  /** An upload whose scan takes longer than a client is kept waiting. */
  async function slow(files: Buffer[], headers: Record<string, string> = {}) {
    const response = upload(files, headers)
    const scans: Scan[] = []
    for (const _ of files) scans.push(await next())
    app.clock.advance(answer)
    const { status, headers: answered } = await response
    assert.equal(status, 202)
    const { uploads } = (await (await response).json()) as ScanningUploads
    return { ids: uploads.map(({ id }) => id), uploads, headers: answered, scans }
  }
  async function demandNothing(): Promise<void> {
    assert.deepEqual(await list(), [])
    // What is given up is due at once; what might still be written to, once more later.
    await until(
      async () => {
        app.clock.advance(10 * minute)
        return app.keys()
      },
      (keys) => keys.length === 0,
    )
  }
  async function removeAll(): Promise<void> {
    for (const { id } of await list())
      assert.ok((await fetch(`${app.url}/api/media/${id}`, { method: 'DELETE' })).ok)
    await demandNothing()
  }
  async function readAll(file: FileToScan, range?: { start?: number; end?: number }): Promise<Buffer> {
    const chunks: Buffer[] = []
    for await (const chunk of file.read(range)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  test('is given the whole file, in memory or by range, before anybody can see it; then it is published', async () => {
    const [bytes] = photos as [Buffer]
    let seen: unknown
    hook = async (file) => {
      const { type, kind, bytes: size, sha256: hash, name, owner, way } = file
      seen = { type, kind, size, hash, name, owner, way }
      assert.deepEqual(await readAll(file), bytes)
      assert.deepEqual(await readAll(file, { start: 10, end: 20 }), bytes.subarray(10, 20))
      assert.deepEqual(await readAll(file, { start: -7 }), bytes.subarray(-7))
      assert.deepEqual(await list(), [])
      assert.equal((await app.keys()).length, 2)
    }
    const response = await upload([bytes])
    assert.equal(response.status, 201)
    assert.deepEqual(seen, {
      type: 'image/jpeg',
      kind: 'image',
      size: bytes.length,
      hash: sha256(bytes),
      name: '0.jpg',
      owner: 'ann',
      way: 'form',
    })
    assert.equal((await list()).length, 1)
    await removeAll()
  })

  test('refuses with its sentence and code, saying which file it was; nothing of the form is left', async () => {
    hook = ({ name }) => {
      if (name === '1.jpg') throw refuse('This file is infected.', { code: 'infected' })
    }
    const response = await upload(photos)
    const { code, detail, index, name } = (await response.json()) as Problem
    assert.deepEqual(
      [response.status, code, detail, index, name],
      [422, 'infected', 'This file is infected.', 1, '1.jpg'],
    )
    await demandNothing()
  })

  for (const [what, error, code] of [
    ['throws', new Error('no clamd'), 'hook_failed'],
    ['rejects with nothing', undefined, 'hook_failed'],
  ] as const)
    test(`that ${what} lets nothing in`, async () => {
      hook = () => Promise.reject(error)
      const response = await upload(photos)
      assert.deepEqual([response.status, ((await response.json()) as Problem).code], [500, code])
      await demandNothing()
    })

  test('that takes long is answered with 202, and the session tells the media', async () => {
    const { ids, uploads, headers, scans } = await slow([photos[0] as Buffer])
    const [id = ''] = ids
    assert.equal(headers.get('location'), `/api/uploads/${id}`)
    assert.equal(headers.get('retry-after'), '2')
    assert.equal(uploads[0]?.state, 'scanning')
    assert.equal((await status(id)).state, 'scanning')
    assert.equal((await status(id, app.otherUrl)).state, 'scanning')
    const other = await fetch(`${app.url}/api/uploads/${id}`, { headers: { 'X-User': 'bob' } })
    assert.equal(other.status, 404)
    assert.deepEqual(await list(), [])

    // Far longer than the deadline of an unfinished upload.
    for (let i = 0; i < 8; i++) {
      app.clock.advance(minute)
      assert.equal((await status(id)).state, 'scanning')
    }
    scans[0]?.pass()
    const { state, media } = await ended(id)
    assert.deepEqual([state, media?.sha256], ['complete', sha256(photos[0] as Buffer)])
    assert.deepEqual(
      (await list()).map((one) => one.id),
      [media?.id],
    )
    await removeAll()
  })

  test('reads on from S3 where memory was given back, and its outcome is all or nothing', async () => {
    const big = await photo({ width: 900, height: 900 })
    const response = upload([big, photos[1] as Buffer])
    const [first, second] = [await next(), await next()]
    const stream = first.file.read()[Symbol.asyncIterator]()
    const begun = (await stream.next()).value as Buffer
    app.clock.advance(answer)
    const { uploads } = (await (await response).json()) as ScanningUploads
    // Other uploads have its memory now.
    hook = () => {}
    assert.equal((await upload([await photo({ width: 901, height: 900 })])).status, 201)
    const rest: Buffer[] = []
    for (let one = await stream.next(); !one.done; one = await stream.next()) rest.push(one.value)
    assert.deepEqual(Buffer.concat([begun, ...rest]), big)

    first.pass()
    assert.equal((await status(uploads[0]?.id ?? '')).state, 'scanning')
    second.fail(refuse('Not this one.', { status: 403, code: 'no' }))
    for (const { id } of uploads) {
      const { state, refusal } = await ended(id)
      assert.deepEqual([state, refusal?.status, refusal?.code, refusal?.index], ['refused', 403, 'no', 1])
    }
    await removeAll()
  })

  test('the same Idempotency-Key is answered with 202 meanwhile, with the media afterwards, and with the refusal', async () => {
    const key = { 'Idempotency-Key': 'slow' }
    const { ids, scans } = await slow(photos, key)
    for (const url of [app.url, app.otherUrl]) {
      const again = await upload(photos, key, url)
      assert.equal(again.status, 202)
      assert.deepEqual(
        ((await again.json()) as ScanningUploads).uploads.map(({ id }) => id),
        ids,
      )
    }
    const mismatch = await upload([photos[1] as Buffer], key)
    assert.equal(((await mismatch.json()) as Problem).code, 'idempotency_mismatch')
    for (const scan of scans) scan.pass()
    const media = []
    for (const id of ids) media.push((await ended(id)).media?.id)
    const after = await upload(photos, key)
    assert.equal(after.status, 200)
    assert.deepEqual(
      ((await after.json()) as { media: Media[] }).media.map(({ id }) => id),
      media,
    )

    const refused = await slow([photos[0] as Buffer], { 'Idempotency-Key': 'refused' })
    refused.scans[0]?.fail(refuse('No.', { code: 'infected' }))
    await ended(refused.ids[0] ?? '')
    const replayed = await upload([photos[0] as Buffer], { 'Idempotency-Key': 'refused' })
    assert.deepEqual([replayed.status, ((await replayed.json()) as Problem).code], [422, 'infected'])
    await removeAll()
  })

  test('that takes too long ends; the client may send the same again', async () => {
    const key = { 'Idempotency-Key': 'timed-out' }
    const { ids, scans } = await slow([photos[0] as Buffer], key)
    app.clock.advance(10 * minute)
    const { state, refusal } = await ended(ids[0] ?? '')
    assert.deepEqual([state, refusal?.code, refusal?.status], ['refused', 'hook_timeout', 503])
    assert.ok(scans[0]?.file.signal.aborted)
    await demandNothing()
    hook = () => {}
    assert.equal((await upload([photos[0] as Buffer], key)).status, 201)
    await removeAll()
  })

  test('is cancelled by DELETE, from any process', async () => {
    for (const url of [app.url, app.otherUrl]) {
      const { ids, scans } = await slow(photos)
      assert.equal((await fetch(`${url}/api/uploads/${ids[1]}`, { method: 'DELETE' })).status, 204)
      await until(
        async () => {
          app.clock.advance(minute / 6)
          return scans.every(({ file }) => file.signal.aborted)
        },
        (all) => all,
      )
      for (const scan of scans) scan.pass()
      for (const id of ids) assert.equal((await fetch(`${app.url}/api/uploads/${id}`)).status, 404)
      await demandNothing()
    }
  })

  test('of a client that goes away before it was answered ends with it', async () => {
    const controller = new AbortController()
    const body = new FormData()
    body.append('file', new Blob([Uint8Array.from(photos[0] as Buffer)]), 'a.jpg')
    const request = fetch(`${app.url}/api/media`, { method: 'POST', body, signal: controller.signal })
    const { file, pass } = await next()
    const { promise, resolve } = Promise.withResolvers<void>()
    file.signal.addEventListener('abort', () => resolve())
    controller.abort()
    await assert.rejects(request)
    await promise
    pass()
    await demandNothing()
  })

  test('of a streamed video reads from S3, and keeps what was streamed until it is over', async () => {
    const video = await largeVideo(20 * 1024 * 1024)
    const { ids, scans } = await slow([video])
    assert.equal(sha256(await readAll(scans[0]?.file as FileToScan)), sha256(video))
    scans[0]?.pass()
    assert.equal((await ended(ids[0] ?? '')).media?.sha256, sha256(video))
    await removeAll()

    const refused = await slow([video])
    refused.scans[0]?.fail(refuse('No.'))
    assert.equal((await ended(refused.ids[0] ?? '')).refusal?.code, 'refused')
    await demandNothing()
  })

  test('of a direct upload: complete is answered with 202, joins, and can be asked again', async () => {
    const bytes = photos[0] as Buffer
    const session = await begin(app.url, bytes)
    await send(session.put as never, bytes)
    const done = complete(app.url, session)
    const scan = await next()
    app.clock.advance(answer)
    assert.equal((await done).status, 202)
    for (const url of [app.url, app.otherUrl]) {
      const again = await complete(url, session)
      assert.equal(again.status, 202)
      assert.deepEqual(((await again.json()) as ScanningUploads).uploads[0]?.id, session.id)
      assert.equal((await status(session.id, url)).state, 'scanning')
    }
    assert.deepEqual(await readAll(scan.file), bytes)
    scan.pass()
    const { media } = await ended(session.id)
    assert.equal(media?.sha256, sha256(bytes))
    const repeated = await complete(app.otherUrl, session)
    assert.deepEqual([repeated.status, ((await repeated.json()) as Media).id], [200, media?.id])
    await removeAll()
  })

  test('of a direct upload that is refused, fails or is cancelled', async () => {
    const video = await largeVideo(20 * 1024 * 1024)
    const open = async () => {
      const session = await begin(app.url, video, { name: 'a.mp4', type: 'video/mp4' })
      const parts = await sendParts(app.url, session, video)
      return { session, parts }
    }
    const { session, parts } = await open()
    const refused = complete(app.url, session, parts)
    ;(await next()).fail(refuse('No.', { status: 403, code: 'infected' }))
    assert.equal((await refused).status, 403)
    assert.equal((await status(session.id)).refusal?.code, 'infected')

    const failing = await open()
    const failed = complete(app.url, failing.session, failing.parts)
    ;(await next()).fail(new Error('no clamd'))
    assert.equal((await failed).status, 500)
    const { state, landed } = await status(failing.session.id)
    assert.deepEqual([state, landed], ['open', true])
    const again = complete(app.url, failing.session, failing.parts)
    const scan = await next()
    assert.equal(
      (await fetch(`${app.url}/api/uploads/${failing.session.id}`, { method: 'DELETE' })).status,
      204,
    )
    assert.equal((await again).status, 404)
    assert.ok(scan.file.signal.aborted)
    await until(
      async () => {
        app.clock.advance(60 * minute)
        return app.keys()
      },
      (keys) => keys.length === 0,
    )
  })

  test('of what replaces a photo is waited for, and readers see the old bytes until then', async () => {
    hook = () => {}
    const { media } = (await (await upload([photos[0] as Buffer])).json()) as { media: Media[] }
    hook = wait
    const body = new FormData()
    body.append('file', new Blob([Uint8Array.from(photos[1] as Buffer)]), 'b.jpg')
    const replaced = fetch(`${app.url}/api/media/${media[0]?.id}`, { method: 'PUT', body })
    const scan = await next()
    app.clock.advance(minute)
    assert.deepEqual((await list())[0]?.sha256, sha256(photos[0] as Buffer))
    scan.pass()
    assert.equal((await replaced).status, 200)
    assert.deepEqual((await list())[0]?.sha256, sha256(photos[1] as Buffer))
    await removeAll()
  })

  test('whose reads break off has not passed, whatever it says', async () => {
    const response = upload([await largeVideo(20 * 1024 * 1024)])
    const scan = await next()
    app.proxy.faults.pick = (req) => (req.method === 'GET' ? 'error in 200' : undefined)
    const stream = scan.file.read()
    const closed = new Promise((resolve) => stream.once('close', resolve))
    stream.resume()
    await closed
    app.proxy.faults.pick = () => undefined
    scan.pass()
    const { code } = (await (await response).json()) as Problem
    assert.equal(code, 'storage_unavailable')
    await demandNothing()
  })

  test('of a process that has died is told as interrupted, by any other; the same request is carried out anew', async () => {
    const key = { 'Idempotency-Key': 'died' }
    const { ids, scans } = await slow([photos[0] as Buffer], key)
    // What its death looks like from outside: its rows are renewed no more.
    const db = new DatabaseSync(app.database, { timeout: 5000 })
    db.exec('update tintype_upload set scanning_until = 1')
    db.close()
    const { state, refusal } = await status(ids[0] ?? '', app.otherUrl)
    assert.deepEqual([state, refusal?.code, refusal?.status], ['refused', 'scan_interrupted', 503])
    // It was but suspended: what it has scanned does not appear any more.
    scans[0]?.pass()
    hook = () => {}
    assert.equal((await upload([photos[0] as Buffer], key, app.otherUrl)).status, 201)
    assert.equal((await list()).length, 1)
    await removeAll()
  })

  test('that goes on when the process stops has five seconds, and is told as interrupted then', async () => {
    const { ids, scans } = await slow([photos[0] as Buffer])
    const waiting = upload([photos[1] as Buffer])
    const second = await next()
    const closed = app.tintype.close()
    await until(
      async () => {
        app.clock.advance(1000)
        return scans[0]?.file.signal.aborted && second.file.signal.aborted
      },
      (both) => both,
    )
    const answered = await waiting
    assert.deepEqual([answered.status, ((await answered.json()) as Problem).code], [503, 'shutting_down'])
    await closed
    const { state, refusal } = await status(ids[0] ?? '', app.otherUrl)
    assert.deepEqual([state, refusal?.code], ['refused', 'shutting_down'])
  })

  test('is waited for by the client, which says so, and cancels it when it is aborted', async () => {
    const file = new File([Uint8Array.from(photos[0] as Buffer)], 'a.jpg', { type: 'image/jpeg' })
    for (const formLimit of [1e9, 0]) {
      const events: string[] = []
      const sleeping = Promise.withResolvers<void>()
      const sleep = async () => sleeping.resolve()
      const options = {
        endpoint: `${app.url}/api`,
        formLimit,
        sleep,
        onEvent: (event: string) => void events.push(event),
      }
      const done = uploadByClient(file, options)
      const scan = await next()
      app.clock.advance(answer)
      await sleeping.promise
      assert.deepEqual(await list(), [])
      scan.pass()
      assert.equal((await done).sha256, sha256(photos[0] as Buffer))
      assert.ok(events.includes('checking'))
      for (const { id } of await list()) await fetch(`${app.url}/api/media/${id}`, { method: 'DELETE' })
    }
    const controller = new AbortController()
    const { signal } = controller
    const sleeping = Promise.withResolvers<void>()
    const sleep = async () => sleeping.resolve()
    const done = uploadByClient(file, { endpoint: `${app.url}/api`, sleep, signal })
    const scan = await next()
    app.clock.advance(answer)
    await sleeping.promise
    controller.abort()
    await assert.rejects(done)
    await until(() => scan.file.signal.aborted)
    await demandNothing()
  })
})
