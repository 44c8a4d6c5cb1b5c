import type { RequestHandler } from 'express'

export interface Sharing {
  methods: string
  /** Headers of answers that pages may read. */
  exposed: string
  /** Whether cookies may come along. */
  credentials: boolean
}

/** Seconds for which a browser need not ask again. */
const maxAge = 3600

/**
 * Lets pages of these origins read the answers, and asks nobody else to (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol).
 * What others' pages may write is decided elsewhere: a browser sends many requests without asking first.
 */
export function shareWith(
  origins: readonly string[],
  { methods, exposed, credentials }: Sharing,
): RequestHandler {
  const allowed = new Set(origins)
  return (req, res, next) => {
    if (allowed.size > 0) res.vary('Origin')
    const { origin } = req.headers
    if (origin === undefined || !allowed.has(origin)) return next()
    res.setHeader('Access-Control-Allow-Origin', origin)
    if (credentials) res.setHeader('Access-Control-Allow-Credentials', 'true')
    const { 'access-control-request-method': method, 'access-control-request-headers': headers } = req.headers
    if (req.method !== 'OPTIONS' || method === undefined) {
      res.setHeader('Access-Control-Expose-Headers', exposed)
      return next()
    }
    res.setHeader('Access-Control-Allow-Methods', methods)
    if (headers !== undefined) res.setHeader('Access-Control-Allow-Headers', headers)
    res.setHeader('Access-Control-Max-Age', maxAge)
    res.status(204).end()
  }
}

/** For the API. */
export const apiSharing: Sharing = {
  methods: 'GET, HEAD, POST, PUT, PATCH, DELETE',
  exposed: 'Location, Retry-After, X-Request-Id, ETag',
  credentials: true,
}

/** For the embedded S3, as docs/direct-uploads.md advises for any bucket. */
export const storageSharing: Sharing = {
  methods: 'GET, HEAD, PUT',
  exposed: 'ETag, x-amz-checksum-sha256, Content-Range, Accept-Ranges',
  credentials: false,
}
