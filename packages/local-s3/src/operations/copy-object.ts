import { readAlgorithm } from '../body/digests.ts'
import { maxObjectSize } from '../body/receive.ts'
import { S3Error } from '../errors.ts'
import { readObjectHeaders } from '../http/object-headers.ts'
import { sendXml } from '../http/respond.ts'
import { quoted } from '../xml/build.ts'
import type { Call } from './call.ts'
import { demandCopySource, withoutTrailers } from './copy-source.ts'
import { checkWrite, writeObject } from './write-object.ts'

/**
 * Reads the source again, because the copy has an ETag and a checksum of its own.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export async function copyObject(call: Call): Promise<void> {
  const { request, response, store } = call
  const { bucket, key, headers } = request
  const condition = checkWrite(call)
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
  const copied = directive === 'COPY' ? source.headers : readObjectHeaders(headers)
  const algorithm = readAlgorithm(headers.get('x-amz-checksum-algorithm')) ?? source.checksum.algorithm
  const object = await store.blobs.read(store.objects.extents(source, 0, source.size), (bytes) =>
    writeObject(call, { bucket, key, headers: copied }, withoutTrailers(bytes), {}, { algorithm, condition }),
  )
  sendXml(response, [
    'CopyObjectResult',
    [
      ['LastModified', new Date(object.modified).toISOString()],
      ['ETag', quoted(object.etag)],
      [`Checksum${algorithm}`, object.checksum.value],
      ['ChecksumType', object.checksum.type],
    ],
  ])
}
