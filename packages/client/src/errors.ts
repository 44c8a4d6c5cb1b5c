import type { AppErrorCode, ErrorCode, Problem } from '@tintype/protocol'

/**
 * The server's error code, one that the app made up for its own refusals, or one of the client's own: `network` (no answer), `unexpected_answer` (from a proxy and not
 * from Tintype), `storage_refused` (the object storage refused), `file_unreadable` (changed, gone or locked).
 */
export type UploadErrorCode =
  | ErrorCode
  | AppErrorCode
  | 'network'
  | 'unexpected_answer'
  | 'storage_refused'
  | 'file_unreadable'

/**
 * Why an upload failed. `message` is a sentence that can be shown to the user.
 *
 * @example
 * upload(file, { endpoint: '/api' }).catch((error: unknown) => {
 *   if (error instanceof UploadError && error.retryable) offerRetry(error.message)
 * })
 */
export class UploadError extends Error {
  /** Stable, for programs. */
  declare readonly code: UploadErrorCode
  /** HTTP status; 0 where there was no answer. */
  declare readonly status: number
  /** What the server said, where it said it in problem details (RFC 9457). */
  declare readonly problem?: Problem
  /** Whether the same upload may succeed later, unchanged. */
  declare readonly retryable: boolean
  /** Milliseconds that the server asked to wait (`Retry-After`). */
  declare readonly retryAfter?: number | undefined

  constructor(
    code: UploadErrorCode,
    message: string,
    about: {
      status: number
      retryable: boolean
      problem?: Problem
      retryAfter?: number | undefined
      cause?: unknown
    },
  ) {
    super(message)
    // Not as fields: for Safari 15 bundlers bring helpers for these.
    Object.assign(this, { name: 'UploadError', code, ...about })
  }
}

/** No answer came: refused, cut or stalled. The outcome on the server is unknown. */
export function networkError(cause?: unknown): UploadError {
  return new UploadError('network', 'The server can’t be reached. Check the connection and try again.', {
    status: 0,
    retryable: true,
    cause,
  })
}

/** The object storage refused the bytes. @param code S3's error code; undefined: the answer is not S3's */
export function storageError(status: number, code: string | undefined, retryable: boolean): UploadError {
  if (code === undefined && status < 500) return foreignError(status, 'photo storage')
  const sentence = retryable
    ? 'The photo storage is busy. Try again in a while.'
    : `The photo storage refuses the upload (${code ?? status}).`
  return new UploadError('storage_refused', sentence, { status, retryable })
}

/** By name of the DOMException with which browsers refuse to read a file. */
const unreadable: Record<string, string> = {
  NotFoundError: 'The file was moved, renamed or deleted.',
  NotReadableError: 'The file has changed since it was chosen, or another program uses it.',
  NotAllowedError: 'The browser may not read this file.',
  TimeoutError: 'The file can’t be read in time.',
}

/** A file that can't be opened or read, whatever the reason. */
export function unreadableError(cause: unknown): UploadError {
  const reason = (cause instanceof Error && unreadable[cause.name]) || 'The file can’t be read.'
  return new UploadError('file_unreadable', `${reason} Choose it again.`, {
    status: 0,
    retryable: false,
    cause,
  })
}

/** Turns an error of any kind into one that can be shown to the user. */
export function asUploadError(error: unknown): UploadError {
  if (error instanceof UploadError) return error
  if (error instanceof Error && unreadable[error.name]) return unreadableError(error)
  return new UploadError('network', 'The file can’t be read or sent. Try again.', {
    status: 0,
    retryable: true,
    cause: error,
  })
}

/**
 * Abort reason that stops an upload and keeps what has arrived: a later `upload` of the same file goes on there.
 *
 * @example
 * const controller = new AbortController()
 * void upload(file, { endpoint: '/api', signal: controller.signal })
 * controller.abort(new UploadPaused())
 */
export class UploadPaused extends Error {
  constructor() {
    super('Paused')
    this.name = 'UploadPaused'
  }
}

/** The reason of a refused upload. */
export function refusalError(problem: Omit<Problem, 'requestId'>): UploadError {
  return answerError(problem.status, problem, undefined)
}

/** The error that an answer other than 2xx stands for. */
export function answerError(status: number, body: unknown, retryAfter: number | undefined): UploadError {
  if (isProblem(body)) {
    const retryable = isTemporary(status) || body.code === 'idempotency_in_flight'
    return new UploadError(body.code, body.detail || body.title, {
      status,
      retryable,
      problem: body,
      retryAfter,
    })
  }
  return foreignError(status, 'server', retryAfter)
}

/** Whether a proxy has answered in the server's place, and not only for a moment. */
export const isForeignAnswer = (error: unknown): boolean =>
  error instanceof UploadError && error.code === 'unexpected_answer' && !isTemporary(error.status)

/** Whether a proxy refused the request: it never reached the server, so another way may be open. */
export const isForeignRefusal = (error: unknown): boolean =>
  isForeignAnswer(error) && (error as UploadError).status >= 400

function foreignError(status: number, whose: 'server' | 'photo storage', retryAfter?: number): UploadError {
  const sentence = sentences[status] ?? sentences[isTemporary(status) ? 500 : 400]
  // The proxy may be restarting, or be reconfigured: never final.
  const about = { status, retryable: true, retryAfter }
  const message = `A proxy in front of the ${whose} ${sentence?.replace('{status}', String(status))}`
  return new UploadError('unexpected_answer', message, about)
}

function isProblem(body: unknown): body is Problem {
  const { code, type, title, detail }: Record<string, unknown> = Object(body)
  if (typeof code !== 'string' || typeof (detail || title) !== 'string') return false
  return String(type).startsWith('urn:tintype:error:')
}

export const isTemporary = (status: number) => status >= 500 || status === 408 || status === 429

/** What a proxy did, for answers that are not problem details, and so not Tintype's. */
const sentences: Record<number, string> = {
  400: 'answers in its place ({status}), or the address is wrong. Try again, or have both checked.',
  401: 'asks who you are. Reload the page and sign in.',
  403: 'refuses this upload (403). Try again, or have the proxy’s rules checked.',
  413: 'takes no files of this size (413). Send a smaller one, or have the proxy’s limit raised.',
  429: 'is busy. Try again in a while.',
  500: 'has a problem ({status}). Try again in a while.',
  502: 'doesn’t reach it (502). Try again in a while.',
  504: 'waited too long for it (504). Try again in a while.',
}
