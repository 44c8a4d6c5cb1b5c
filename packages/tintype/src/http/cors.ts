import type { ApiRequest, Headers } from './exchange.ts'

export interface Sharing {
  methods: string
  /** Headers of answers that pages may read. */
  exposed: string
  /** Whether cookies may come along. */
  credentials: boolean
}

export interface Shared {
  headers: Headers
  /** Whether the browser asks before it sends the request itself: then the headers are the answer. */
  isPreflight: boolean
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
): (request: ApiRequest) => Shared {
  const allowed = new Set(origins)
  const unshared: Shared = { headers: allowed.size > 0 ? { Vary: 'Origin' } : {}, isPreflight: false }
  return ({ method, headers: asked }) => {
    const { origin } = asked
    if (origin === undefined || !allowed.has(origin)) return unshared
    const headers: Headers = { Vary: 'Origin', 'Access-Control-Allow-Origin': origin }
    if (credentials) headers['Access-Control-Allow-Credentials'] = 'true'
    const wanted = asked['access-control-request-headers']
    if (method !== 'OPTIONS' || asked['access-control-request-method'] === undefined) {
      headers['Access-Control-Expose-Headers'] = exposed
      return { headers, isPreflight: false }
    }
    headers['Access-Control-Allow-Methods'] = methods
    if (wanted !== undefined) headers['Access-Control-Allow-Headers'] = wanted
    headers['Access-Control-Max-Age'] = String(maxAge)
    return { headers, isPreflight: true }
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
