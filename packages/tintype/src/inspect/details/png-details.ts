import { inflateSync } from 'node:zlib'
import { maxParts } from '../../metadata/damaged.ts'
import { prefixes } from '../../metadata/jpeg-segments.ts'
import { readExif } from './exif-details.ts'
import type { Found } from './found.ts'
import { readXmp } from './xmp-details.ts'

/** `eXIf`, or what programs wrote before there was one, and the XMP of a PNG. Its `tIME` is when it was last changed, by whatever program, and no date of a photo. */
export function readPngDetails(bytes: Buffer): Found[] {
  let exif: Buffer | undefined
  let raw: Buffer | undefined
  let xmp: Buffer | undefined
  let at = 8
  for (let chunks = 0; at + 12 <= bytes.length && chunks < maxParts && !(exif && xmp); chunks++) {
    const end = at + 12 + bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (end > bytes.length || type === 'IEND') break
    const body = bytes.subarray(at + 8, end - 4)
    if (type === 'eXIf') exif ??= body
    else if (type === 'zTXt') raw ??= rawProfile(body)
    else if (type === 'iTXt') xmp ??= xmpIn(body)
    at = end
  }
  exif ??= raw && exifIn(raw)
  return [...(exif ? [readExif(exif)] : []), ...(xmp ? [readXmp(xmp)] : [])]
}

/** Its keyword, then a zero, whether it is compressed and how, its language and the translated keyword, each with a zero. */
const uncompressedXmp = Buffer.from('XML:com.adobe.xmp\0\0\0', 'latin1')

function xmpIn(body: Buffer): Buffer | undefined {
  const { length } = uncompressedXmp
  return body.length > length && uncompressedXmp.equals(body.subarray(0, length))
    ? body.subarray(length)
    : undefined
}

const rawExif = /^Raw profile type (?:exif|APP1)\0\0/
/** Bytes, inflated: that takes a millisecond. */
const mostText = 256 * 1024

/** Still compressed. */
function rawProfile(body: Buffer): Buffer | undefined {
  const found = rawExif.exec(body.toString('latin1', 0, 30))
  return found ? body.subarray(found[0].length) : undefined
}

/** A line with its name, one with its length, and lines of hex, as ImageMagick writes it. */
function exifIn(raw: Buffer): Buffer | undefined {
  try {
    const text = inflateSync(raw, { maxOutputLength: mostText }).toString('latin1')
    const block = Buffer.from(text.split('\n').slice(3).join(''), 'hex')
    const { exif } = prefixes
    return exif.equals(block.subarray(0, exif.length)) ? block.subarray(exif.length) : undefined
  } catch {
    // Damaged, or more than any program writes.
    return undefined
  }
}
