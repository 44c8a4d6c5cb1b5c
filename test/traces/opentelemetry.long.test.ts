import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createTintype, type Tintype } from '../../packages/tintype/src/index.ts'
import { silentLog } from '../../packages/tintype/src/log.ts'
import {
  type OpenTelemetryApi,
  type OpenTelemetrySpan,
  type OpenTelemetryTracer,
  traceSpans,
} from '../../packages/tintype/src/opentelemetry.ts'
import { photo } from '../media/photos.ts'

const sdk = fileURLToPath(new URL('sdk/', import.meta.url))
if (!existsSync(join(sdk, 'node_modules'))) {
  console.log('Installing OpenTelemetry into test/traces/sdk ...')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: sdk, stdio: 'inherit' })
}

interface Span extends OpenTelemetrySpan {
  name: string
  kind: number
  attributes: Record<string, unknown>
  status: { code: number }
  parentSpanContext?: { spanId: string }
  spanContext(): { spanId: string; traceId: string }
}
interface Tracer extends OpenTelemetryTracer<object> {
  startActiveSpan<T>(name: string, work: (span: Span) => T): T
}
interface Api {
  trace: {
    getTracer(name: string): Tracer
    setSpan(context: object, span: Span): object
    setGlobalTracerProvider(provider: object): void
  }
  context: OpenTelemetryApi<object, Span>['context'] & { setGlobalContextManager(manager: object): void }
}
interface Exporter {
  reset(): void
  getFinishedSpans(): Span[]
}

describe('spans of OpenTelemetry, by its own SDK', () => {
  const require = createRequire(sdk)
  const api = require('@opentelemetry/api') as Api
  const {
    BasicTracerProvider,
    InMemorySpanExporter,
    SimpleSpanProcessor,
  } = require('@opentelemetry/sdk-trace-base')
  const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks')
  const exporter: Exporter = new InMemorySpanExporter()
  let directory: string
  let tintype: Tintype
  let stop: () => void

  before(async () => {
    api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    api.trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
    )
    directory = await mkdtemp(join(tmpdir(), 'tintype-spans-'))
    tintype = await createTintype({
      ...{ authenticate: () => 'ann@example.org', directory, log: silentLog },
      variants: { thumb: { width: 320 } },
      hooks: {
        ready: async () => api.trace.getTracer('app').startActiveSpan('app.ready', (span) => span.end()),
      },
    })
    // As docs/traces.md says it.
    stop = traceSpans(api)
  })
  after(async () => {
    stop()
    await tintype.close()
    await rm(directory, { recursive: true })
  })

  /** The spans of an upload, as the app's own HTTP span has them below it. */
  async function spansOf(bytes: Uint8Array) {
    exporter.reset()
    const body = new FormData()
    body.append('file', new Blob([Uint8Array.from(bytes)]), 'Ann at home.jpg')
    const request = new Request('http://app.example/api/media', { method: 'POST', body })
    await api.trace.getTracer('app').startActiveSpan('POST', async (span) => {
      await tintype.fetch(request)
      span.end()
    })
    // Without those of what is done in the background.
    const all = exporter.getFinishedSpans()
    const { traceId } = (all.find((one) => one.name === 'POST') as Span).spanContext()
    const spans = all.filter((one) => one.spanContext().traceId === traceId)
    const nameOf = (id: string | undefined) => spans.find((one) => one.spanContext().spanId === id)?.name
    return { spans, tree: spans.map((one) => [nameOf(one.parentSpanContext?.spanId), one.name]) }
  }

  test('each below the one that it belongs to, the app’s own among them', async () => {
    const { tree } = await spansOf(await photo())
    assert.deepEqual(tree, [
      ['tintype.form', 'tintype.inspect'],
      ['tintype.form', 'S3.PutObject'],
      ['tintype.form', 'S3.PutObject'],
      ['tintype.commit', 'app.ready'],
      ['tintype.form', 'tintype.commit'],
      ['POST', 'tintype.form'],
      [undefined, 'POST'],
    ])
  })

  test('with the attributes of the conventions for S3, and none that tells of people', async () => {
    const bytes = await photo({ seed: 3 })
    const { spans } = await spansOf(bytes)
    const puts = spans.filter(({ name }) => name === 'S3.PutObject')
    assert.deepEqual(
      puts.map(({ kind }) => kind),
      [2, 2],
    )
    const {
      'aws.s3.key': key,
      'server.address': address,
      'server.port': port,
      ...others
    } = puts[0]?.attributes ?? {}
    assert.match(String(key), /^\S{20,}$/)
    assert.deepEqual([typeof address, typeof port], ['string', 'number'])
    assert.deepEqual(others, {
      'rpc.system': 'aws-api',
      'rpc.service': 'S3',
      'rpc.method': 'PutObject',
      'aws.s3.bucket': 'tintype',
      'http.request.body.size': others['http.request.body.size'],
    })
    const form = spans.find(({ name }) => name === 'tintype.form')
    assert.deepEqual(form?.attributes, { 'tintype.way': 'form', 'tintype.files': 1 })
    assert.doesNotMatch(
      JSON.stringify(spans.map(({ attributes }) => attributes)),
      /ann|home|signature|http:/i,
    )
  })

  test('what is refused has its code, and is no failure of the process', async () => {
    const { spans } = await spansOf(Buffer.alloc(1000))
    const refused = spans.filter(({ name }) => name !== 'POST')
    assert.deepEqual(
      refused.map(({ name, attributes, status }) => [name, attributes['error.type'], status.code]),
      ['tintype.inspect', 'tintype.form'].map((name) => [name, 'unsupported_type', 0]),
    )
  })

  test('none once it has been stopped', async () => {
    stop()
    const { tree } = await spansOf(await photo({ seed: 4 }))
    assert.deepEqual(
      tree.map(([, name]) => name).filter((name) => name !== 'app.ready'),
      ['POST'],
    )
    stop = traceSpans(api)
  })
})
