import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type ChecksumAlgorithm,
  type CrcAlgorithm,
  checksumAlgorithms,
  checksumHeader,
  checksumTypeAllowed,
  combineCrc,
  compositeChecksum,
  createChecksum,
} from './index.ts'

const crcs: CrcAlgorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME']
const sum = (algorithm: ChecksumAlgorithm, ...chunks: Uint8Array[]) => {
  const checksum = createChecksum(algorithm)
  for (const chunk of chunks) checksum.update(chunk)
  return checksum.digest()
}
const hex = (algorithm: ChecksumAlgorithm, bytes: Uint8Array) => sum(algorithm, bytes).toString('hex')

describe('published vectors', () => {
  const check = Buffer.from('123456789')

  test('the check values of the CRC catalogue, big-endian', () => {
    assert.equal(hex('CRC32', check), 'cbf43926')
    assert.equal(hex('CRC32C', check), 'e3069283')
    assert.equal(hex('CRC64NVME', check), 'ae8b14860a799888')
  })

  test('CRC32C as in RFC 3720, B.4 (there written little-endian)', () => {
    const ascending = Buffer.from(Array.from({ length: 32 }, (_, i) => i))
    assert.equal(hex('CRC32C', Buffer.alloc(32)), '8a9136aa')
    assert.equal(hex('CRC32C', Buffer.alloc(32, 0xff)), '62a8ab43')
    assert.equal(hex('CRC32C', ascending), '46dd794e')
    assert.equal(hex('CRC32C', Buffer.from(ascending).reverse()), '113fdb5c')
    const iscsiRead =
      '01c00000 00000000 00000000 00000000 14000000 00000400 00000014 00000018 28000000 00000000 02000000 00000000'
    assert.equal(hex('CRC32C', Buffer.from(iscsiRead.replaceAll(' ', ''), 'hex')), 'd9963a56')
  })

  test('CRC-64/NVME of 4 KiB of zeros and of ones, as in the NVM Command Set Specification', () => {
    assert.equal(hex('CRC64NVME', Buffer.alloc(4096)), '6482d367eb22b64e')
    assert.equal(hex('CRC64NVME', Buffer.alloc(4096, 0xff)), 'c0ddba7302eca3ac')
  })

  test('an empty body has the checksums that SDKs send for it', () => {
    const expected = {
      CRC32: 'AAAAAA==',
      CRC32C: 'AAAAAA==',
      CRC64NVME: 'AAAAAAAAAAA=',
      SHA1: '2jmj7l5rSw0yVb/vlWAYkK/YBwk=',
      SHA256: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
    }
    for (const algorithm of checksumAlgorithms) {
      assert.equal(sum(algorithm).toString('base64'), expected[algorithm], algorithm)
    }
  })
})

describe('properties', () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 12 })

  test('a checksum does not depend on how the bytes are cut into chunks', () => {
    fc.assert(
      fc.property(fc.constantFrom(...checksumAlgorithms), chunks, (algorithm, cut) => {
        assert.deepEqual(sum(algorithm, ...cut), sum(algorithm, Buffer.concat(cut)))
      }),
    )
  })

  test('the fast loops agree with division bit by bit', () => {
    const specs = { CRC32C: [32n, 0x82f63b78n], CRC64NVME: [64n, 0x9a6c9329ac4bc9b5n] } as const
    fc.assert(
      fc.property(
        fc.constantFrom('CRC32C', 'CRC64NVME'),
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(15),
        (algorithm, bytes, offset) => {
          const [width, poly] = specs[algorithm]
          const ones = (1n << width) - 1n
          let crc = ones
          for (const byte of bytes.subarray(offset)) {
            crc ^= BigInt(byte)
            for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ poly : crc >> 1n
          }
          const expected = (crc ^ ones).toString(16).padStart(Number(width) / 4, '0')
          assert.equal(hex(algorithm, bytes.subarray(offset)), expected)
        },
      ),
    )
  })

  test('combining the CRCs of the parts gives the CRC of the whole', () => {
    fc.assert(
      fc.property(fc.constantFrom(...crcs), chunks, (algorithm, cut) => {
        const parts = cut.map((chunk) => ({ digest: sum(algorithm, chunk), size: chunk.length }))
        assert.deepEqual(combineCrc(algorithm, parts), sum(algorithm, Buffer.concat(cut)))
      }),
    )
  })

  test('combining is associative at sizes no test can hold, up to 5 TiB', () => {
    const size = fc.integer({ min: 0, max: 5 * 2 ** 40 })
    fc.assert(
      fc.property(
        fc.constantFrom(...crcs),
        fc.infiniteStream(fc.nat(255)),
        size,
        size,
        (crc, bytes, m, n) => {
          const digest = () => Buffer.from([...bytes.take(crc === 'CRC64NVME' ? 8 : 4)])
          const [a, b, c] = [
            { digest: digest(), size: 7 },
            { digest: digest(), size: m },
            { digest: digest(), size: n },
          ]
          const right = { digest: combineCrc(crc, [b, c]), size: m + n }
          assert.deepEqual(combineCrc(crc, [a, right]), combineCrc(crc, [a, b, c]))
        },
      ),
    )
  })
})

test('a size above 4 GiB is not cut to 32 bits', () => {
  const block = Buffer.alloc(2 ** 20)
  const piece = { digest: sum('CRC64NVME', block), size: block.length }
  const pieces = Array.from({ length: 5 * 2 ** 10 }, () => piece)
  const one = { digest: sum('CRC64NVME', Buffer.from('x')), size: 1 }
  const fiveGiB = { digest: combineCrc('CRC64NVME', pieces), size: 5 * 2 ** 30 }
  assert.deepEqual(combineCrc('CRC64NVME', [one, fiveGiB]), combineCrc('CRC64NVME', [one, ...pieces]))
})

test('a composite checksum is the checksum of the raw part digests and the number of parts', () => {
  const parts = [sum('SHA256', Buffer.from('a')), sum('SHA256', Buffer.from('b'))]
  const expected = sum('SHA256', Buffer.concat(parts)).toString('base64')
  assert.equal(compositeChecksum('SHA256', parts), `${expected}-2`)
})

test('each algorithm allows the checksum types that S3 documents', () => {
  const allowed = (type: 'FULL_OBJECT' | 'COMPOSITE') =>
    checksumAlgorithms.filter((algorithm) => checksumTypeAllowed(algorithm, type))
  assert.deepEqual(allowed('FULL_OBJECT'), ['CRC32', 'CRC32C', 'CRC64NVME'])
  assert.deepEqual(allowed('COMPOSITE'), ['CRC32', 'CRC32C', 'SHA1', 'SHA256'])
})

test('header names are lower-case, as Node gives them', () => {
  assert.equal(checksumHeader('CRC64NVME'), 'x-amz-checksum-crc64nvme')
  assert.equal(checksumHeader('SHA1'), 'x-amz-checksum-sha1')
})
