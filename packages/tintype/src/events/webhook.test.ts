import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { type Receiver, startReceiver, webhookSecret } from '../../../../test/support/receiver.ts'
import { createTestClock, systemClock } from '../clock.ts'
import { readTintypeOptions } from '../settings/options.ts'
import type { TintypeEvent } from './event.ts'
import { createWebhook } from './webhook.ts'

const next = `whsec_${Buffer.alloc(24, 9).toString('base64')}`
const event = {
  id: 'AAAAAAAAAAAAAAAAAAAAAA',
  type: 'media.ready',
  createdAt: '2026-01-01T00:00:00.000Z',
  data: { owner: 'me', media: { id: 'BBBBBBBBBBBBBBBBBBBBBB', name: 'Grüße.jpg' } },
} as unknown as TintypeEvent

describe('a webhook', () => {
  let receiver: Receiver
  beforeEach(async () => {
    receiver = await startReceiver()
  })
  afterEach(() => receiver.close())

  const send = (secrets = [webhookSecret], url = receiver.url, signal = AbortSignal.timeout(30_000)) =>
    createWebhook({ url, secrets, clock: systemClock })(event, { signal, attempt: 1 })

  test('the event arrives as it was, under its id', async () => {
    await send()
    const { timestamp, ...received } = receiver.received[0] as TintypeEvent & { timestamp: string }
    assert.deepEqual(received, event)
    assert.equal(timestamp, event.createdAt)
    assert.equal(receiver.requests[0]?.['webhook-id'], event.id)
  })

  test('while secrets are exchanged, receivers that know the old one and those that know the new one verify', async () => {
    const renewed = await startReceiver({ secret: next })
    try {
      await send([next, webhookSecret])
      await send([next, webhookSecret], renewed.url)
      assert.equal(receiver.requests[0]?.['webhook-signature']?.split(' ').length, 2)
      await assert.rejects(async () => send([next]), /answered 401/)
      await send([next], renewed.url)
      assert.deepEqual([receiver.received.length, renewed.received.length], [1, 2])
    } finally {
      await renewed.close()
    }
  })

  test('410 is gone for good; 429 and 503 say for how long', async () => {
    receiver.answer = () => ({ status: 410 })
    await assert.rejects(async () => send(), { gone: true })
    for (const [status, value, expected] of [
      [429, '120', 120_000],
      [503, '999999', 3_600_000],
      [503, 'soon', undefined],
      [500, '120', undefined],
    ] as const) {
      receiver.answer = () => ({ status, headers: { 'retry-after': value } })
      await assert.rejects(async () => send(), { gone: false, retryAfter: expected })
    }
    receiver.answer = () => ({
      status: 503,
      headers: { 'retry-after': new Date(Date.now() + 60_000).toUTCString() },
    })
    await assert.rejects(
      async () => send(),
      ({ retryAfter }: { retryAfter: number }) => retryAfter > 50_000 && retryAfter <= 60_000,
    )
  })

  test('a redirect is not followed, and what gives no answer ends with its signal', async () => {
    const elsewhere = await startReceiver()
    try {
      receiver.answer = () => ({ status: 307, headers: { location: elsewhere.url } })
      await assert.rejects(async () => send(), /answered 307/)
      assert.equal(elsewhere.requests.length, 0)
    } finally {
      await elsewhere.close()
    }
    receiver.answer = () => 'silence'
    const stop = new AbortController()
    const sent = send([webhookSecret], receiver.url, stop.signal)
    stop.abort(new Error('too long'))
    await assert.rejects(async () => sent, /too long/)
    receiver.answer = () => 'cut'
    await assert.rejects(async () => send())
    await receiver.close()
    // Refused, or the connection that was kept turns out to be closed.
    await assert.rejects(async () => send(), /ECONNREFUSED|closed/)
    receiver = await startReceiver()
  })
})

test('an answer of 2xx that never ends is an answer: the event is not sent again, and the connection is given up', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const server = createServer((_req, res) => {
    res.once('close', resolve)
    res.writeHead(200).write('taken, and ')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const clock = createTestClock()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  await createWebhook({ url, secrets: [webhookSecret], clock })(event, {
    signal: new AbortController().signal,
    attempt: 1,
  })
  clock.advance(1000)
  await closed
  server.close()
})

describe('options of webhooks and of the outbox', () => {
  const read = (more: object) => readTintypeOptions({ authenticate: () => null, ...more } as never)
  const url = 'https://example.org/hooks'

  test('secrets and names are read', () => {
    const { webhooks, outbox } = read({ webhooks: [{ url, secret: [next, webhookSecret] }], outbox: true })
    assert.deepEqual(webhooks, [
      { name: 'example.org/hooks', url, secrets: [next, webhookSecret], events: undefined },
    ])
    assert.deepEqual(outbox, ['default'])
    assert.deepEqual(read({ outbox: false }).outbox, [])
  })

  for (const [given, says] of [
    [{ webhooks: { url } }, /^webhooks is an object; it has to be a list/],
    [{ webhooks: [{ url }] }, /^webhooks\[0\]\.secret is missing; .*openssl rand/],
    [
      { webhooks: [{ url, secret: 'hunter2-hunter2' }] },
      /^webhooks\[0\]\.secret has to be whsec_(?!.*hunter2)/,
    ],
    [{ webhooks: [{ url, secret: [] }] }, /^webhooks\[0\]\.secret is an empty list/],
    [{ webhooks: [{ url: 'http://example.org', secret: next }] }, /^webhooks\[0\]\.url .*use https/],
    [{ webhooks: [{ url: 'ftp://example.org', secret: next }] }, /^webhooks\[0\]\.url is "ftp:/],
    [{ webhooks: [{ url: 'https://a:b@example.org', secret: next }] }, /^webhooks\[0\]\.url has a user/],
    [{ webhooks: [{ url, secret: next, events: ['raedy'] }] }, /^webhooks\[0\]\.events\[0\] is "raedy"/],
    [
      {
        webhooks: [
          { url, secret: next },
          { url, secret: next },
        ],
      },
      /^webhooks has two called example\.org\/hooks/,
    ],
    [{ outbox: 'search' }, /^outbox is a string; it has to be true, or a list/],
    [{ outbox: ['a', 'a'] }, /same name twice/],
    [{ outbox: ['a b'] }, /^outbox\[0\] has to be/],
  ] as const) {
    test(`${JSON.stringify(given)} is refused`, () => assert.throws(() => read(given), { message: says }))
  }

  test('http is taken for this machine and private networks', () => {
    for (const host of ['localhost:3001', '127.0.0.1', '[::1]', '10.1.2.3', 'worker:8080', 'hooks.internal'])
      assert.equal(read({ webhooks: [{ url: `http://${host}/`, secret: next }] }).webhooks.length, 1, host)
    for (const host of ['8.8.8.8', '172.32.0.1', '[2001:db8::1]', 'example.internal.org'])
      assert.throws(() => read({ webhooks: [{ url: `http://${host}/`, secret: next }] }), /use https/, host)
  })
})
