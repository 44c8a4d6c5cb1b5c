import assert from 'node:assert/strict'
import { test } from 'node:test'
import { created, cut, json, mediaOf, problem, type Reply, startServer } from './testing/server.ts'
import type { UploadItem } from './upload-item.ts'
import { createUploads, type Uploads } from './uploads.ts'

const files = (...names: string[]) => names.map((name) => new File(['abc'], name))
const states = ({ items }: Uploads) => items.map((item) => item.state)
const first = ({ items }: Uploads) => items[0] as UploadItem

/** Resolves as soon as the store is as wanted; fails with the test's own time limit. */
const until = (uploads: Uploads, wanted: () => boolean) =>
  new Promise<void>((resolve) => {
    const check = () => {
      if (!wanted()) return
      leave()
      resolve()
    }
    const leave = uploads.subscribe(check)
    check()
  })
const settled = (uploads: Uploads) =>
  until(uploads, () => uploads.items.every(({ state }) => state !== 'queued' && state !== 'uploading'))

test('uploads every file and keeps the order of adding', async () => {
  await using server = await startServer()
  const uploads = createUploads({ endpoint: server.endpoint })
  uploads.add(files('a.png', 'b.png', 'c.png', 'd.png'))
  assert.deepEqual(states(uploads), ['uploading', 'uploading', 'uploading', 'queued'])
  await settled(uploads)
  assert.deepEqual(
    uploads.items.map((item) => item.media?.name),
    ['a.png', 'b.png', 'c.png', 'd.png'],
  )
  assert.deepEqual(
    uploads.items.map((item) => item.sent),
    [3, 3, 3, 3],
  )
})

test('keeps at most `concurrency` files on the wire', async () => {
  let open = 0
  let most = 0
  const slow: Reply = (response, seen) => {
    most = Math.max(most, ++open)
    setImmediate(() => {
      open--
      created(response, seen)
    })
  }
  await using server = await startServer(slow)
  const uploads = createUploads({ endpoint: server.endpoint, concurrency: 2 })
  uploads.add(files(...'abcdefghij'))
  await settled(uploads)
  assert.equal(most, 2)
})

test('a failed file can be retried, under its first Idempotency-Key', async () => {
  await using server = await startServer(problem(503, 'overloaded', 'No room.'), created)
  const uploads = createUploads({ endpoint: server.endpoint, retries: 0 })
  uploads.add(files('a.png'))
  await settled(uploads)
  assert.deepEqual(states(uploads), ['failed'])
  assert.equal(first(uploads).error?.message, 'No room.')
  uploads.retry(first(uploads).id)
  assert.equal(first(uploads).error, undefined)
  await settled(uploads)
  assert.deepEqual(states(uploads), ['done'])
  assert.equal(server.seen[0]?.key, server.seen[1]?.key)
})

test('a refused file does not hold up the others', async () => {
  await using server = await startServer(problem(415, 'unsupported_type', 'Not a photo.'), created)
  const uploads = createUploads({ endpoint: server.endpoint, concurrency: 1 })
  uploads.add(files('a.txt', 'b.png'))
  await settled(uploads)
  assert.deepEqual(states(uploads), ['failed', 'done'])
})

test('cancel stops a file on the wire and one that waits, and the next goes on', async () => {
  await using server = await startServer(() => arrived(), created)
  let arrived = () => {}
  const onWire = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const uploads = createUploads({ endpoint: server.endpoint, concurrency: 1 })
  uploads.add(files('a.png', 'b.png', 'c.png'))
  const [a, b] = uploads.items as [UploadItem, UploadItem]
  await onWire
  uploads.cancel(b.id)
  uploads.cancel(a.id)
  await settled(uploads)
  assert.deepEqual(states(uploads), ['cancelled', 'cancelled', 'done'])
  uploads.retry(a.id)
  await settled(uploads)
  assert.deepEqual(states(uploads), ['done', 'cancelled', 'done'])
})

test('remove and clearDone forget files', async () => {
  await using server = await startServer(cut, created)
  const uploads = createUploads({ endpoint: server.endpoint, retries: 0, concurrency: 1 })
  uploads.add(files('a.png', 'b.png'))
  await settled(uploads)
  uploads.clearDone()
  assert.deepEqual(states(uploads), ['failed'])
  uploads.remove(first(uploads).id)
  assert.deepEqual(uploads.items, [])
})

test('snapshots are stable between changes and never changed in place', async () => {
  await using server = await startServer()
  const uploads = createUploads({ endpoint: server.endpoint })
  assert.equal(uploads.items, uploads.items)
  uploads.add(files('a.png'))
  const before = uploads.items
  const copy = structuredClone(before.map(({ state }) => state))
  await settled(uploads)
  assert.notEqual(uploads.items, before)
  assert.deepEqual(
    before.map(({ state }) => state),
    copy,
  )
})

test('500 files make a few notifications each, not one per byte', async () => {
  await using server = await startServer()
  const uploads = createUploads({ endpoint: server.endpoint })
  let told = 0
  uploads.subscribe(() => told++)
  uploads.add(files(...Array.from({ length: 500 }, (_, n) => `${n}.png`)))
  await settled(uploads)
  assert(told <= 1000, `${told} notifications`)
})

test('a file that cannot be opened has a row with its reason, and goes on when it is chosen again', async () => {
  await using server = await startServer()
  const uploads = createUploads({ endpoint: server.endpoint })
  const gone = { name: 'a.png', cause: new DOMException('gone', 'NotFoundError') }
  // Another file of that name, from another folder of the same drop, is not it.
  uploads.add([gone, ...files('a.png', 'b.png')])
  await settled(uploads)
  assert.deepEqual(states(uploads), ['done', 'done', 'failed'])
  const { error, needsFile, id } = uploads.items[2] as UploadItem
  assert.equal(error?.code, 'file_unreadable')
  assert.match(error?.message ?? '', /moved, renamed or deleted\. Choose it again\.$/)
  assert(needsFile)
  uploads.add(files('a.png'))
  await settled(uploads)
  assert.deepEqual(states(uploads), ['done', 'done', 'done'])
  assert.equal(uploads.items[2]?.id, id)
})

test('an item says what it waits for and when it is tried again; then it goes on', async () => {
  await using server = await startServer(problem(503, 'overloaded', 'No room.'), created)
  const waits: UploadItem['waiting'][] = []
  const uploads = createUploads({
    endpoint: server.endpoint,
    sleep: async () => {
      await until(uploads, () => first(uploads).waiting !== undefined)
      waits.push(first(uploads).waiting)
    },
  })
  uploads.add(files('a.png'))
  await settled(uploads)
  const [wait] = waits
  assert.equal(wait?.error.code, 'overloaded')
  assert.ok((wait?.until ?? 0) > Date.now() - 60_000)
  assert.deepEqual([first(uploads).state, first(uploads).waiting], ['done', undefined])
})

test('a form under way can’t be paused, and says so; those that wait for their turn can', async () => {
  const answers: (() => void)[] = []
  await using server = await startServer((response, seen) => answers.push(() => created(response, seen)))
  const uploads = createUploads({ endpoint: server.endpoint, concurrency: 1 })
  uploads.add(files('a.png', 'b.png'))
  await until(uploads, () => !first(uploads).canPause)
  uploads.pauseAll()
  assert.deepEqual(states(uploads), ['uploading', 'paused'])
  while (answers.length === 0) await new Promise(setImmediate)
  answers[0]?.()
  await settled(uploads)
  assert.deepEqual(states(uploads), ['done', 'paused'])
})

test('what is said of a file goes with it: caption and fields in the form, alt and data after it', async () => {
  await using server = await startServer()
  const heard: string[] = []
  const uploads = createUploads({ endpoint: server.endpoint, onMedia: ({ name }) => heard.push(name) })
  const [file] = files('a.png') as [File]
  uploads.add([{ file, caption: 'At sea', fields: { album: '7' } }])
  await settled(uploads)
  assert.deepEqual(heard, ['a.png'])
  assert.match(server.seen[0]?.body ?? '', /name="album"\r\n\r\n7.*name="caption"\r\n\r\nAt sea/s)
  await using other = await startServer(created, (response) =>
    json(response, 200, { ...mediaOf('b.png'), alt: 'A gull' }),
  )
  const more = createUploads({ endpoint: other.endpoint })
  more.add([{ file, alt: 'A gull', data: { album: 7 } }])
  await until(more, () => first(more).state === 'done')
  assert.equal(first(more).media?.alt, 'A gull')
  assert.deepEqual(JSON.parse(other.seen[1]?.body ?? ''), { alt: 'A gull', data: { album: 7 } })
})

test('a closed queue stops what it sends, and tells nobody', async () => {
  const closed = Promise.withResolvers<void>()
  await using server = await startServer((response) => response.once('close', () => closed.resolve()))
  const uploads = createUploads({ endpoint: server.endpoint })
  let told = 0
  uploads.subscribe(() => told++)
  uploads.add(files('a.png'))
  while (server.seen.length === 0) await new Promise(setImmediate)
  const before = told
  uploads.close()
  await closed.promise
  assert.equal(told, before)
})
