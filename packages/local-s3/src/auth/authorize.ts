import { S3Error } from '../errors.ts'
import type { S3Request } from '../http/request.ts'
import type { PolicyDocument } from '../policy/document.ts'
import { evaluate } from '../policy/index.ts'
import type { Authentication } from './authenticate.ts'

/** The one account that all identities and buckets belong to. */
export const account = '000000000000'

/** What the identity of one request may do. */
export interface Authorizer {
  may(action: string, bucket: string, key?: string): boolean
  /** @throws S3Error AccessDenied */
  demand(action: string, bucket: string, key?: string): void
}

/**
 * Decides by the identity's own policy and the policy of the bucket: an explicit Deny in either
 * wins, and without an Allow in one of them the answer is no.
 *
 * An identity without a policy owns the account: only a bucket's Deny stops it, and it can always
 * put a wrong bucket policy right.
 *
 * @param bucketPolicy the policy of a bucket, if it has one
 */
export function createAuthorizer(
  request: S3Request,
  { identity, type, signedAt }: Authentication,
  bucketPolicy: (bucket: string) => PolicyDocument | undefined,
  now: number,
): Authorizer {
  const name = identity.name ?? identity.accessKeyId
  const principal = `arn:aws:iam::${account}:user/${name}`
  const { query, headers, raw } = request
  const address = raw.socket.remoteAddress?.replace(/^::ffff:/, '')
  const context: Record<string, string | undefined> = {
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:PrincipalAccount': account,
    'aws:PrincipalArn': principal,
    'aws:PrincipalType': 'User',
    'aws:Referer': headers.get('referer'),
    'aws:SecureTransport': String('encrypted' in raw.socket),
    'aws:SourceIp': address,
    'aws:UserAgent': headers.get('user-agent'),
    'aws:userid': name,
    'aws:username': name,
    's3:ResourceAccount': account,
    's3:authType': type,
    's3:delimiter': query.get('delimiter'),
    's3:if-match': headers.get('if-match'),
    's3:if-none-match': headers.get('if-none-match'),
    's3:max-keys': query.get('max-keys'),
    's3:prefix': query.get('prefix'),
    's3:signatureAge': String(now - signedAt),
    's3:signatureversion': 'AWS4-HMAC-SHA256',
    's3:versionid': query.get('versionId'),
  }
  for (const [header, value] of headers) if (header.startsWith('x-amz-')) context[`s3:${header}`] = value

  // One request may name many keys of a bucket.
  const policies = new Map<string, PolicyDocument | undefined>()
  const policyOf = (bucket: string) => {
    if (!policies.has(bucket)) policies.set(bucket, bucketPolicy(bucket))
    return policies.get(bucket)
  }
  const may = (action: string, bucket: string, key?: string) => {
    if (identity.policy === undefined && recovery.has(action)) return true
    const documents = [identity.policy ?? everything]
    const policy = policyOf(bucket)
    if (policy !== undefined) documents.push(policy)
    const resource = `arn:aws:s3:::${bucket || '*'}${key ? `/${key}` : ''}`
    return evaluate(documents, { action, resource, context, principal }) === 'allow'
  }
  return {
    may,
    demand(action, bucket, key) {
      if (may(action, bucket, key)) return
      const resource = `arn:aws:s3:::${bucket || '*'}${key ? `/${key}` : ''}`
      throw new S3Error(
        'AccessDenied',
        `User: ${principal} is not authorized to perform: ${action} on resource: "${resource}"`,
      )
    },
  }
}

const everything: PolicyDocument = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' },
}
const recovery = new Set(['s3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:DeleteBucketPolicy'])
