/** A CRC with reflected bits whose start value and final XOR are both all ones. */
export interface CrcPolynomial {
  width: 32 | 64
  /** The generator polynomial, bit-reversed: the highest bit is the coefficient of 1. */
  poly: bigint
}

/**
 * The CRC of a concatenation from the CRCs and sizes (bytes, up to 2^53) of its pieces.
 *
 * A CRC is a remainder modulo a polynomial over GF(2), so `n` bytes that follow multiply it by
 * x^8n: crc(A‖B) = crc(A)·x^(8·|B|) + crc(B), where + is XOR. The start value and the final XOR
 * cancel out. Pieces mostly have one size, so the powers are remembered while combining.
 */
export function combine(crc: CrcPolynomial, pieces: { digest: Buffer; size: number }[]): Buffer {
  const powers = new Map<number, bigint>()
  let whole = 0n
  for (const { digest, size } of pieces) {
    let power = powers.get(size)
    if (power === undefined) {
      power = powerOfX(crc, BigInt(size) * 8n)
      powers.set(size, power)
    }
    whole = multiply(crc, whole, power) ^ BigInt(`0x${digest.toString('hex')}`)
  }
  return Buffer.from(whole.toString(16).padStart(crc.width / 4, '0'), 'hex')
}

/** x^n modulo the polynomial, by repeated squaring. */
function powerOfX(crc: CrcPolynomial, n: bigint): bigint {
  const one = 1n << BigInt(crc.width - 1)
  let result = one
  let square = one >> 1n
  for (let rest = n; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(crc, result, square)
    square = multiply(crc, square, square)
  }
  return result
}

/** The product of two bit-reversed polynomials, reduced. */
function multiply(crc: CrcPolynomial, a: bigint, b: bigint): bigint {
  let product = 0n
  let shifted = b
  for (let bit = 1n << BigInt(crc.width - 1); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= shifted
    shifted = shifted & 1n ? (shifted >> 1n) ^ crc.poly : shifted >> 1n
  }
  return product
}
