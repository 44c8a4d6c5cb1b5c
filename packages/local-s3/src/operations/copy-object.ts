import { readAlgorithm } from '../body/digests.ts'
import { maxObjectSize } from '../body/receive.ts'
import type { ChecksumAlgorithm } from '../checksum/index.ts'
import { S3Error } from '../errors.ts'
import { readObjectHeaders } from '../http/object-headers.ts'
import { sendXml } from '../http/respond.ts'
import { type Condition, cameInParts, type StoredObject } from '../storage/objects.ts'
import { quoted } from '../xml/build.ts'
import { type Call, wholeSeconds } from './call.ts'
import { demandCopySource } from './copy-source.ts'
import { checkWrite } from './write-object.ts'

/**
 * The copy shares the source's bytes, which never change, under an ETag and a checksum of its own.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export async function copyObject(call: Call): Promise<void> {
  const condition = checkWrite(call)
  let object: StoredObject | undefined
  // When the source has gone meanwhile, it is as if the request had come a moment later.
  while (object === undefined) object = await tryCopy(call, condition)
  const { algorithm, type, value } = object.checksum
  sendXml(call.response, [
    'CopyObjectResult',
    [
      ['LastModified', new Date(object.modified).toISOString()],
      ['ETag', quoted(object.etag)],
      [`Checksum${algorithm}`, value],
      ['ChecksumType', type],
    ],
  ])
}

/** @returns undefined when the source's bytes have gone before the copy was there */
async function tryCopy(call: Call, condition: Condition): Promise<StoredObject | undefined> {
  const { request, store, now } = call
  const { bucket, key, headers } = request
  const source = demandCopySource(call)
  const directive = headers.get('x-amz-metadata-directive') ?? 'COPY'
  if (directive !== 'COPY' && directive !== 'REPLACE') {
    throw new S3Error('InvalidArgument', 'Unknown metadata directive.', {
      details: { ArgumentName: 'x-amz-metadata-directive', ArgumentValue: directive },
    })
  }
  if (source.bucket === bucket && source.key === key && directive === 'COPY') {
    throw new S3Error(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    )
  }
  if (source.size > maxObjectSize) {
    throw new S3Error(
      'InvalidRequest',
      `The specified copy source is larger than the maximum allowable size for a copy source: ${maxObjectSize}`,
    )
  }
  const algorithm = readAlgorithm(headers.get('x-amz-checksum-algorithm')) ?? source.checksum.algorithm
  const object: StoredObject = {
    ...source,
    ...(await digestsOf(call, source, algorithm)),
    bucket,
    key,
    modified: wholeSeconds(now()),
    headers: directive === 'COPY' ? source.headers : readObjectHeaders(headers),
  }
  const freed = store.objects.putCopy(object, condition)
  if (freed === undefined) return undefined
  await store.blobs.remove(freed)
  return object
}

/** Of an object in one piece with these bytes, which is what a copy is. */
async function digestsOf(
  { store }: Pick<Call, 'store'>,
  source: StoredObject,
  algorithm: ChecksumAlgorithm,
): Promise<Pick<StoredObject, 'etag' | 'checksum'>> {
  const { etag, checksum } = source
  if (!cameInParts(source) && checksum.algorithm === algorithm) return { etag, checksum }
  const { md5, checksums } = await store.digests.of(source, algorithm)
  return {
    etag: md5.toString('hex'),
    checksum: { algorithm, type: 'FULL_OBJECT', value: checksums.get(algorithm) ?? '' },
  }
}
