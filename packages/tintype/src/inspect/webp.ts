import { isTurned } from './exif.ts'
import { Damaged, type Header, maxParts } from './verdict.ts'

/** Of the flags in `VP8X`. */
const exifFlag = 0x08

/**
 * Walks the chunks of a WebP (RFC 9649). An extended file has its canvas in `VP8X`, a plain one its
 * dimensions in the one bitstream that it consists of; frames are the `ANMF` chunks.
 */
export function readWebp(bytes: Buffer): Header {
  const end = 8 + bytes.readUInt32LE(4)
  if (end > bytes.length) throw new Damaged('is cut off')
  let canvas: { width: number; height: number } | undefined
  let stream: { width: number; height: number } | undefined
  let frames = 0
  let mayTurn = false
  let exif: Buffer | undefined
  let chunks = 0
  for (let at = 12; at + 8 <= end; ) {
    if (++chunks > maxParts) throw new Damaged('has too many chunks')
    const size = bytes.readUInt32LE(at + 4)
    const next = at + 8 + size + (size % 2)
    // The last chunk may lack its padding byte.
    if (at + 8 + size > end) throw new Damaged('has a damaged chunk')
    const body = bytes.subarray(at + 8, at + 8 + size)
    switch (bytes.toString('latin1', at, at + 4)) {
      case 'VP8X':
        // As sharp and browsers do, which look for Exif only where the file begins by saying that it has some.
        mayTurn ||= chunks === 1 && (body.readUInt8(0) & exifFlag) !== 0
        canvas ??= { width: body.readUIntLE(4, 3) + 1, height: body.readUIntLE(7, 3) + 1 }
        break
      case 'VP8 ':
        stream ??= lossySize(body)
        break
      case 'VP8L':
        stream ??= losslessSize(body)
        break
      case 'ANMF': {
        frames++
        const right = body.readUIntLE(0, 3) * 2 + body.readUIntLE(6, 3) + 1
        const bottom = body.readUIntLE(3, 3) * 2 + body.readUIntLE(9, 3) + 1
        if (!canvas || right > canvas.width || bottom > canvas.height) {
          throw new Damaged('has a frame outside of its canvas')
        }
        break
      }
      case 'EXIF':
        exif ??= body.toString('latin1', 0, 6) === 'Exif\0\0' ? body.subarray(6) : body
    }
    at = next
  }
  if (!stream && frames === 0) throw new Damaged('holds no picture')
  if (canvas && stream && (canvas.width !== stream.width || canvas.height !== stream.height)) {
    throw new Damaged('contradicts itself about its size')
  }
  const size = canvas ?? stream
  if (!size) throw new Damaged('has no canvas')
  const turned = mayTurn && exif !== undefined && isTurned(exif)
  return { ...size, frames: Math.max(1, frames), turned, isShownAsStored: true }
}

/** Frame header of VP8 (RFC 6386, section 9.1): three bytes, a start code, then 14 bits each. */
function lossySize(body: Buffer): { width: number; height: number } {
  if (body.readUIntBE(3, 3) !== 0x9d012a) throw new Damaged('has a damaged frame header')
  return { width: body.readUInt16LE(6) & 0x3fff, height: body.readUInt16LE(8) & 0x3fff }
}

/** Image header of VP8L (RFC 9649, section 3.4): a signature byte, then 14 bits each, less one. */
function losslessSize(body: Buffer): { width: number; height: number } {
  if (body.readUInt8(0) !== 0x2f) throw new Damaged('has a damaged frame header')
  const bits = body.readUInt32LE(1)
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
}
