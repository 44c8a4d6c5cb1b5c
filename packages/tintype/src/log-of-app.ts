import { describeError, type Log, redacted } from './log.ts'
import { type LogEvent, logEvents } from './log-events.ts'

/**
 * The log of a library: nothing but warnings of Node, until the app names a logger.
 *
 * @param given what the app named: `console`, Pino, or anything with these methods
 */
export function createLogOfApp(given: Log | undefined, now: () => number): Log {
  if (given === undefined) return warningsOnly(now)
  if (isObjectFirst(given)) return objectFirst(given)
  return isWinston(given) ? textFirst(given, describeError) : textFirst(given, redacted)
}

/**
 * What needs a person's attention and is told nowhere else: the sweeper's rounds that fail, hooks that throw, the cause
 * of a 500. Each kind once in ten minutes: a database that is away for a night must not fill a disk.
 */
function warningsOnly(now: () => number): Log {
  const told = new Map<string, number>()
  return {
    info() {},
    warn() {},
    error(event, fields = {}) {
      const { code, detail, remedy } = fields
      const kind = `${event} ${code ?? detail ?? ''}`
      if (now() - (told.get(kind) ?? -Infinity) < 600_000) return
      told.set(kind, now())
      const about = { type: 'TintypeWarning', code: event }
      // What has a remedy is said in one line.
      if (remedy !== undefined) process.emitWarning(`${detail}. ${remedy}`, about)
      else process.emitWarning(meaningOf(event), { ...about, detail: detailOf(fields) })
    },
  }
}

/** As docs/reference.md has it, without its marks. */
function meaningOf(event: LogEvent): string {
  return logEvents[event].replace(/\[([^\]]*)\]\([^)]*\)/g, 'docs/$1').replaceAll('`', '')
}

function detailOf(fields: Record<string, unknown>): string {
  const lines = Object.entries(fields).map(([name, value]) => {
    if (!(value instanceof Error))
      return `  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`
    return `  ${name}: ${causesOf(redacted(value)).join('\n  caused by: ')}`
  })
  return lines.join('\n')
}

function causesOf(error: Error): string[] {
  const text = error.stack || `${error.name}: ${error.message}`
  return error.cause instanceof Error ? [text, ...causesOf(error.cause)] : [text]
}

/**
 * Pino, Fastify's `app.log` and Bunyan take the fields first, and drop what follows a text. These three methods
 * tell them from those that take the text first: Winston and `console` lack one of them.
 */
function isObjectFirst(logger: Log): boolean {
  return ['child', 'fatal', 'trace'].every((name) => typeof Reflect.get(logger, name) === 'function')
}

function objectFirst(logger: Log): Log {
  return eachMethod((level, event, fields) =>
    Reflect.apply(logger[level], logger, [{ event, ...withErrors(fields, describeError) }, event]),
  )
}

/** Winston writes fields as JSON, in which an Error has neither its message nor its cause. Its children inherit both names. */
function isWinston(logger: Log): boolean {
  return ['transports', 'format'].every((name) => name in logger)
}

function textFirst(logger: Log, change: (error: Error) => unknown): Log {
  return eachMethod((level, event, fields) => logger[level](event, withErrors(fields, change)))
}

function eachMethod(
  write: (level: keyof Log, event: LogEvent, fields: Record<string, unknown>) => void,
): Log {
  const method =
    (level: keyof Log) =>
    (event: LogEvent, fields: Record<string, unknown> = {}) =>
      write(level, event, fields)
  return { info: method('info'), warn: method('warn'), error: method('error') }
}

function withErrors(fields: Record<string, unknown>, change: (error: Error) => unknown) {
  const entries = Object.entries(fields)
  return Object.fromEntries(entries.map(([name, one]) => [name, one instanceof Error ? change(one) : one]))
}
