import { S3Error } from '../errors.ts'
import { sendXml } from '../http/respond.ts'
import type { StoredObject } from '../storage/objects.ts'
import { quoted } from '../xml/build.ts'
import type { Call } from './call.ts'
import { demandCopySource, withoutTrailers } from './copy-source.ts'
import { demandUpload, writePart } from './upload-part.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export async function uploadPartCopy(call: Call): Promise<void> {
  const { response, store } = call
  const { upload, number } = demandUpload(call)
  const source = demandCopySource(call)
  const { start, end } = sourceRange(call, source)
  const part = await store.blobs.read(store.objects.extents(source, start, end), (bytes) =>
    writePart(call, upload, number, withoutTrailers(bytes), {}),
  )
  const algorithm = upload.checksum?.algorithm
  sendXml(response, [
    'CopyPartResult',
    [
      ['LastModified', new Date(part.modified).toISOString()],
      ['ETag', quoted(part.etag)],
      [`Checksum${algorithm}`, algorithm && part.checksums[algorithm]],
    ],
  ])
}

/** Unlike a reader's Range this one has both ends, inside of the object. */
function sourceRange({ request: { headers } }: Call, { size }: StoredObject): { start: number; end: number } {
  const header = headers.get('x-amz-copy-source-range')
  if (header === undefined) return { start: 0, end: size }
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header) ?? []
  if (first === undefined || Number(first) > Number(last)) {
    throw new S3Error(
      'InvalidArgument',
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      { details: { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header } },
    )
  }
  if (Number(last) < size) return { start: Number(first), end: Number(last) + 1 }
  throw new S3Error('InvalidArgument', `Range specified is not valid for source object of size: ${size}`, {
    details: { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header },
  })
}
