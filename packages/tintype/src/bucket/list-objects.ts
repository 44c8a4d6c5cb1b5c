import { documentIn, present } from './answer.ts'
import type { Sender } from './send.ts'
import { UnreadableAnswer } from './xml.ts'

export interface ListedObject {
  key: string
  bytes: number
  /** When it was written, milliseconds since the epoch, by S3's clock. */
  modified: number
}

export interface ObjectPage {
  objects: ListedObject[]
  /** To ask for the next page; undefined after the last. */
  next: string | undefined
}

/** A page of a listing, with a thousand keys of 1,024 bytes, each of them percent-encoded. */
export const longestPage = 8 * 1024 * 1024

const shape = {
  root: 'ListBucketResult',
  fields: ['EncodingType', 'IsTruncated', 'NextContinuationToken'],
  item: { name: 'Contents', fields: ['Key', 'Size', 'LastModified'] },
} as const

/**
 * One page of the objects below `prefix`, in the order of UTF-8 bytes. Needs s3:ListBucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export async function listObjects(
  { send }: Pick<Sender, 'send'>,
  {
    prefix,
    most,
    after,
    signal,
  }: { prefix: string; most: number; after?: string | undefined; signal?: AbortSignal | undefined },
): Promise<ObjectPage> {
  const answer = await send({
    method: 'GET',
    key: '',
    query: {
      // Keys that XML can't hold come through percent-encoded.
      'encoding-type': 'url',
      'list-type': '2',
      'max-keys': String(most),
      prefix,
      ...(after === undefined ? {} : { 'continuation-token': after }),
    },
    signal,
    longest: longestPage,
  })
  const { fields, items } = documentIn(answer, shape)
  const decode = fields.EncodingType === 'url' ? decodeKey : (key: string) => key
  const objects = items.map(({ Key, Size, LastModified }) => ({
    key: decode(present(Key, 'the key of an object')),
    bytes: numberIn(Size, 'the size of an object'),
    modified: timeIn(LastModified, 'the time of an object'),
  }))
  if (fields.IsTruncated !== 'true') return { objects, next: undefined }
  const next = present(fields.NextContinuationToken, 'how the listing goes on')
  if (next === after) throw new UnreadableAnswer('S3 answered with a listing that goes round in a circle.')
  return { objects, next }
}

/** S3 writes a space as a plus sign, and a plus sign as %2B. */
export function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '))
}

export function numberIn(value: string | undefined, what: string): number {
  if (value === undefined || !/^\d{1,15}$/.test(value))
    throw new UnreadableAnswer(`S3 answered without ${what}.`)
  return Number(value)
}

export function timeIn(value: string | undefined, what: string): number {
  const time = Date.parse(value ?? '')
  if (Number.isNaN(time)) throw new UnreadableAnswer(`S3 answered without ${what}.`)
  return time
}
