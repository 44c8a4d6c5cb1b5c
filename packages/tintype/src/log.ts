import type { LogEvent } from './log-events.ts'

/**
 * Where events go: by default one JSON line each. Fields hold no secret and no signature: keys and ids, never signed
 * URLs. The events are listed in docs/reference.md.
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
 * @param write takes one line, without its line end
 * @example createLog(writeLine).info('sweep.deleted', { key })
 */
export function createLog(write: (line: string) => void, now: () => number = Date.now): Log {
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

function describeError(error: Error): Record<string, unknown> {
  const code = 'code' in error ? { code: error.code } : {}
  return {
    name: error.name,
    message: redact(error.message),
    ...code,
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
    ...(error.name === 'TintypeError' ? {} : { stack: redact(error.stack ?? '') }),
  }
}
