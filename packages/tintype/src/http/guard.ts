import { TintypeError } from '../errors.ts'
import type { Asked, OwnAddress } from './address.ts'
import type { ApiRequest, Headers } from './exchange.ts'

/** For answers that are data: nothing in them may run or be framed, and caches must ask again. */
export const apiHeaders: Headers = {
  'Cache-Control': 'private, no-cache',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
}

/**
 * Refuses writes that a page of another site makes a browser send, cookies and all (CSRF). Browsers tell where
 * a request comes from (Origin, Sec-Fetch-Site); programs that are no browsers tell nothing and may pass.
 *
 * @param own what tells pages of the app itself
 * @param origins further origins whose pages may write, e.g. `https://app.example`
 * @returns throws `cross_site`
 */
export function refuseCrossSite(
  own: OwnAddress,
  origins: readonly string[] = [],
): (request: Asked & { method: string }) => void {
  const allowed = new Set(origins)
  return (request) => {
    if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return
    const { origin } = request.headers
    if (origin === undefined) {
      const site = request.headers['sec-fetch-site']
      if (site === undefined || site === 'same-origin' || site === 'none') return
    } else if (allowed.has(origin) || own.isOwn(request, origin)) {
      return
    }
    throw new TintypeError(
      'cross_site',
      `Pages of other sites may not write here, and ${own.of(request).origin || 'this server'} is not the site of this page. If it is yours, set PUBLIC_URL (publicUrl) to the address that people use.`,
    )
  }
}

/**
 * Stops a body that flows to a listener of the app already, until it is read here as well: what comes while `authenticate`
 * is awaited would be theirs alone.
 */
export function keepBody({ body }: Pick<ApiRequest, 'body'>): void {
  if (body.readableFlowing) body.pause()
}
