import { uriEncode } from '../canonical.ts'
import { type Operation, sendXml } from '../context.ts'
import { S3Error } from '../errors.ts'
import { lastCharacter, type Storage, type StoredObject } from '../storage.ts'
import { toXml } from '../xml.ts'

const largestPage = 1000

/** ListObjectsV2. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export const listObjectsV2: Operation = (context) => {
  const { storage, bucket, query } = context
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const token = query.get('continuation-token')
  const encoding = query.get('encoding-type')
  if (encoding !== undefined && encoding !== 'url') {
    throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request')
  }
  const maxKeys = parseMaxKeys(query.get('max-keys'))
  const after = token === undefined ? (query.get('start-after') ?? '') : parseToken(token)
  const page = collectPage(storage, bucket, { prefix, delimiter, after, maxKeys })
  const encode =
    encoding === 'url' ? (text: string) => uriEncode(text).replaceAll('%2F', '/') : (text: string) => text
  const xml = toXml('ListBucketResult', {
    Name: bucket,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    StartAfter: query.has('start-after') ? encode(query.get('start-after') as string) : undefined,
    EncodingType: encoding,
    MaxKeys: maxKeys,
    KeyCount: page.objects.length + page.prefixes.length,
    IsTruncated: page.next !== undefined,
    ContinuationToken: token,
    NextContinuationToken: page.next === undefined ? undefined : Buffer.from(page.next).toString('base64url'),
    Contents: page.objects.map((object) => ({
      Key: encode(object.key),
      LastModified: new Date(object.modified).toISOString(),
      ETag: `"${object.etag}"`,
      ChecksumAlgorithm: object.checksum?.algorithm,
      ChecksumType: object.checksum ? 'FULL_OBJECT' : undefined,
      Size: object.size,
      StorageClass: 'STANDARD',
    })),
    CommonPrefixes: page.prefixes.map((one) => ({ Prefix: encode(one) })),
  })
  sendXml(context, xml)
}

interface Page {
  objects: StoredObject[]
  prefixes: string[]
  /** The next page begins after this key; undefined on the last one. */
  next: string | undefined
}

/** Each common prefix is found by one seek past it, however many keys lie below. */
function collectPage(
  storage: Storage,
  bucket: string,
  {
    prefix,
    delimiter,
    after,
    maxKeys,
  }: { prefix: string; delimiter: string; after: string; maxKeys: number },
): Page {
  const page: Page = { objects: [], prefixes: [], next: undefined }
  if (maxKeys === 0) return page
  let position = after
  for (;;) {
    const left = maxKeys - page.objects.length - page.prefixes.length
    const limit = delimiter === '' ? left + 1 : Math.min(left + 1, 100)
    const batch = storage.list(bucket, { prefix, after: position, inclusive: false, limit })
    let skipped = false
    for (const object of batch) {
      if (page.objects.length + page.prefixes.length === maxKeys) {
        page.next = position
        return page
      }
      const cut = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length)
      if (cut >= 0) {
        const common = object.key.slice(0, cut + delimiter.length)
        page.prefixes.push(common)
        position = common + lastCharacter
        skipped = true
        break
      }
      page.objects.push(object)
      position = object.key
    }
    if (!skipped && batch.length < limit) return page
  }
}

function parseMaxKeys(text: string | undefined): number {
  if (text === undefined || text === '') return largestPage
  if (!/^\d{1,10}$/.test(text))
    throw new S3Error('InvalidArgument', 'Argument maxKeys must be an integer between 0 and 2147483647')
  return Math.min(Number(text), largestPage)
}

function parseToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString('utf8')
  if (key === '' || Buffer.from(key).toString('base64url') !== token) {
    throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect')
  }
  return key
}
