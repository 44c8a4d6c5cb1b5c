import { prefixes } from './jpeg-segments.ts'

/**
 * Where the TIFF begins in an Exif item of a HEIF, or an Exif box of a JPEG XL: four bytes say how many come before it
 * (ISO/IEC 23008-12, annex A.2.1; ISO/IEC 18181-2). Some programs leave that number out, and readers take that, too; others
 * count without the letters that a JPEG has before it.
 *
 * @returns undefined where it names a place outside
 */
export function tiffStart(content: Buffer): number | undefined {
  if (isTiff(content)) return 0
  if (content.length < 4) return undefined
  const start = 4 + content.readUInt32BE(0)
  if (start >= content.length) return undefined
  return prefixes.exif.equals(content.subarray(start, start + prefixes.exif.length))
    ? start + prefixes.exif.length
    : start
}

function isTiff(content: Buffer): boolean {
  const mark = content.toString('latin1', 0, 4)
  return mark === 'MM\0*' || mark === 'II*\0'
}
