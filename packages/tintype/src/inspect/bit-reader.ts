/** Reads so many bits as a number. @throws {RangeError} at the end of the bytes */
export type ReadBits = (count: number) => number

/** The lowest bit of each byte first, as JPEG XL stores them. */
export function lowBitsFirst(bytes: Buffer): ReadBits {
  let at = 0
  return (count) => {
    let value = 0
    for (let i = 0; i < count; i++, at++) value += ((bytes.readUInt8(at >> 3) >> (at & 7)) & 1) * 2 ** i
    return value
  }
}

/** The highest bit of each byte first, as video codecs store them. */
export function highBitsFirst(bytes: Buffer): ReadBits {
  let at = 0
  return (count) => {
    let value = 0
    for (let i = 0; i < count; i++, at++)
      value = value * 2 + ((bytes.readUInt8(at >> 3) >> (7 - (at & 7))) & 1)
    return value
  }
}
