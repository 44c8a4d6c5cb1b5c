/**
 * Signature version 4, the arithmetic.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { S3Request } from '../http/request.ts'
import { encode, encodePath } from '../http/uri.ts'

/** Where and when a signature holds: `20261121/us-east-1/s3/aws4_request`. */
export interface Scope {
  accessKeyId: string
  /** `20261121` */
  date: string
  region: string
  service: string
}

/** The SHA-256 of nothing, in hex. */
export const emptySha256 = createHash('sha256').digest('hex')

/**
 * Reads `KEY/20261121/us-east-1/s3/aws4_request`; access keys may contain slashes.
 * Undefined if it is not of that form.
 */
export function parseCredential(credential: string): Scope | undefined {
  const match = /^(.+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(credential)
  if (match === null) return undefined
  const [, accessKeyId = '', date = '', region = '', service = ''] = match
  return { accessKeyId, date, region, service }
}

export function scopeText({ date, region, service }: Scope): string {
  return `${date}/${region}/${service}/aws4_request`
}

/** The key that signs within a scope. */
export function signingKey(secret: string, { date, region, service }: Scope): Buffer {
  return [date, region, service, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`))
}

/**
 * The string to sign of a request.
 *
 * @param timestamp `20261121T030901Z`
 * @param payloadHash the value of `x-amz-content-sha256`
 */
export function stringToSign(
  request: S3Request,
  options: { timestamp: string; scope: Scope; signedHeaders: string[]; payloadHash: string },
): string {
  const { timestamp, scope, signedHeaders, payloadHash } = options
  const query = request.pairs
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map((pair) => pair.join('='))
    .join('&')
  const headers = signedHeaders.map(
    (name) => `${name}:${(request.headers.get(name) ?? '').replace(/ +/g, ' ')}\n`,
  )
  const canonical = [
    request.method,
    encodePath(request.path),
    query,
    headers.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n')
  return ['AWS4-HMAC-SHA256', timestamp, scopeText(scope), sha256(Buffer.from(canonical, 'latin1'))].join(
    '\n',
  )
}

export function hmac(key: Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

export function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Compares signatures in constant time. */
export function sameSignature(expected: string, given: string): boolean {
  const a = Buffer.from(expected)
  const b = Buffer.from(given)
  return a.length === b.length && timingSafeEqual(a, b)
}

/** `20261121T030901Z` or an HTTP date, as milliseconds; NaN if it is neither. */
export function parseTimestamp(text: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? []
  return Date.parse(year === undefined ? text : `${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

/** Milliseconds as `20261121T030901Z`. */
export function formatTimestamp(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '')
}
