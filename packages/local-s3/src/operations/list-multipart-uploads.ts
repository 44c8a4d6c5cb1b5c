import { sendXml } from '../http/respond.ts'
import type { Element } from '../xml/build.ts'
import type { Call } from './call.ts'
import { commonPrefixes, readListOptions } from './list-objects.ts'
import { initiatorElement, ownerElement } from './owner.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export function listMultipartUploads(call: Call): void {
  const { request, response, store } = call
  const { bucket, query } = request
  store.buckets.demand(bucket)
  const marker = query.get('key-marker') ?? ''
  // Without a key the marker of the upload means nothing.
  const idMarker = marker === '' ? '' : (query.get('upload-id-marker') ?? '')
  const { options, encoded } = readListOptions(call, 'max-uploads', marker)
  const page = store.uploads.list(
    bucket,
    { ...options, from: idMarker === '' ? undefined : marker },
    idMarker,
  )
  const last = page.rows.at(-1)
  sendXml(response, [
    'ListMultipartUploadsResult',
    [
      ['Bucket', bucket],
      ['KeyMarker', encoded(marker)],
      ['UploadIdMarker', idMarker],
      ['NextKeyMarker', page.next === undefined ? undefined : encoded(page.next)],
      ['NextUploadIdMarker', page.next !== undefined && last?.key === page.next ? last.id : undefined],
      ['Prefix', encoded(options.prefix)],
      ['Delimiter', options.delimiter === '' ? undefined : encoded(options.delimiter)],
      ['MaxUploads', options.max],
      ['IsTruncated', page.next !== undefined],
      ['EncodingType', query.get('encoding-type')],
      ...page.rows.map(
        ({ id, key, created, checksum }): Element => [
          'Upload',
          [
            ['Key', encoded(key)],
            ['UploadId', id],
            initiatorElement,
            ownerElement,
            ['StorageClass', 'STANDARD'],
            ['Initiated', new Date(created).toISOString()],
            ['ChecksumAlgorithm', checksum?.algorithm],
            ['ChecksumType', checksum?.type],
          ],
        ],
      ),
      ...commonPrefixes(page.prefixes, encoded),
    ],
  ])
}
