import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { until } from '../../../test/support/until.ts'
import { createLibrary, type LibraryEvent, type LiveState } from './library.ts'
import { json, mediaOf, problem, proxy, startServer } from './testing/server.ts'

test('a list has its query, and gives the page as the server sent it', async () => {
  const page = { media: [mediaOf('a.png')], next: 'more' }
  await using server = await startServer((response) => json(response, 200, page))
  const library = createLibrary({ endpoint: `${server.endpoint}/` })
  assert.deepEqual(await library.list({ order: 'taken', limit: 60, cursor: 'c&d' }), page)
  await library.list()
  await library.list({ removed: true, cursor: null })
  assert.deepEqual(
    server.seen.map(({ url }) => url),
    ['/api/media?order=taken&limit=60&cursor=c%26d', '/api/media', '/api/media?removed=1'],
  )
})

test('a change names the revision that it was made from, and an id alone names none', async () => {
  await using server = await startServer(
    (response) => json(response, 200, mediaOf('a.png')),
    (response) => json(response, 200, mediaOf('a.png')),
    problem(412, 'precondition_failed', 'Somebody else has changed it.'),
  )
  const library = createLibrary({ endpoint: server.endpoint })
  await library.change({ id: 'x', revision: 3 }, { caption: 'Lisbon', alt: null })
  await library.change('x', { caption: null })
  assert.deepEqual(
    server.seen.map(({ headers, body }) => [headers['if-match'], body]),
    [
      ['"3"', '{"caption":"Lisbon","alt":null}'],
      [undefined, '{"caption":null}'],
    ],
  )
  await assert.rejects(library.change({ id: 'x', revision: 3 }, { caption: 'Porto' }), {
    code: 'precondition_failed',
    message: 'Somebody else has changed it.',
  })
})

test('removal says until when it can be undone; what is absent counts as removed; a proxy’s 404 does not', async () => {
  const restorableUntil = '2026-02-01T00:00:00.000Z'
  await using server = await startServer(
    (response) => json(response, 200, { restorableUntil }),
    (response) => void response.writeHead(204).end(),
    problem(404, 'not_found', 'There is no such photo or video.'),
    proxy(404),
    (response) => json(response, 200, mediaOf('a.png')),
    problem(410, 'gone', 'It was deleted for good.'),
  )
  const library = createLibrary({ endpoint: server.endpoint })
  assert.deepEqual(await library.remove('x'), { restorableUntil })
  assert.deepEqual(await library.remove('x', { final: true }), { restorableUntil: null })
  assert.deepEqual(await library.remove('x'), { restorableUntil: null })
  await assert.rejects(library.remove('x'), { code: 'unexpected_answer' })
  assert.equal((await library.restore('x')).name, 'a.png')
  await assert.rejects(library.restore('x'), { status: 410 })
  assert.deepEqual(
    server.seen.map(({ url }) => url),
    [
      '/api/media/x',
      '/api/media/x?final=1',
      '/api/media/x',
      '/api/media/x',
      ...Array(2).fill('/api/media/x/restore'),
    ],
  )
})

test('after a 401 all requests wait for one sign-in, and are sent again with the new token', async () => {
  await using server = await startServer((response, { headers }) =>
    headers.authorization === 'Bearer new'
      ? json(response, 200, mediaOf('a.png'))
      : problem(401, 'unauthenticated', 'Sign in.')(response, {} as never),
  )
  let token = 'old'
  let asked = 0
  const library = createLibrary({
    endpoint: server.endpoint,
    headers: async () => ({ Authorization: `Bearer ${token}` }),
    signIn: async () => {
      asked++
      token = 'new'
    },
  })
  const all = await Promise.all([library.get('a'), library.get('b'), library.get('c')])
  assert.equal(all.length, 3)
  assert.equal(asked, 1)
  const refusing = createLibrary({
    endpoint: server.endpoint,
    signIn: async (error) => Promise.reject(error),
  })
  await assert.rejects(refusing.get('a'), { code: 'unauthenticated', status: 401 })
})

test('a server that does not answer in time counts as unreachable, and a caller can give up', async () => {
  await using server = await startServer(() => {})
  const library = createLibrary({ endpoint: server.endpoint, timeout: 20 })
  await assert.rejects(library.get('a'), { code: 'network' })
  const controller = new AbortController()
  const asked = createLibrary({ endpoint: server.endpoint }).get('a', { signal: controller.signal })
  controller.abort(new Error('left'))
  await assert.rejects(asked, /left/)
})

test('live tells what the server sends, goes on after a cut where it stopped, and ends when told to', async () => {
  const open: ServerResponse[] = []
  const media = mediaOf('a.png')
  await using server = await startServer((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    open.push(response)
  })
  const events: LibraryEvent[] = []
  const states: LiveState['connected'][] = []
  const library = createLibrary({ endpoint: server.endpoint })
  const stop = library.live((event) => events.push(event), {
    onState: ({ connected }) => states.push(connected),
  })
  await until(() => open.length === 1)
  // In pieces, as networks deliver them.
  for (const piece of ['id: 7-x\n', '\nid: 8-x\nevent: rea', 'dy\ndata: ', `${JSON.stringify(media)}\n\n`])
    open[0]?.write(piece)
  open[0]?.write('id: 9-x\nevent: removed\ndata: {"id":"gone"}\n\nid: 10-x\n\n')
  await until(() => events.length === 2)
  open[0]?.destroy()
  await until(() => open.length === 2)
  open[1]?.write('event: reset\nid: 11-x\ndata: {}\n\n')
  await until(() => events.length === 3)
  assert.deepEqual(events, [{ type: 'ready', media }, { type: 'removed', id: 'gone' }, { type: 'reset' }])
  const [first, second] = server.seen
  assert.deepEqual([first?.headers['last-event-id'], second?.headers['last-event-id']], [undefined, '10-x'])
  assert.deepEqual(states, [true, false, true])
  const closed = new Promise((resolve) => open[1]?.once('close', resolve))
  stop()
  await closed
})

test('live says why it does not work, and asks no more where the server has no events', async () => {
  await using server = await startServer(problem(404, 'not_found', 'There is nothing at this address.'))
  const { promise, resolve } = Promise.withResolvers<LiveState>()
  createLibrary({ endpoint: server.endpoint }).live(() => {}, { onState: resolve })
  const state = await promise
  assert.equal(state.connected, false)
  assert.equal(!state.connected && state.error?.code, 'not_found')
  assert.equal(server.seen.length, 1)
})
