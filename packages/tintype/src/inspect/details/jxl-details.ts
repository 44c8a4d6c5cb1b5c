import { brotliDecompressSync } from 'node:zlib'
import { type Box, boxesIn } from '../../metadata/boxes.ts'
import { tiffStart } from '../../metadata/exif-block.ts'
import { readExif } from './exif-details.ts'
import type { Found } from './found.ts'
import { readXmp } from './xmp-details.ts'

/** The boxes with Exif and XMP of a JPEG XL (ISO/IEC 18181-2), also compressed ones. A bare codestream has none. */
export function readJxlDetails(bytes: Buffer): Found[] {
  const boxes = [...boxesIn(bytes, undefined, 'lenient')]
  const exif = contentOf(bytes, boxes, 'Exif')
  const xmp = contentOf(bytes, boxes, 'xml ')
  return [...(exif ? [readExif(exif.subarray(tiffStart(exif)))] : []), ...(xmp ? [readXmp(xmp)] : [])]
}

/** Bytes, uncompressed: that takes a millisecond. */
const mostContent = 256 * 1024

function contentOf(bytes: Buffer, boxes: Box[], wanted: string): Buffer | undefined {
  for (const { type, start, end } of boxes) {
    if (type === wanted) return bytes.subarray(start, Math.min(end, start + mostContent))
    const isCompressed = type === 'brob' && bytes.toString('latin1', start, start + 4) === wanted
    if (!isCompressed || end - start > mostContent) continue
    try {
      return brotliDecompressSync(bytes.subarray(start + 4, end), { maxOutputLength: mostContent })
    } catch {
      // Damaged, or more than any camera writes.
    }
  }
  return undefined
}
