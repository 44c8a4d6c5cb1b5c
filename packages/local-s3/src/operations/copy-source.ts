import { S3Error } from '../errors.ts'
import { checkRead } from '../http/preconditions.ts'
import { decode } from '../http/uri.ts'
import type { StoredObject } from '../storage/objects.ts'
import { type Call, noSuchKey, refuseVersions } from './call.ts'

/**
 * The object that `x-amz-copy-source` names, if the requester may read it and its conditions hold.
 *
 * @throws S3Error InvalidArgument, AccessDenied, NoSuchBucket, NoSuchKey, NoSuchVersion, PreconditionFailed
 */
export function demandCopySource(call: Call): StoredObject {
  const { request, store, authorizer } = call
  const header = request.headers.get('x-amz-copy-source') ?? ''
  const [, path = '', versionId] = /^(.*?)(?:\?versionId=(.*))?$/.exec(header) ?? []
  const [, bucket = '', key = ''] = /^\/?([^/]+)\/(.+)$/s.exec(decode(path)) ?? []
  if (key === '') {
    throw new S3Error(
      'InvalidArgument',
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      {
        details: { ArgumentName: 'x-amz-copy-source', ArgumentValue: header },
      },
    )
  }
  authorizer.demand(versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion', bucket, key)
  store.buckets.demand(bucket)
  refuseVersions(versionId)
  const object = store.objects.find(bucket, key)
  if (object === undefined) throw noSuchKey(call, bucket, key)
  if (checkRead(request.headers, object, 'x-amz-copy-source-') === 'not-modified') {
    throw new S3Error('PreconditionFailed')
  }
  return object
}

/** Bytes that come from a blob have no trailers. */
export async function* withoutTrailers(
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, Map<string, string>> {
  yield* bytes
  return new Map()
}
