/**
 * Continues a CRC32C (Castagnoli; RFC 3720, appendix B.4) from `value`, 0 at the start.
 *
 * Sixteen bytes a round over sixteen tables ("slicing"): the look-ups of one round do not wait for
 * each other, which makes it some six times faster than the usual byte by byte.
 */
export function crc32c(chunk: Uint8Array, value = 0): number {
  const words = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
  const whole = chunk.length & ~15
  let crc = ~value
  let at = 0
  for (; at < whole; at += 16) {
    const a = crc ^ words.getInt32(at, true)
    const b = words.getInt32(at + 4, true)
    const c = words.getInt32(at + 8, true)
    const d = words.getInt32(at + 12, true)
    crc =
      (T[3840 + (a & 255)] as number) ^
      (T[3584 + ((a >>> 8) & 255)] as number) ^
      (T[3328 + ((a >>> 16) & 255)] as number) ^
      (T[3072 + (a >>> 24)] as number) ^
      (T[2816 + (b & 255)] as number) ^
      (T[2560 + ((b >>> 8) & 255)] as number) ^
      (T[2304 + ((b >>> 16) & 255)] as number) ^
      (T[2048 + (b >>> 24)] as number) ^
      (T[1792 + (c & 255)] as number) ^
      (T[1536 + ((c >>> 8) & 255)] as number) ^
      (T[1280 + ((c >>> 16) & 255)] as number) ^
      (T[1024 + (c >>> 24)] as number) ^
      (T[768 + (d & 255)] as number) ^
      (T[512 + ((d >>> 8) & 255)] as number) ^
      (T[256 + ((d >>> 16) & 255)] as number) ^
      (T[d >>> 24] as number)
  }
  for (; at < chunk.length; at++) {
    crc = (crc >>> 8) ^ (T[(crc ^ (chunk[at] as number)) & 255] as number)
  }
  return ~crc >>> 0
}

/** Table k (at 256·k) is the effect of a byte that k zero bytes follow. */
const T = tables(0x82f63b78)

function tables(poly: number): Int32Array {
  const table = new Int32Array(256 * 16)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ poly : crc >>> 1
    table[byte] = crc
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256] as number
    table[i] = (before >>> 8) ^ (table[before & 255] as number)
  }
  return table
}
