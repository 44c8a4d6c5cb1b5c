import { createHash } from 'node:crypto'
import { errorTable, type Problem } from '@tintype/protocol'
import { isOurs, TintypeError, usualWait } from '../errors.ts'
import type { Log } from '../log.ts'
import type { OwnAddress } from './address.ts'
import type { Answer, ApiRequest, Headers } from './exchange.ts'
import { escapeHtml, formPage, page, wantsHtml } from './html.ts'
import { requestIdOf } from './request-id.ts'
import { refusedAs } from './shown-as.ts'

/**
 * The only place where an error becomes an answer: problem details (RFC 9457), or a small page for a form
 * without JavaScript. What isn't an error of ours is logged in full and answered as `internal`, saying nothing.
 */
export function createRefusal(log: Log, own: OwnAddress): (thrown: unknown, request: ApiRequest) => Answer {
  return (thrown, request) => {
    const error = refusedAs(asTintypeError(thrown), request.original)
    const { status } = error
    const requestId = requestIdOf(request.original)
    const level = status >= 500 ? 'error' : 'info'
    log[level]('request.refused', { requestId, code: error.code, error: thrown })
    const problem: Problem = { ...problemOf(error), requestId }
    const html = wantsHtml(request)
    const headers = { ...headersOf(error), ...(html ? pageHeaders : problemHeaders) }
    const body = html ? problemPage(problem, formPage(request, own)) : JSON.stringify(problem)
    return { status, headers, body, problem: isOurs(error.code) ? error.code : 'refused' }
  }
}

/** Problem details, without the request. */
export function problemOf(error: TintypeError): Omit<Problem, 'requestId'> {
  const { code, status, message, limit, file, field, current, goneAt, offsets } = error
  const { title } = errorTable[isOurs(code) ? code : 'refused']
  return {
    type: registeredTypes.get(code) ?? `urn:tintype:error:${code}`,
    title,
    status,
    code,
    detail: message,
    ...(limit === undefined ? {} : { limit }),
    ...file,
    ...(field === undefined ? {} : { field }),
    ...(current === undefined ? {} : { current }),
    ...(goneAt === undefined ? {} : { goneAt }),
    ...(offsets && { 'expected-offset': offsets.expected, 'provided-offset': offsets.provided }),
  }
}

/** Problem types that others have registered: draft-ietf-httpbis-resumable-upload, Problem Types. */
const registeredTypes = new Map<string, string>(
  Object.entries({
    mismatching_offset: 'mismatching-upload-offset',
    inconsistent_length: 'inconsistent-upload-length',
  }).map(([code, name]) => [code, `https://iana.org/assignments/http-problem-types#${name}`]),
)

function headersOf({ code, status, retryAfter: known }: TintypeError): Headers {
  const retryAfter = known ?? (code === 'idempotency_in_flight' ? usualWait : undefined)
  return {
    ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
    // RFC 9110 section 12.5.3: it may be the coding that was wrong, and then this is the only one.
    ...(code === 'unsupported_body' ? { 'Accept-Encoding': 'identity' } : {}),
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(code === 'shutting_down' || code === 'too_slow' ? { Connection: 'close' } : {}),
  }
}

/** Stands alone: an app that mounts the router has no style sheet of ours. */
function problemPage({ title, detail, index, name }: Problem, back: string): string {
  const lines = [detail]
  if (index !== undefined) {
    lines.unshift(
      name === undefined ? `File ${index + 1} of the form:` : `${name} (file ${index + 1} of the form):`,
    )
    // A page without JavaScript can't choose files again for people, nor take one out of those that are chosen.
    lines.push('Nothing of this form has been saved. Go back and choose the files again, without this one.')
  }
  const body = lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('')
  return page(
    title,
    `<h1>${escapeHtml(title)}</h1>${body}<p><a href="${escapeHtml(back)}">Back</a></p>`,
    `<style>${style}</style>`,
  )
}

const style =
  ':root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}main{max-width:40rem;margin:0 auto;padding:1rem}'
const problemHeaders = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' }
const pageHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'`,
  'Cache-Control': 'no-store',
}

/** The error itself, or what a client is told of one that isn't ours. */
export function asTintypeError(thrown: unknown): TintypeError {
  if (thrown instanceof TintypeError) return thrown
  if (isClientError(thrown))
    return new TintypeError('malformed_request', 'The request is malformed.', { cause: thrown })
  return new TintypeError('internal', 'Something went wrong here. The log has more under the request id.', {
    cause: thrown,
  })
}

/** Libraries mark what a client got wrong (a path that can't be decoded, for instance). */
function isClientError(thrown: unknown): boolean {
  const status = thrown instanceof Error && 'status' in thrown ? Number(thrown.status) : 0
  return status >= 400 && status < 500
}
