import { writeCondition } from '../http/preconditions.ts'
import { sendEmpty } from '../http/respond.ts'
import { type Call, noSuchKey, refuseVersions } from './call.ts'

/**
 * Succeeds too when there is no such object.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
 */
export async function deleteObject(call: Call): Promise<void> {
  const { request, response, store, authorizer } = call
  const { bucket, key, headers, query } = request
  store.buckets.demand(bucket)
  refuseVersions(query.get('versionId'))
  if (headers.has('if-match')) authorizer.demand('s3:GetObject', bucket, key)
  const condition = writeCondition(headers, () => noSuchKey(call, bucket, key))
  const { freed, refused } = store.objects.delete(bucket, [{ key, condition }])
  for (const error of refused.values()) throw error
  await store.blobs.remove(freed)
  sendEmpty(response, 204)
}
