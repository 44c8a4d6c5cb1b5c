import type { IncomingHttpHeaders } from 'node:http'

/** Which pages may write. */
export interface Pages {
  /** Named by the app, whatever a browser says of them. */
  isNamed(origin: string): boolean
  /** Of the app itself, as far as Host and `publicUrl` tell. */
  isOwn(origin: string): boolean
}

const readOnly = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a page of another site makes a browser write here, cookies and all (cross-site request forgery).
 *
 * - `Sec-Fetch-Site` comes first: browsers compare page and target by what they see, before any proxy, and no page can set
 *   it. `same-origin` is the app's own page, `none` the person themselves. A page of the same site (`same-site`: another port
 *   or subdomain) is another page.
 * - Browsers before 2023, and those that ask by plain `http:` in a network of one's own, leave it out: then `Origin` is
 *   compared with Host and `publicUrl`. All browsers of the last ten years send it with what another site's page writes.
 * - Programs that are no browsers send neither, and pass. `Referer` says nothing: a page can leave it out.
 *
 * https://www.w3.org/TR/fetch-metadata/
 */
export function isCrossSite(method: string, headers: IncomingHttpHeaders, pages: Pages): boolean {
  if (readOnly.has(method)) return false
  const { origin, 'sec-fetch-site': site } = headers
  if (origin !== undefined && pages.isNamed(origin)) return false
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  return origin !== undefined && !pages.isOwn(origin)
}
