/**
 * Authentication of a browser's form.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html
 */
import { S3Error } from '../errors.ts'
import type { Authentication } from './authenticate.ts'
import { findIdentity, onlyVersion4 } from './claim.ts'
import { hmac, parseCredential, parseTimestamp, sameSignature, signingKey } from './signature.ts'
import type { Verifier } from './verifier.ts'

/**
 * Verifies the signature of a form's policy.
 *
 * @param fields by lower-case name
 * @throws S3Error AccessDenied, InvalidArgument, InvalidAccessKeyId, SignatureDoesNotMatch
 */
export function authenticateForm(fields: ReadonlyMap<string, string>, verifier: Verifier): Authentication {
  const policy = fields.get('policy')
  if (policy === undefined) throw new S3Error('AccessDenied')
  const demand = (name: string) => {
    const value = fields.get(name)
    if (value !== undefined) return value
    throw new S3Error('InvalidArgument', `Bucket POST must contain a field named '${name}'.`, {
      details: { ArgumentName: name, ArgumentValue: '' },
    })
  }
  if (fields.has('awsaccesskeyid')) throw onlyVersion4()
  if (demand('x-amz-algorithm') !== 'AWS4-HMAC-SHA256') {
    throw new S3Error('InvalidArgument', 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"')
  }
  const scope = parseCredential(demand('x-amz-credential'))
  const timestamp = demand('x-amz-date')
  if (scope === undefined || Number.isNaN(parseTimestamp(timestamp))) {
    throw new S3Error('InvalidArgument', 'X-Amz-Credential or X-Amz-Date is malformed.')
  }
  const identity = findIdentity(
    scope,
    timestamp,
    verifier,
    (message) => new S3Error('InvalidArgument', message, { details: { ArgumentName: 'X-Amz-Credential' } }),
  )
  const signature = hmac(signingKey(identity.secretAccessKey, scope), policy).toString('hex')
  if (!sameSignature(signature, demand('x-amz-signature'))) throw new S3Error('SignatureDoesNotMatch')
  return { identity, type: 'POST', signedAt: parseTimestamp(timestamp), payload: { kind: 'unsigned' } }
}
