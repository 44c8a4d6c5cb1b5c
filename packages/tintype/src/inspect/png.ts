import { isTurned } from './exif.ts'
import { Damaged, type Header } from './verdict.ts'

/**
 * Walks the chunks of a PNG (third edition, which includes APNG) to its end. Frames are what `acTL` claims
 * or the `fcTL` chunks that there are, whichever is more. The end chunk and the last checksum may be missing: browsers
 * show such a picture, and no pixel of it is lost.
 */
export function readPng(bytes: Buffer): Header {
  if (bytes.toString('latin1', 12, 16) !== 'IHDR' || bytes.readUInt32BE(8) !== 13) {
    throw new Damaged('does not begin with its header')
  }
  const header: Header = {
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    frames: 1,
    turned: false,
    inPasses: bytes.readUInt8(28) !== 0,
    pixelBytes: (channels[bytes.readUInt8(25)] ?? 4) * (bytes.readUInt8(24) === 16 ? 2 : 1),
  }
  let claimed = 1
  let controls = 0
  let hasData = false
  for (let at = 33; ; ) {
    if (hasData && !isChunk(bytes, at)) break
    const length = bytes.readUInt32BE(at)
    const type = bytes.readUInt32BE(at + 4)
    const end = at + 12 + length
    if (type === chunk('IEND')) break
    if (end - 4 > bytes.length) {
      if (hasData && !isPicture(type)) break
      throw new Damaged('is cut off')
    }
    if (type === chunk('IDAT')) hasData = true
    else if (type === chunk('acTL')) claimed = bytes.readUInt32BE(at + 8)
    else if (type === chunk('fcTL')) controls++
    else if (type === chunk('eXIf')) header.turned = isTurned(bytes.subarray(at + 8, end - 4))
    else if (type === chunk('cICP') && length === 4) {
      header.colour = { primaries: bytes.readUInt8(at + 8), transfer: bytes.readUInt8(at + 9) }
    }
    at = end
  }
  if (!hasData) throw new Damaged('holds no picture')
  return { ...header, frames: Math.max(1, claimed, controls) }
}

/** By colour type. A palette may have colours that are transparent. */
const channels: Record<number, number> = { 0: 1, 2: 3, 3: 4, 4: 2, 6: 4 }

/** Chunk types are letters. Anything else means that the picture has ended without its end chunk. */
function isChunk(bytes: Buffer, at: number): boolean {
  if (at + 8 > bytes.length) return false
  for (let i = 4; i < 8; i++) {
    const lower = (bytes[at + i] as number) | 0x20
    if (lower < 0x61 || lower > 0x7a) return false
  }
  return true
}

function isPicture(type: number): boolean {
  return type === chunk('IDAT') || type === chunk('fdAT') || type === chunk('fcTL')
}

function chunk(name: keyof typeof chunkTypes): number {
  return chunkTypes[name]
}
const chunkTypes = {
  IEND: 0x49454e44,
  IDAT: 0x49444154,
  acTL: 0x6163544c,
  fcTL: 0x6663544c,
  fdAT: 0x66644154,
  cICP: 0x63494350,
  eXIf: 0x65584966,
}
