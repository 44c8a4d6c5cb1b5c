import assert from 'node:assert/strict'
import { tracingChannel } from 'node:diagnostics_channel'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  createTintype,
  type Tintype,
  type TraceKind,
  type TraceMessage,
} from '../../packages/tintype/src/index.ts'
import { silentLog } from '../../packages/tintype/src/log.ts'
import { traceSpans } from '../../packages/tintype/src/opentelemetry.ts'
import { photo } from '../media/photos.ts'

type Message = TraceMessage<TraceKind> & Record<string, unknown>
const kinds: TraceKind[] = ['form', 'inspect', 's3', 'commit', 'variants']

describe('what is told on the tracing channels', () => {
  let directory: string
  let tintype: Tintype
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-traces-'))
    tintype = await createTintype({
      ...{ authenticate: () => 'ann@example.org', directory, log: silentLog },
      variants: { thumb: { width: 320 }, view: { width: 640, eager: false } },
    })
  })
  after(async () => {
    await tintype.close()
    await rm(directory, { recursive: true })
  })

  /** Does the work, and gives the messages that were ended meanwhile. */
  async function told(work: () => Promise<unknown>): Promise<[TraceKind, Message][]> {
    const messages: [TraceKind, Message][] = []
    const stops = kinds.map((kind) => {
      const { asyncEnd } = tracingChannel(`tintype:${kind}`)
      const listener = (message: unknown) => void messages.push([kind, message as Message])
      asyncEnd.subscribe(listener)
      return () => asyncEnd.unsubscribe(listener)
    })
    await work()
    for (const stop of stops) stop()
    return messages
  }
  async function send(bytes: Uint8Array): Promise<Response> {
    const body = new FormData()
    body.append('file', new Blob([Uint8Array.from(bytes)]), 'Ann at home.jpg')
    return tintype.fetch(new Request('http://app.example/api/media', { method: 'POST', body }))
  }

  test('a form is inspected, stored and committed; nothing tells whose it is, or how it is called', async () => {
    const bytes = await photo()
    let id = ''
    const messages = await told(async () => {
      const { media } = (await (await send(bytes)).json()) as { media: { id: string }[] }
      id = media[0]?.id ?? ''
    })
    assert.deepEqual(
      messages.map(([kind, { operation }]) => operation ?? kind),
      ['inspect', 'PutObject', 'PutObject', 'commit', 'form'],
    )
    const of = (wanted: TraceKind) => messages.find(([kind]) => kind === wanted)?.[1]
    const { result: _, ...form } = of('form') ?? {}
    assert.deepEqual(form, { way: 'form', files: 1 })
    assert.deepEqual([of('inspect')?.bytes, of('inspect')?.type], [bytes.length, 'image/jpeg'])
    assert.deepEqual(of('commit')?.media, [id])
    const puts = messages.filter(([kind]) => kind === 's3').map(([, put]) => put)
    assert.deepEqual(
      puts.map((put) => Number(put.bytes) > 0 && put.bucket),
      ['tintype', 'tintype'],
    )
    const said = JSON.stringify(messages.map(([, { result, ...message }]) => message))
    assert.doesNotMatch(said, /ann|home|signature|credential|secret/i)
  })

  test('what is refused ends with its error', async () => {
    const messages = await told(async () => assert.equal((await send(Buffer.alloc(1000))).status, 415))
    const errors = messages.map(([kind, { error }]) => [kind, (error as { code: string }).code])
    assert.deepEqual(errors, [
      ['inspect', 'unsupported_type'],
      ['form', 'unsupported_type'],
    ])
  })

  test('a tracer that throws takes no upload with it, and not the process', async () => {
    const fails = () => {
      throw new Error('the exporter is broken')
    }
    const span = { setAttributes: fails, setStatus: fails, end: fails }
    const context = { active: () => 'none', with: (_: string, work: () => unknown) => work() }
    for (const startSpan of [fails, () => span]) {
      const trace = { getTracer: () => ({ startSpan }), setSpan: () => 'span' }
      const stop = traceSpans({ trace, context })
      // What a subscriber of a channel throws, Node throws again where nobody catches it: the runner would report it.
      assert.equal((await send(await photo({ seed: 3 }))).status, 201)
      stop()
    }
  })

  test('variants that are asked for are told by media and name', async () => {
    const { media } = (await (await send(await photo({ seed: 2 }))).json()) as { media: { id: string }[] }
    const messages = await told(() =>
      tintype.fetch(new Request(`http://app.example/api/media/${media[0]?.id}/view`)),
    )
    const made = messages
      .filter(([kind]) => kind === 'variants')
      .map(([, message]) => [message.media, message.names])
    assert.deepEqual(made, [[media[0]?.id, ['view']]])
  })
})
