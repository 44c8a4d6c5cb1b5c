import { maxParts } from '../../metadata/damaged.ts'
import { readExif } from './exif-details.ts'
import type { Found } from './found.ts'
import { readXmp } from './xmp-details.ts'

/** `eXIf` and the XMP of a PNG. Its `tIME` is when it was last changed, by whatever program, and no date of a photo. */
export function readPngDetails(bytes: Buffer): Found[] {
  let exif: Buffer | undefined
  let xmp: Buffer | undefined
  let at = 8
  for (let chunks = 0; at + 12 <= bytes.length && chunks < maxParts && !(exif && xmp); chunks++) {
    const end = at + 12 + bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (end > bytes.length || type === 'IEND') break
    const body = bytes.subarray(at + 8, end - 4)
    if (type === 'eXIf') exif ??= body
    else if (type === 'iTXt') xmp ??= xmpIn(body)
    at = end
  }
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
