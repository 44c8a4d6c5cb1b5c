import type { ServerResponse } from 'node:http'
import type { Authorizer } from '../auth/authorize.ts'
import type { Body } from '../body/body.ts'
import { S3Error } from '../errors.ts'
import type { S3Request } from '../http/request.ts'
import type { StoredObject } from '../storage/objects.ts'
import type { Store } from '../storage/store.ts'

/** One request that is authenticated, and may do what its route says. */
export interface Call {
  request: S3Request
  response: ServerResponse
  authorizer: Authorizer
  body: Body
  store: Store
  region: string
  /** Milliseconds. */
  now: () => number
}

/**
 * Carries out a request and answers it.
 *
 * @throws S3Error, which becomes the answer
 */
export type Operation = (call: Call) => Promise<void> | void

/** @throws S3Error NoSuchBucket, NoSuchVersion, and what `noSuchKey` gives */
export function demandObject(call: Call, bucket = call.request.bucket, key = call.request.key): StoredObject {
  call.store.buckets.demand(bucket)
  refuseVersions(call.request.query.get('versionId'))
  const object = call.store.objects.find(bucket, key)
  if (object === undefined) throw noSuchKey(call, bucket, key)
  return object
}

/** Whether a key exists is revealed only to identities that may list the bucket. */
export function noSuchKey({ authorizer }: Call, bucket: string, key: string): S3Error {
  return authorizer.may('s3:ListBucket', bucket)
    ? new S3Error('NoSuchKey', undefined, { details: { Key: key } })
    : new S3Error('AccessDenied')
}

/** Buckets have no versions, so the only one of an object is called `null`. @throws S3Error NoSuchVersion */
export function refuseVersions(versionId: string | undefined): void {
  if (versionId !== undefined && versionId !== 'null') {
    throw new S3Error('NoSuchVersion', undefined, { details: { VersionId: versionId } })
  }
}

/** Last-Modified has a resolution of seconds; listings show the same. */
export function wholeSeconds(time: number): number {
  return Math.floor(time / 1000) * 1000
}

/** @throws S3Error InvalidArgument */
export function readInteger(
  query: ReadonlyMap<string, string>,
  name: string,
  { min, max, otherwise }: { min: number; max: number; otherwise: number },
): number {
  const text = query.get(name)
  if (text === undefined || text === '') return otherwise
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new S3Error('InvalidArgument', `${name} must be an integer between ${min} and ${max}, inclusive`, {
    details: { ArgumentName: name, ArgumentValue: text },
  })
}
