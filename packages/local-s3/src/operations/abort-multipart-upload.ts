import { sendEmpty } from '../http/respond.ts'
import type { Call } from './call.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export async function abortMultipartUpload({ request, response, store }: Call): Promise<void> {
  const { bucket, key, query } = request
  store.buckets.demand(bucket)
  await store.blobs.remove(store.uploads.abort(bucket, key, query.get('uploadId') ?? ''))
  sendEmpty(response, 204)
}
