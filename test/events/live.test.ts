/** Pages hear of what happens to their owner's media, whichever process has done it. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { createLibrary, type LibraryEvent, type LiveState } from '../../packages/client/src/library.ts'
import { mostOfOwner } from '../../packages/tintype/src/events/live.ts'
import { heartbeat } from '../../packages/tintype/src/events/live-stream.ts'
import { photo } from '../media/photos.ts'
import { type AppDatabase, databases } from '../support/app-database.ts'
import { problemOf } from '../support/server.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const jpeg = await photo()
/** Owners who have signed out. */
const gone = new Set<string>()

for (const { name, create, connect, skip } of databases) {
  describe(`server-sent events on ${name}`, { skip }, () => {
    let app: StorageApp
    let database: Awaited<ReturnType<typeof create>>
    let rows: AppDatabase
    before(async () => {
      database = await create()
      app = await startStorageApp({
        database: database.url,
        authenticate: ({ headers }) => {
          const owner = String((headers as Record<string, string>)['x-user'] ?? 'ann')
          return gone.has(owner) ? null : owner
        },
      })
      rows = await connect(database.url)
    })
    after(async () => {
      await rows.close()
      await app.stop()
      await database.drop()
    })

    async function send(url: string, owner = 'ann'): Promise<Media> {
      const body = new FormData()
      body.append('file', new Blob([jpeg as Uint8Array<ArrayBuffer>]), 'Lisbon.jpg')
      const answer = await fetch(`${url}/api/media`, { method: 'POST', body, headers: { 'X-User': owner } })
      const { media } = (await answer.json()) as { media: [Media] }
      return media[0]
    }
    function open(url: string, owner = 'ann') {
      const library = createLibrary({ endpoint: `${url}/api`, headers: { 'X-User': owner } })
      const events: LibraryEvent[] = []
      let state: LiveState = { connected: false, error: null }
      const stop = library.live((event) => events.push(event), { onState: (now) => (state = now) })
      return { library, events, stop, isOpen: () => state.connected }
    }
    /** The clock of the app goes on until it is so. */
    const seen = (look: () => unknown) =>
      until(() => {
        app.clock.advance(100)
        return look()
      })
    const kinds = (events: LibraryEvent[]) =>
      events.map((event) =>
        event.type === 'reset' ? 'reset' : `${event.type} ${'media' in event ? event.media.id : event.id}`,
      )

    test('nothing is written where nobody listens', async () => {
      const { id } = await send(app.url)
      await createLibrary({ endpoint: `${app.otherUrl}/api` }).remove(id)
      app.clock.advance(1000)
      await until(async () => (await rows.all('select * from tintype_listener')).length === 0)
      assert.deepEqual(await rows.all('select * from tintype_change'), [])
    })

    test('what one process does is heard at another, by its owner alone', async () => {
      const here = open(app.url)
      const bob = open(app.url, 'bob')
      await until(() => here.isOpen() && bob.isOpen())
      const { id } = await send(app.otherUrl)
      await seen(() => here.events.length === 1)
      const [ready] = here.events
      assert(ready?.type === 'ready')
      assert.match(ready.media.urls.original, /^http/)
      const there = createLibrary({ endpoint: `${app.otherUrl}/api` })
      await there.change(id, { caption: 'Alfama' })
      await seen(() => here.events.length === 2)
      assert.equal(here.events[1]?.type === 'changed' && here.events[1].media.caption, 'Alfama')
      await there.remove(id)
      await seen(() => here.events.length === 3)
      assert.deepEqual(kinds(here.events), [`ready ${id}`, `changed ${id}`, `removed ${id}`])
      assert.deepEqual(bob.events, [])
      here.stop()
      bob.stop()
    })

    test('a connection that comes back is told what it has missed; too late, that it has to look', async () => {
      const listen = (lastId?: string) =>
        fetch(`${app.url}/api/events`, { headers: lastId === undefined ? {} : { 'Last-Event-ID': lastId } })
      const first = await listen()
      const { id: seenOne } = await send(app.otherUrl)
      const lastId = /^id: (.*)$/m.exec(await textUntil(first, /event: ready/, seen))?.[1] ?? ''
      const missed = await send(app.otherUrl)
      // Written before it is asked for.
      await seen(async () => (await rows.all('select * from tintype_change')).length >= 2)
      const again = await textUntil(await listen(lastId), /event: ready/, seen)
      assert(again.includes(missed.id) && !again.includes(seenOne))
      app.clock.advance(3_600_000)
      assert(!(await textUntil(await listen(lastId), /event: reset/, seen)).includes('event: ready'))
      for (const nonsense of ['1', '-', '9999-zzzzzzzzzz', 'x'.repeat(500)])
        await textUntil(await listen(nonsense), /event: reset/, seen)
    })

    test('it ends when its owner has signed out', async () => {
      const carl = open(app.url, 'carl')
      await until(carl.isOpen)
      gone.add('carl')
      await seen(() => !carl.isOpen())
      carl.stop()
      gone.delete('carl')
    })

    test('what the app announces is told to pages of its owner, in every process, once', async () => {
      const told: object[] = []
      const { library, events, stop, isOpen } = open(app.otherUrl, 'fay')
      const stopToo = library.live((event) => events.push(event), { onAnnounced: (one) => told.push(one) })
      const others = open(app.otherUrl, 'emil')
      await until(() => isOpen() && others.isOpen())
      for (const id of ['5', '5', 'x:y']) app.tintype.announce('fay', 'album', id)
      await seen(() => told.length >= 2)
      const { id } = await send(app.url, 'fay')
      await seen(() => events.length === 2)
      assert.deepEqual(told, [
        { topic: 'album', id: '5' },
        { topic: 'album', id: 'x:y' },
      ])
      assert.deepEqual(kinds(events), [`ready ${id}`, `ready ${id}`])
      assert.deepEqual(others.events, [])
      for (const [topic, id] of [
        ['Album', '5'],
        ['a\nb', '5'],
        ['album', ''],
        ['album', 'a\nb'],
      ] as const)
        assert.throws(() => app.tintype.announce('fay', topic, id), TypeError)
      for (const end of [stop, stopToo, others.stop]) end()
    })

    test('it ends at once where the app says that one has signed out, in every process', async () => {
      const [dora, stays] = [open(app.otherUrl, 'dora'), open(app.otherUrl, 'emil')]
      await until(() => dora.isOpen() && stays.isOpen())
      gone.add('dora')
      for (const owner of ['dora', 'emil']) app.tintype.signedOut(owner)
      let passed = 0
      await seen(() => {
        passed += 100
        return !dora.isOpen()
      })
      assert.ok(passed < heartbeat, `${passed} ms`)
      const { id } = await send(app.url, 'emil')
      await seen(() => stays.events.length === 1)
      assert.deepEqual(kinds(stays.events), [`ready ${id}`])
      dora.stop()
      stays.stop()
      gone.delete('dora')
    })
  })
}

test('a size that is there later is told, with its URL', async (t) => {
  const app = await startStorageApp({ variants: { thumb: { width: 320 }, view: { width: 600 } } })
  t.after(() => app.stop())
  const events: LibraryEvent[] = []
  let isOpen = false
  const library = createLibrary({ endpoint: `${app.url}/api` })
  const stop = library.live((event) => events.push(event), {
    onState: ({ connected }) => (isOpen = connected),
  })
  await until(() => isOpen)
  const { urls } = await app.tintype.media.create(jpeg, { owner: 'ann' })
  assert.equal(urls.view, undefined)
  await until(() => {
    app.clock.advance(100)
    return events.some((event) => event.type === 'changed' && event.media.urls.view !== undefined)
  })
  stop()
})

describe('the stream', () => {
  let app: StorageApp
  before(async () => {
    app = await startStorageApp({})
  })
  after(() => app.stop())

  test('is neither kept nor compressed on its way, says at once that it is there, and has a heartbeat', async () => {
    const answer = await fetch(`${app.url}/api/events`)
    assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8')
    assert.match(answer.headers.get('cache-control') ?? '', /no-store.*no-transform/)
    const tick = (look: () => unknown) =>
      until(() => {
        app.clock.advance(1000)
        return look()
      })
    const text = await textUntil(answer, /\n\n.*\n\n/s, tick)
    assert.match(text, /^retry: 1000\n: listening\n\nid: \d+-\w+\n\n/)
    const head = await fetch(`${app.url}/api/events`, { method: 'HEAD' })
    assert.equal(head.status, 200)
  })

  test('is there so often for one owner and no more, and makes room when one leaves', async () => {
    const controllers = Array.from({ length: mostOfOwner }, () => new AbortController())
    const listen = (signal?: AbortSignal) =>
      fetch(`${app.url}/api/events`, { headers: { 'X-User': 'dora' }, signal: signal ?? null })
    await Promise.all(controllers.map(({ signal }) => listen(signal)))
    const refused = await listen()
    assert.equal(refused.status, 429)
    assert.equal(refused.headers.get('retry-after'), '30')
    assert.equal((await problemOf(refused)).limit, mostOfOwner)
    controllers[0]?.abort()
    await until(async () => (await listen()).status === 200, Boolean, { every: 50 })
  })

  test('ends when the app closes, and is refused after that', async () => {
    const answer = await fetch(`${app.url}/api/events`)
    const whole = answer.text()
    await app.tintype.close()
    await whole
    assert.equal((await fetch(`${app.url}/api/events`)).status, 503)
  })
})

/** What has come when the pattern is found in it; then the connection is given up. */
async function textUntil(
  answer: Response,
  pattern: RegExp,
  seen: (look: () => unknown) => Promise<unknown>,
): Promise<string> {
  assert.equal(answer.status, 200)
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  let isOver = false
  const reading = (async () => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      text += Buffer.from(value).toString()
    }
    isOver = true
  })()
  await seen(() => pattern.test(text) || isOver)
  await reader.cancel()
  await reading
  return text
}
