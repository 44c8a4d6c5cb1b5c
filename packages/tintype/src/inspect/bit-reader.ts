/** Reads bits, the lowest of each byte first, as JPEG XL stores them. @throws {RangeError} at the end of the bytes */
export function lowBitsFirst(bytes: Buffer): (count: number) => number {
  let at = 0
  return (count) => {
    let value = 0
    for (let i = 0; i < count; i++, at++) value += ((bytes.readUInt8(at >> 3) >> (at & 7)) & 1) * 2 ** i
    return value
  }
}
