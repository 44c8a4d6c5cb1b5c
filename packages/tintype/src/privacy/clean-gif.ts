import { maxParts } from '../metadata/damaged.ts'
import { type Findings, inside, zeros } from './findings.ts'
import { bytesSayWhere } from './says-where.ts'
import { cleanXmp } from './xmp/clean-xmp.ts'

/** Cleans a GIF (GIF89a): XMP in place, comments with coordinates, and what applications write that is not known. */
export function cleanGif(bytes: Buffer, findings: Findings): void {
  let at = 13 + colorTable(bytes[10] ?? 0)
  for (let blocks = 0; at < bytes.length && blocks < maxParts; blocks++) {
    const kind = bytes[at]
    if (kind === 0x21) {
      if (!findings.spend('items', 1)) {
        findings.unsure('It has more parts than are looked through.')
        return
      }
      at = cleanExtension(bytes, at, findings)
    } else if (kind === 0x2c) at = subBlocks(bytes, at + 11 + colorTable(bytes[at + 9] ?? 0), 0).end
    else {
      if (kind === 0x3b) at++
      break
    }
  }
  if (bytes.subarray(at).some((byte) => byte !== 0)) {
    findings.unsure('It has bytes of an unknown kind behind its picture.')
  }
}

/** @returns where the next block begins */
function cleanExtension(bytes: Buffer, at: number, findings: Findings): number {
  const label = bytes[at + 1]
  const { parts, end, isCut } = subBlocks(bytes, at + 2, mostParts)
  if (isCut) {
    findings.unsure('It has more parts than are looked through.')
    return end
  }
  const saysWhere = () =>
    bytesSayWhere(Buffer.concat(parts.map(([from, to]) => bytes.subarray(from, to))), findings.spend)
  /** Of an application and of a text that is shown, the first part says whose the rest is, or how it is shown. */
  const isHeaded = label === labels.application || label === labels.plainText
  const erase = (kind: 'location' | 'other') => {
    for (const [from, to] of parts.slice(isHeaded ? 1 : 0)) {
      if (bytes.subarray(from, to).some((byte) => byte !== 0)) findings.erase(kind, from, to - from)
    }
  }
  if (label === labels.comment || label === labels.plainText) {
    if (saysWhere()) erase('location')
    return end
  }
  if (label === labels.graphicControl) return end
  if (label !== labels.application) {
    erase('other')
    return end
  }
  const application = bytes.toString('latin1', at + 3, at + 14)
  if (application === 'XMP DataXMP') {
    const trailer = bytes.subarray(0, end).lastIndexOf(magicTrailer)
    if (trailer > at + 14 && trailer + magicTrailer.length === end) {
      cleanPacket(bytes, { start: at + 14, packetEnd: trailer, end }, findings)
    } else erase('other')
  } else if (/^C2PA/i.test(application)) {
    const content = parts.slice(1).map(([from, to]) => bytes.subarray(from, to))
    const edits = parts.slice(1).map(([offset, to]) => ({ offset, bytes: zeros(to - offset) }))
    if (content.some((part) => part.some((byte) => byte !== 0)))
      findings.manifest(Buffer.concat(content), edits)
  } else if (!harmless.test(application)) erase('other')
  return end
}

const labels = { plainText: 0x01, graphicControl: 0xf9, comment: 0xfe, application: 0xff }

const harmless = /^(NETSCAPE2\.0|ANIMEXTS1\.0|ICCRGBG1012)$/

/**
 * XMP lies in a GIF as it is, not in sub-blocks: whichever of its bytes a decoder takes for a length, it arrives in the
 * trailer behind it, which leads to the end (XMP part 3, 1.1.2). Spaces do so, too, and it is looked whether they do.
 */
function cleanPacket(
  bytes: Buffer,
  { start, packetEnd, end }: { start: number; packetEnd: number; end: number },
  findings: Findings,
): void {
  const packet = bytes.subarray(start, packetEnd)
  const cleaned = Buffer.from(bytes.subarray(start, end))
  cleanXmp(packet, inside(cleaned, findings))
  if (cleaned.equals(bytes.subarray(start, end))) return
  if (subBlocks(cleaned, 0, 0).end === cleaned.length)
    findings.edit(start, cleaned.subarray(0, packet.length))
  else findings.unsure('Its XMP can not be overwritten in place.')
}

const magicTrailer = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0])

/** Of an extension: a profile of 25 MB has as many. Of one byte each, a file has room for millions. */
const mostParts = 100_000

/** @param most of them that are told; their end is where they end, whatever that is */
function subBlocks(
  bytes: Buffer,
  start: number,
  most: number,
): { parts: [from: number, to: number][]; end: number; isCut: boolean } {
  const parts: [number, number][] = []
  let isCut = false
  let at = start
  for (;;) {
    const size = bytes[at]
    if (size === undefined || size === 0) return { parts, end: Math.min(bytes.length, at + 1), isCut }
    if (parts.length < most) parts.push([at + 1, Math.min(bytes.length, at + 1 + size)])
    else isCut = true
    at += 1 + size
  }
}

function colorTable(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0
}
