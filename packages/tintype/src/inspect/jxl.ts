import { boxesIn } from '../metadata/boxes.ts'
import { lowBitsFirst, type ReadBits } from './bit-reader.ts'
import { Damaged, type Header } from './verdict.ts'

/**
 * Reads the first fields of a JPEG XL, which is a bare codestream or one in boxes (ISO/IEC 18181): its size and whether
 * the upright picture is turned. How many frames an animation has is told nowhere: its first is what is decoded.
 */
export function readJxl(bytes: Buffer): Header {
  const codestream = bytes.readUInt16BE(0) === signature ? bytes : boxed(bytes)
  if (codestream.readUInt16BE(0) !== signature) throw new Damaged('has no picture')
  const read = lowBitsFirst(codestream.subarray(2))
  const size = readSize(read)
  return { ...size, frames: 1, turned: readOrientation(read) > 4, decoder: 'jxl' }
}

const signature = 0xff0a
/** Enough of the codestream for the fields that are read. */
const needed = 64

/** The beginning of the codestream: in one box, or in parts with a number before each. */
function boxed(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  let isEnded = false
  for (const { type, start, end } of boxesIn(bytes, undefined, 'lenient')) {
    if (type === 'jxlc') {
      parts.push(bytes.subarray(start, Math.min(end, start + needed)))
      isEnded = true
    } else if (type === 'jxlp') {
      parts.push(bytes.subarray(start + 4, Math.min(end, start + needed)))
      isEnded = bytes.readUInt32BE(start) >= lastPart
    }
    if (isEnded) break
  }
  if (!isEnded) throw new Damaged('is cut off')
  return Buffer.concat(parts)
}

const lastPart = 0x80000000

/** A number whose first two bits choose how many follow, and what is added to them. */
function choose(read: ReadBits, choices: readonly [bits: number, offset: number][]): number {
  const [bits, offset] = choices[read(2)] as [number, number]
  return read(bits) + offset
}

/** Width by height. */
const ratios = [1, 12 / 10, 4 / 3, 3 / 2, 16 / 9, 5 / 4, 2]

function readSize(read: ReadBits): { width: number; height: number } {
  const isSmall = read(1) === 1
  const side = () =>
    isSmall
      ? (read(5) + 1) * 8
      : choose(read, [
          [9, 1],
          [13, 1],
          [18, 1],
          [30, 1],
        ])
  const height = side()
  const ratio = read(3)
  const width = ratio === 0 ? side() : Math.floor(height * (ratios[ratio - 1] as number) + 1e-9)
  return { width, height }
}

/** As in Exif, 1 to 8. The decoder turns the picture by it. */
function readOrientation(read: ReadBits): number {
  const isAllDefault = read(1) === 1
  const hasFurther = !isAllDefault && read(1) === 1
  return hasFurther ? read(3) + 1 : 1
}
