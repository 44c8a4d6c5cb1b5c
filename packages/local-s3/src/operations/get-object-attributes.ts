import { S3Error } from '../errors.ts'
import { checkRead } from '../http/preconditions.ts'
import { sendEmpty, sendXml } from '../http/respond.ts'
import { cameInParts, type StoredObject } from '../storage/objects.ts'
import { maxParts } from '../storage/uploads.ts'
import type { Element } from '../xml/build.ts'
import { type Call, demandObject } from './call.ts'

const known = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize']

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
export function getObjectAttributes(call: Call): void {
  const { request, response } = call
  const wanted = (request.headers.get('x-amz-object-attributes') ?? '').split(',').map((name) => name.trim())
  if (!wanted.every((name) => known.includes(name))) {
    throw new S3Error('InvalidArgument', 'Invalid attribute name specified.', {
      details: { ArgumentName: 'x-amz-object-attributes' },
    })
  }
  const object = demandObject(call)
  const { checksum } = object
  const headers = { 'last-modified': new Date(object.modified).toUTCString() }
  if (checkRead(request.headers, object) === 'not-modified') {
    sendEmpty(response, 304, headers)
    return
  }
  const attributes: Element[] = [
    ['ETag', object.etag],
    [
      'Checksum',
      [
        [`Checksum${checksum.algorithm}`, checksum.value],
        ['ChecksumType', checksum.type],
      ],
    ],
    ['ObjectParts', cameInParts(object) ? parts(call, object) : undefined],
    ['StorageClass', 'STANDARD'],
    ['ObjectSize', object.size],
  ]
  sendXml(
    response,
    ['GetObjectAttributesResponse', attributes.filter(([name]) => wanted.includes(name))],
    headers,
  )
}

/** A page of the parts. */
function parts({ request: { headers }, store }: Call, object: StoredObject): Element[] {
  const total = store.objects.countParts(object)
  const max = readCount(headers.get('x-amz-max-parts'), 1000)
  const marker = readCount(headers.get('x-amz-part-number-marker'), 0)
  const { algorithm } = object.checksum
  const page = store.objects.parts(object, marker, max + 1)
  const shown = page.slice(0, max)
  return [
    ['PartsCount', total],
    ['PartNumberMarker', marker],
    ['NextPartNumberMarker', shown.at(-1)?.number ?? marker],
    ['MaxParts', max],
    ['IsTruncated', page.length > max],
    ...shown.map(
      ({ number, size, checksums }): Element => [
        'Part',
        [
          ['PartNumber', number],
          ['Size', size],
          [`Checksum${algorithm}`, checksums[algorithm]],
        ],
      ],
    ),
  ]
}

function readCount(header: string | undefined, otherwise: number): number {
  if (header === undefined) return otherwise
  if (/^\d{1,9}$/.test(header)) return Math.min(Number(header), maxParts)
  throw new S3Error('InvalidArgument', 'x-amz-max-parts and x-amz-part-number-marker must be numbers')
}
