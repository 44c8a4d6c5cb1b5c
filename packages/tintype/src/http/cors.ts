import type { ApiRequest, Headers } from './exchange.ts'

export interface Sharing {
  methods: string
  /** Headers of answers that pages may read. */
  exposed: string
  /** Whether requests may carry cookies. */
  credentials: boolean
}

export interface Shared {
  headers: Headers
  /** Whether the browser asks before it sends the request itself: then the headers are the answer. */
  isPreflight: boolean
}

/** Seconds for which a browser may cache a preflight. */
const maxAge = 3600

const asking = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'

/**
 * Lets pages of these origins read the answers, and no others (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol).
 * Comes before authentication: preflights have no cookies and tokens. Which pages may write is decided elsewhere:
 * browsers send many requests without a preflight.
 */
export function shareWith(
  origins: readonly string[],
  { methods, exposed, credentials }: Sharing,
): (request: Pick<ApiRequest, 'method' | 'headers'>) => Shared {
  const allowed = new Set(origins)
  // Caches must not give one page the answer that was made for another.
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
    headers.Vary = asking
    headers['Access-Control-Allow-Methods'] = methods
    if (wanted !== undefined) headers['Access-Control-Allow-Headers'] = wanted
    headers['Access-Control-Max-Age'] = String(maxAge)
    return { headers, isPreflight: true }
  }
}

/** For the API. */
export const apiSharing: Sharing = {
  methods: 'GET, HEAD, POST, PUT, PATCH, DELETE',
  exposed: [
    'Accept-Patch, Allow, Content-Location, ETag, Location, Retry-After, WWW-Authenticate, X-Request-Id',
    'Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version',
    'Upload-Complete, Upload-Concat, Upload-Defer-Length, Upload-Draft-Interop-Version, Upload-Expires, Upload-Incomplete',
    'Upload-Length, Upload-Limit, Upload-Metadata, Upload-Offset',
  ].join(', '),
  credentials: true,
}

/** For the embedded S3, as docs/direct-uploads.md advises for any bucket. */
export const storageSharing: Sharing = {
  methods: 'GET, HEAD, PUT',
  exposed: [
    'Accept-Ranges',
    'Content-Range',
    'ETag',
    ...['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'].map((kind) => `x-amz-checksum-${kind}`),
    'x-amz-checksum-type',
    'x-amz-request-id',
  ].join(', '),
  credentials: false,
}
