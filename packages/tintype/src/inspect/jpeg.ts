import { hasPrefix, jpegSegments, markers, prefixes } from '../metadata/jpeg-segments.ts'
import { isTurned } from './exif.ts'
import { hasAllScans } from './jpeg-scans.ts'
import { Damaged, type Header, maxParts } from './verdict.ts'

/**
 * What stands before the first scan of a JPEG: the frame header has the dimensions, an Exif segment the orientation. The
 * thumbnail inside the Exif segment is skipped. Some cameras and many copies lack the end marker,
 * which is accepted if every scan that the picture needs has begun.
 * Whether the last scan is whole is left to the decoder.
 */
export function readJpeg(bytes: Buffer): Header {
  const { segments, ending, end: scan } = jpegSegments(bytes)
  let frame: Frame | undefined
  let turned = false
  for (const segment of segments) {
    const { marker, body, end } = segment
    if (isFrameHeader(marker)) {
      if (frame) throw new Damaged('has two frame headers')
      frame = readFrame(marker, bytes.subarray(body, end))
    } else if (marker === markers.app1 && hasPrefix(bytes, segment, prefixes.exif)) {
      turned ||= isTurned(bytes.subarray(body + prefixes.exif.length, end))
    }
  }
  if (segments.length === maxParts) throw new Damaged('has too many segments')
  if (ending !== 'scan') throw new Damaged(reasons[ending])
  if (!frame) throw new Damaged('has no frame header')
  const { components, ...size } = frame
  const isEnded = bytes.lastIndexOf(endOfImageMarker) >= scan
  if (!isEnded && !hasAllScans(bytes, frame)) throw new Damaged('is cut off')
  return { ...size, frames: 1, turned }
}

const reasons = {
  end: 'ends before its picture begins',
  damaged: 'has a damaged segment',
  'cut off': 'is cut off',
}
const endOfImageMarker = Buffer.from([0xff, markers.endOfImage])

type Frame = Pick<Header, 'width' | 'height' | 'passBytes'> & { inPasses: boolean; components: number }

function readFrame(marker: number, body: Buffer): Frame {
  const components = body.readUInt8(5)
  return {
    ...{ width: body.readUInt16BE(3), height: body.readUInt16BE(1), components },
    inPasses: isProgressive(marker),
    passBytes: coefficientBytes(body.subarray(6), components),
  }
}

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

/** SOF0..SOF15, among which DHT, JPG and DAC hold other things. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

/** SOF2, 6, 10 and 14. */
function isProgressive(frameHeader: number): boolean {
  return (frameHeader & 0b11) === 0b10
}
