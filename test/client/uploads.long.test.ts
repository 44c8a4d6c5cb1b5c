import assert from 'node:assert/strict'
import { openAsBlob } from 'node:fs'
import { mkdtemp, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import {
  createUploads,
  type RememberedUpload,
  type UploadItem,
  type UploadMemory,
  type UploadsOptions,
} from '@tintype/client'
import { withLock } from '../../packages/client/src/locks.ts'
import { lockName } from '../../packages/client/src/memory.ts'
import { assertOnce, startStorage, type TestStorage } from '../browser/storage.ts'
import { sha256Of, writeVideo } from '../browser/video.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'

const token = 'correct-horse-battery-staple'
const authorized = () => ({ Authorization: `Bearer ${token}` })
let directory: string
let storage: TestStorage
let server: ServerProcess
/** What outlives a page: each queue below stands for one. */
let kept: Map<string, RememberedUpload>
let memory: UploadMemory

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tintype-uploads-'))
  storage = await startStorage()
  const data = join(directory, 'data')
  server = await startProcess({ TINTYPE_DATA: data, TINTYPE_TOKEN: token, ...storage.env })
})
beforeEach(() => {
  storage.seen.length = 0
  kept = new Map()
  memory = {
    list: async () => [...kept.values()],
    get: async (key) => kept.get(key),
    set: async (upload) => void kept.set(upload.key, upload),
    delete: async (key) => void kept.delete(key),
  }
})
after(async () => {
  await server?.kill()
  await storage?.[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

/** A queue as a page has it. */
function openPage(more: Partial<UploadsOptions> = {}) {
  const options = { endpoint: `${server.url}/api`, memory, retries: 2, headers: authorized(), ...more }
  const uploads = createUploads(options)
  const only = () => uploads.items[0] as UploadItem
  const until = (wanted: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!wanted()) return
        leave()
        resolve()
      }
      const leave = uploads.subscribe(check)
      check()
    })
  return { uploads, only, is: (state: UploadItem['state']) => until(() => only()?.state === state) }
}

/** No upload that is remembered is being sent any more. */
const left = async () => {
  for (const key of kept.keys()) await withLock(lockName(key), undefined, async () => {})
}

const pathOf = (name: string) => join(directory, name)
async function video(name: string, mebibytes: number, seed = 1): Promise<File> {
  await writeVideo(pathOf(name), mebibytes * 1024 ** 2, seed)
  const { mtimeMs } = await stat(pathOf(name))
  return new File([await openAsBlob(pathOf(name))], name, { lastModified: Math.floor(mtimeMs) })
}

test('a paused upload goes on with what is missing', async () => {
  const file = await video('paused.mp4', 40)
  const { uploads, only, is } = openPage()
  const held = storage.holdAfter(2)
  uploads.add([file])
  await held
  uploads.pause(only().id)
  assert.equal(only().state, 'paused')
  storage.release()
  await left()
  await uploads.restore()
  assert.equal(uploads.items.length, 1)
  uploads.resume(only().id)
  await is('done')
  assert.equal(only().note, 'resumed')
  assert.equal(only().media?.sha256, await sha256Of(pathOf('paused.mp4')))
  assertOnce(storage.seen)
  assert.equal(kept.size, 0)
})

test('a session that ends between two parts and is renewed costs no part that had arrived', async () => {
  const file = await video('renewed.mp4', 40)
  const headers = authorized()
  let asked = 0
  const signIn = async () => {
    asked++
    Object.assign(headers, authorized())
  }
  const { uploads, is } = openPage({ headers, signIn })
  const held = storage.holdAfter(2)
  uploads.add([file])
  await held
  headers.Authorization = 'Bearer of an earlier day'
  storage.release()
  await is('done')
  assert.equal(asked, 1)
  assertOnce(storage.seen)
})

test('another page takes it up: the item waits for its file, and goes on when that is added', async () => {
  const file = await video('taken-up.mp4', 40)
  const first = openPage()
  const held = storage.holdAfter(2)
  first.uploads.add([file])
  await held
  first.uploads.pauseAll()
  storage.release()
  await left()

  const { uploads, only, is } = openPage()
  await uploads.restore()
  await uploads.restore()
  assert.equal(uploads.items.length, 1)
  assert.deepEqual([only().state, only().needsFile, only().file], ['paused', true, undefined])
  assert(only().sent >= 2 * 8 * 1024 ** 2)
  uploads.add([file])
  assert.equal(uploads.items.length, 1)
  await is('done')
  assertOnce(storage.seen)
})

test('a file of that name that is another one now begins anew, and the old upload is cancelled', async () => {
  const first = openPage()
  const held = storage.holdAfter(2)
  first.uploads.add([await video('other.mp4', 40)])
  await held
  const [{ session } = { session: '' }] = [...kept.values()]
  first.uploads.pauseAll()
  storage.release()
  await left()

  const { uploads, only, is } = openPage()
  await uploads.restore()
  uploads.add([await video('other.mp4', 41, 2)])
  assert.equal(uploads.items.length, 1)
  await is('done')
  assert.equal(only().note, 'changed')
  assert.equal(only().media?.sha256, await sha256Of(pathOf('other.mp4')))
  const asked = await fetch(`${server.url}/api/uploads/${session}`, { headers: authorized() })
  assert.equal(asked.status, 404)
  assert.equal(kept.size, 0)
})

test('a file that is cut off while it is sent fails with a sentence, and is waited for', async () => {
  const file = await video('cut.mp4', 40)
  const { uploads, only, is } = openPage()
  const held = storage.holdAfter(2)
  uploads.add([file])
  await held
  await truncate(pathOf('cut.mp4'), 1000)
  storage.release()
  await is('failed')
  assert.equal(only().error?.code, 'file_unreadable')
  assert.match(only().error?.message ?? '', /^The file has changed since it was chosen.* Choose it again\.$/)
  uploads.add([await video('cut.mp4', 40)])
  assert.equal(uploads.items.length, 1)
  await is('done')
  assert.equal(only().media?.sha256, await sha256Of(pathOf('cut.mp4')))
})

test('what the server refuses after it has landed fails with the reason, and is forgotten', async () => {
  const { uploads, only, is } = openPage()
  uploads.add([new File([new Uint8Array(9 * 1024 ** 2)], 'zeros.mp4')])
  await is('failed')
  assert.equal(only().error?.status, 422)
  assert.equal(only().error?.retryable, false)
  assert.equal(kept.size, 0)
})
