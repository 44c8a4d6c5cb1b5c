import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReadableStream } from 'node:stream/web'
import type { Media, MediaSource, TintypeError } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

export const mebibyte = 1024 * 1024
export const jpeg = await photo({ width: 800, height: 600 })
export const video = await largeVideo(12 * mebibyte)
export const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(300_000, 32)])
export const owner = 'ann'

/** An app that makes media of its own files. */
export interface CreatingApp {
  app: StorageApp
  /** Of `beach.jpg`, `upload-1f3a` (the same photo) and `film.mp4`. */
  folder: string
  file(name: string): string
  create(source: MediaSource, more?: object): Promise<Media>
  listed(): Promise<Media[]>
  /** Demands that it is refused with this code, and that nothing appears. */
  refused(source: MediaSource, code: string, more?: object, about?: RegExp): Promise<TintypeError>
  /** Bytes of the memory budget. */
  used(): Promise<number>
  /** Removes all there is, and waits until nothing is left in memory and in the bucket. */
  removeAll(): Promise<void>
  stop(): Promise<void>
}

export async function startCreatingApp(): Promise<CreatingApp> {
  const folder = await mkdtemp(join(tmpdir(), 'tintype-create-'))
  const file = (name: string) => join(folder, name)
  await writeFile(file('beach.jpg'), jpeg)
  await writeFile(file('upload-1f3a'), jpeg)
  await writeFile(file('film.mp4'), video)
  const app = await startStorageApp({ limits: { memory: 100 * mebibyte, videoBytes: 20 * mebibyte } })

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

  return {
    app,
    folder,
    file,
    create,
    listed,
    used,
    async refused(source, code, more = {}, about) {
      let thrown: unknown
      await create(source, more).catch((error: unknown) => {
        thrown = error
      })
      assert.equal((thrown as TintypeError | undefined)?.code, code, String(thrown))
      if (about) assert.match((thrown as TintypeError).message, about)
      assert.deepEqual(await listed(), [])
      return thrown as TintypeError
    },
    async removeAll() {
      await until(used, (bytes) => bytes === 0)
      for (const { id } of await listed()) await app.tintype.media.remove(id)
      await until(keys, (seen) => seen.length === 0)
    },
    async stop() {
      await app.stop()
      await rm(folder, { recursive: true })
    },
  }
}

export async function* inPieces(bytes: Buffer, size = 64 * 1024) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export const web = (bytes: Buffer) => ReadableStream.from(inPieces(bytes))
