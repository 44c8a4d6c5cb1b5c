/**
 * The five checksums of S3, their two types, and the arithmetic of multipart uploads.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { combine } from './combine.ts'
import { crc32c } from './crc32c.ts'
import { type Crc64, crc64nvme } from './crc64nvme.ts'

export type CrcAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME'
export type ChecksumAlgorithm = CrcAlgorithm | 'SHA1' | 'SHA256'
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE'
export type ChecksumHeader = `x-amz-checksum-${'crc32' | 'crc32c' | 'crc64nvme' | 'sha1' | 'sha256'}`

/** A checksum in progress. `digest` is called once, after the last `update`. */
export interface Checksum {
  update(chunk: Uint8Array): void
  /** The raw digest; a CRC's bytes are big-endian, as S3 sends them (base64 in headers). */
  digest(): Buffer
}

export const checksumAlgorithms: readonly ChecksumAlgorithm[] = [
  'CRC32',
  'CRC32C',
  'CRC64NVME',
  'SHA1',
  'SHA256',
]

/**
 * Starts a checksum. On one core: CRC32 several GiB/s (zlib), CRC32C and CRC64NVME over 1 GiB/s.
 *
 *     const sum = createChecksum('CRC32C')
 *     sum.update(Buffer.from('123456789'))
 *     sum.digest().toString('base64') // '4waSgw=='
 */
export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  switch (algorithm) {
    case 'CRC32':
      return checksum32(crc32)
    case 'CRC32C':
      return checksum32(crc32c)
    case 'CRC64NVME':
      return checksum64()
    case 'SHA1':
    case 'SHA256': {
      const hash = createHash(algorithm.toLowerCase())
      return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() }
    }
  }
}

/**
 * The CRC of a whole object from the CRCs and sizes (bytes) of its parts, in order: a FULL_OBJECT
 * checksum without reading the parts again. Cheap: 10,000 parts take about 0.1 s.
 */
export function combineCrc(algorithm: CrcAlgorithm, parts: { digest: Buffer; size: number }[]): Buffer {
  return combine(polynomials[algorithm], parts)
}

/** The checksum of checksums: base64 of the digest over the parts' raw digests, then `-N`. */
export function compositeChecksum(algorithm: ChecksumAlgorithm, partDigests: Buffer[]): string {
  const sum = createChecksum(algorithm)
  for (const digest of partDigests) sum.update(digest)
  return `${sum.digest().toString('base64')}-${partDigests.length}`
}

/** Which types a multipart upload may have: CRC64NVME is FULL_OBJECT only, the hashes COMPOSITE only. */
export function checksumTypeAllowed(algorithm: ChecksumAlgorithm, type: ChecksumType): boolean {
  if (algorithm === 'CRC64NVME') return type === 'FULL_OBJECT'
  if (algorithm === 'SHA1' || algorithm === 'SHA256') return type === 'COMPOSITE'
  return true
}

/** The header (or trailer) that carries this checksum, e.g. `x-amz-checksum-crc32`. */
export function checksumHeader(algorithm: ChecksumAlgorithm): ChecksumHeader {
  return `x-amz-checksum-${algorithm.toLowerCase() as Lowercase<ChecksumAlgorithm>}`
}

/** Generator polynomials, bit-reversed. */
const polynomials = {
  CRC32: { width: 32, poly: 0xedb88320n },
  CRC32C: { width: 32, poly: 0x82f63b78n },
  CRC64NVME: { width: 64, poly: 0x9a6c9329ac4bc9b5n },
} as const

function checksum32(crc: (chunk: Uint8Array, value: number) => number): Checksum {
  let value = 0
  return {
    update(chunk) {
      value = crc(chunk, value)
    },
    digest() {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(value)
      return bytes
    },
  }
}

function checksum64(): Checksum {
  const value: Crc64 = { high: 0, low: 0 }
  return {
    update: (chunk) => crc64nvme(chunk, value),
    digest() {
      const bytes = Buffer.alloc(8)
      bytes.writeUInt32BE(value.high, 0)
      bytes.writeUInt32BE(value.low, 4)
      return bytes
    },
  }
}
