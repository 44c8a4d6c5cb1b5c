import { createHash } from 'node:crypto'
import { errorTable, type Problem } from '@tintype/protocol'
import type { ErrorRequestHandler, Request, Response } from 'express'
import type { Clock } from '../clock.ts'
import { retryAfter, TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { OwnAddress } from './address.ts'
import { escapeHtml, formPage, page, wantsHtml } from './html.ts'
import { finishUnread } from './unread.ts'

/**
 * The only place where an error becomes an answer: problem details (RFC 9457), or a small page for a form
 * without JavaScript. What isn't an error of ours is logged in full and answered as `internal`, saying nothing.
 */
export function problemHandler(log: Log, own: OwnAddress, clock?: Clock): ErrorRequestHandler {
  return (thrown: unknown, req, res, _next) => {
    const error = asTintypeError(thrown)
    const { status } = errorTable[error.code]
    const level = status >= 500 ? 'error' : 'info'
    // For whoever counts.
    res.locals.problem = error.code
    log[level]('request.refused', { requestId: res.locals.requestId, code: error.code, error: thrown })
    if (res.headersSent) {
      res.destroy()
      return
    }
    const problem: Problem = { ...problemOf(error), requestId: String(res.locals.requestId ?? '') }
    res.status(status)
    if (status === 503 || error.code === 'idempotency_in_flight') res.set('Retry-After', String(retryAfter))
    // RFC 9110 section 12.5.3: it may be the coding that was wrong, and then this is the only one.
    if (error.code === 'unsupported_body') res.set('Accept-Encoding', 'identity')
    if (status === 401) res.set('WWW-Authenticate', 'Bearer')
    if (error.code === 'shutting_down' || error.code === 'too_slow') res.set('Connection', 'close')
    send(req, res, problem, { own, clock })
  }
}

/** Problem details, without the request. */
export function problemOf({ code, message, limit, file }: TintypeError): Omit<Problem, 'requestId'> {
  const { status, title } = errorTable[code]
  return {
    type: `urn:tintype:error:${code}`,
    title,
    status,
    code,
    detail: message,
    ...(limit === undefined ? {} : { limit }),
    ...file,
  }
}

function send(
  req: Request,
  res: Response,
  problem: Problem,
  { own, clock }: { own: OwnAddress; clock: Clock | undefined },
): void {
  const html = wantsHtml(req)
  const body = html ? problemPage(problem, formPage(req, own)) : JSON.stringify(problem)
  if (html) res.set('Content-Security-Policy', pagePolicy)
  res.set('Content-Type', html ? 'text/html; charset=utf-8' : 'application/problem+json')
  res.set('Cache-Control', 'no-store')
  finishUnread(req, res, body, clock)
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
const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'`

function asTintypeError(thrown: unknown): TintypeError {
  if (thrown instanceof TintypeError) return thrown
  if (isClientError(thrown))
    return new TintypeError('malformed_request', 'The request is malformed.', { cause: thrown })
  return new TintypeError('internal', 'Something went wrong here. The log has more under the request id.', {
    cause: thrown,
  })
}

/** Express and its parsers mark what a client got wrong (a path that can't be decoded, for instance). */
function isClientError(thrown: unknown): boolean {
  const status = thrown instanceof Error && 'status' in thrown ? Number(thrown.status) : 0
  return status >= 400 && status < 500
}
