import { documentIn, present } from './answer.ts'
import { longestPage, numberIn } from './list-objects.ts'
import type { Sender } from './send.ts'
import { UnreadableAnswer } from './xml.ts'

export interface StoredPart {
  number: number
  size: number
  etag: string
  /** Lower-case hex. */
  sha256: string | undefined
}

const shape = {
  root: 'ListPartsResult',
  fields: ['IsTruncated', 'NextPartNumberMarker'],
  item: { name: 'Part', fields: ['PartNumber', 'Size', 'ETag', 'ChecksumSHA256'] },
} as const

/**
 * All parts of an upload, by number: ten pages at the most. Needs s3:ListMultipartUploadParts.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html
 */
export async function listParts(
  { send }: Pick<Sender, 'send'>,
  key: string,
  uploadId: string,
  signal: AbortSignal | undefined,
): Promise<StoredPart[]> {
  const found: StoredPart[] = []
  for (let after = 0; ; ) {
    const answer = await send({
      method: 'GET',
      key,
      query: {
        uploadId,
        'x-id': 'ListParts',
        ...(after === 0 ? {} : { 'part-number-marker': String(after) }),
      },
      signal,
      longest: longestPage,
    })
    const { fields, items } = documentIn(answer, shape)
    for (const { PartNumber, Size, ETag, ChecksumSHA256 } of items) {
      found.push({
        number: numberIn(PartNumber, 'the number of a part'),
        size: numberIn(Size, 'the size of a part'),
        etag: present(ETag, 'the ETag of a part'),
        sha256: ChecksumSHA256 ? Buffer.from(ChecksumSHA256, 'base64').toString('hex') : undefined,
      })
    }
    if (fields.IsTruncated !== 'true') return found
    const next = numberIn(fields.NextPartNumberMarker, 'how the list of parts goes on')
    if (next <= after)
      throw new UnreadableAnswer('S3 answered with a list of parts that goes round in a circle.')
    after = next
  }
}
