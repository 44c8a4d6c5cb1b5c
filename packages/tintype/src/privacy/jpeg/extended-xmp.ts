import { createHash } from 'node:crypto'
import { type JpegSegment, prefixes } from '../../metadata/jpeg-segments.ts'
import { type Findings, inside } from '../findings.ts'
import { cleanXmp } from '../xmp/clean-xmp.ts'

/**
 * XMP that doesn't fit into a segment goes on in others (XMP part 3, 1.1.3.1): each with the MD5 of the whole, which
 * the main packet names as well, its length, and the place of this piece in it. The MD5 is written anew.
 *
 * @param packets the segments of main packets
 */
export function cleanExtendedXmp(
  bytes: Buffer,
  packets: JpegSegment[],
  segments: JpegSegment[],
  findings: Findings,
): void {
  if (segments.length === 0) return
  for (const [digest, pieces] of Map.groupBy(segments, ({ body }) => digestAt(bytes, body))) {
    const whole = joined(bytes, pieces)
    if (!whole) {
      for (const { body, end } of pieces) findings.erase('other', body, end - body)
      continue
    }
    const cleaned = Buffer.from(whole)
    cleanXmp(whole, inside(cleaned, findings))
    if (cleaned.equals(whole)) continue
    const newDigest = Buffer.from(createHash('md5').update(cleaned).digest('hex').toUpperCase())
    for (const { body, end } of pieces) {
      const at = bytes.readUInt32BE(body + place)
      findings.edit(body + prefixes.extendedXmp.length, newDigest)
      findings.edit(body + header, cleaned.subarray(at, at + end - body - header))
    }
    for (const { body, end } of packets) {
      const named = bytes.subarray(body, end).indexOf(digest, 0, 'latin1')
      if (named !== -1) findings.edit(body + named, newDigest)
    }
  }
}

const digestLength = 32
const total = prefixes.extendedXmp.length + digestLength
const place = total + 4
const header = place + 4

function digestAt(bytes: Buffer, body: number): string {
  return bytes.toString('latin1', body + prefixes.extendedXmp.length, body + total)
}

/** Nothing where the pieces don't make a whole. */
function joined(bytes: Buffer, pieces: JpegSegment[]): Buffer | undefined {
  if (pieces.some(({ body, end }) => end - body < header)) return undefined
  const sorted = pieces.toSorted(
    (a, b) => bytes.readUInt32BE(a.body + place) - bytes.readUInt32BE(b.body + place),
  )
  let length = 0
  for (const { body, end } of sorted) {
    if (bytes.readUInt32BE(body + place) !== length) return undefined
    length += end - body - header
  }
  if (sorted.some(({ body }) => bytes.readUInt32BE(body + total) !== length)) return undefined
  return Buffer.concat(sorted.map(({ body, end }) => bytes.subarray(body + header, end)))
}
