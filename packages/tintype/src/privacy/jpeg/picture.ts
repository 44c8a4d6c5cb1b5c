import { maxParts } from '../../metadata/damaged.ts'
import {
  endOfScan,
  hasPrefix,
  type JpegSegment,
  jpegSegments,
  markers,
  prefixes,
} from '../../metadata/jpeg-segments.ts'
import { cleanExif } from '../exif/clean-exif.ts'
import type { Findings } from '../findings.ts'
import { bytesSayWhere } from '../says-where.ts'
import { cleanXmp } from '../xmp/clean-xmp.ts'
import { cleanCredentials, cleanMultiPicture, cleanPhotoshopSegments, cleanThumbnail } from './blocks.ts'
import { cleanExtendedXmp } from './extended-xmp.ts'

/**
 * Cleans one picture: from its start marker to its end marker, with all blocks in between. Of a block whose meaning is
 * not known every byte becomes zero; no decoder needs it. The data of scans is looked at for nothing but its end.
 *
 * @param bytes from the start marker on; what follows the picture is left alone
 * @returns where the picture ends
 */
export function cleanJpegPicture(bytes: Buffer, findings: Findings): number {
  const all: JpegSegment[] = []
  let at = 2
  for (;;) {
    const { segments, gaps, ending, end } = jpegSegments(bytes, at)
    // Fill bytes, of which any number may stand before a marker (ITU-T T.81, B.1.1.2).
    for (const { start, end } of gaps) findings.overwrite('other', start, Buffer.alloc(end - start, 0xff))
    for (const segment of segments) all.push(segment)
    at = end
    if (ending === 'scan' && all.length < maxParts) {
      at = endOfScan(bytes, end)
      continue
    }
    // Without an end marker the last scan goes on to the end of the file.
    if (ending !== 'end' && at < bytes.length) {
      findings.unsure('It has bytes that are no part of a JPEG, in the middle of one.')
      at = bytes.length
    }
    break
  }
  cleanSegments(bytes, all, findings)
  return at
}

function cleanSegments(bytes: Buffer, segments: JpegSegment[], findings: Findings): void {
  const extendedXmp: JpegSegment[] = []
  const photoshop: JpegSegment[] = []
  const jumbf: JpegSegment[] = []
  const packets: JpegSegment[] = []
  let others = 0
  for (const segment of segments) {
    const { marker, body, end } = segment
    if ((marker < 0xc0 || marker >= markers.app0) && ++others > mostOthers) {
      findings.unsure('It has more parts than are looked through.')
      break
    }
    const begins = (prefix: Buffer) => hasPrefix(bytes, segment, prefix)
    const inner = (prefix: Buffer) =>
      [bytes.subarray(body + prefix.length, end), findings.at(body + prefix.length)] as const
    if (marker === markers.comment) cleanComment(bytes, segment, findings)
    else if (marker < 0xc0 || marker > markers.app15) eraseUnknown(bytes, segment, findings)
    else if (marker < markers.app0) continue
    else if (marker === markers.app1 && begins(prefixes.exif)) cleanExif(...inner(prefixes.exif))
    else if (marker === markers.app1 && begins(prefixes.xmp)) {
      cleanXmp(...inner(prefixes.xmp))
      packets.push(segment)
    } else if (marker === markers.app1 && begins(prefixes.extendedXmp)) extendedXmp.push(segment)
    else if (marker === markers.app0 && begins(known.jfif)) cleanThumbnail(bytes, segment, findings)
    else if (marker === markers.app2 && begins(prefixes.multiPicture))
      cleanMultiPicture(...inner(prefixes.multiPicture))
    else if (marker === markers.app11 && begins(known.jumbf)) jumbf.push(segment)
    else if (marker === markers.app13 && begins(prefixes.photoshop)) photoshop.push(segment)
    else if (!harmless.some(([one, prefix]) => one === marker && begins(prefix)))
      eraseUnknown(bytes, segment, findings)
    else if (marker === markers.app14)
      eraseUnknown(bytes, { ...segment, body: Math.min(end, body + adobeBytes) }, findings)
    else if (saysWhereSomewhere(bytes.subarray(body, end), findings.spend))
      findings.unsure('A block that decoders need says where it was.')
  }
  cleanExtendedXmp(bytes, packets, extendedXmp, findings)
  cleanPhotoshopSegments(bytes, photoshop, findings)
  cleanCredentials(bytes, jumbf, findings)
}

/** More blocks that decoders don't need than any program writes. */
const mostOthers = 5000

const known = { jfif: Buffer.from('JFIF\0', 'latin1'), jumbf: Buffer.from('JP', 'latin1') }

/** What decoders need, or what says how the picture is coded and nothing else. */
const harmless: [marker: number, prefix: Buffer][] = [
  [markers.app0, Buffer.from('AVI1', 'latin1')],
  [markers.app2, prefixes.icc],
  [markers.app2, prefixes.gainMap],
  [markers.app11, Buffer.from('HDR_RI', 'latin1')],
  [0xec, Buffer.from('Ducky', 'latin1')],
  [markers.app13, Buffer.from('Adobe_CM', 'latin1')],
  [markers.app14, Buffer.from('Adobe', 'latin1')],
]

/** Of what Adobe's block has: versions, flags, how colours are coded. */
const adobeBytes = 12

/** In blocks of numbers, such as a colour profile, a glance is enough mostly. */
function saysWhereSomewhere(block: Buffer, spend: Findings['spend']): boolean {
  const letters = block.toString('latin1').replaceAll('\0', '')
  return /\d[.,]\d{3}|\d\s?(?:°|º|deg)|\b(?:gps|lat|lon)/i.test(letters) && bytesSayWhere(block, spend)
}

function cleanComment(bytes: Buffer, { body, end }: JpegSegment, findings: Findings): void {
  if (bytesSayWhere(bytes.subarray(body, end), findings.spend)) findings.erase('location', body, end - body)
}

function eraseUnknown(bytes: Buffer, { body, end }: JpegSegment, findings: Findings): void {
  if (bytes.subarray(body, end).some((byte) => byte !== 0)) findings.erase('other', body, end - body)
}
