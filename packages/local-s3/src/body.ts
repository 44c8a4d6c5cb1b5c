import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import {
  type ChecksumAlgorithm,
  checksumAlgorithms,
  checksumHeader,
  createChecksum,
} from './checksum/index.ts'
import { decodeChunked } from './chunked.ts'
import { S3Error } from './errors.ts'
import type { Authenticated } from './sigv4.ts'

/** What is known of a body once it has been read to its end and everything claimed of it has proved true. */
export interface VerifiedBody {
  size: number
  /** Hex. */
  md5: string
  checksum: { algorithm: ChecksumAlgorithm; value: string } | undefined
}

const largestObject = 5 * 1024 ** 3

/**
 * Reads a body to its end, handing its data to `write`, and verifies all that the request claims of it: length,
 * payload signature, chunk signatures, Content-MD5, checksum in header, query or trailer. Whoever stores the
 * data commits it only after this has returned.
 *
 * @param query a presigned URL may carry a checksum in its query: it binds the body too
 * @throws {S3Error}
 */
export async function readBody(
  req: IncomingMessage,
  query: ReadonlyMap<string, string>,
  { payloadHash, chunkSigner }: Authenticated,
  write: (data: Buffer) => Promise<void>,
): Promise<VerifiedBody> {
  const header = (name: string) => single(req.headers[name]) ?? query.get(name)
  const chunked = payloadHash.startsWith('STREAMING-')
  const length = header(chunked ? 'x-amz-decoded-content-length' : 'content-length')
  if (length === undefined || !/^\d{1,15}$/.test(length)) {
    throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.')
  }
  const announced = Number(length)
  if (announced > largestObject) {
    const message = 'Your proposed upload exceeds the maximum allowed size'
    throw new S3Error('EntityTooLarge', message, { MaxSizeAllowed: String(largestObject) })
  }
  const claimedMd5 = parseMd5(header('content-md5'))
  const asked = askedChecksum(header)
  const trailers = new Map<string, string>()
  const data = chunked
    ? decodeChunked(keepOpen(req), streamSigner(payloadHash, chunkSigner), trailers)
    : keepOpen(req)

  const md5 = createHash('md5')
  const sha256 = /^[0-9a-f]{64}$/.test(payloadHash) ? createHash('sha256') : undefined
  const checksum = asked && createChecksum(asked.algorithm)
  let size = 0
  for await (const part of data) {
    size += part.length
    if (size > announced) throw new S3Error('IncompleteBody', 'The body is longer than announced')
    md5.update(part)
    sha256?.update(part)
    checksum?.update(part)
    await write(part)
  }

  if (size !== announced) {
    throw new S3Error('IncompleteBody', 'You did not provide the number of bytes specified by Content-Length')
  }
  if (!sha256 && !chunked && payloadHash !== 'UNSIGNED-PAYLOAD') {
    throw new S3Error(
      'InvalidArgument',
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-… or a SHA-256',
    )
  }
  if (sha256 && sha256.digest('hex') !== payloadHash) {
    const message = "The provided 'x-amz-content-sha256' header does not match what was computed."
    throw new S3Error('XAmzContentSHA256Mismatch', message)
  }
  const md5Digest = md5.digest()
  if (claimedMd5 && !claimedMd5.equals(md5Digest)) {
    throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.')
  }
  const value = checksum?.digest().toString('base64')
  if (asked && value !== undefined) {
    const claimed = asked.value ?? trailers.get(checksumHeader(asked.algorithm))
    if (claimed !== value) {
      const message = `The ${asked.algorithm} you specified did not match the calculated checksum.`
      throw new S3Error('BadDigest', message)
    }
  }
  return {
    size,
    md5: md5Digest.toString('hex'),
    checksum: asked && value !== undefined ? { algorithm: asked.algorithm, value } : undefined,
  }
}

/** Reads a small body whole, for the operations that take XML. */
export async function readSmallBody(
  req: IncomingMessage,
  query: ReadonlyMap<string, string>,
  auth: Authenticated,
  limit = 2 * 1024 * 1024,
): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  await readBody(req, query, auth, async (data) => {
    size += data.length
    if (size > limit) throw new S3Error('EntityTooLarge', 'The XML document is too large')
    parts.push(Buffer.from(data))
  })
  return Buffer.concat(parts)
}

/** Leaving the loop early must not close the connection: the error has to be answered on it. */
function keepOpen(req: IncomingMessage): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => req.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer> }
}

function streamSigner(payloadHash: string, signer: Authenticated['chunkSigner']) {
  if (payloadHash === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') return undefined
  if (/^STREAMING-AWS4-HMAC-SHA256-PAYLOAD(-TRAILER)?$/.test(payloadHash)) return signer
  throw new S3Error('NotImplemented', `The payload signing ${payloadHash} is not implemented`)
}

interface AskedChecksum {
  algorithm: ChecksumAlgorithm
  /** Undefined: comes in the trailer. */
  value: string | undefined
}

/** At most one checksum, with its value in a header or the query, or announced for the trailer. */
function askedChecksum(header: (name: string) => string | undefined): AskedChecksum | undefined {
  const trailer = header('x-amz-trailer')?.toLowerCase()
  const asked = checksumAlgorithms.flatMap((algorithm): AskedChecksum[] => {
    const name = checksumHeader(algorithm)
    const value = header(name)
    if (value !== undefined) return [{ algorithm, value: checkEncoding(name, value) }]
    return trailer === name ? [{ algorithm, value: undefined }] : []
  })
  if (asked.length > 1) {
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    )
  }
  return asked[0]
}

function checkEncoding(name: string, value: string): string {
  const lengths: Record<string, number> = { crc32: 4, crc32c: 4, crc64nvme: 8, sha1: 20, sha256: 32 }
  const expected = lengths[name.slice('x-amz-checksum-'.length)]
  if (Buffer.from(value, 'base64').length !== expected) {
    throw new S3Error('InvalidRequest', `Value for ${name} header is invalid.`)
  }
  return value
}

function parseMd5(value: string | undefined): Buffer | undefined {
  if (value === undefined) return undefined
  const digest = Buffer.from(value, 'base64')
  if (digest.length !== 16) throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.')
  return digest
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value
}
