import assert from 'node:assert/strict'
import type { Media, ScanningUploads, UploadStatus } from '@tintype/protocol'
import type { FileToScan } from '../../packages/tintype/src/index.ts'
import { leaseTime } from '../../packages/tintype/src/intake/scan/lease.ts'
import { photo } from '../media/photos.ts'
import type { AppDatabase, databases } from '../support/app-database.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

/** A scan that the test ends. */
export interface Scan {
  file: FileToScan
  pass(): void
  fail(error: unknown): void
}

export type Hook = (file: FileToScan) => void | Promise<void>
export type ScanningApp = Awaited<ReturnType<typeof startScanningApp>>

/** Milliseconds after which an upload is answered before its scan is over. */
export const answer = 10_000
export const minute = 60_000

/** An app with a hook that scans, on a database of its own. */
export async function startScanningApp({ create, connect }: (typeof databases)[number]) {
  const waiting: ((scan: Scan) => void)[] = []
  const arrived: Scan[] = []
  /** Waits for the test. */
  const wait: Hook = (file) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const scan = { file, pass: resolve, fail: reject }
    const taker = waiting.shift()
    if (taker) taker(scan)
    else arrived.push(scan)
    return promise
  }
  const current = { hook: wait }
  const photos: [Buffer, Buffer] = [
    await photo({ width: 40, height: 30 }),
    await photo({ width: 30, height: 40 }),
  ]
  const database = await create()
  const app: StorageApp = await startStorageApp({
    database: database.url,
    hooks: { scan: (file) => current.hook(file) },
    times: { uploadDeadline: 300 },
  })
  const rows: AppDatabase = await connect(database.url)

  /** The next scan that begins. */
  function next(): Promise<Scan> {
    const scan = arrived.shift()
    if (scan) return Promise.resolve(scan)
    const { promise, resolve } = Promise.withResolvers<Scan>()
    waiting.push(resolve)
    return promise
  }
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
  /** Time goes on as it does for a process that lives: each time the database gets the extension of the lease. */
  async function waitWhileScanning(id: string, time: number): Promise<void> {
    for (let passed = 0; passed < time; passed += leaseTime / 3) {
      app.clock.advance(leaseTime / 3)
      await until(
        () => rows.all(`select scanning_until from tintype_upload where id = '${id}'`),
        ([row]) => Number(row?.scanning_until) === app.clock.now() + leaseTime,
      )
    }
  }
  // Until the database has the outcome, a scan whose lease is over looks interrupted.
  const ended = (id: string) =>
    until(
      () => status(id),
      ({ state, refusal }) => state !== 'scanning' && refusal?.code !== 'scan_interrupted',
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
  async function stop(): Promise<void> {
    await rows.close()
    await app.stop()
    await database.drop()
  }

  return {
    app,
    rows,
    photos,
    wait,
    next,
    upload,
    list,
    status,
    waitWhileScanning,
    ended,
    slow,
    demandNothing,
    removeAll,
    readAll,
    stop,
    /** What the hook does; at first it waits for the test. */
    get hook() {
      return current.hook
    },
    set hook(hook) {
      current.hook = hook
    },
  }
}
