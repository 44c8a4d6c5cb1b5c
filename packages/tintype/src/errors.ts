import { type AppErrorCode, type ErrorCode, errorTable, type Media } from '@tintype/protocol'

/**
 * The error that Tintype throws on purpose. The message is one sentence for people: what is wrong and what to do.
 * `cause` is the error underneath, which is logged and never sent. Express answers with its `status`.
 *
 * @example throw new TintypeError('too_large', 'The photo has more than 32 MB.', { limit: 33_554_432 })
 */
export class TintypeError extends Error {
  override readonly name = 'TintypeError'
  /** A row of the error table (docs/errors.md), or a code that the app gave to `refuse()`. */
  readonly code: ErrorCode | AppErrorCode
  /** The HTTP status. */
  readonly status: number
  /** The number that was enforced, where the error enforces one. */
  readonly limit: number | undefined
  /** The refused file: its place in the form, counted from 0, and its name where it has one. */
  readonly file: { index: number; name?: string } | undefined
  /** The field of the form that it is about. */
  readonly field: string | undefined
  /** Seconds after which the request is worth repeating, where that is known. */
  readonly retryAfter: number | undefined
  /** With `precondition_failed`: the media as it is now. */
  readonly current: Media | undefined
  /** With `gone`: when it went, as RFC 3339. */
  readonly goneAt: string | undefined
  /** With `mismatching_offset`: where the upload goes on, and where the request began. */
  readonly offsets: { expected: number; provided: number } | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      /** @default that of the code */
      status?: number | undefined
      limit?: number | undefined
      file?: TintypeError['file']
      field?: string | undefined
      /** Seconds after which the request is worth repeating. */
      retryAfter?: number | undefined
      current?: Media | undefined
      goneAt?: string | undefined
      offsets?: TintypeError['offsets']
      cause?: unknown
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = options.status ?? errorTable[code].status
    this.limit = options.limit
    this.file = options.file
    this.field = options.field
    this.current = options.current
    this.goneAt = options.goneAt
    this.offsets = options.offsets
    this.retryAfter = options.retryAfter ?? (this.status === 503 ? usualWait : undefined)
  }
  // Members that the default error handlers of Express and others read (https://www.npmjs.com/package/http-errors).

  /** The status, under the name that some frameworks read. */
  get statusCode(): number {
    return this.status
  }

  /** Whether the message may be shown to the client: below 500. */
  get expose(): boolean {
    return this.status < 500
  }

  /** Headers of the answer: `Retry-After` with 429 and 503. */
  get headers(): Record<string, string> | undefined {
    return this.retryAfter === undefined ? undefined : { 'Retry-After': String(this.retryAfter) }
  }
}

/** The same error, with something else about it. */
export function retell(
  error: TintypeError,
  other: { file?: TintypeError['file']; field?: string | undefined; cause?: unknown } = {},
): TintypeError {
  const { code, status, message, limit, file, field, retryAfter, cause } = error
  const Same = error.constructor as typeof TintypeError
  return new Same(code as ErrorCode, message, { status, limit, file, field, retryAfter, cause, ...other })
}

/** The media has changed since it was read. */
export function changedMeanwhile(current?: Media): TintypeError {
  return new TintypeError(
    'precondition_failed',
    'It has been changed meanwhile: look at what is there now, and send your change again.',
    { current },
  )
}

/** What is removed can be had again until then, and not after. @param since milliseconds since the epoch */
export function goneForGood(since: number): TintypeError {
  const goneAt = new Date(since).toISOString()
  return new TintypeError(
    'gone',
    `It was deleted for good at ${goneAt}, with all its copies. If you have the file still, upload it again.`,
    { goneAt },
  )
}

/** Of what nobody may delete now. */
export function onHold(): TintypeError {
  return new TintypeError(
    'held',
    'It is on legal hold, so it cannot be deleted for good: those who run this app have to release it first.',
  )
}

/** Of a video that nothing can be made of. */
export function noPicture(): TintypeError {
  return new TintypeError('not_found', 'There is no picture of this video: it has no poster.')
}

/** Whether it stands in the error table: an app gives its refusals codes of its own. */
export function isOurs(code: TintypeError['code']): code is ErrorCode {
  return Object.hasOwn(errorTable, code)
}

/** Seconds after which a request is worth repeating, where nothing tells more. */
export const usualWait = 2
