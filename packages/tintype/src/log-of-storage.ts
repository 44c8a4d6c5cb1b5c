import { meaningOf } from './bucket/meaning.ts'
import { s3Trouble } from './bucket/remedy.ts'
import { TintypeError } from './errors.ts'
import { type Log, redact } from './log.ts'

/**
 * A key that S3 does not know, a wrong clock, a bucket that is not there: everything fails for the same cause, and there is
 * one thing to do. So that is said, as `storage.refused`, once in ten minutes or when it changes; what fails by it is a
 * warning with the cause in one line.
 */
export function createLogOfStorage(log: Log, now: () => number): Log {
  const told = new Map<string, number>()

  function tell(fields: Record<string, unknown>): void {
    const detail = String(fields.detail)
    if (now() - (told.get(detail) ?? Number.NEGATIVE_INFINITY) < pause) return
    told.set(detail, now())
    log.error('storage.refused', fields)
  }

  const through =
    (level: 'warn' | 'error'): Log['warn'] =>
    (event, fields = {}) => {
      // The ready server has one of its own around that of the library.
      if (event === 'storage.refused') return tell(fields)
      const cause = refusalIn(fields.error)
      if (cause === undefined) return log[level](event, fields)
      tell(s3Trouble(cause))
      log.warn(event, { ...fields, error: redact(`${cause.name}: ${cause.message}`) })
    }

  return { info: (event, fields) => log.info(event, fields), warn: through('warn'), error: through('error') }
}

/** Milliseconds. */
const pause = 600_000

/** What S3 has said, where it refuses for a reason that lasts. */
function refusalIn(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined
  const { cause } = error
  if (!(error instanceof TintypeError) || error.code !== 'storage_unavailable') return refusalIn(cause)
  return cause instanceof Error && lasting.has(meaningOf(cause)) && !mayBeAbsent.test(cause.message)
    ? cause
    : undefined
}

/** Without this permission, which is not needed, S3 denies what is absent. */
const mayBeAbsent = /\bs3:ListBucket\b/

const lasting = new Set<ReturnType<typeof meaningOf>>([
  'credentials',
  'clock',
  'place',
  'denied',
  'encryption',
])
