import { sendXml } from '../http/respond.ts'
import { maxParts } from '../storage/uploads.ts'
import { type Element, quoted } from '../xml/build.ts'
import { type Call, readInteger } from './call.ts'
import { initiatorElement, ownerElement } from './owner.ts'

const maxPage = 1000

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export function listParts({ request, response, store }: Call): void {
  const { bucket, key, query } = request
  store.buckets.demand(bucket)
  const upload = store.uploads.demand(bucket, key, query.get('uploadId') ?? '')
  const marker = readInteger(query, 'part-number-marker', { min: 0, max: 2 ** 31 - 1, otherwise: 0 })
  const max = Math.min(
    readInteger(query, 'max-parts', { min: 0, max: 2 ** 31 - 1, otherwise: maxPage }),
    maxPage,
  )
  const page = store.uploads.parts(upload.id, Math.min(marker, maxParts), max + 1)
  const shown = page.slice(0, max)
  const algorithm = upload.checksum?.algorithm
  sendXml(response, [
    'ListPartsResult',
    [
      ['Bucket', bucket],
      ['Key', key],
      ['UploadId', upload.id],
      initiatorElement,
      ownerElement,
      ['StorageClass', 'STANDARD'],
      ['PartNumberMarker', marker],
      ['NextPartNumberMarker', shown.at(-1)?.number ?? marker],
      ['MaxParts', max],
      ['IsTruncated', page.length > max],
      ['ChecksumAlgorithm', algorithm],
      ['ChecksumType', upload.checksum?.type],
      ...shown.map(
        ({ number, modified, etag, size, checksums }): Element => [
          'Part',
          [
            ['PartNumber', number],
            ['LastModified', new Date(modified).toISOString()],
            ['ETag', quoted(etag)],
            ['Size', size],
            [`Checksum${algorithm}`, algorithm && checksums[algorithm]],
          ],
        ],
      ),
    ],
  ])
}
