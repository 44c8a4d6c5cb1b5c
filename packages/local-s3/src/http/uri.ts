import { S3Error } from '../errors.ts'

/** A name and a value, both decoded, in the order of the query string. */
export type QueryPair = readonly [name: string, value: string]

/**
 * RFC 3986 encoding as SigV4 wants it: everything but letters, digits and `-._~` becomes `%XX`
 * (upper case) of its UTF-8 bytes.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** A path, whose slashes stay. */
export function encodePath(path: string): string {
  return path.split('/').map(encode).join('/')
}

/**
 * Undoes `encode`. A plus sign is a plus sign, in a query too. Nothing is normalised: `.`, `..` and
 * empty segments are parts of a key as any other.
 *
 * @throws S3Error InvalidURI for a broken escape or bytes that are not UTF-8
 */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new S3Error('InvalidURI', undefined, { cause, details: { URI: text } })
  }
}

export function parseQuery(query: string): QueryPair[] {
  if (query === '') return []
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      return equals < 0 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]
    })
}
