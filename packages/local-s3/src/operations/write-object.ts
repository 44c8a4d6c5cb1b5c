import type { Expected } from '../body/digests.ts'
import { type Received, receive } from '../body/receive.ts'
import { type ChecksumAlgorithm, checksumHeader } from '../checksum/index.ts'
import { S3Error } from '../errors.ts'
import { writeCondition } from '../http/preconditions.ts'
import type { Condition, StoredObject } from '../storage/objects.ts'
import { type Call, noSuchKey, wholeSeconds } from './call.ts'

/** The checksum when none is requested: by far the fastest one. */
export const defaultAlgorithm: ChecksumAlgorithm = 'CRC32'
const maxKey = 1024

/**
 * The condition of this write. Checked once here, so that a write that would fail is refused before the body is read.
 *
 * @throws S3Error NoSuchBucket, KeyTooLongError, PreconditionFailed, NotImplemented
 */
export function checkWrite(call: Call): Condition {
  const { request, store, authorizer } = call
  const { bucket, key, headers } = request
  store.buckets.demand(bucket)
  checkKey(key)
  if (headers.has('if-match')) authorizer.demand('s3:GetObject', bucket, key)
  const condition = writeCondition(headers, () => noSuchKey(call, bucket, key))
  condition(store.objects.find(bucket, key))
  return condition
}

/** @throws S3Error KeyTooLongError */
export function checkKey(key: string): void {
  const size = Buffer.byteLength(key)
  if (size > maxKey)
    throw new S3Error('KeyTooLongError', undefined, { details: { Size: size, MaxSizeAllowed: maxKey } })
}

/** Stores an object that comes in one piece, from whatever source, and gives its row. */
export async function writeObject(
  { store, now }: Pick<Call, 'store' | 'now'>,
  { bucket, key, headers }: Pick<StoredObject, 'bucket' | 'key' | 'headers'>,
  source: AsyncIterator<Buffer, Map<string, string>>,
  expected: Expected,
  options: { algorithm?: ChecksumAlgorithm | undefined; condition: Condition; maxSize?: number },
): Promise<StoredObject> {
  const algorithm = expected.checksum?.algorithm ?? options.algorithm ?? defaultAlgorithm
  const { maxSize } = options
  const received = await receive(store.blobs, source, expected, {
    algorithms: [algorithm],
    ...(maxSize === undefined ? {} : { maxSize }),
  })
  const object: StoredObject = {
    bucket,
    key,
    modified: wholeSeconds(now()),
    size: received.size,
    etag: received.md5.toString('hex'),
    headers,
    checksum: { algorithm, type: 'FULL_OBJECT', value: received.checksums.get(algorithm) ?? '' },
    blob: received.blob ?? null,
    upload: null,
  }
  await commit({ store }, received, () => store.objects.put(object, options.condition))
  return object
}

/**
 * Names a received blob in a row, or removes it when the transaction fails.
 *
 * @param transaction returns the blobs that nothing names any more
 */
export async function commit(
  { store }: Pick<Call, 'store'>,
  { blob }: Received,
  transaction: () => string[],
): Promise<void> {
  let freed: string[]
  try {
    freed = transaction()
  } catch (error) {
    if (blob !== undefined) await store.blobs.remove([blob])
    throw error
  }
  await store.blobs.remove(freed)
}

/** The checksum of an object as headers. */
export function checksumHeaders({
  checksum: { algorithm, type, value },
}: StoredObject): Record<string, string> {
  return { [checksumHeader(algorithm)]: value, 'x-amz-checksum-type': type }
}
