import { type ErrorCode, errorTable } from '@tintype/protocol'

/**
 * The one kind of error that Tintype throws on purpose. `code` names a row of the protocol's error table,
 * which has its status; our own HTTP layer alone makes answers of it. The message is one sentence for people: what is wrong, what
 * to do. `limit` is the number that was enforced, `file` the one of a form that was refused, `cause` what lies
 * underneath (logged, never sent).
 *
 * @example throw new TintypeError('too_large', 'The photo has more than 32 MB.', { limit: 33_554_432 })
 */
export class TintypeError extends Error {
  override readonly name = 'TintypeError'
  readonly code: ErrorCode
  readonly limit: number | undefined
  /** Counted from 0; what the sender calls it, cleaned, where it has a name. */
  readonly file: { index: number; name?: string } | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      limit?: number | undefined
      file?: TintypeError['file']
      cause?: unknown
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.limit = options.limit
    this.file = options.file
  }
  // What the default handlers of Express and others go by (https://www.npmjs.com/package/http-errors), for an error
  // that an app passes on as it is.

  get status(): number {
    return errorTable[this.code].status
  }

  get statusCode(): number {
    return this.status
  }

  /** Whether the message is for the one who asked. */
  get expose(): boolean {
    return this.status < 500
  }

  get headers(): Record<string, string> | undefined {
    return this.status === 503 ? { 'Retry-After': String(retryAfter) } : undefined
  }
}

/** Seconds after which it is worth asking again. */
export const retryAfter = 2
