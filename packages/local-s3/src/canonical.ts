/** Percent-encodes everything but A-Z a-z 0-9 - . _ ~ (RFC 3986, as SigV4 wants it). */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** A request target, taken apart as it came over the wire. Nothing is normalised; a plus is a plus. */
export interface Target {
  path: string
  query: [name: string, value: string][]
}

/** @throws {URIError} when the percent-encoding is broken */
export function parseTarget(url: string): Target {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const pairs =
    mark < 0
      ? []
      : url
          .slice(mark + 1)
          .split('&')
          .filter(Boolean)
  return {
    path: decodeURIComponent(path),
    query: pairs.map((pair) => {
      const at = pair.indexOf('=')
      return at < 0
        ? [decodeURIComponent(pair), '']
        : [decodeURIComponent(pair.slice(0, at)), decodeURIComponent(pair.slice(at + 1))]
    }),
  }
}

export function canonicalPath(path: string): string {
  return path.split('/').map(uriEncode).join('/')
}

/** Sorted by encoded name, then value. The signature itself is not part of what was signed. */
export function canonicalQuery(query: Target['query']): string {
  return query
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** Header values by lower-case name: trimmed, inner white space folded, repeated headers joined by a comma. */
export function headerValues(rawHeaders: string[]): Map<string, string> {
  const values = new Map<string, string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    const value = (rawHeaders[i + 1] as string).trim().replace(/ +/g, ' ')
    const before = values.get(name)
    values.set(name, before === undefined ? value : `${before},${value}`)
  }
  return values
}
