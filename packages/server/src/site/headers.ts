import type { Asked, OwnAddress } from 'tintype/internal/http/address'
import type { Headers } from 'tintype/internal/http/exchange'
import type { Tintype } from 'tintype/internal/tintype'

const always: Headers = {
  // The owner decides what is shown: no cache may keep it for others.
  'Cache-Control': 'private, no-cache',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
}

/** Of every answer: scripts and styles from here alone; pictures also from where the view URLs lead. */
export function createSiteHeaders(tintype: Tintype, own: OwnAddress): (asked: Asked) => Headers {
  // The embedded S3 is reached as the site is.
  const viewsOf = (asked: Asked) =>
    tintype.viewOrigin === "'self'" ? own.of(asked).origin : tintype.viewOrigin
  let last: { views: string; headers: Headers } | undefined
  return (asked) => {
    const views = viewsOf(asked)
    if (last?.views !== views)
      last = { views, headers: { ...always, 'Content-Security-Policy': policy(views) } }
    return last.headers
  }
}

function policy(views: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data: blob: ${views}`,
    `media-src 'self' blob: ${views}`,
    `connect-src 'self' ${views}`,
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]
    .map((one) => one.trim())
    .join('; ')
}
