import type { LogEvent } from './log-events.ts'

/**
 * Where events go: `console`, Winston, or any object with these methods. Pino, Fastify's `app.log` and Bunyan, which want
 * the fields first, get them first. Fields hold no secret and no signature: keys and ids, never signed URLs. The events are
 * listed in docs/reference.md.
 */
export interface Log {
  /** What happens in normal operation. */
  info(event: LogEvent, fields?: Record<string, unknown>): void
  /** What went wrong and needs no action. */
  warn(event: LogEvent, fields?: Record<string, unknown>): void
  /** What needs a person's attention. */
  error(event: LogEvent, fields?: Record<string, unknown>): void
}

/**
 * One line of JSON for each event, as the ready server writes them: `time`, `level`, `event` and its fields.
 *
 * @param write takes one line, without its line end. @default the standard output
 * @example
 * const tintype = await createTintype({ log: createLog(), authenticate })
 */
export function createLog(write: (line: string) => void = writeLine, now: () => number = Date.now): Log {
  const line =
    (level: string) =>
    (event: LogEvent, fields: Record<string, unknown> = {}) => {
      const entry: Record<string, unknown> = { time: new Date(now()).toISOString(), level, event, ...fields }
      for (const name in entry) if (entry[name] instanceof Error) entry[name] = describeError(entry[name])
      write(JSON.stringify(entry))
    }
  return { info: line('info'), warn: line('warn'), error: line('error') }
}

let lines: string[] = []

/**
 * Writes a line to the standard output, together with the others of the same turn of the event loop: under load each
 * write of its own would cost more than the line. What is left when the process exits is written then. That the reader of
 * the output has gone is ignored: it would end the app by an unhandled EPIPE, even by `console.log` from its second line on.
 */
export function writeLine(line: string): void {
  if (lines.length === 0) setImmediate(flush)
  lines.push(line)
}

function flush(): void {
  const all = lines
  lines = []
  if (all.length === 0) return
  const { stdout } = process
  if (!stdout.listeners('error').includes(ignore)) stdout.once('error', ignore)
  stdout.write(`${all.join('\n')}\n`, (error) => {
    if (!error) stdout.off('error', ignore)
  })
}

function ignore(): void {}

process.on('exit', flush)

export const silentLog: Log = { info() {}, warn() {}, error() {} }

/** Query strings may carry signatures, and user parts credentials: both are cut from every URL in a message. */
export function redact(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*@/gi, '$1***@')
    .replace(/\?[^\s"']*x-amz-[^\s"']*/gi, '?***')
}

/** The error itself, or a copy without what its texts have to keep to themselves. */
export function redacted(error: Error): Error {
  const cause = error.cause instanceof Error ? redacted(error.cause) : error.cause
  const message = redact(error.message)
  // Making a stack costs more than the rest; those of our own errors have nothing but their message.
  const before = error.name === 'TintypeError' && message === error.message ? '' : (error.stack ?? '')
  const stack = redact(before)
  if (message === error.message && stack === before && cause === error.cause) return error
  const hidden = { message, stack, ...(cause === undefined ? {} : { cause }) }
  const copy: Error = Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(error))
  for (const [name, value] of Object.entries(hidden)) {
    Object.defineProperty(copy, name, { value, configurable: true, writable: true })
  }
  return copy
}

/** As data, for lines of JSON. */
export function describeError(error: Error): Record<string, unknown> {
  const code = 'code' in error ? { code: error.code } : {}
  return {
    name: error.name,
    message: redact(error.message),
    ...code,
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
    ...(error.name === 'TintypeError' ? {} : { stack: redact(error.stack ?? '') }),
  }
}
