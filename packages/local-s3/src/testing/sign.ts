/** Signature version 4 a second time, for tests to speak to the server without an SDK, rightly and wrongly. */
import { createHash, createHmac } from 'node:crypto'

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
}

export interface Unsigned {
  method: string
  /** Encoded. */
  path: string
  /** Encoded, each parameter with its `=`. */
  query?: string
  /** Lower-case names; `host` has to be there. */
  headers: Record<string, string>
  credentials: Credentials
  /** Milliseconds. @default now */
  time?: number
  region?: string
  /** @default all headers */
  signedHeaders?: string[]
  /** The date of the scope, if it shall be another one. */
  scopeDate?: string
}

/** What a signature was made with: to sign the chunks of a body too. */
export interface Signed {
  signature: string
  key: Buffer
  timestamp: string
  scope: string
}

/** The headers with `x-amz-date`, `x-amz-content-sha256` and `authorization` added. */
export function signHeaders(
  request: Unsigned,
  payloadHash: string,
): { headers: Record<string, string> } & Signed {
  const timestamp = timestampOf(request.time ?? Date.now())
  const headers = { ...request.headers, 'x-amz-date': timestamp, 'x-amz-content-sha256': payloadHash }
  const names = (request.signedHeaders ?? Object.keys(headers)).toSorted()
  const signed = sign({ ...request, headers }, request.query ?? '', names, timestamp, payloadHash)
  const credential = `${request.credentials.accessKeyId}/${signed.scope}`
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signed.signature}`
  return { headers: { ...headers, authorization }, ...signed }
}

/** Path and query of a presigned URL. */
export function presign(
  request: Unsigned,
  expires: number | string = 60,
  payloadHash = 'UNSIGNED-PAYLOAD',
): string {
  const timestamp = timestampOf(request.time ?? Date.now())
  const names = Object.keys(request.headers).toSorted()
  const scope = scopeOf(request, timestamp)
  const query = [
    ...(request.query ? request.query.split('&') : []),
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=${encodeURIComponent(`${request.credentials.accessKeyId}/${scope}`)}`,
    `X-Amz-Date=${timestamp}`,
    `X-Amz-Expires=${expires}`,
    `X-Amz-SignedHeaders=${encodeURIComponent(names.join(';'))}`,
  ].join('&')
  const { signature } = sign(request, query, names, timestamp, payloadHash)
  return `${request.path}?${query}&X-Amz-Signature=${signature}`
}

/** A body in signed `aws-chunked` form, with a signed trailer if one is given. */
export function signChunks(chunks: Buffer[], seed: Signed, trailer?: [name: string, value: string]): Buffer {
  let previous = seed.signature
  const next = (kind: string, ...hashes: string[]) => {
    previous = hmac(
      seed.key,
      [`AWS4-HMAC-SHA256-${kind}`, seed.timestamp, seed.scope, previous, ...hashes].join('\n'),
    ).toString('hex')
    return previous
  }
  const pieces: (Buffer | string)[] = []
  for (const chunk of [...chunks, Buffer.alloc(0)]) {
    const signature = next('PAYLOAD', sha256(''), sha256(chunk))
    pieces.push(`${chunk.length.toString(16)};chunk-signature=${signature}\r\n`, chunk)
    if (chunk.length > 0) pieces.push('\r\n')
  }
  if (trailer) {
    const line = trailer.join(':')
    pieces.push(`${line}\r\nx-amz-trailer-signature:${next('TRAILER', sha256(`${line}\n`))}\r\n`)
  }
  return Buffer.concat([...pieces, '\r\n'].map((piece) => Buffer.from(piece)))
}

/** A body in unsigned `aws-chunked` form. */
export function chunked(chunks: Buffer[], ...trailers: string[]): Buffer {
  const data = chunks.flatMap((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n'])
  const end = ['0\r\n', ...trailers.map((trailer) => `${trailer}\r\n`), '\r\n']
  return Buffer.concat([...data, ...end].map((piece) => Buffer.from(piece)))
}

export function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex')
}

export function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

export function keyFor(secret: string, scope: string): Buffer {
  return scope.split('/').reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`))
}

export function timestampOf(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')
}

function scopeOf({ scopeDate, region = 'us-east-1' }: Unsigned, timestamp: string): string {
  return `${scopeDate ?? timestamp.slice(0, 8)}/${region}/s3/aws4_request`
}

function sign(
  request: Unsigned,
  query: string,
  names: string[],
  timestamp: string,
  payloadHash: string,
): Signed {
  const scope = scopeOf(request, timestamp)
  const key = keyFor(request.credentials.secretAccessKey, scope)
  const canonical = [
    request.method,
    request.path,
    query.split('&').toSorted().join('&'),
    ...names.map((name) => `${name}:${request.headers[name] ?? ''}`),
    '',
    names.join(';'),
    payloadHash,
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', timestamp, scope, sha256(Buffer.from(canonical, 'latin1'))].join('\n')
  return { signature: hmac(key, toSign).toString('hex'), key, timestamp, scope }
}
