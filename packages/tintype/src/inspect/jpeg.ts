import { nextMarker } from '../metadata/jpeg-segments.ts'
import { isTurned } from './exif.ts'
import { hasAllScans } from './jpeg-scans.ts'
import { Damaged, type Header, maxParts } from './verdict.ts'

/**
 * Walks the segments of a JPEG up to its first scan (ITU-T T.81, annex B): the frame header has the
 * dimensions, an Exif segment the orientation. The thumbnail inside the Exif segment is skipped.
 * Bytes between two segments are passed over, as decoders do. Some cameras and many copies lack the end marker,
 * which is accepted if every scan that the picture needs has begun.
 * Whether the last scan is whole is left to the decoder.
 */
export function readJpeg(bytes: Buffer): Header {
  let frame:
    | (Pick<Header, 'width' | 'height' | 'passBytes'> & { inPasses: boolean; components: number })
    | undefined
  let turned = false
  let segments = 0
  for (let at = 2; ; ) {
    const marker = bytes.readUInt8(at + 1)
    if (bytes[at] !== 0xff || marker === 0) {
      const next = nextMarker(bytes, at)
      if (next === undefined) throw new Damaged('has a damaged segment')
      at = next
      continue
    }
    if (marker === fill) {
      at += 1
      continue
    }
    if (isBare(marker)) {
      at += 2
      continue
    }
    if (++segments > maxParts) throw new Damaged('has too many segments')
    if (marker === endOfImage) throw new Damaged('ends before its picture begins')
    const length = bytes.readUInt16BE(at + 2)
    const end = at + 2 + length
    if (length < 2 || end > bytes.length) throw new Damaged('is cut off')
    const body = bytes.subarray(at + 4, end)
    if (isFrameHeader(marker)) {
      if (frame) throw new Damaged('has two frame headers')
      const inPasses = isProgressive(marker)
      const components = body.readUInt8(5)
      const size = { height: body.readUInt16BE(1), width: body.readUInt16BE(3) }
      frame = { ...size, inPasses, components, passBytes: coefficientBytes(body.subarray(6), components) }
    } else if (marker === app1 && body.toString('latin1', 0, 6) === 'Exif\0\0') {
      turned ||= isTurned(body.subarray(6))
    } else if (marker === startOfScan) {
      if (!frame) throw new Damaged('has no frame header')
      const { components, ...size } = frame
      const isEnded = bytes.lastIndexOf(endOfImageMarker) >= end
      if (!isEnded && !hasAllScans(bytes, at, frame)) throw new Damaged('is cut off')
      return { ...size, frames: 1, turned }
    }
    at = end
  }
}

const fill = 0xff
const endOfImage = 0xd9
const startOfScan = 0xda
const app1 = 0xe1
const endOfImageMarker = Buffer.from([0xff, endOfImage])

/** Of one pixel, all components together: each coefficient has two bytes, and colours often have a quarter of them. */
function coefficientBytes(frame: Buffer, components: number): number {
  let most = 0
  let all = 0
  for (let index = 0; index < components; index++) {
    const sampling = frame.readUInt8(index * 3 + 1)
    const factor = (sampling >> 4) * (sampling & 15)
    most = Math.max(most, factor)
    all += factor
  }
  return most > 0 ? (2 * all) / most : 2 * components
}

/** Markers without a length: TEM and the restart markers. */
function isBare(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)
}

/** SOF0..SOF15, among which DHT, JPG and DAC hold other things. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

/** SOF2, 6, 10 and 14. */
function isProgressive(frameHeader: number): boolean {
  return (frameHeader & 0b11) === 0b10
}
