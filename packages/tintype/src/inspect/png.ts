import { isTurned } from './exif.ts'
import { Damaged, type Header } from './verdict.ts'

/**
 * Walks the chunks of a PNG (third edition, which includes APNG) to its end. Frames are what `acTL` claims
 * or what `fcTL` chunks there are, whichever is more.
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
  }
  let claimed = 1
  let controls = 0
  let hasData = false
  for (let at = 33; ; ) {
    const length = bytes.readUInt32BE(at)
    const type = bytes.readUInt32BE(at + 4)
    const end = at + 12 + length
    if (end > bytes.length) throw new Damaged('is cut off')
    if (type === chunk('IEND')) break
    else if (type === chunk('IDAT')) hasData = true
    else if (type === chunk('acTL')) claimed = bytes.readUInt32BE(at + 8)
    else if (type === chunk('fcTL')) controls++
    else if (type === chunk('eXIf')) header.turned = isTurned(bytes.subarray(at + 8, end - 4))
    at = end
  }
  if (!hasData) throw new Damaged('holds no picture')
  return { ...header, frames: Math.max(1, claimed, controls) }
}

function chunk(name: 'IEND' | 'IDAT' | 'acTL' | 'fcTL' | 'eXIf'): number {
  return chunkTypes[name]
}
const chunkTypes = {
  IEND: 0x49454e44,
  IDAT: 0x49444154,
  acTL: 0x6163544c,
  fcTL: 0x6663544c,
  eXIf: 0x65584966,
}
