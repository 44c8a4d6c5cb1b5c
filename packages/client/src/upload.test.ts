import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UploadError } from './errors.ts'
import { created, cut, problem, proxy, type Reply, startServer } from './testing/server.ts'
import { type UploadOptions, upload } from './upload.ts'

const photo = () => new File(['abc'], 'cat.png', { type: 'image/png' })

/** Pauses are written down instead of waited for; chance always says one half. */
function quick(endpoint: string, more: Partial<UploadOptions> = {}) {
  const pauses: number[] = []
  const sleep = async (ms: number) => void pauses.push(ms)
  return { pauses, options: { endpoint, sleep, random: () => 0.5, ...more } satisfies UploadOptions }
}

test('sends the file and its caption as a form and gives back the media', async () => {
  await using server = await startServer(created)
  const media = await upload(photo(), {
    endpoint: server.endpoint,
    caption: 'Our cat',
    headers: { 'X-A': 'b' },
  })
  assert.equal(media.id, 'id-of-cat.png')
  assert.match(
    server.seen[0]?.body ?? '',
    /name="caption"\r\n\r\nOur cat\r\n.*name="file"; filename="cat.png"/s,
  )
  assert.equal(server.seen[0]?.headers['x-a'], 'b')
})

test('asks again under the same Idempotency-Key after a cut connection', async () => {
  await using server = await startServer(cut, cut, created)
  const { options, pauses } = quick(server.endpoint)
  await upload(photo(), options)
  assert.equal(server.seen.length, 3)
  assert.match(server.seen[0]?.key ?? '', /^[0-9a-f]{32}$/)
  assert.equal(new Set(server.seen.map((one) => one.key)).size, 1)
  assert.deepEqual(pauses, [750, 750])
})

test('a new call has a new Idempotency-Key, a given one is used', async () => {
  await using server = await startServer(created)
  for (const more of [{}, {}, { idempotencyKey: 'mine' }]) {
    await upload(photo(), { endpoint: server.endpoint, ...more })
  }
  const [first, second, third] = server.seen.map((one) => one.key)
  assert.notEqual(first, second)
  assert.equal(third, 'mine')
})

const retried: [string, Reply][] = [
  ['408', problem(408, 'too_slow', 'Too slow.')],
  ['429', problem(429, 'too_many_requests', 'Too many.')],
  ['500', problem(500, 'internal', 'Oh.')],
  ['503', problem(503, 'overloaded', 'Full.')],
  ['409 while the first try is still in progress', problem(409, 'idempotency_in_flight', 'Wait.')],
  ['502 of a proxy', proxy(502)],
]
for (const [name, reply] of retried) {
  test(`retries ${name}`, async () => {
    await using server = await startServer(reply, created)
    await upload(photo(), quick(server.endpoint).options)
    assert.equal(server.seen.length, 2)
  })
}

const final: [string, Reply, Partial<UploadError>][] = [
  ['413', problem(413, 'too_large', 'At most 32 MB.'), { code: 'too_large', message: 'At most 32 MB.' }],
  ['415', problem(415, 'unsupported_type', 'Not a photo.'), { code: 'unsupported_type', status: 415 }],
  [
    '403 for want of room',
    problem(403, 'quota_exceeded', 'You can keep 3 photos.'),
    { code: 'quota_exceeded', message: 'You can keep 3 photos.', retryable: false },
  ],
  ['409 conflict', problem(409, 'conflict', 'No.'), { code: 'conflict', retryable: false }],
  ['a code from the future', problem(422, 'too_ugly', 'Ugly.'), { message: 'Ugly.', status: 422 }],
  ['200 without media', proxy(200), { code: 'unexpected_answer', status: 200 }],
]
for (const [name, reply, expected] of final) {
  test(`does not retry ${name}, and says what is wrong`, async () => {
    await using server = await startServer(reply)
    await assert.rejects(upload(photo(), quick(server.endpoint).options), (error) => {
      assert(error instanceof UploadError)
      for (const [key, value] of Object.entries(expected))
        assert.equal(error[key as keyof UploadError], value)
      return true
    })
    assert.equal(server.seen.length, 1)
  })
}

test('waits as long as Retry-After asks', async () => {
  await using server = await startServer(proxy(503, { 'retry-after': '7' }), created)
  const { options, pauses } = quick(server.endpoint)
  await upload(photo(), options)
  assert.deepEqual(pauses, [7000])
})

test('waits as a rate limit asks, again and again, then goes on', async () => {
  const limited = (seconds: number) =>
    problem(429, 'too_many_requests', 'Too often.', { 'retry-after': String(seconds) })
  await using server = await startServer(limited(60), limited(3), created)
  const { options, pauses } = quick(server.endpoint)
  await upload(photo(), options)
  assert.deepEqual(pauses, [60_000, 3000])
})

test('does not wait where Retry-After asks for more than a minute', async () => {
  await using server = await startServer(proxy(503, { 'retry-after': '3600' }))
  const { options, pauses } = quick(server.endpoint)
  await assert.rejects(upload(photo(), options), { name: 'UploadError', retryAfter: 3_600_000 })
  assert.deepEqual(pauses, [])
})

test('gives up after its retries with an error that may be retried', async () => {
  await using server = await startServer(problem(503, 'overloaded', 'Full.'))
  const { options } = quick(server.endpoint, { retries: 2 })
  await assert.rejects(upload(photo(), options), { code: 'overloaded', status: 503, retryable: true })
  assert.equal(server.seen.length, 3)
})

test('rejects with the reason of the signal when aborted on the wire', async () => {
  const controller = new AbortController()
  await using server = await startServer(() => controller.abort(new Error('enough')))
  const { options } = quick(server.endpoint, { signal: controller.signal })
  await assert.rejects(upload(photo(), options), /enough/)
  assert.equal(server.seen.length, 1)
})

test('rejects with the reason of the signal when aborted between two tries', async () => {
  const controller = new AbortController()
  await using server = await startServer(proxy(503))
  const sleep = async () => controller.abort(new Error('enough'))
  const { options } = quick(server.endpoint, { signal: controller.signal, sleep })
  await assert.rejects(upload(photo(), options), /enough/)
  assert.equal(server.seen.length, 1)
})

test('reports progress in bytes of the file', async () => {
  await using server = await startServer(created)
  const told: unknown[] = []
  await upload(photo(), {
    endpoint: `${server.endpoint}/`,
    onProgress: ({ sent, total }) => told.push({ sent, total }),
  })
  assert.deepEqual(told, [
    { sent: 0, total: 3 },
    { sent: 3, total: 3 },
  ])
})

test('a name that no form can tell from another one goes by JSON first', async () => {
  await using server = await startServer(problem(404, 'not_found', 'Nothing here.'), created)
  await upload(new File(['abc'], 'a%22b.png', { type: 'image/png' }), { endpoint: server.endpoint })
  assert.equal(JSON.parse(server.seen[0]?.body ?? '').name, 'a%22b.png')
  assert.equal(server.seen.length, 2)
})

test('where the server has no direct uploads, a large file goes as a form', async () => {
  for (const status of [404, 405]) {
    await using server = await startServer(problem(status, 'not_found', 'Nothing here.'), created)
    const media = await upload(photo(), { endpoint: server.endpoint, formLimit: 0 })
    assert.equal(media.id, 'id-of-cat.png')
    assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ''), {
      name: 'cat.png',
      size: 3,
      type: 'image/png',
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    })
  }
})
