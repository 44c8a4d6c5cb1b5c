import type { Box } from '../metadata/boxes.ts'
import { highBitsFirst, type ReadBits } from './bit-reader.ts'

/**
 * The most pixels that the sequence parameter sets in a decoder configuration speak of (`hvcC`, ISO/IEC 14496-15, section
 * 8.3.2). The decoder goes by them: a file of some hundred bytes that calls itself small may have them say 16,000 x 16,000.
 *
 * @throws {RangeError} where the box breaks off
 */
export function hevcPixels(bytes: Buffer, { start, end }: Box): number {
  const box = bytes.subarray(start, end)
  let most = 0
  let at = 23
  for (let arrays = box.readUInt8(22); arrays > 0; arrays--) {
    const type = box.readUInt8(at) & 63
    const units = box.readUInt16BE(at + 1)
    at += 3
    for (let unit = 0; unit < units; unit++) {
      const length = box.readUInt16BE(at)
      if (type === sequenceParameterSet)
        most = Math.max(most, pixelsOf(box.subarray(at + 4, at + 2 + length)))
      at += 2 + length
    }
  }
  return most
}

const sequenceParameterSet = 33

/** The beginning of a sequence parameter set after its header of two bytes (ITU-T H.265, section 7.3.2.2). */
function pixelsOf(unit: Buffer): number {
  const read = highBitsFirst(withoutEscapes(unit))
  read(4)
  const subLayers = read(3)
  read(1)
  skipProfile(read, subLayers)
  exponential(read)
  if (exponential(read) === 3) read(1)
  return exponential(read) * exponential(read)
}

/** The third of the bytes 0 0 3 is there so that no start code occurs. */
function withoutEscapes(unit: Buffer): Buffer {
  const kept: number[] = []
  let zeros = 0
  for (const byte of unit.subarray(0, longest)) {
    const isEscape = zeros >= 2 && byte === 3
    zeros = byte === 0 ? zeros + 1 : 0
    if (!isEscape) kept.push(byte)
  }
  return Buffer.from(kept)
}

/** Bytes up to the picture's size: 12 for each of at most 8 layers, and a little. */
const longest = 256

/** `profile_tier_level`, section 7.3.3. */
function skipProfile(read: ReadBits, subLayers: number): void {
  const skip = (bits: number) => {
    for (let i = 0; i < bits; i++) read(1)
  }
  skip(96)
  const flags = Array.from({ length: subLayers }, () => [read(1), read(1)] as const)
  if (subLayers > 0) skip(2 * (8 - subLayers))
  for (const [hasProfile, hasLevel] of flags) skip(88 * hasProfile + 8 * hasLevel)
}

/** Exponential Golomb code, section 9.2. */
function exponential(read: ReadBits): number {
  let zeros = 0
  while (read(1) === 0) if (++zeros > 32) return 0
  return 2 ** zeros - 1 + read(zeros)
}
