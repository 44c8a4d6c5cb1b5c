/**
 * ListObjects, ListObjectsV2 and ListObjectVersions.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
import { S3Error } from '../errors.ts'
import { sendXml } from '../http/respond.ts'
import { encodePath } from '../http/uri.ts'
import type { ListOptions } from '../storage/listing.ts'
import type { StoredObject } from '../storage/objects.ts'
import { type Element, quoted } from '../xml/build.ts'
import { type Call, readInteger } from './call.ts'
import { ownerElement } from './owner.ts'

const maxPage = 1000

/** The first version, whose pages go on from a key. */
export function listObjects(call: Call): void {
  const { request, response, store } = call
  const { query, bucket } = request
  store.buckets.demand(bucket)
  const { options, encoded } = readListOptions(call, 'max-keys', query.get('marker') ?? '')
  const page = store.objects.list(bucket, options)
  const truncated = page.next !== undefined
  sendXml(response, [
    'ListBucketResult',
    [
      ['Name', bucket],
      // Clients of this version take the prefix as it is, unlike all else.
      ['Prefix', options.prefix],
      ['Marker', encoded(options.after)],
      ['MaxKeys', options.max],
      ['Delimiter', options.delimiter === '' ? undefined : encoded(options.delimiter)],
      ['IsTruncated', truncated],
      // Without a delimiter the last key of the page is the marker, so S3 does not repeat it.
      ['NextMarker', options.delimiter === '' || page.next === undefined ? undefined : encoded(page.next)],
      ['EncodingType', query.get('encoding-type')],
      ...page.rows.map((row): Element => ['Contents', [...describe(row, encoded), ownerElement]]),
      ...commonPrefixes(page.prefixes, encoded),
    ],
  ])
}

/** The second version, whose pages go on from an opaque token. */
export function listObjectsV2(call: Call): void {
  const { request, response, store } = call
  const { query, bucket } = request
  store.buckets.demand(bucket)
  const token = query.get('continuation-token')
  const after = !token ? (query.get('start-after') ?? '') : readToken(token)
  const { options, encoded } = readListOptions(call, 'max-keys', after)
  const page = store.objects.list(bucket, options)
  const startAfter = query.get('start-after')
  const owners = query.get('fetch-owner') === 'true' ? [ownerElement] : []
  sendXml(response, [
    'ListBucketResult',
    [
      ['Name', bucket],
      ['Prefix', encoded(options.prefix)],
      ['StartAfter', startAfter === undefined ? undefined : encoded(startAfter)],
      ['KeyCount', page.rows.length + page.prefixes.length],
      ['MaxKeys', options.max],
      ['Delimiter', options.delimiter === '' ? undefined : encoded(options.delimiter)],
      ['IsTruncated', page.next !== undefined],
      ['ContinuationToken', token],
      ['NextContinuationToken', page.next === undefined ? undefined : writeToken(page.next)],
      ['EncodingType', query.get('encoding-type')],
      ...page.rows.map((row): Element => ['Contents', [...describe(row, encoded), ...owners]]),
      ...commonPrefixes(page.prefixes, encoded),
    ],
  ])
}

/** Each object has the one version `null`. */
export function listObjectVersions(call: Call): void {
  const { request, response, store } = call
  const { query, bucket } = request
  store.buckets.demand(bucket)
  const { options, encoded } = readListOptions(call, 'max-keys', query.get('key-marker') ?? '')
  const page = store.objects.list(bucket, options)
  const lastIsKey = page.rows.at(-1)?.key === page.next
  sendXml(response, [
    'ListVersionsResult',
    [
      ['Name', bucket],
      ['Prefix', encoded(options.prefix)],
      ['KeyMarker', encoded(options.after)],
      ['VersionIdMarker', query.get('version-id-marker') ?? ''],
      ['NextKeyMarker', page.next === undefined ? undefined : encoded(page.next)],
      ['NextVersionIdMarker', page.next !== undefined && lastIsKey ? 'null' : undefined],
      ['MaxKeys', options.max],
      ['Delimiter', options.delimiter === '' ? undefined : encoded(options.delimiter)],
      ['IsTruncated', page.next !== undefined],
      ['EncodingType', query.get('encoding-type')],
      ...page.rows.map((row): Element => {
        const [key = ['Key', row.key] as const, ...rest] = describe(row, encoded)
        return ['Version', [key, ['VersionId', 'null'], ['IsLatest', true], ...rest, ownerElement]]
      }),
      ...commonPrefixes(page.prefixes, encoded),
    ],
  ])
}

/**
 * What all listings have in common. `encoded` writes a key as `encoding-type` wants it.
 *
 * @param maxName the parameter that limits the page: more than 1,000 is 1,000
 * @throws S3Error InvalidArgument
 */
export function readListOptions(
  { request: { query } }: Call,
  maxName: string,
  after: string,
): { options: ListOptions; encoded: (key: string) => string } {
  const encoding = query.get('encoding-type')
  if (encoding !== undefined && encoding !== 'url') {
    throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request', {
      details: { ArgumentName: 'encoding-type', ArgumentValue: encoding },
    })
  }
  const max = readInteger(query, maxName, { min: 0, max: 2 ** 31 - 1, otherwise: maxPage })
  return {
    options: {
      prefix: query.get('prefix') ?? '',
      delimiter: query.get('delimiter') ?? '',
      after,
      max: Math.min(max, maxPage),
    },
    encoded: encoding === 'url' ? encodePath : (key) => key,
  }
}

export function commonPrefixes(prefixes: string[], encoded: (key: string) => string): Element[] {
  return prefixes.map((prefix) => ['CommonPrefixes', [['Prefix', encoded(prefix)]]])
}

function describe(object: StoredObject, encoded: (key: string) => string): Element[] {
  return [
    ['Key', encoded(object.key)],
    ['LastModified', new Date(object.modified).toISOString()],
    ['ETag', quoted(object.etag)],
    ['ChecksumAlgorithm', object.checksum.algorithm],
    ['ChecksumType', object.checksum.type],
    ['Size', object.size],
    ['StorageClass', 'STANDARD'],
  ]
}

function writeToken(key: string): string {
  return Buffer.from(key).toString('base64url')
}

function readToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString()
  if (writeToken(key) === token) return key
  throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect', {
    details: { ArgumentName: 'continuation-token' },
  })
}
