import { TintypeError } from '../errors.ts'
import type { Asked, OwnAddress } from './address.ts'
import { isCrossSite, type Pages } from './cross-site.ts'
import type { ApiRequest, Headers } from './exchange.ts'

/** For answers that are data: nothing in them may run or be framed, and caches must ask again. */
export const apiHeaders: Headers = {
  'Cache-Control': 'private, no-cache',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
}

/**
 * Refuses writes that a page of another site makes a browser send.
 *
 * @param own what tells pages of the app itself
 * @param origins further origins whose pages may write, e.g. `https://app.example`
 * @returns throws `cross_site`
 */
export function refuseCrossSite(
  own: OwnAddress,
  origins: readonly string[] = [],
): (request: Asked & { method: string }) => void {
  const named = new Set(origins)
  return (request) => {
    const pages: Pages = {
      isNamed: (origin) => named.has(origin) || own.isPublic(origin),
      isOwn: (origin) => own.isOwn(request, origin),
    }
    if (!isCrossSite(request.method, request.headers, pages)) return
    throw new TintypeError(
      'cross_site',
      `Pages of ${siteOf(request)} may not write to ${own.of(request).origin || 'this server'}. If they are yours, name their origin in ORIGINS (origins); if people reach this very app by that address, set PUBLIC_URL (publicUrl) to it.`,
    )
  }
}

/** The page's origin, where the browser says it and it is one to show. */
function siteOf({ headers: { origin = '' } }: Asked): string {
  return /^https?:\/\/[\w.:[\]-]{1,100}$/.test(origin) ? origin : 'other sites'
}

/**
 * Stops a body that flows to a listener of the app already, until it is read here as well: what comes while `authenticate`
 * is awaited would be theirs alone.
 *
 * @returns whether it flowed: what leaves it to others after all has to let it flow again
 */
export function keepBody({ body }: Pick<ApiRequest, 'body'>): boolean {
  if (!body.readableFlowing) return false
  body.pause()
  return true
}
