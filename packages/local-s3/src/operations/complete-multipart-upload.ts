import { createHash } from 'node:crypto'
import { readChecksumHeader } from '../body/digests.ts'
import { readXml } from '../body/read-xml.ts'
import {
  type ChecksumAlgorithm,
  checksumAlgorithms,
  combineCrc,
  compositeChecksum,
} from '../checksum/index.ts'
import { S3Error } from '../errors.ts'
import { unquote } from '../http/preconditions.ts'
import { sendXml } from '../http/respond.ts'
import { cameInParts, type Part, type StoredObject } from '../storage/objects.ts'
import { maxParts, type Upload } from '../storage/uploads.ts'
import { quoted } from '../xml/build.ts'
import { children, text, type XmlElement } from '../xml/parse.ts'
import { type Call, wholeSeconds } from './call.ts'
import { readPartNumber } from './upload-part.ts'
import { checkWrite } from './write-object.ts'

/** Each part but the last. */
const minPartSize = 5 * 2 ** 20

/**
 * Makes the parts an object, where they are: copies nothing, and takes milliseconds for 1,000 of them.
 * May be repeated as long as its object is there, for clients that lost the answer.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export async function completeMultipartUpload(call: Call): Promise<void> {
  const { request, store, body } = call
  const { bucket, key, headers, query } = request
  const id = query.get('uploadId') ?? ''
  store.buckets.demand(bucket)
  // The checksum headers are the object's; only the signature speaks of the XML.
  const sha256 = body.payload.kind === 'digest' ? body.payload.sha256 : undefined
  const listed = readParts(await readXml(body, { sha256 }, 'CompleteMultipartUpload'))

  const upload = store.uploads.find(bucket, key, id)
  if (upload === undefined) {
    respond(call, demandRepeated(call, id, listed))
    return
  }
  const { object, freed } = store.uploads.complete(
    upload,
    (parts) => {
      const chosen = choose(listed, parts)
      if (upload.checksum?.type === 'COMPOSITE') demandChecksums(listed, upload.checksum.algorithm)
      const made = assemble(upload, chosen, wholeSeconds(call.now()))
      checkObject(headers, made)
      return { object: made, chosen }
    },
    checkWrite(call),
  )
  await store.blobs.remove(freed)
  respond(call, object)
}

interface ListedPart {
  number: number
  etag: string
  checksums: Partial<Record<ChecksumAlgorithm, string>>
}

function readParts(xml: XmlElement): ListedPart[] {
  const listed = children(xml, 'Part').map((part): ListedPart => {
    const number = readPartNumber(text(part, 'PartNumber')?.trim())
    const etag = text(part, 'ETag')
    if (number === undefined || etag === undefined) throw new S3Error('MalformedXML')
    const checksums: ListedPart['checksums'] = {}
    for (const algorithm of checksumAlgorithms) {
      const value = text(part, `Checksum${algorithm}`)
      if (value !== undefined) checksums[algorithm] = value
    }
    return { number, etag: unquote(etag), checksums }
  })
  if (listed.length === 0 || listed.length > maxParts) throw new S3Error('MalformedXML')
  if (listed.some(({ number }, i) => number <= (listed[i - 1]?.number ?? 0)))
    throw new S3Error('InvalidPartOrder')
  return listed
}

/** The uploaded parts that were listed. */
function choose(listed: ListedPart[], parts: Part[]): Part[] {
  const byNumber = new Map(parts.map((part) => [part.number, part]))
  return listed.map(({ number, etag, checksums }, i) => {
    const part = byNumber.get(number)
    const matches = Object.entries(checksums).every(
      ([algorithm, value]) => part?.checksums[algorithm as ChecksumAlgorithm] === value,
    )
    if (part?.etag !== etag || !matches) {
      throw new S3Error('InvalidPart', undefined, { details: { PartNumber: number, ETag: etag } })
    }
    if (i < listed.length - 1 && part.size < minPartSize) {
      throw new S3Error('EntityTooSmall', undefined, {
        details: { ProposedSize: part.size, MinSizeAllowed: minPartSize, PartNumber: number, ETag: etag },
      })
    }
    return part
  })
}

function demandChecksums(listed: ListedPart[], algorithm: ChecksumAlgorithm): void {
  const missing = listed.find(({ checksums }) => checksums[algorithm] === undefined)
  if (missing === undefined) return
  throw new S3Error(
    'InvalidRequest',
    `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${missing.number} in the request.`,
  )
}

function assemble(
  { id, bucket, key, headers, checksum }: Upload,
  parts: Part[],
  modified: number,
): StoredObject {
  const md5 = createHash('md5')
  for (const { etag } of parts) md5.update(Buffer.from(etag, 'hex'))
  return {
    bucket,
    key,
    modified,
    size: parts.reduce((sum, { size }) => sum + size, 0),
    etag: `${md5.digest('hex')}-${parts.length}`,
    headers,
    checksum: objectChecksum(checksum ?? { algorithm: 'CRC32', type: 'FULL_OBJECT' }, parts),
    blob: null,
    upload: id,
  }
}

function objectChecksum(
  { algorithm, type }: NonNullable<Upload['checksum']>,
  parts: Part[],
): StoredObject['checksum'] {
  const pieces = parts.map(({ checksums, size }) => ({
    digest: Buffer.from(checksums[algorithm] ?? '', 'base64'),
    size,
  }))
  if (type === 'FULL_OBJECT' && algorithm !== 'SHA1' && algorithm !== 'SHA256') {
    return { algorithm, type, value: combineCrc(algorithm, pieces).toString('base64') }
  }
  const digests = pieces.map(({ digest }) => digest)
  return { algorithm, type: 'COMPOSITE', value: compositeChecksum(algorithm, digests) }
}

/** Checks the object against the headers that describe it. */
function checkObject(headers: ReadonlyMap<string, string>, { size, checksum }: StoredObject): void {
  const announced = headers.get('x-amz-mp-object-size')
  if (announced !== undefined && announced !== String(size)) {
    throw new S3Error(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header value ${announced} does not match what was computed: ${size}`,
    )
  }
  const type = headers.get('x-amz-checksum-type')?.toUpperCase()
  if (type !== undefined && type !== checksum.type) {
    throw new S3Error(
      'InvalidRequest',
      `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    )
  }
  const given = readChecksumHeader(headers)
  if (given === undefined) return
  const value = given.value.replace(/-\d+$/, '')
  if (given.algorithm !== checksum.algorithm || value !== checksum.value.replace(/-\d+$/, '')) {
    throw new S3Error(
      'BadDigest',
      `The ${given.algorithm} you specified did not match the calculated checksum.`,
    )
  }
}

/** @throws S3Error NoSuchUpload, InvalidPart */
function demandRepeated({ request, store }: Call, id: string, listed: ListedPart[]): StoredObject {
  const object = store.objects.find(request.bucket, request.key)
  if (object?.upload !== id || !cameInParts(object))
    throw new S3Error('NoSuchUpload', undefined, { details: { UploadId: id } })
  const parts = store.objects.parts(object, 0, maxParts)
  choose(listed, parts)
  if (listed.length !== parts.length) throw new S3Error('InvalidPart')
  return object
}

function respond({ request, response }: Call, { bucket, key, etag, checksum }: StoredObject): void {
  const path = request.raw.url?.split('?')[0] ?? ''
  sendXml(response, [
    'CompleteMultipartUploadResult',
    [
      ['Location', `http://${request.headers.get('host')}${path}`],
      ['Bucket', bucket],
      ['Key', key],
      ['ETag', quoted(etag)],
      [`Checksum${checksum.algorithm}`, checksum.value],
      ['ChecksumType', checksum.type],
    ],
  ])
}
