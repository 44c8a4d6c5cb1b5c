import { Damaged, type Header } from './verdict.ts'

/**
 * Walks the blocks of a GIF (GIF89a) and counts its frames. Decoders let the canvas grow to frames that
 * stick out of it, so the dimensions are those of the smallest canvas that holds them all.
 */
export function readGif(bytes: Buffer): Header {
  let width = bytes.readUInt16LE(6)
  let height = bytes.readUInt16LE(8)
  let frames = 0
  let at = 13 + colorTableSize(bytes.readUInt8(10))
  // A missing trailer is accepted if the last frame is whole, as in every viewer.
  while (at < bytes.length || frames === 0) {
    const block = bytes.readUInt8(at)
    if (block === trailer) break
    if (block === extension) {
      at = skipSubBlocks(bytes, at + 2)
    } else if (block === imageDescriptor) {
      width = Math.max(width, bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5))
      height = Math.max(height, bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7))
      at = skipSubBlocks(bytes, at + 11 + colorTableSize(bytes.readUInt8(at + 9)))
      frames++
    } else if (frames > 0) {
      // Some writers leave garbage after the last frame; viewers stop there.
      break
    } else {
      throw new Damaged('has a damaged block')
    }
  }
  if (frames === 0) throw new Damaged('holds no picture')
  return { width, height, frames, turned: false }
}

const trailer = 0x3b
const extension = 0x21
const imageDescriptor = 0x2c

function colorTableSize(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0
}

function skipSubBlocks(bytes: Buffer, start: number): number {
  let at = start
  for (;;) {
    const size = bytes[at]
    if (size === undefined) throw new Damaged('is cut off')
    at += 1 + size
    if (size === 0) return at
  }
}
