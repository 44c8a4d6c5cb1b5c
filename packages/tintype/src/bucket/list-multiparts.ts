import { documentIn, present } from './answer.ts'
import { decodeKey, longestPage, timeIn } from './list-objects.ts'
import type { Sender } from './send.ts'
import { UnreadableAnswer } from './xml.ts'

export interface OpenMultipart {
  key: string
  uploadId: string
  /** When it was begun, milliseconds since the epoch, by S3's clock. */
  initiated: number
}

export interface MultipartMarker {
  key: string
  uploadId: string
}

const shape = {
  root: 'ListMultipartUploadsResult',
  fields: ['EncodingType', 'IsTruncated', 'NextKeyMarker', 'NextUploadIdMarker'],
  item: { name: 'Upload', fields: ['Key', 'UploadId', 'Initiated'] },
} as const

/**
 * One page of the multipart uploads in progress below `prefix`. Needs s3:ListBucketMultipartUploads.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
 */
export async function listMultiparts(
  { send }: Pick<Sender, 'send'>,
  {
    prefix,
    after,
    signal,
  }: { prefix: string; after?: MultipartMarker | undefined; signal?: AbortSignal | undefined },
): Promise<{ uploads: OpenMultipart[]; next: MultipartMarker | undefined }> {
  const answer = await send({
    method: 'GET',
    key: '',
    query: {
      'encoding-type': 'url',
      prefix,
      uploads: '',
      ...(after === undefined ? {} : { 'key-marker': after.key, 'upload-id-marker': after.uploadId }),
    },
    signal,
    longest: longestPage,
  })
  const { fields, items } = documentIn(answer, shape)
  const decode = fields.EncodingType === 'url' ? decodeKey : (key: string) => key
  const uploads = items.map(({ Key, UploadId, Initiated }) => ({
    key: decode(present(Key, 'the key of an upload')),
    uploadId: present(UploadId, 'the id of an upload'),
    initiated: timeIn(Initiated, 'the time of an upload'),
  }))
  if (fields.IsTruncated !== 'true') return { uploads, next: undefined }
  const next = {
    key: decode(present(fields.NextKeyMarker, 'how the listing goes on')),
    uploadId: fields.NextUploadIdMarker ?? '',
  }
  if (next.key === after?.key && next.uploadId === after.uploadId) {
    throw new UnreadableAnswer('S3 answered with a listing that goes round in a circle.')
  }
  return { uploads, next }
}
