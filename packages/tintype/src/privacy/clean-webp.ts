import { maxParts } from '../metadata/damaged.ts'
import { cleanExif } from './exif/clean-exif.ts'
import { type Findings, zeros } from './findings.ts'
import { cleanXmp } from './xmp/clean-xmp.ts'

/** Cleans a WebP (RFC 9649): Exif and XMP in place; chunks of unknown kinds become zero. */
export function cleanWebp(bytes: Buffer, findings: Findings): void {
  if (bytes.length < 12) return
  const end = Math.min(bytes.length, 8 + bytes.readUInt32LE(4))
  let at = 12
  for (let chunks = 0; at + 8 <= end && chunks < maxParts; chunks++) {
    const type = bytes.toString('latin1', at, at + 4)
    const start = at + 8
    const next = start + bytes.readUInt32LE(at + 4)
    if (next > end) break
    const data = bytes.subarray(start, next)
    if (!harmless.has(type) && !findings.spend('items', 1)) {
      findings.unsure('It has more parts than are looked through.')
      return
    }
    if (type === 'EXIF') {
      const skip = data.toString('latin1', 0, 6) === 'Exif\0\0' ? 6 : 0
      cleanExif(data.subarray(skip), findings.at(start + skip))
    } else if (type === 'XMP ') {
      cleanXmp(data, findings.at(start))
    } else if (type === 'C2PA') {
      findings.manifest(data, [
        { offset: at, bytes: Buffer.from(empty) },
        { offset: start, bytes: zeros(data.length) },
      ])
    } else if (!harmless.has(type) && data.some((byte) => byte !== 0)) {
      findings.erase('other', start, data.length)
    }
    at = next + (data.length % 2)
  }
  if (bytes.subarray(at).some((byte) => byte !== 0)) {
    findings.unsure('It has bytes of an unknown kind behind its picture.')
  }
}

const harmless = new Set(['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])
const empty = 'JUNK'
