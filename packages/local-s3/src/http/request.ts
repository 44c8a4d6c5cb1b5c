import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { S3Error } from '../errors.ts'
import { decode, parseQuery, type QueryPair } from './uri.ts'

/** A request before authentication. */
export interface S3Request {
  /** `x-amz-request-id` */
  id: string
  method: string
  /** The whole path as sent, decoded, with the mount prefix: SigV4 is verified on this. */
  path: string
  pairs: QueryPair[]
  /** The first value of each name of the query. */
  query: Map<string, string>
  /**
   * By lower-case name; repeated headers are joined by commas. One byte per character, as on the
   * wire. A presigned URL's `x-amz-*` parameters count as headers and are in here too.
   */
  headers: Map<string, string>
  /** The names of headers that really came as headers. */
  sent: ReadonlySet<string>
  /** Empty when there is none. */
  bucket: string
  /** Empty when there is none. */
  key: string
  raw: IncomingMessage
}

/** The address that a request was signed for, where a proxy or a mount has changed it. */
export interface Address {
  /** Name, and port where it is not the default one. */
  host: string
  /** Path and query, as they stand in the request line. */
  target: string
}

/**
 * Reads request line and headers.
 *
 * @param basePath where the server is mounted, e.g. `/s3`; taken off before bucket and key are read
 * @param address in the place of the request's own host, path and mount
 * @throws S3Error InvalidURI
 */
export function readRequest(raw: IncomingMessage, basePath: string, address?: Address): S3Request {
  // A router that mounts us by prefix (Express) takes the prefix off `url` and leaves `originalUrl`.
  const original = address?.target ?? (raw as IncomingMessage & { originalUrl?: string }).originalUrl
  const url = withoutAuthority(Buffer.from(original ?? raw.url ?? '/', 'latin1').toString('utf8'))
  const mark = url.indexOf('?')
  const path = decode(mark < 0 ? url : url.slice(0, mark))
  const pairs = parseQuery(mark < 0 ? '' : url.slice(mark + 1))
  const query = new Map<string, string>()
  for (const [name, value] of pairs) if (!query.has(name)) query.set(name, value)
  const headers = joinHeaders(raw.rawHeaders)
  if (address) {
    headers.set('host', address.host)
    // The mount's own sign-in: S3, on another origin, would never be sent it by a redirect.
    if (!headers.get('authorization')?.startsWith('AWS4-')) headers.delete('authorization')
  }
  const sent = new Set(headers.keys())
  if (query.has('X-Amz-Signature')) {
    for (const [name, value] of query) {
      const header = name.toLowerCase()
      if (header.startsWith('x-amz-') && !headers.has(header) && !signatureParameters.has(header)) {
        headers.set(header, value)
      }
    }
  }
  const base = address ? '' : basePath
  const inside = path === base ? '/' : path.startsWith(`${base}/`) ? path.slice(base.length) : undefined
  if (inside === undefined || !inside.startsWith('/')) {
    throw new S3Error('InvalidURI', undefined, { details: { URI: url.slice(0, 200) } })
  }
  return {
    id: randomBytes(8).toString('hex').toUpperCase(),
    method: raw.method ?? 'GET',
    path,
    pairs,
    query,
    headers,
    sent,
    ...target(inside, headers.get('host') ?? ''),
    raw,
  }
}

/** Proxies' clients send the whole URL as target (RFC 9112 section 3.2.2). */
function withoutAuthority(target: string): string {
  if (!/^https?:\/\//i.test(target)) return target
  const rest = target.replace(/^https?:\/\/[^/?#]*/i, '')
  return rest.startsWith('/') ? rest : `/${rest}`
}

const signatureParameters = new Set(
  ['algorithm', 'credential', 'date', 'expires', 'signedheaders', 'signature'].map((name) => `x-amz-${name}`),
)

/** Path style `/bucket/key`, or virtual-host style where the host is `bucket.localhost`. */
function target(path: string, host: string): { bucket: string; key: string } {
  const [, virtual] = /^([^:]+)\.localhost(?::\d+)?$/.exec(host) ?? []
  if (virtual !== undefined) return { bucket: virtual, key: path.slice(1) }
  const slash = path.indexOf('/', 1)
  return slash < 0
    ? { bucket: path.slice(1), key: '' }
    : { bucket: path.slice(1, slash), key: path.slice(slash + 1) }
}

function joinHeaders(raw: string[]): Map<string, string> {
  const headers = new Map<string, string>()
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase()
    // The white space of HTTP, and not what `trim` takes for it: a byte of a value may be a no-break space.
    const value = (raw[i + 1] ?? '').replace(/^[ \t]+|[ \t]+$/g, '')
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before},${value}`)
  }
  return headers
}
