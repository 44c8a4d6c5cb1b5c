import { S3Error } from '../errors.ts'
import type { S3Request } from '../http/request.ts'
import type { Identity } from './identity.ts'
import { formatTimestamp, parseCredential, parseTimestamp, type Scope } from './signature.ts'
import type { Verifier } from './verifier.ts'

/** The identity of a credential, whose scope has to be ours and of the day of the timestamp. */
export function findIdentity(
  credential: Scope,
  timestamp: string,
  verifier: Verifier,
  malformed: (message: string, details?: Record<string, string>) => S3Error,
): Identity {
  const { accessKeyId, date, region, service } = credential
  if (service !== 's3') throw malformed(`incorrect service "${service}". This endpoint belongs to "s3".`)
  if (region !== verifier.region) {
    throw malformed(`the region '${region}' is wrong; expecting '${verifier.region}'`, {
      Region: verifier.region,
    })
  }
  if (!timestamp.startsWith(date))
    throw malformed(`incorrect date "${date}". It differs from the time of the request.`)
  const identity = verifier.identities.get(accessKeyId)
  if (identity === undefined) {
    throw new S3Error('InvalidAccessKeyId', undefined, { details: { AWSAccessKeyId: accessKeyId } })
  }
  return identity
}

/** Clocks may differ by this much. Milliseconds. */
const maxSkew = 15 * 60_000
const maxExpiry = 604_800

/** The credential, scope and times of a request, checked; the signature is yet to be verified. */
export interface Claim {
  type: 'REST-HEADER' | 'REST-QUERY-STRING'
  identity: Identity
  scope: Scope
  timestamp: string
  signedHeaders: string[]
  signature: string
  payloadHash: string
}

export function claimFromHeader(request: S3Request, authorization: string, verifier: Verifier): Claim {
  const [, credential, headers = '', signature = ''] =
    /^AWS4-HMAC-SHA256\s+Credential=(.+?),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/.exec(
      authorization,
    ) ?? []
  const scope = parseCredential(credential ?? '')
  if (scope === undefined) {
    if (!authorization.startsWith('AWS4-HMAC-SHA256')) throw onlyVersion4()
    throw malformedHeader('it must have Credential, SignedHeaders and Signature.')
  }
  const time = parseTimestamp(request.headers.get('x-amz-date') ?? request.headers.get('date') ?? '')
  if (Number.isNaN(time)) {
    throw new S3Error('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header')
  }
  const timestamp = formatTimestamp(time)
  const identity = findIdentity(scope, timestamp, verifier, malformedHeader)
  const now = verifier.now()
  if (Math.abs(now - time) > maxSkew) {
    throw new S3Error('RequestTimeTooSkewed', undefined, {
      details: {
        RequestTime: timestamp,
        ServerTime: new Date(now).toISOString(),
        MaxAllowedSkewMilliseconds: maxSkew,
      },
    })
  }
  const payloadHash = request.headers.get('x-amz-content-sha256')
  if (payloadHash === undefined) {
    throw new S3Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256')
  }
  return {
    type: 'REST-HEADER',
    identity,
    scope,
    timestamp,
    signedHeaders: headers.split(';'),
    signature,
    payloadHash,
  }
}

export function claimFromQuery(request: S3Request, verifier: Verifier): Claim {
  const parameter = (name: string) => {
    const value = request.query.get(`X-Amz-${name}`)
    if (value !== undefined) return value
    throw malformedQuery(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    )
  }
  if (parameter('Algorithm') !== 'AWS4-HMAC-SHA256') {
    throw malformedQuery('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"')
  }
  const scope = parseCredential(parameter('Credential'))
  if (scope === undefined) {
    throw malformedQuery(
      'Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    )
  }
  const timestamp = parameter('Date')
  const time = /^\d{8}T\d{6}Z$/.test(timestamp) ? parseTimestamp(timestamp) : Number.NaN
  if (Number.isNaN(time))
    throw malformedQuery("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
  const expires = /^\d{1,10}$/.test(parameter('Expires')) ? Number(parameter('Expires')) : 0
  if (expires < 1) throw malformedQuery('X-Amz-Expires must be a number of at least 1')
  if (expires > maxExpiry)
    throw malformedQuery(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${maxExpiry} seconds`,
    )
  const identity = findIdentity(scope, timestamp, verifier, malformedQuery)
  const now = verifier.now()
  if (time > now + maxSkew) throw new S3Error('AccessDenied', 'Request is not valid yet')
  if (now >= time + expires * 1000) {
    throw new S3Error('AccessDenied', 'Request has expired', {
      details: {
        'X-Amz-Expires': expires,
        Expires: new Date(time + expires * 1000).toISOString(),
        ServerTime: new Date(now).toISOString(),
      },
    })
  }
  return {
    type: 'REST-QUERY-STRING',
    identity,
    scope,
    timestamp,
    signedHeaders: parameter('SignedHeaders').split(';'),
    signature: parameter('Signature'),
    payloadHash: request.headers.get('x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD',
  }
}

function malformedHeader(message: string, details: Record<string, string> = {}): S3Error {
  return new S3Error('AuthorizationHeaderMalformed', `The authorization header is malformed; ${message}`, {
    details,
  })
}

function malformedQuery(message: string, details: Record<string, string> = {}): S3Error {
  return new S3Error('AuthorizationQueryParametersError', message, { details })
}

/** For the signature versions that came before 4. */
export function onlyVersion4(): S3Error {
  return new S3Error(
    'InvalidRequest',
    'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  )
}
