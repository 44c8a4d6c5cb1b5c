import { createHash } from 'node:crypto'
import type { Payload } from '../auth/payload.ts'
import {
  type ChecksumAlgorithm,
  checksumAlgorithms,
  checksumHeader,
  createChecksum,
} from '../checksum/index.ts'
import { S3Error } from '../errors.ts'

/** The digests that the client announced. */
export interface Expected {
  /** Hex. */
  sha256?: string | undefined
  md5?: Buffer | undefined
  /** The value in base64, or undefined if it follows in a trailer. */
  checksum?: { algorithm: ChecksumAlgorithm; value: string | undefined } | undefined
}

/** The digests of the bytes. */
export interface Digested {
  md5: Buffer
  /** In base64. */
  checksums: Map<ChecksumAlgorithm, string>
}

/**
 * Reads Content-MD5, `x-amz-checksum-*`, `x-amz-trailer` and the signed SHA-256.
 *
 * @throws S3Error InvalidDigest, InvalidRequest
 */
export function readExpected(headers: ReadonlyMap<string, string>, payload: Payload): Expected {
  return {
    sha256: payload.kind === 'digest' ? payload.sha256 : undefined,
    md5: readMd5(headers.get('content-md5')),
    checksum: readChecksum(headers, payload),
  }
}

/** Some operations require a digest of their XML. @throws S3Error InvalidRequest */
export function demandDigest({ md5, checksum }: Expected): void {
  if (md5 || checksum) return
  throw new S3Error(
    'InvalidRequest',
    'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
  )
}

/**
 * The one checksum in the headers.
 *
 * @throws S3Error InvalidRequest if it is no checksum, or if there are two
 */
export function readChecksumHeader(
  headers: ReadonlyMap<string, string>,
): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  const given = checksumAlgorithms.filter((algorithm) => headers.has(checksumHeader(algorithm)))
  const [algorithm, second] = given
  if (second !== undefined) {
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    )
  }
  if (algorithm === undefined) return undefined
  return { algorithm, value: headers.get(checksumHeader(algorithm)) ?? '' }
}

/**
 * The algorithm that a header such as `x-amz-checksum-algorithm` names.
 *
 * @throws S3Error InvalidRequest
 */
export function readAlgorithm(name: string | undefined): ChecksumAlgorithm | undefined {
  if (name === undefined) return undefined
  const algorithm = checksumAlgorithms.find((known) => known === name.toUpperCase())
  if (algorithm !== undefined) return algorithm
  throw new S3Error(
    'InvalidRequest',
    `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${checksumAlgorithms.join(', ')}]`,
  )
}

/**
 * Digests bytes as they come.
 *
 * @param algorithms checksums to compute besides the expected one
 */
export function createDigests(expected: Expected, algorithms: Iterable<ChecksumAlgorithm>) {
  const md5 = createHash('md5')
  const sha256 = expected.sha256 === undefined ? undefined : createHash('sha256')
  const wanted = new Set(algorithms)
  if (expected.checksum) wanted.add(expected.checksum.algorithm)
  const checksums = [...wanted].map((algorithm) => ({ algorithm, sum: createChecksum(algorithm) }))

  return {
    update(bytes: Buffer): void {
      md5.update(bytes)
      sha256?.update(bytes)
      for (const { sum } of checksums) sum.update(bytes)
    },
    /** @throws S3Error BadDigest, XAmzContentSHA256Mismatch, MalformedTrailerError, InvalidRequest */
    verify(trailers: ReadonlyMap<string, string>): Digested {
      const digested: Digested = {
        md5: md5.digest(),
        checksums: new Map(
          checksums.map(({ algorithm, sum }) => [algorithm, sum.digest().toString('base64')]),
        ),
      }
      const actualSha256 = sha256?.digest('hex')
      if (actualSha256 !== expected.sha256) {
        throw new S3Error('XAmzContentSHA256Mismatch', undefined, {
          details: {
            ClientComputedContentSHA256: expected.sha256 ?? '',
            S3ComputedContentSHA256: actualSha256 ?? '',
          },
        })
      }
      if (expected.md5 && !expected.md5.equals(digested.md5)) {
        throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.', {
          details: {
            ExpectedDigest: expected.md5.toString('base64'),
            CalculatedDigest: digested.md5.toString('base64'),
          },
        })
      }
      verifyChecksum(expected.checksum, trailers, digested)
      return digested
    },
  }
}

function verifyChecksum(
  expected: Expected['checksum'],
  trailers: ReadonlyMap<string, string>,
  { checksums }: Digested,
): void {
  if (!expected) {
    if (trailers.size > 0) throw new S3Error('MalformedTrailerError')
    return
  }
  const { algorithm } = expected
  const header = checksumHeader(algorithm)
  const named = expected.value === undefined ? [header] : []
  if (trailers.size !== named.length || !named.every((name) => trailers.has(name))) {
    throw new S3Error('MalformedTrailerError')
  }
  const value = expected.value ?? trailers.get(header) ?? ''
  checkFormat(algorithm, value)
  if (value !== checksums.get(algorithm)) {
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`)
  }
}

/** @throws S3Error InvalidRequest if the value cannot be a checksum of this algorithm */
function checkFormat(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length !== sizes[algorithm] || bytes.toString('base64') !== value) {
    throw new S3Error('InvalidRequest', `Value for ${checksumHeader(algorithm)} header is invalid.`)
  }
}

const sizes = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 }

function readMd5(header: string | undefined): Buffer | undefined {
  if (header === undefined) return undefined
  const md5 = Buffer.from(header, 'base64')
  if (md5.length !== 16 || md5.toString('base64') !== header) throw new S3Error('InvalidDigest')
  return md5
}

function readChecksum(headers: ReadonlyMap<string, string>, payload: Payload): Expected['checksum'] {
  const trailer = headers.get('x-amz-trailer')?.trim().toLowerCase()
  const announced = readAlgorithm(headers.get('x-amz-sdk-checksum-algorithm'))
  const given = readChecksumHeader(headers)
  if (given !== undefined) {
    checkFormat(given.algorithm, given.value)
    if (announced !== undefined && announced !== given.algorithm) {
      throw new S3Error('InvalidRequest', 'Value for x-amz-sdk-checksum-algorithm header is invalid.')
    }
    if (trailer !== undefined) {
      throw new S3Error('InvalidRequest', 'Expecting a single x-amz-checksum- header')
    }
    return given
  }
  if (trailer !== undefined) {
    const algorithm = checksumAlgorithms.find((known) => checksumHeader(known) === trailer)
    if (algorithm === undefined) {
      throw new S3Error('InvalidRequest', 'The value specified in the x-amz-trailer header is not supported')
    }
    if (payload.kind !== 'chunked' || !payload.trailer) throw new S3Error('MalformedTrailerError')
    return { algorithm, value: undefined }
  }
  if (announced !== undefined) {
    throw new S3Error(
      'InvalidRequest',
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    )
  }
  return undefined
}
