import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'
import { addressOf, type Place } from './address.ts'
import { type CredentialsProvider, secondsWithin } from './credentials.ts'
import { encode } from './percent.ts'

/** Signs requests to the bucket in their query, so that everyone who has the URL can send them. */
export interface QuerySigner {
  /** The origin that the URLs have. */
  origin: string
  /**
   * @param request.headers further headers that the request must have, exactly so; names in lower case
   * @param request.time of the signature, in milliseconds; its fraction of a second is cut off
   * @param request.seconds that the URL is good for from then on, or less where its credentials end sooner
   */
  sign(request: {
    method: 'GET' | 'PUT'
    key: string
    query: Record<string, string>
    headers?: Record<string, string>
    time: number
    seconds: number
  }): Promise<string>
}

export interface SignerOptions extends Place {
  credentials: CredentialsProvider
}

/**
 * Presigned URLs (SigV4 in the query, https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html),
 * with the same parameters and signature as the SDK's presigner, and about ten times as many a second: a page of
 * 100 photos needs hundreds of them.
 */
export function createQuerySigner(options: SignerOptions): QuerySigner {
  const base = addressOf(options)
  const signatureOf = createSignature(options.region)
  return {
    origin: base.origin,
    async sign({ method, key, query, headers = {}, time, seconds }) {
      const credentials = await options.credentials()
      const { accessKeyId, secretAccessKey, sessionToken } = credentials
      const date = amzDate(time)
      const scope = scopeOf(date, options.region)
      const { names, lines } = canonicalHeaders({ ...headers, host: base.host })
      const parameters = canonicalQuery({
        'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
        'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD',
        'X-Amz-Credential': `${accessKeyId}/${scope}`,
        'X-Amz-Date': date,
        'X-Amz-Expires': String(secondsWithin(credentials, time, seconds)),
        ...(sessionToken ? { 'X-Amz-Security-Token': sessionToken } : {}),
        'X-Amz-SignedHeaders': names,
        ...query,
      })
      const path = pathOf(base, key)
      const request = `${method}\n${path}\n${parameters}\n${lines}\n${names}\nUNSIGNED-PAYLOAD`
      const signature = signatureOf(secretAccessKey, date, request)
      return `${base.origin}${path}?${parameters}&X-Amz-Signature=${signature}`
    },
  }
}

export type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'

/** Signs requests that this process sends itself, in their headers. */
export interface HeaderSigner {
  origin: URL
  /**
   * @param request.headers all that are to be signed, names in lower case, values without space around them; the
   * host, the time and the payload's hash are added
   * @param request.payload SHA-256 of the body in lower-case hex, or `UNSIGNED-PAYLOAD`
   * @returns what to send: path with query, and all headers
   */
  sign(request: {
    method: Method
    key: string
    query: Record<string, string>
    headers: Record<string, string>
    payload: string
    time: number
  }): Promise<{ path: string; headers: Record<string, string> }>
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
export function createHeaderSigner(options: SignerOptions): HeaderSigner {
  const base = addressOf(options)
  const signatureOf = createSignature(options.region)
  return {
    origin: new URL(base.origin),
    async sign({ method, key, query, headers, payload, time }) {
      const { accessKeyId, secretAccessKey, sessionToken } = await options.credentials()
      const date = amzDate(time)
      const all: Record<string, string> = {
        ...headers,
        host: base.host,
        'x-amz-content-sha256': payload,
        'x-amz-date': date,
      }
      if (sessionToken) all['x-amz-security-token'] = sessionToken
      const { names, lines } = canonicalHeaders(all)
      const path = pathOf(base, key)
      const parameters = canonicalQuery(query)
      const request = `${method}\n${path}\n${parameters}\n${lines}\n${names}\n${payload}`
      const credential = `${accessKeyId}/${scopeOf(date, options.region)}`
      const signature = signatureOf(secretAccessKey, date, request)
      all.authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`
      return { path: parameters === '' ? path : `${path}?${parameters}`, headers: all }
    },
  }
}

/** The signing key changes with the day and the credentials: four of the five HMACs are spared. */
function createSignature(region: string) {
  let secretOfKeys: string | undefined
  /** By day: view URLs of one page are signed as of this day or the last, or any of a week where they last as long. */
  const keys = new Map<string, KeyObject>()
  return (secret: string, date: string, request: string): string => {
    const day = date.slice(0, 8)
    if (secretOfKeys !== secret || keys.size > mostDays) keys.clear()
    secretOfKeys = secret
    let key = keys.get(day)
    if (!key) {
      // Node takes seven times as long for an HMAC whose key comes as bytes.
      key = createSecretKey(signingKey(secret, day, region))
      keys.set(day, key)
    }
    const text = `AWS4-HMAC-SHA256\n${date}\n${scopeOf(date, region)}\n${hash('sha256', request, 'hex')}`
    return createHmac('sha256', key).update(text).digest('hex')
  }
}

const mostDays = 10

function scopeOf(date: string, region: string): string {
  return `${date.slice(0, 8)}/${region}/s3/aws4_request`
}

function pathOf(base: { path: string }, key: string): string {
  return base.path + (/^[\w.~/-]*$/.test(key) ? key : key.split('/').map(encode).join('/'))
}

function canonicalHeaders(headers: Record<string, string>): { names: string; lines: string } {
  const sorted = Object.entries(headers).sort(byName)
  return {
    names: sorted.map(([name]) => name).join(';'),
    lines: sorted.map(([name, value]) => `${name}:${singleSpaced(value)}\n`).join(''),
  }
}

/** Several spaces count as one; they are sent as they are. */
function singleSpaced(value: string): string {
  return value.includes('  ') ? value.replace(/ {2,}/g, ' ') : value
}

/** Sorted by name as SigV4 wants it, every pair percent-encoded; never through URLSearchParams, whose + is a trap. */
function canonicalQuery(query: Record<string, string>): string {
  const pairs: string[] = []
  let isSorted = true
  for (const name in query) {
    const pair = `${encode(name)}=${encode(query[name] as string)}`
    if (pairs.length > 0 && pair < (pairs[pairs.length - 1] as string)) isSorted = false
    pairs.push(pair)
  }
  return (isSorted ? pairs : pairs.sort()).join('&')
}

function byName([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1
}

/** `20261121T093000Z`. Under load many requests are signed in the same second. */
function amzDate(time: number): string {
  const second = Math.floor(time / 1000)
  if (second !== last.second) {
    last = { second, date: new Date(second * 1000).toISOString().replace(/[-:]|\.\d{3}/g, '') }
  }
  return last.date
}

let last = { second: Number.NaN, date: '' }

function signingKey(secret: string, day: string, region: string): Buffer {
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), 's3'), 'aws4_request')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
