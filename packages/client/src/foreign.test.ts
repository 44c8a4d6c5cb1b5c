import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPageMemory } from './memory.ts'
import { created, json, mediaOf, problem, proxy, type Reply, startServer } from './testing/server.ts'
import { upload } from './upload.ts'

// A proxy that refuses has not asked the server: what it says is not the server's word.

const photo = () => new File(['abc'], 'cat.png', { type: 'image/png' })
/** Nothing is waited for. */
const quick = { sleep: async () => {}, random: () => 0.5 }

/** Answers a direct upload at the same address: the session, the PUT, the check. */
const session: Reply = (response, { url }) => {
  const { method } = response.req
  if (url === '/api/uploads' || method === 'GET') {
    const put = { url: `http://${response.req.headers.host}/bucket/key`, headers: {} }
    return json(response, 201, { id: 's1', state: 'open', expiresAt: '2100-01-01T00:00:00.000Z', put })
  }
  if (url === '/bucket/key') return void response.writeHead(200, { etag: '"1"' }).end()
  if (url === '/api/uploads/s1/complete') return json(response, 200, mediaOf('cat.png'))
  response.writeHead(204).end()
}
const at = (urls: Record<string, Reply>, otherwise: Reply): Reply => {
  return (response, seen) => (urls[seen.url] ?? otherwise)(response, seen)
}
const paths = (seen: readonly { url: string }[]) => seen.map(({ url }) => url)

for (const status of [403, 404, 405, 413]) {
  test(`a form that a proxy refuses with ${status} goes straight to the storage, at once`, async () => {
    await using server = await startServer(at({ '/api/media': proxy(status) }, session))
    const media = await upload(photo(), { ...quick, endpoint: server.endpoint })
    assert.equal(media.id, 'id-of-cat.png')
    const all = ['/api/media', '/api/uploads', '/bucket/key', '/api/uploads/s1/complete']
    assert.deepEqual(paths(server.seen), all)
  })
}

test('what the server itself refuses is not tried the other way', async () => {
  await using server = await startServer(
    at({ '/api/media': problem(413, 'too_large', 'At most 2 B.') }, session),
  )
  const sending = upload(photo(), { ...quick, endpoint: server.endpoint })
  await assert.rejects(sending, { code: 'too_large', retryable: false })
  assert.deepEqual(paths(server.seen), ['/api/media'])
})

test('JSON of a proxy is not taken for the server’s answer either', async () => {
  const gateway: Reply = (response) =>
    json(response, 413, { code: 'E413', title: 'Payload', detail: 'too long' })
  await using server = await startServer(at({ '/api/media': gateway }, session))
  assert.equal((await upload(photo(), { ...quick, endpoint: server.endpoint })).id, 'id-of-cat.png')
})

const sentences: [number, RegExp][] = [
  [401, /^A proxy in front of the server asks who you are\..* sign in\.$/],
  [403, /^A proxy in front of the server refuses this upload \(403\)\./],
  [404, /^A proxy in front of the server answers in its place \(404\), or the address is wrong\./],
  [413, /^A proxy in front of the server takes no files of this size \(413\)\./],
  [418, /^A proxy in front of the server answers in its place \(418\)/],
]
for (const [status, sentence] of sentences) {
  test(`${status} of a proxy on every way: the error says who refused, and may be tried again`, async () => {
    await using server = await startServer(proxy(status))
    await assert.rejects(upload(photo(), { ...quick, endpoint: server.endpoint }), {
      ...{ code: 'unexpected_answer', status, retryable: true },
      message: sentence,
    })
    // The proxy may have been in the middle of a restart: two more tries, not two minutes of them.
    const direct = status === 404 ? 1 : 3
    assert.deepEqual(paths(server.seen), ['/api/media', ...Array(direct).fill('/api/uploads')])
  })
}

for (const status of [502, 504]) {
  test(`after ${status} the outcome is unknown: the form is asked again under its key, and no other way`, async () => {
    await using server = await startServer(proxy(status), proxy(status), created)
    await upload(photo(), { ...quick, endpoint: server.endpoint })
    assert.deepEqual(paths(server.seen), Array(3).fill('/api/media'))
    assert.equal(new Set(server.seen.map(({ key }) => key)).size, 1)
  })

  test(`${status} that lasts names the proxy`, async () => {
    await using server = await startServer(proxy(status))
    await assert.rejects(upload(photo(), { ...quick, endpoint: server.endpoint, retries: 1 }), {
      ...{ status, retryable: true },
      message: /^A proxy in front of the server .* Try again in a while\.$/,
    })
    assert.deepEqual(paths(server.seen), Array(2).fill('/api/media'))
  })
}

test('a storage behind a proxy that takes no file of that size: the form is the other way', async () => {
  await using server = await startServer(at({ '/bucket/key': proxy(413), '/api/media': created }, session))
  const memory = createPageMemory()
  const media = await upload(photo(), { ...quick, memory, endpoint: server.endpoint, formLimit: 0 })
  assert.equal(media.id, 'id-of-cat.png')
  assert.deepEqual(paths(server.seen).slice(-2), ['/api/media', '/api/uploads/s1'])
  assert.deepEqual(await memory.list(), [])
})

test('a proxy that answers the check of a direct upload with 404 ends nothing, and nothing is sent again', async () => {
  await using server = await startServer(
    at({ '/api/uploads/s1/complete': proxy(404), '/api/media': created }, session),
  )
  const memory = createPageMemory()
  const sending = upload(photo(), { ...quick, memory, endpoint: server.endpoint, formLimit: 0 })
  await assert.rejects(sending, { code: 'unexpected_answer', status: 404, retryable: true })
  assert.equal((await memory.list())[0]?.session, 's1')
  assert(!paths(server.seen).includes('/api/media'))
})

test('a sign-in page with status 200 is no answer', async () => {
  await using server = await startServer(proxy(200))
  for (const formLimit of [0, 10]) {
    await assert.rejects(upload(photo(), { ...quick, endpoint: server.endpoint, formLimit }), {
      ...{ code: 'unexpected_answer', status: 200 },
      message: /^A proxy in front of the server answers in its place \(200\)/,
    })
  }
})

test('what a proxy has found too large is not sent to it again by the next file', async () => {
  const files = [10, 20, 5].map((size) => new File(['x'.repeat(size)], 'cat.png', { type: 'image/png' }))
  await using server = await startServer(
    at(
      {
        '/api/media': (response, seen) =>
          (seen.body.includes('xxxxxx') ? proxy(413) : created)(response, seen),
      },
      session,
    ),
  )
  for (const file of files) await upload(file, { ...quick, endpoint: server.endpoint })
  const forms = server.seen.filter(({ url }) => url === '/api/media')
  assert.deepEqual(
    forms.map(({ body }) => /x{5,}/.exec(body)?.[0].length),
    [10, 5],
  )
})
