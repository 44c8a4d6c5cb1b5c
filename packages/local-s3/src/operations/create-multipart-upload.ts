import { readAlgorithm } from '../body/digests.ts'
import { type ChecksumAlgorithm, type ChecksumType, checksumTypeAllowed } from '../checksum/index.ts'
import { S3Error } from '../errors.ts'
import { readObjectHeaders } from '../http/object-headers.ts'
import { sendXml } from '../http/respond.ts'
import type { Call } from './call.ts'
import { checkKey } from './write-object.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export function createMultipartUpload({ request, response, store }: Call): void {
  const { bucket, key, headers } = request
  checkKey(key)
  const checksum = readChecksum(headers)
  const upload = store.uploads.create({ bucket, key, headers: readObjectHeaders(headers), checksum })
  sendXml(
    response,
    [
      'InitiateMultipartUploadResult',
      [
        ['Bucket', bucket],
        ['Key', key],
        ['UploadId', upload.id],
      ],
    ],
    checksum ? { 'x-amz-checksum-algorithm': checksum.algorithm, 'x-amz-checksum-type': checksum.type } : {},
  )
}

function readChecksum(
  headers: ReadonlyMap<string, string>,
): { algorithm: ChecksumAlgorithm; type: ChecksumType } | undefined {
  const algorithm = readAlgorithm(headers.get('x-amz-checksum-algorithm'))
  const type = headers.get('x-amz-checksum-type')?.toUpperCase()
  if (type !== undefined && type !== 'COMPOSITE' && type !== 'FULL_OBJECT') {
    throw new S3Error('InvalidRequest', 'Value for x-amz-checksum-type header is invalid.')
  }
  if (algorithm === undefined) {
    if (type === undefined) return undefined
    throw new S3Error(
      'InvalidRequest',
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    )
  }
  const chosen = type ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE')
  if (checksumTypeAllowed(algorithm, chosen)) return { algorithm, type: chosen }
  throw new S3Error(
    'InvalidRequest',
    `The ${chosen} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  )
}
