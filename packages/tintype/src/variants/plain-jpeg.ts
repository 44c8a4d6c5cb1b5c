import type { Size } from './variant-spec.ts'

/**
 * The size of a JPEG (ITU-T T.81, annex B) as libjpeg writes it: a JFIF header, tables, one frame, its scans, and nothing
 * after the end mark. Its pixels are not decoded.
 *
 * @returns undefined when it is anything else, for instance one with Exif, a profile or a comment
 */
export function plainJpegSize(bytes: Uint8Array): Size | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (file.length < 20 || file.readUInt16BE(0) !== 0xffd8) return undefined
  let size: Size | undefined
  let scans = 0
  for (let at = 2; at + 4 <= file.length; ) {
    if (file[at] !== 0xff) return undefined
    const marker = file[at + 1] as number
    const length = file.readUInt16BE(at + 2)
    const segment = file.subarray(at + 4, at + 2 + length)
    if (length < 2 || segment.length !== length - 2) return undefined
    at += 2 + length
    if (marker === app0) {
      if (segment.length !== 14 || segment.toString('latin1', 0, 5) !== 'JFIF\0') return undefined
    } else if (marker === baseline || marker === progressive) {
      if (size || segment.length < 6) return undefined
      size = { height: segment.readUInt16BE(1), width: segment.readUInt16BE(3) }
    } else if (marker === startOfScan) {
      if (!size) return undefined
      scans++
      at = endOfScan(file, at)
      if (file.readUInt16BE(at) === 0xffd9) return at + 2 === file.length ? size : undefined
    } else if (!tables.has(marker)) {
      return undefined
    }
    if (scans > mostScans) return undefined
  }
  return undefined
}

const app0 = 0xe0
const baseline = 0xc0
const progressive = 0xc2
const startOfScan = 0xda
/** DHT, DQT, DRI. */
const tables = new Set([0xc4, 0xdb, 0xdd])
/** libjpeg writes ten. */
const mostScans = 20

/** Where the next marker is that is neither stuffed nor a restart; the last two bytes where there is none. */
function endOfScan(file: Buffer, from: number): number {
  const last = file.length - 2
  for (let at = file.indexOf(0xff, from); at !== -1 && at < last; at = file.indexOf(0xff, at + 1)) {
    const next = file[at + 1] as number
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at
  }
  return last
}
