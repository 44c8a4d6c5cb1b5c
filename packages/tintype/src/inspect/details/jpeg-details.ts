import { hasPrefix, type JpegSegment, jpegSegments, markers, prefixes } from '../../metadata/jpeg-segments.ts'
import { readExif } from './exif-details.ts'
import type { Found } from './found.ts'
import { jpegFeatures } from './jpeg-features.ts'
import { createXmp, readXmp } from './xmp-details.ts'

/** What stands before the first scan of a JPEG, and what is glued behind its picture. */
export function readJpegDetails(bytes: Buffer): Found[] {
  const { segments } = jpegSegments(bytes)
  const bodyOf = (marker: number, prefix: Buffer) => bodyIn(bytes, segments, marker, prefix)
  const exif = bodyOf(markers.app1, prefixes.exif)
  const xmp = bodyOf(markers.app1, prefixes.xmp)
  const pictures = bodyOf(markers.app2, prefixes.multiPicture)
  const hasGainMap = bodyOf(markers.app2, prefixes.gainMap) !== undefined
  const features = jpegFeatures(bytes, { xmp: xmp && createXmp(xmp), pictures, hasGainMap })
  return [...(exif ? [readExif(exif)] : []), ...(xmp ? [readXmp(xmp)] : []), { features }]
}

export function bodyIn(
  bytes: Buffer,
  segments: readonly JpegSegment[],
  marker: number,
  prefix: Buffer,
): Buffer | undefined {
  const found = segments.find((one) => one.marker === marker && hasPrefix(bytes, one, prefix))
  return found && bytes.subarray(found.body + prefix.length, found.end)
}
