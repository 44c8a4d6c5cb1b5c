import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { TintypeError } from '../errors.ts'
import { randomId } from '../ids.ts'
import type { OwnAddress } from './address.ts'

/** Names the request, in the answer and in the log. */
export const requestId: RequestHandler = (_req, res, next) => {
  res.locals.requestId ??= randomId()
  res.setHeader('X-Request-Id', res.locals.requestId)
  next()
}

/** @param demandOpen throws when nothing is answered any more */
export function whileOpen(demandOpen: () => void): RequestHandler {
  return (_req, _res, next) => {
    demandOpen()
    next()
  }
}

/** For answers that are data: nothing in them may run or be framed, and caches must ask again. */
export const apiHeaders: RequestHandler = setHeaders({
  'Cache-Control': 'private, no-cache',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
})

/** The same headers for every answer. */
export function setHeaders(headers: Record<string, string>): RequestHandler {
  const all = Object.entries(headers)
  return (_req, res, next) => {
    for (const [name, value] of all) res.setHeader(name, value)
    next()
  }
}

/**
 * Refuses writes that a page of another site makes a browser send, cookies and all (CSRF). Browsers tell where
 * a request comes from (Origin, Sec-Fetch-Site); programs that are no browsers tell nothing and may pass.
 *
 * @param own what tells pages of the app itself
 * @param origins further origins whose pages may write, e.g. `https://app.example`
 */
export function refuseCrossSite(own: OwnAddress, origins: readonly string[] = []): RequestHandler {
  const allowed = new Set(origins)
  return (req: Request, _res: Response, next: NextFunction) => {
    if (['GET', 'HEAD', 'OPTIONS'].includes(req.method)) return next()
    const { origin } = req.headers
    if (origin === undefined) {
      const site = req.headers['sec-fetch-site']
      if (site === undefined || site === 'same-origin' || site === 'none') return next()
    } else if (allowed.has(origin) || own.isOwn(req, origin)) {
      return next()
    }
    throw new TintypeError(
      'cross_site',
      `Pages of other sites may not write here, and ${own.of(req).origin || 'this server'} is not the site of this page. If it is yours, set PUBLIC_URL (publicUrl) to the address that people use.`,
    )
  }
}

/**
 * Stops a body that flows to a listener of the app already, until it is read here as well: what comes while `authenticate`
 * is awaited would be theirs alone.
 */
export function keepBody(req: Request): void {
  if (req.readableFlowing) req.pause()
}
