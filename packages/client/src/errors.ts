import type { ErrorCode, Problem } from '@tintype/protocol'

/**
 * The server's code, or what this side saw: `network` (no answer), `unexpected_answer` (not Tintype's),
 * `storage_refused` (the object storage said no), `file_unreadable` (changed or gone since it was chosen).
 */
export type UploadErrorCode =
  | ErrorCode
  | 'network'
  | 'unexpected_answer'
  | 'storage_refused'
  | 'file_unreadable'

/**
 * Why an upload did not succeed. `message` is a sentence fit for people.
 *
 * ```ts
 * if (error instanceof UploadError && error.retryable) offerRetry(error.message)
 * ```
 */
export class UploadError extends Error {
  override name = 'UploadError'
  readonly code: UploadErrorCode
  /** HTTP status; 0 where there was no answer. */
  readonly status: number
  /** What the server said, where it said it in problem details (RFC 9457). */
  readonly problem?: Problem
  /** Whether the same upload may succeed later, unchanged. */
  readonly retryable: boolean
  /** Milliseconds that the server asked to wait (`Retry-After`). */
  readonly retryAfter?: number

  constructor(
    code: UploadErrorCode,
    message: string,
    about: { status: number; retryable: boolean; problem?: Problem; retryAfter?: number; cause?: unknown },
  ) {
    super(message, about.cause === undefined ? {} : { cause: about.cause })
    this.code = code
    this.status = about.status
    this.retryable = about.retryable
    if (about.problem) this.problem = about.problem
    if (about.retryAfter !== undefined) this.retryAfter = about.retryAfter
  }
}

/** No answer came: refused, cut or stalled. What the server did is unknown. */
export function networkError(cause?: unknown): UploadError {
  return new UploadError('network', 'The server can’t be reached. Check the connection and try again.', {
    status: 0,
    retryable: true,
    cause,
  })
}

/** The object storage answered, and did not take the bytes. */
export function storageError(status: number, code: string | undefined, retryable: boolean): UploadError {
  const sentence = retryable
    ? 'The photo storage is busy. Try again in a while.'
    : `The photo storage refuses the upload (${code ?? status}).`
  return new UploadError('storage_refused', sentence, { status, retryable })
}

/** An error of any kind as one for people. */
export function asUploadError(error: unknown): UploadError {
  if (error instanceof UploadError) return error
  // Changed, moved or deleted after it was chosen.
  if (error instanceof Error && /^Not(Readable|Found)Error$/.test(error.name)) {
    const sentence = 'The file can’t be read any more. Choose it again.'
    return new UploadError('file_unreadable', sentence, { status: 0, retryable: false, cause: error })
  }
  return new UploadError('network', 'The file can’t be read or sent.', {
    status: 0,
    retryable: true,
    cause: error,
  })
}

/** Abort with this as reason to stop an upload and keep what has arrived: a later `upload` of it goes on. */
export class UploadPaused extends Error {
  override name = 'UploadPaused'
  constructor() {
    super('The upload is paused.')
  }
}

/** What a refused upload was refused for. */
export function refusalError(problem: Omit<Problem, 'requestId'>): UploadError {
  return answerError(problem.status, problem, undefined)
}

/** The error that an answer other than 2xx stands for. */
export function answerError(status: number, body: unknown, retryAfter: number | undefined): UploadError {
  const wait = retryAfter === undefined ? {} : { retryAfter }
  if (isProblem(body)) {
    const retryable = isRetryableStatus(status) || body.code === 'idempotency_in_flight'
    return new UploadError(body.code, body.detail || body.title, {
      status,
      retryable,
      problem: body,
      ...wait,
    })
  }
  return new UploadError('unexpected_answer', sentences[status] ?? sentenceFor(status), {
    status,
    retryable: isRetryableStatus(status),
    ...wait,
  })
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false
  const { code, title, detail } = body as Record<string, unknown>
  return typeof code === 'string' && (typeof detail === 'string' || typeof title === 'string')
}

const isRetryableStatus = (status: number) => status >= 500 || status === 408 || status === 429

/** For answers that are not Tintype's own, mostly a proxy's in between. */
const sentences: Record<number, string> = {
  401: 'You have to sign in first.',
  403: 'The server refuses this upload.',
  404: 'No upload is taken at this address.',
  413: 'The file is too large for this server.',
  429: 'The server is busy. Try again in a while.',
}

const sentenceFor = (status: number) =>
  isRetryableStatus(status)
    ? `The server has a problem (${status}). Try again in a while.`
    : `The server gave an answer that isn’t understood (${status}).`
