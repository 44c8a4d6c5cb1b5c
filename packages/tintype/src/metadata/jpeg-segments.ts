import { maxParts } from './damaged.ts'

/**
 * A segment of a JPEG (ITU-T T.81, annex B): `0xff`, its marker, two bytes of length, its body.
 * Markers without a length are passed over.
 */
export interface JpegSegment {
  marker: number
  /** Of its `0xff`. */
  start: number
  /** Of its body: four bytes behind its start. */
  body: number
  /** Of what follows. */
  end: number
}

export interface JpegSegments {
  /** The last one of `scan` is the scan's header. */
  segments: JpegSegment[]
  /** Bytes between segments that are part of none: some programs leave them, and decoders pass over them. */
  gaps: { start: number; end: number }[]
  /** Why there are no more: a scan begins, the picture ends, or the bytes are no segment or end too early. */
  ending: 'scan' | 'end' | 'damaged' | 'cut off'
  /** Where: behind the scan's header, behind the end marker, or at what couldn't be read. */
  end: number
}

export const markers = {
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  app0: 0xe0,
  app1: 0xe1,
  app2: 0xe2,
  app11: 0xeb,
  app13: 0xed,
  app14: 0xee,
  app15: 0xef,
  comment: 0xfe,
} as const

/**
 * The segments from `start` (which is behind a start marker, or behind the data of a scan) up to the next scan. Never
 * throws. Does not look into what a scan's header is followed by: see `endOfScan`.
 *
 * @example
 * for (const { marker, body, end } of jpegSegments(bytes).segments) {
 *   if (marker === markers.app1 && hasPrefix(bytes, body, end, exifPrefix)) readTiff(bytes.subarray(body + 6, end))
 * }
 */
export function jpegSegments(bytes: Buffer, start = 2): JpegSegments {
  const segments: JpegSegment[] = []
  const gaps: JpegSegments['gaps'] = []
  const stop = (ending: JpegSegments['ending'], end: number) => ({ segments, gaps, ending, end })
  let at = start
  let inSegments = 0
  for (; at + 2 <= bytes.length; ) {
    const marker = bytes[at + 1] as number
    if (at - start - inSegments > mostBetween) return stop('damaged', at)
    if (bytes[at] !== 0xff || marker === 0) {
      const next = nextMarker(bytes, at)
      if (next === undefined) return stop('damaged', at)
      gaps.push({ start: at, end: next })
      at = next
    } else if (marker === fill) {
      at += 1
    } else if (isBare(marker)) {
      at += 2
    } else if (marker === markers.endOfImage) {
      return stop('end', at + 2)
    } else {
      if (at + 4 > bytes.length) break
      const length = bytes.readUInt16BE(at + 2)
      const end = at + 2 + length
      if (length < 2 || segments.length === maxParts) return stop('damaged', at)
      if (end > bytes.length) break
      segments.push({ marker, start: at, body: at + 4, end })
      if (marker === markers.startOfScan) return stop('scan', end)
      inSegments += end - at
      at = end
    }
  }
  return stop('cut off', at)
}

/** Bytes that are part of no segment, fill bytes among them, all together: as many as one segment may have. */
const mostBetween = 65_536

/**
 * Where the next marker is, or its fill bytes, as decoders look for it: `0xff` and a zero are none.
 *
 * @returns undefined where none is near
 */
function nextMarker(bytes: Buffer, start: number): number | undefined {
  const end = Math.min(bytes.length - 1, start + mostBetween)
  for (let at = start; at < end; at++) if (bytes[at] === 0xff && bytes[at + 1] !== 0) return at
  return undefined
}

/** Where the marker is that ends a scan's data, or the end of the bytes. Reads them all. */
export function endOfScan(bytes: Buffer, start: number): number {
  let before = start - dense
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at)) {
    const near = at - before < dense ? at + 32 : at + 1
    before = at
    for (; at < near; at++) if (bytes[at] === 0xff && isEnd(bytes[at + 1])) return at
  }
  return bytes.length
}

/**
 * Bytes of 0xff that are nearer to each other than this are met in a loop: a search for each of millions would take seconds. In
 * photos they are some 300 bytes apart, where a search is faster.
 */
const dense = 8

/**
 * In a scan 0xff is followed by 0, by the number of a restart, or by the marker that ends it. Decoders pass over what is none of
 * them, and what begins there is no segment.
 */
function isEnd(next: number | undefined): boolean {
  return next !== undefined && next >= 0xc0 && next !== fill && !(next >= 0xd0 && next <= 0xd7)
}

/** What the bodies of segments begin with that share a marker. */
export const prefixes = {
  exif: Buffer.from('Exif\0\0', 'latin1'),
  xmp: Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1'),
  extendedXmp: Buffer.from('http://ns.adobe.com/xmp/extension/\0', 'latin1'),
  icc: Buffer.from('ICC_PROFILE\0', 'latin1'),
  /** CIPA DC-007: several pictures in one file. */
  multiPicture: Buffer.from('MPF\0', 'latin1'),
  /** ISO 21496-1: gain map metadata. */
  gainMap: Buffer.from('urn:iso:std:iso:ts:21496:-1\0', 'latin1'),
  photoshop: Buffer.from('Photoshop 3.0\0', 'latin1'),
} as const

export function hasPrefix(bytes: Buffer, { body, end }: JpegSegment, prefix: Buffer): boolean {
  return end - body >= prefix.length && prefix.compare(bytes, body, body + prefix.length) === 0
}

const fill = 0xff

/** TEM, the restart markers and a second start of image. */
function isBare(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= markers.startOfImage)
}
