import { type Expected, readExpected } from '../body/digests.ts'
import { receive } from '../body/receive.ts'
import { type ChecksumAlgorithm, checksumHeader } from '../checksum/index.ts'
import { S3Error } from '../errors.ts'
import { sendEmpty } from '../http/respond.ts'
import type { Part } from '../storage/objects.ts'
import { maxParts, type Upload } from '../storage/uploads.ts'
import { quoted } from '../xml/build.ts'
import { type Call, wholeSeconds } from './call.ts'
import { demandLength } from './put-object.ts'
import { commit, defaultAlgorithm } from './write-object.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export async function uploadPart(call: Call): Promise<void> {
  const { request, response, body } = call
  demandLength(call)
  const { upload, number } = demandUpload(call)
  const expected = readExpected(request.headers, body.payload)
  const given = expected.checksum?.algorithm
  if (upload.checksum && given && given !== upload.checksum.algorithm) {
    throw new S3Error(
      'InvalidRequest',
      `Checksum Type mismatch occurred, expected checksum Type: ${upload.checksum.algorithm.toLowerCase()}, actual checksum Type: ${given.toLowerCase()}`,
    )
  }
  const part = await writePart(call, upload, number, body.read(), expected)
  const algorithm = upload.checksum?.algorithm ?? given
  sendEmpty(response, 200, { etag: quoted(part.etag), ...partChecksum(part, algorithm) })
}

/**
 * The upload and the part number that the query names.
 *
 * @throws S3Error NoSuchBucket, NoSuchUpload, InvalidArgument
 */
export function demandUpload({ request, store }: Call): { upload: Upload; number: number } {
  const { bucket, key, query } = request
  store.buckets.demand(bucket)
  const number = readPartNumber(query.get('partNumber'))
  if (number === undefined) {
    throw new S3Error(
      'InvalidArgument',
      `Part number must be an integer between 1 and ${maxParts}, inclusive`,
      {
        details: { ArgumentName: 'partNumber', ArgumentValue: query.get('partNumber') ?? '' },
      },
    )
  }
  return { upload: store.uploads.demand(bucket, key, query.get('uploadId') ?? ''), number }
}

/** Digits alone, so not all that `Number()` takes: `0x10`, `1e3`, ` 5`. */
export function readPartNumber(text = ''): number | undefined {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return number >= 1 && number <= maxParts ? number : undefined
}

/** Stores a part. Besides what is asked for, an upload without an algorithm gets the default one, to combine. */
export async function writePart(
  { store, now }: Call,
  upload: Upload,
  number: number,
  source: AsyncIterator<Buffer, Map<string, string>>,
  expected: Expected,
): Promise<Part> {
  const received = await receive(store.blobs, source, expected, {
    algorithms: [upload.checksum?.algorithm ?? defaultAlgorithm],
  })
  const part: Part = {
    number,
    modified: wholeSeconds(now()),
    size: received.size,
    etag: received.md5.toString('hex'),
    checksums: Object.fromEntries(received.checksums),
    blob: received.blob ?? null,
  }
  await commit({ store }, received, () => store.uploads.putPart(upload, part))
  store.digests.follow(upload)
  return part
}

function partChecksum(part: Part, algorithm: ChecksumAlgorithm | undefined): Record<string, string> {
  const value = algorithm && part.checksums[algorithm]
  return algorithm && value ? { [checksumHeader(algorithm)]: value } : {}
}
