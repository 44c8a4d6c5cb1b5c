import type { IncomingMessage, ServerResponse } from 'node:http'
import { accessDenied, S3Error } from './errors.ts'
import { evaluate } from './policy/index.ts'
import type { Authenticated } from './sigv4.ts'
import type { Storage } from './storage.ts'

/** One authenticated request, as the operations see it. */
export interface Context {
  req: IncomingMessage
  res: ServerResponse
  auth: Authenticated
  storage: Storage
  bucket: string
  /** Empty for an operation on the bucket. */
  key: string
  query: ReadonlyMap<string, string>
  now: number
}

export type Operation = (context: Context) => Promise<void> | void

/** Whether the signer may do this, by the policy of its identity. No policy: everything. */
export function isAllowed({ auth, bucket, query }: Context, action: string, key: string): boolean {
  const { policy, name, accessKeyId } = auth.identity
  if (!policy) return true
  const facts = {
    action: `s3:${action}`,
    resource: key === '' ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${key}`,
    context: {
      'aws:username': name ?? accessKeyId,
      's3:prefix': query.get('prefix'),
      's3:delimiter': query.get('delimiter'),
      's3:max-keys': query.get('max-keys'),
      's3:signatureversion': 'AWS4-HMAC-SHA256',
      's3:authType': auth.presigned ? 'REST-QUERY-STRING' : 'REST-HEADER',
    },
  }
  return evaluate([policy], facts) === 'allow'
}

/** @throws {S3Error} `AccessDenied` */
export function requireAllowed(context: Context, action: string, key = context.key): void {
  if (!isAllowed(context, action, key)) {
    const who = context.auth.identity.name ?? context.auth.identity.accessKeyId
    throw accessDenied(`User ${who} is not authorized to perform s3:${action} on this resource`)
  }
}

/** @throws {S3Error} `NoSuchBucket` */
export function requireBucket({ storage, bucket }: Context): void {
  if (!storage.hasBucket(bucket)) {
    throw new S3Error('NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket })
  }
}

/** Without s3:ListBucket nobody learns whether a key exists: 403 instead of 404, as AWS does. */
export function noSuchKey(context: Context): S3Error {
  if (!isAllowed(context, 'ListBucket', '')) return accessDenied()
  return new S3Error('NoSuchKey', 'The specified key does not exist.', { Key: context.key })
}

export function sendXml({ res }: Context, xml: string): void {
  res.writeHead(200, { 'Content-Type': 'application/xml', 'Content-Length': Buffer.byteLength(xml) })
  res.end(xml)
}
