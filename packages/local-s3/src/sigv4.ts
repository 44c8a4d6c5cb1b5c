import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { canonicalPath, canonicalQuery, headerValues, type Target } from './canonical.ts'
import { accessDenied, S3Error } from './errors.ts'
import type { Identity } from './index.ts'

/** Who signed a request, and what is needed to verify the chunks of its body. */
export interface Authenticated {
  identity: Identity
  /** `x-amz-content-sha256`, or UNSIGNED-PAYLOAD for a presigned URL without one. */
  payloadHash: string
  presigned: boolean
  chunkSigner: ChunkSigner
}

export interface ChunkSigner {
  /** The signature of the next chunk (or trailer), given its SHA-256; each builds on the one before. */
  next(kind: 'PAYLOAD' | 'TRAILER', sha256: string): string
}

export interface SignedRequest {
  method: string
  target: Target
  rawHeaders: string[]
}

const algorithm = 'AWS4-HMAC-SHA256'
const maxSkew = 15 * 60_000
const maxExpiry = 604_800

/**
 * Verifies Signature Version 4, in the Authorization header or in the query of a presigned URL.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 *
 * @throws {S3Error} with the code that S3 has for what is wrong; nothing anonymous passes
 */
export function authenticate(
  request: SignedRequest,
  { identities, region, now }: { identities: ReadonlyMap<string, Identity>; region: string; now: number },
): Authenticated {
  const headers = headerValues(request.rawHeaders)
  const query = new Map(request.target.query)
  const header = headers.get('authorization')
  const presigned = query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')
  if (header !== undefined && presigned) {
    throw new S3Error('InvalidArgument', 'Only one auth mechanism allowed')
  }
  if (header === undefined && !presigned) throw accessDenied()
  const claim = presigned ? fromQuery(query) : fromHeader(header as string, headers)

  const { accessKeyId, scope } = parseCredential(claim.credential, presigned)
  const [day, claimedRegion, service, terminator] = scope
  const malformed = presigned ? 'AuthorizationQueryParametersError' : 'AuthorizationHeaderMalformed'
  if (claimedRegion !== region) {
    const message = `The authorization is malformed; the region '${claimedRegion}' is wrong; expecting '${region}'`
    throw new S3Error(malformed, message, { Region: region })
  }
  if (service !== 's3' || terminator !== 'aws4_request' || day !== claim.time.slice(0, 8)) {
    throw new S3Error(malformed, 'The credential scope is not of this date, for s3, ended by aws4_request')
  }
  checkTime(claim, now)
  const identity = identities.get(accessKeyId)
  if (!identity) {
    throw new S3Error(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
    )
  }

  const signed = claim.signedHeaders.split(';')
  if (!signed.includes('host')) throw new S3Error(malformed, 'The host header has to be signed')
  for (const name of headers.keys()) {
    if (name.startsWith('x-amz-') && !signed.includes(name)) {
      throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
        HeadersNotSigned: name,
      })
    }
  }

  const scopeText = scope.join('/')
  const canonical = [
    request.method,
    canonicalPath(request.target.path),
    canonicalQuery(request.target.query),
    ...signed.map((name) => `${name}:${headers.get(name) ?? ''}`),
    '',
    claim.signedHeaders,
    claim.payloadHash,
  ].join('\n')
  const key = signingKey(identity.secretAccessKey, scope)
  const expected = hmac(key, `${algorithm}\n${claim.time}\n${scopeText}\n${sha256(canonical)}`).toString(
    'hex',
  )
  if (!equal(expected, claim.signature)) {
    const message =
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.'
    throw new S3Error('SignatureDoesNotMatch', message, { CanonicalRequest: canonical })
  }

  let previous = expected
  const chunkSigner: ChunkSigner = {
    next(kind, hash) {
      const empty = kind === 'PAYLOAD' ? `${sha256('')}\n` : ''
      const text = `${algorithm}-${kind}\n${claim.time}\n${scopeText}\n${previous}\n${empty}${hash}`
      previous = hmac(key, text).toString('hex')
      return previous
    },
  }
  return { identity, payloadHash: claim.payloadHash, presigned, chunkSigner }
}

interface Claim {
  credential: string
  signedHeaders: string
  signature: string
  /** `20261121T093000Z` */
  time: string
  /** Seconds; presigned URLs only. */
  expires: number | undefined
  payloadHash: string
}

function fromHeader(header: string, headers: Map<string, string>): Claim {
  const match = /^AWS4-HMAC-SHA256 +Credential=([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]+)$/.exec(
    header,
  )
  if (!match) {
    throw new S3Error(
      'AuthorizationHeaderMalformed',
      'The authorization header that you provided is not valid.',
    )
  }
  const payloadHash = headers.get('x-amz-content-sha256')
  if (payloadHash === undefined) {
    throw new S3Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256')
  }
  const date = headers.get('x-amz-date') ?? headers.get('date') ?? ''
  const time = /^\d{8}T\d{6}Z$/.test(date) ? date : amzDate(Date.parse(date))
  const [, credential = '', signedHeaders = '', signature = ''] = match
  return { credential, signedHeaders, signature, time, expires: undefined, payloadHash }
}

function fromQuery(query: Map<string, string>): Claim {
  const get = (name: string) => {
    const value = query.get(name)
    if (value === undefined) {
      throw new S3Error('AuthorizationQueryParametersError', `Query-string authentication requires ${name}`)
    }
    return value
  }
  if (get('X-Amz-Algorithm') !== algorithm) {
    throw new S3Error('AuthorizationQueryParametersError', `X-Amz-Algorithm only supports "${algorithm}"`)
  }
  const expires = Number(get('X-Amz-Expires'))
  if (!Number.isInteger(expires) || expires < 1 || expires > maxExpiry) {
    const message = `X-Amz-Expires must be between 1 and ${maxExpiry} seconds`
    throw new S3Error('AuthorizationQueryParametersError', message)
  }
  return {
    credential: get('X-Amz-Credential'),
    signedHeaders: get('X-Amz-SignedHeaders'),
    signature: get('X-Amz-Signature'),
    time: get('X-Amz-Date'),
    expires,
    payloadHash: query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD',
  }
}

/** An access key may hold slashes: the scope is the last four parts. */
function parseCredential(credential: string, presigned: boolean): { accessKeyId: string; scope: string[] } {
  const parts = credential.split('/')
  if (parts.length < 5) {
    const code = presigned ? 'AuthorizationQueryParametersError' : 'AuthorizationHeaderMalformed'
    throw new S3Error(code, 'The Credential is malformed; expecting "<key>/YYYYMMDD/REGION/s3/aws4_request".')
  }
  return { accessKeyId: parts.slice(0, -4).join('/'), scope: parts.slice(-4) }
}

function checkTime({ time, expires }: Claim, now: number): void {
  const signedAt = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (Number.isNaN(signedAt))
    throw accessDenied('AWS authentication requires a valid Date or x-amz-date header')
  if (expires === undefined) {
    if (Math.abs(now - signedAt) > maxSkew) {
      const message = 'The difference between the request time and the current time is too large.'
      throw new S3Error('RequestTimeTooSkewed', message, { ServerTime: new Date(now).toISOString() })
    }
    return
  }
  if (signedAt > now + maxSkew) throw accessDenied('Request is not valid yet')
  if (now > signedAt + expires * 1000) throw accessDenied('Request has expired')
}

function signingKey(
  secret: string,
  [day = '', region = '', service = '', terminator = '']: string[],
): Buffer {
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), terminator)
}

function amzDate(time: number): string {
  return Number.isNaN(time) ? '' : new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '')
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
