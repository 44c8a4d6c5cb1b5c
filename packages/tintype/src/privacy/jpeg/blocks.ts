import { type JpegSegment, prefixes } from '../../metadata/jpeg-segments.ts'
import { readTiff } from '../../metadata/tiff.ts'
import { isManifestStore } from '../content-credentials.ts'
import { type Findings, zeros } from '../findings.ts'
import { cleanPhotoshop } from './photoshop.ts'

/** JFIF: a thumbnail follows its header, uncompressed, with its width and height as the last two bytes of that. */
export function cleanThumbnail(bytes: Buffer, { body, end }: JpegSegment, findings: Findings): void {
  const size = body + 12
  if (bytes.subarray(size, end).some((byte) => byte !== 0)) findings.erase('other', size, end - size)
}

/** CIPA DC-007: the index may have a unique number for each picture. Where the pictures are stays as it is. */
export function cleanMultiPicture(block: Buffer, findings: Findings): void {
  for (const { entries } of readTiff(block)?.directories ?? []) {
    for (const { tag, offset, length } of entries) {
      if (tag !== uniqueIds || block.subarray(offset, offset + length).every((byte) => byte === 0)) continue
      findings.erase('identifiers', offset, length)
    }
  }
}
const uniqueIds = 0xb003

/** Image resources of more than 64 KB go on in the next segment. */
export function cleanPhotoshopSegments(bytes: Buffer, segments: JpegSegment[], findings: Findings): void {
  if (segments.length === 0) return
  const pieces = segments.map(({ body, end }) => ({ start: body + prefixes.photoshop.length, end }))
  const block = Buffer.concat(pieces.map(({ start, end }) => bytes.subarray(start, end)))
  const cleaned = cleanPhotoshop(block, findings)
  if (cleaned === block) return
  let at = 0
  for (const { start, end } of pieces) {
    const piece = cleaned.subarray(at, at + end - start)
    if (!piece.equals(bytes.subarray(start, end))) findings.edit(start, piece)
    at += piece.length
  }
}

/**
 * JUMBF in APP11 (ISO/IEC 19566-5, annex D): `JP`, two bytes for the box that it belongs to, four to count its
 * pieces, then the box's header, repeated in each piece. JPEG XT has its own boxes there, which decoders need.
 */
export function cleanCredentials(bytes: Buffer, segments: JpegSegment[], findings: Findings): void {
  if (segments.length === 0) return
  const boxes = Map.groupBy(segments, ({ body, end }) =>
    end - body >= 8 ? bytes.readUInt16BE(body + 2) : -1,
  )
  for (const pieces of boxes.values()) {
    const first = pieces[0] as JpegSegment
    const content = bytes.subarray(first.body + 8, first.end)
    const isJumbf = content.toString('latin1', 4, 8) === 'jumb'
    if (!isJumbf && /^[A-Za-z]{4}$/.test(content.toString('latin1', 4, 8))) continue
    const filled = pieces.filter(({ body, end }) => bytes.subarray(body, end).some((byte) => byte !== 0))
    const parts = filled.map(({ body, end }) => ({ offset: body, bytes: zeros(end - body) }))
    if (isJumbf && isManifestStore(content)) {
      findings.manifest(Buffer.concat(pieces.map(({ body, end }) => bytes.subarray(body + 16, end))), parts)
    } else for (const { offset, bytes } of parts) findings.overwrite('other', offset, bytes)
  }
}
