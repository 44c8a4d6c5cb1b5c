import { maxParts } from '../../metadata/damaged.ts'
import { prefixes } from '../../metadata/jpeg-segments.ts'
import { readExif } from './exif-details.ts'
import type { Found } from './found.ts'
import { readXmp } from './xmp-details.ts'

/** The chunks `EXIF` and `XMP ` of a WebP (RFC 9649). */
export function readWebpDetails(bytes: Buffer): Found[] {
  let exif: Buffer | undefined
  let xmp: Buffer | undefined
  for (let at = 12, chunks = 0; at + 8 <= bytes.length && chunks < maxParts; chunks++) {
    const size = bytes.readUInt32LE(at + 4)
    const body = bytes.subarray(at + 8, at + 8 + size)
    const type = bytes.toString('latin1', at, at + 4)
    if (type === 'EXIF') exif ??= withoutPrefix(body)
    else if (type === 'XMP ') xmp ??= body
    at += 8 + size + (size % 2)
  }
  return [...(exif ? [readExif(exif)] : []), ...(xmp ? [readXmp(xmp)] : [])]
}

/** Some programs write what a JPEG has before it. */
function withoutPrefix(body: Buffer): Buffer {
  const { exif } = prefixes
  return exif.equals(body.subarray(0, exif.length)) ? body.subarray(exif.length) : body
}
