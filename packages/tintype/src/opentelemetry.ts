import { AsyncLocalStorage } from 'node:async_hooks'
import { channelOf, type TraceKind, type TraceMessage, type TraceMessages } from './traces/channels.ts'

/** What is used of a span. */
export interface OpenTelemetrySpan {
  setAttributes(attributes: Record<string, Attribute>): unknown
  setStatus(status: { code: number }): unknown
  end(): void
}

type Attribute = string | number | string[]

/** What is used of a tracer. */
export interface OpenTelemetryTracer<Context> {
  startSpan(
    name: string,
    options: { kind: number; attributes: Record<string, Attribute> },
    context: Context,
  ): OpenTelemetrySpan
}

/** What is used of `@opentelemetry/api`: give the module itself, so that there is one of it, the app's. */
export interface OpenTelemetryApi<Context, Span> {
  trace: {
    getTracer(name: string): OpenTelemetryTracer<Context>
    setSpan(context: Context, span: Span): Context
  }
  context: {
    active(): Context
    with(context: Context, work: () => unknown): unknown
  }
}

/**
 * Makes OpenTelemetry spans of what this library does, from the channels of `node:diagnostics_channel`: uploads, inspections,
 * operations on S3, commits and variants, each below what is active when it begins. For all `createTintype` of the process.
 *
 * @param api `@opentelemetry/api`, 1.3 or later
 * @param options.tracer default: the one named `tintype` of the global provider
 * @returns what ends it
 * @example
 * import * as api from '@opentelemetry/api'
 * import { traceSpans } from 'tintype/opentelemetry'
 * traceSpans(api)
 */
export function traceSpans<Context, Span extends OpenTelemetrySpan>(
  api: OpenTelemetryApi<Context, Span>,
  { tracer = api.trace.getTracer('tintype') }: { tracer?: OpenTelemetryTracer<Context> } = {},
): () => void {
  const stops = (Object.keys(describe) as TraceKind[]).map((kind) => traceKind(kind, api, tracer))
  return () => {
    for (const stop of stops) stop()
  }
}

/** Of `@opentelemetry/api`, whose numbers are fixed. */
const kinds = { internal: 0, client: 2 } as const
const failed = { code: 2 } as const

interface Described {
  name: string
  kind: number
  attributes: Record<string, Attribute | undefined>
}

const internal = (name: string, attributes: Described['attributes']): Described => ({
  name: `tintype.${name}`,
  kind: kinds.internal,
  attributes,
})

/** What is known of each at its end; at its beginning, the same with less. */
const describe: { [Kind in TraceKind]: (message: TraceMessages[Kind]) => Described } = {
  form: ({ way, files, replaces }) =>
    internal('form', { 'tintype.way': way, 'tintype.files': files, 'tintype.replaces': replaces }),
  inspect: ({ bytes, type }) => internal('inspect', { 'tintype.bytes': bytes, 'tintype.type': type }),
  commit: ({ media }) => internal('commit', { 'tintype.media': media }),
  variants: ({ media, names }) =>
    internal('variants', { 'tintype.media': [media], 'tintype.variants': names }),
  // https://opentelemetry.io/docs/specs/semconv/object-stores/s3/
  s3: ({ operation, bucket, region, endpoint, key, bytes, uploadId, partNumber, copySource }) => ({
    name: `S3.${operation}`,
    kind: kinds.client,
    attributes: {
      'rpc.system': 'aws-api',
      'rpc.service': 'S3',
      'rpc.method': operation,
      'aws.s3.bucket': bucket,
      'aws.s3.key': key,
      'aws.s3.upload_id': uploadId,
      'aws.s3.part_number': partNumber,
      'aws.s3.copy_source': copySource === undefined ? undefined : `${bucket}/${copySource}`,
      'cloud.region': region,
      'http.request.body.size': bytes,
      ...serverOf(endpoint),
    },
  }),
}

function serverOf(endpoint: string | undefined): Described['attributes'] {
  if (endpoint === undefined) return {}
  const { hostname, port, protocol } = new URL(endpoint)
  return { 'server.address': hostname, 'server.port': Number(port) || (protocol === 'https:' ? 443 : 80) }
}

function traceKind<Kind extends TraceKind, Context, Span extends OpenTelemetrySpan>(
  kind: Kind,
  { context, trace }: OpenTelemetryApi<Context, Span>,
  tracer: OpenTelemetryTracer<Context>,
): () => void {
  const channel = channelOf(kind)
  const spans = new WeakMap<object, OpenTelemetrySpan>()
  // OpenTelemetry keeps its context in a store of its own, which only its API reaches: so the work is run by that.
  const store = new (class extends AsyncLocalStorage<Context> {
    override run<Result>(active: Context, work: (...args: never[]) => Result, ...args: never[]): Result {
      return context.with(active, () => work(...args)) as Result
    }
  })()
  // What is thrown here Node throws again where nobody catches it: a broken exporter would end the process.
  const begin = (message: TraceMessage<Kind>): Context => {
    const active = context.active()
    try {
      const { name, kind: ofSpan, attributes } = describe[kind](message)
      const span = tracer.startSpan(name, { kind: ofSpan, attributes: known(attributes) }, active)
      spans.set(message, span)
      return trace.setSpan(active, span as Span)
    } catch {
      return active
    }
  }
  const end = (message: TraceMessage<Kind>) => {
    try {
      const span = spans.get(message)
      if (!span) return
      span.setAttributes(known({ ...describe[kind](message).attributes, ...errorOf(message) }))
      if (isFailure(message)) span.setStatus(failed)
      span.end()
    } catch {
      // This span is lost, and nothing else.
    }
  }
  channel.start.bindStore(store as never, begin as never)
  channel.asyncEnd.subscribe(end as never)
  return () => {
    channel.start.unbindStore(store as never)
    channel.asyncEnd.unsubscribe(end as never)
  }
}

function known(attributes: Described['attributes']): Record<string, Attribute> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)) as Record<
    string,
    Attribute
  >
}

/** Codes and names alone: a message may say what a file is called, or where it is. */
function errorOf({ error }: { error?: unknown }): Described['attributes'] {
  if (!(error instanceof Error)) return {}
  const { cause } = error
  const status = cause instanceof Error && 'status' in cause ? Number(cause.status) : undefined
  return {
    'error.type': 'code' in error ? String(error.code) : error.name,
    'http.response.status_code': status,
  }
}

/** What a client is refused for is no failure of this process: as with 4xx of a server's spans. */
function isFailure({ error }: { error?: unknown }): boolean {
  if (error === undefined) return false
  return !(error instanceof Error && 'status' in error && Number(error.status) < 500)
}
