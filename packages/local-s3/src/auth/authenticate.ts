/**
 * Authentication: SigV4 in the Authorization header or in the query. There is no anonymous access.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */

import { S3Error } from '../errors.ts'
import type { S3Request } from '../http/request.ts'
import { type Claim, claimFromHeader, claimFromQuery, onlyVersion4 } from './claim.ts'
import type { Identity } from './identity.ts'
import { type Payload, readPayload } from './payload.ts'
import { hmac, parseTimestamp, sameSignature, signingKey, stringToSign } from './signature.ts'
import type { Verifier } from './verifier.ts'

export interface Authentication {
  identity: Identity
  /** As the condition key `s3:authType` names it. */
  type: 'REST-HEADER' | 'REST-QUERY-STRING' | 'POST'
  /** Milliseconds. */
  signedAt: number
  payload: Payload
}

/**
 * Verifies the signature of a request; its body is yet to be read and compared with `payload`.
 *
 * @throws S3Error AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed,
 *   AuthorizationHeaderMalformed, AuthorizationQueryParametersError, InvalidToken and others
 */
export function authenticate(request: S3Request, verifier: Verifier): Authentication {
  const authorization = request.headers.get('authorization')
  const inQuery = request.query.has('X-Amz-Algorithm') || request.query.has('X-Amz-Signature')
  if (authorization !== undefined && inQuery) {
    throw new S3Error('InvalidArgument', 'Only one auth mechanism allowed')
  }
  if (authorization !== undefined) return verify(request, claimFromHeader(request, authorization, verifier))
  if (inQuery) return verify(request, claimFromQuery(request, verifier))
  if (request.query.has('Signature') && request.query.has('AWSAccessKeyId')) throw onlyVersion4()
  throw new S3Error('AccessDenied')
}

function verify(request: S3Request, claim: Claim): Authentication {
  const { type, identity, scope, timestamp, signedHeaders, signature, payloadHash } = claim
  if (request.headers.has('x-amz-security-token')) throw new S3Error('InvalidToken')
  requireSigned(request, signedHeaders)
  const key = signingKey(identity.secretAccessKey, scope)
  const toSign = stringToSign(request, { timestamp, scope, signedHeaders, payloadHash })
  if (!sameSignature(hmac(key, toSign).toString('hex'), signature)) {
    throw new S3Error('SignatureDoesNotMatch', undefined, {
      details: {
        AWSAccessKeyId: identity.accessKeyId,
        StringToSign: toSign,
        SignatureProvided: signature,
      },
    })
  }
  return {
    identity,
    type,
    signedAt: parseTimestamp(timestamp),
    payload: readPayload(request, payloadHash, { key, scope, timestamp, signature }),
  }
}

/** The host and each `x-amz-*` header that was sent must be signed, and each signed header must be there. */
function requireSigned(request: S3Request, signedHeaders: string[]): void {
  const signed = new Set(signedHeaders)
  const unsigned = [...request.sent].filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signed.has(name),
  )
  if (unsigned.length > 0) {
    throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
      details: { HeadersNotSigned: unsigned.join(', ') },
    })
  }
  if (!signedHeaders.every((name) => request.sent.has(name))) throw new S3Error('SignatureDoesNotMatch')
}
