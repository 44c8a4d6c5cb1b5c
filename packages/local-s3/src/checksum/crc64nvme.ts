/** A 64-bit CRC as two unsigned 32-bit halves: BigInt would cost a factor of a hundred. */
export interface Crc64 {
  high: number
  low: number
}

/**
 * Continues a CRC-64/NVME (NVM Command Set Specification, 5.2.1.3.4) in place; both halves are 0 at
 * the start. Eight bytes a round over eight tables ("slicing"), as in CRC32C.
 */
export function crc64nvme(chunk: Uint8Array, value: Crc64): void {
  const words = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
  const whole = chunk.length & ~7
  let low = ~value.low
  let high = ~value.high
  let at = 0
  for (; at < whole; at += 8) {
    const a = low ^ words.getInt32(at, true)
    const b = high ^ words.getInt32(at + 4, true)
    const a0 = 1792 + (a & 255)
    const a1 = 1536 + ((a >>> 8) & 255)
    const a2 = 1280 + ((a >>> 16) & 255)
    const a3 = 1024 + (a >>> 24)
    const b0 = 768 + (b & 255)
    const b1 = 512 + ((b >>> 8) & 255)
    const b2 = 256 + ((b >>> 16) & 255)
    const b3 = b >>> 24
    low =
      (LOW[a0] as number) ^
      (LOW[a1] as number) ^
      (LOW[a2] as number) ^
      (LOW[a3] as number) ^
      (LOW[b0] as number) ^
      (LOW[b1] as number) ^
      (LOW[b2] as number) ^
      (LOW[b3] as number)
    high =
      (HIGH[a0] as number) ^
      (HIGH[a1] as number) ^
      (HIGH[a2] as number) ^
      (HIGH[a3] as number) ^
      (HIGH[b0] as number) ^
      (HIGH[b1] as number) ^
      (HIGH[b2] as number) ^
      (HIGH[b3] as number)
  }
  for (; at < chunk.length; at++) {
    const index = (low ^ (chunk[at] as number)) & 255
    low = ((low >>> 8) | (high << 24)) ^ (LOW[index] as number)
    high = (high >>> 8) ^ (HIGH[index] as number)
  }
  value.low = ~low >>> 0
  value.high = ~high >>> 0
}

/** Table k (at 256·k) is the effect of a byte that k zero bytes follow; one array for each half. */
const LOW = new Int32Array(256 * 8)
const HIGH = new Int32Array(256 * 8)
fillTables(0x9a6c9329, 0xac4bc9b5)

function fillTables(polyHigh: number, polyLow: number): void {
  for (let byte = 0; byte < 256; byte++) {
    let low = byte
    let high = 0
    for (let bit = 0; bit < 8; bit++) {
      const odd = low & 1
      low = (low >>> 1) | (high << 31)
      high >>>= 1
      if (odd) {
        low ^= polyLow
        high ^= polyHigh
      }
    }
    LOW[byte] = low
    HIGH[byte] = high
  }
  for (let i = 256; i < LOW.length; i++) {
    const low = LOW[i - 256] as number
    const high = HIGH[i - 256] as number
    LOW[i] = ((low >>> 8) | (high << 24)) ^ (LOW[low & 255] as number)
    HIGH[i] = (high >>> 8) ^ (HIGH[low & 255] as number)
  }
}
