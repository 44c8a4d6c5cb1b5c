import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import {
  createTintype,
  type EventHandler,
  type EventKind,
  type Tintype,
  type TintypeEvent,
} from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { type Receiver, startReceiver, webhookSecret } from '../support/receiver.ts'

describe('events of a running app', () => {
  let directory: string
  let receiver: Receiver
  let tintype: Tintype
  const lines: [string, Record<string, unknown> | undefined][] = []
  const line = (event: string, fields?: Record<string, unknown>) => void lines.push([event, fields])
  const log = { info: line, warn: line, error: line }
  const taken: TintypeEvent[] = []
  let handler: EventHandler = () => {}
  const start = () =>
    createTintype({
      variants: { thumb: { width: 320 } },
      authenticate: () => 'me',
      directory,
      log,
      outbox: ['first', 'second'],
      webhooks: [{ url: receiver.url, secret: webhookSecret, events: ['ready', 'removed'] }],
    })

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-events-'))
    receiver = await startReceiver()
    tintype = await start()
    tintype.outbox('first', (event, options) => {
      taken.push(event)
      return handler(event, options)
    })
  })
  after(async () => {
    await tintype.close()
    await receiver.close()
    await rm(directory, { recursive: true })
  })

  async function send(bytes: Uint8Array, { method = 'POST', path = '/media' } = {}): Promise<Response> {
    const body = new FormData()
    body.append('file', new Blob([Uint8Array.from(bytes)]), 'Ferien.jpg')
    return tintype.fetch(new Request(`http://app.example/api${path}`, { method, body }), { owner: 'me' })
  }
  async function made(): Promise<Media> {
    const { media } = (await (await send(await photo())).json()) as { media: Media[] }
    return media[0] as Media
  }
  /** The next event of the kind in this process. */
  function next<Kind extends EventKind>(kind: Kind) {
    const { promise, resolve } = Promise.withResolvers<Parameters<Parameters<typeof tintype.on<Kind>>[1]>>()
    const stop = tintype.on(kind, (...args) => {
      stop()
      resolve(args)
    })
    return promise
  }
  const kindsOf = (id: string) =>
    taken.flatMap(({ type, data }) => ('media' in data && data.media.id === id ? [type] : []))

  test('a form, a replacement and a removal are told to listeners after the commit, with URLs while the bytes are there', async () => {
    const heard = next('ready')
    const media = await made()
    const [ready, event] = await heard
    assert.equal(ready.id, media.id)
    assert.equal(event.type, 'media.ready')
    assert.equal(event.data.owner, 'me')
    assert.deepEqual(await tintype.media.get(ready.id, { owner: 'me' }), ready)

    const replaced = next('replaced')
    assert.equal((await send(await photo(), { method: 'PUT', path: `/media/${media.id}` })).status, 200)
    const [changed] = await replaced
    assert.equal(changed.id, media.id)
    assert.ok(changed.urls?.thumb)

    const removed = next('removed')
    await tintype.media.remove(media.id)
    assert.deepEqual((await removed)[0].urls, null)
  })

  test('a form that is refused is told to listeners, with code and name', async () => {
    const heard = next('refused')
    const response = await send(Buffer.from('no picture'))
    const [refusal, event] = await heard
    assert.equal(response.status, 415)
    assert.deepEqual(
      { ...refusal, detail: '' },
      { code: 'unsupported_type', detail: '', limit: null, name: 'Ferien.jpg', uploadId: null },
    )
    assert.equal(event.data.owner, 'me')
  })

  test('a listener that throws or rejects is logged, and harms neither the upload nor the other listeners', async () => {
    const stops = [
      tintype.on('ready', () => {
        throw new Error('thrown')
      }),
      tintype.on('ready', async () => {
        throw new Error('rejected')
      }),
    ]
    const heard = next('ready')
    await made()
    await heard
    for (const stop of stops) stop()
    const failures = lines.filter(([event]) => event === 'event.listener_failed')
    assert.deepEqual(failures.map(([, fields]) => (fields as { error: Error }).error.message).sort(), [
      'rejected',
      'thrown',
    ])
    const again = next('ready')
    await made()
    await again
    assert.equal(lines.filter(([event]) => event === 'event.listener_failed').length, 2)
  })

  test('the outbox has each event once, in order, and the webhook those that it asked for', async () => {
    const media = await made()
    await send(await photo(), { method: 'PUT', path: `/media/${media.id}` })
    await tintype.media.remove(media.id)
    await receiver.count(2, media.id)
    const sent = receiver.received.filter(({ data }) => 'media' in data && data.media.id === media.id)
    assert.deepEqual(
      sent.map(({ type }) => type),
      ['media.ready', 'media.removed'],
    )
    const settled = Promise.withResolvers<void>()
    handler = (event) => {
      if (event.type === 'media.removed') settled.resolve()
    }
    if (!kindsOf(media.id).includes('media.removed')) await settled.promise
    assert.deepEqual(kindsOf(media.id), ['media.ready', 'media.replaced', 'media.removed'])
    const ids = taken.flatMap(({ id, data }) => ('media' in data && data.media.id === media.id ? [id] : []))
    assert.ok(
      sent.every(({ id }) => ids.includes(id)),
      'an event has one id for all',
    )
  })

  test('a handler that comes later, after a restart, gets what was written before', async () => {
    const media = await made()
    await tintype.close()
    tintype = await start()
    const { promise, resolve } = Promise.withResolvers<void>()
    const kinds: string[] = []
    tintype.outbox('second', ({ type, data }) => {
      if (!('media' in data) || data.media.id !== media.id) return
      kinds.push(type)
      resolve()
    })
    await promise
    assert.deepEqual(kinds, ['media.ready'])
  })

  test('numbers tell how far each consumer is', async () => {
    const text = await tintype.metrics()
    const name = new URL(receiver.url).host
    assert.match(text, new RegExp(`tintype_outbox_pending\\{consumer="${name}/hooks"\\} 0`))
    assert.match(text, /tintype_outbox_failed\{consumer="first"\} 0/)
    assert.match(text, /tintype_outbox_lag_seconds\{consumer="second"\} \d/)
  })

  test('a handler without a name, or with one that is not there, is refused with what to do', () => {
    assert.throws(() => tintype.outbox(() => {}), /has to name one of its handlers: first, second/)
    assert.throws(() => tintype.outbox('third', () => {}), /first, second/)
    assert.throws(() => tintype.outbox('second', () => {}), /has a handler second already/)
    assert.throws(() => tintype.on('raedy' as 'ready', () => {}), /one of ready, replaced/)
  })
})

test('without the option nothing is written, and a handler is refused', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-events-'))
  const log = { info() {}, warn() {}, error() {} }
  const tintype = await createTintype({ authenticate: () => 'me', directory, log })
  try {
    assert.throws(() => tintype.outbox(() => {}), /turn it on with createTintype\(\{ outbox: true \}\)/)
    assert.doesNotMatch(await tintype.metrics(), /tintype_outbox/)
  } finally {
    await tintype.close()
    await rm(directory, { recursive: true })
  }
})
