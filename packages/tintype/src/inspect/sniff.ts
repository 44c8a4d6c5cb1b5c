import type { KnownType, MediaKind } from '@tintype/protocol'
import { docType } from '../metadata/ebml.ts'

/**
 * The media type by magic bytes; `undefined` for types that Tintype doesn't know. The declared type and the file's name
 * are ignored. For a video it is only the container: whether it can be played depends on its index. A few comparisons,
 * hardly any allocation.
 *
 * @param head the first 4,100 bytes of the file, or the whole of it
 * @example sniff(Buffer.from([0xff, 0xd8, 0xff, 0xe0])) // 'image/jpeg'
 */
export function sniff(head: Uint8Array): KnownType | undefined {
  const text = (start: number, end: number) => latin1(head, start, end)
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'image/jpeg'
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png'
  if (/^GIF8[79]a$/.test(text(0, 6))) return 'image/gif'
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'image/webp'
  if (text(0, 4) === '\x1aE\xdf\xa3') return typeOfDocument(docType(head))
  if ((head[0] === 0xff && head[1] === 0x0a) || text(0, 12) === jxlContainer) return 'image/jxl'
  if (isText(head)) return undefined
  return text(4, 8) === 'ftyp' ? typeOfBrands(brands(head, 0)) : typeOfFirstBox(head)
}

/** Any four letters may stand at byte 4 of a text, `free` and `ftyp` too. In boxes there are always bytes that no text has. */
function isText(head: Uint8Array): boolean {
  return head.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d))
}

/** WebM is a part of Matroska (RFC 9559), which browsers record H.264 in. */
function typeOfDocument(type: string | undefined): KnownType | undefined {
  return type === 'webm' ? 'video/webm' : type === 'matroska' ? 'video/matroska' : undefined
}

export function kindOf(type: KnownType): MediaKind {
  return type.startsWith('video/') ? 'video' : 'image'
}

/** The first box of a JPEG XL in boxes (ISO/IEC 18181-2, section 9). */
const jxlContainer = '\0\0\0\x0cJXL \r\n\x87\n'

const extensions: Partial<Record<KnownType, string>> = {
  'image/jpeg': 'jpg',
  'video/quicktime': 'mov',
  'video/matroska': 'mkv',
}

/** The file name extension that goes with a type, without a dot. */
export function extensionOf(type: KnownType): string {
  return extensions[type] ?? type.slice('image/'.length)
}

/** Brands of pictures, as the HEIF and AVIF specifications register them (ISO/IEC 23008-12, AVIF 1.1). */
const avif = /^avi[fs]$/
const heic = /^(hei[csmx]|hev[cmsx])$/
const heif = /^(mif[123]|msf1|miaf|tmap|1pic|unif|avc[is]|jpeg|jpgs|j2ki|j2is|vvi[cs]|evbi|evbs)$/
/** Brands of videos: a file that has one of them beside that of a picture is a video with a cover, unless it says otherwise first. */
const video = /^(qt {2}|isom|iso\d|mp4\d|M4V )$/
/** Other major brands that are not videos: JPEG 2000, Canon's raw pictures, sound alone. */
const others = /^(jp2 |jpx |jpm |jph |mjp2|crx |M4[ABP] |F4[AB] |aax[c ]?)$/

/**
 * Every other brand may be a video and is inspected as one: cameras, phones and editors write some hundred major brands, and
 * there are new ones each year. ISO/IEC 14496-12 lets readers go by the content that they know.
 */
function typeOfBrands([major = '', ...compatible]: string[]): KnownType | undefined {
  if (avif.test(major)) return 'image/avif'
  if (heic.test(major)) return 'image/heic'
  // Browsers look for the brand of AVIF among all, whatever comes first.
  if (heif.test(major) || !compatible.some((brand) => video.test(brand))) {
    if (compatible.some((brand) => avif.test(brand))) return 'image/avif'
    if (compatible.some((brand) => heic.test(brand))) return 'image/heic'
  }
  if (heif.test(major)) return 'image/heif'
  if (others.test(major)) return undefined
  return major === 'qt  ' ? 'video/quicktime' : 'video/mp4'
}

/** What QuickTime movies begin with that have no `ftyp`, as all before 2001 and those of some cameras. */
const quickTime = /^(moov|mdat|wide|free|skip|pnot|PICT|pict|udta)$/
/** What pieces of an MP4 begin with that is sent in segments (ISO/IEC 14496-12, section 8.16). */
const segments = /^(styp|sidx|moof|emsg|prft)$/

/**
 * The type of a file of boxes whose first one is not `ftyp`. Four letters are little to go by, so its size has to be
 * one that such a box has: less than half a gigabyte, but for the box of the recording itself.
 */
function typeOfFirstBox(head: Uint8Array): KnownType | undefined {
  const type = latin1(head, 4, 8)
  if (type !== 'mdat' && (head[0] ?? 0xff) >= 0x20) return undefined
  const next = u32(head, 0)
  if (quickTime.test(type)) {
    // Padding may come before the box that tells more.
    if (next >= 8 && latin1(head, next + 4, next + 8) === 'ftyp') return typeOfBrands(brands(head, next))
    return 'video/quicktime'
  }
  return segments.test(type) ? 'video/mp4' : undefined
}

/** Major brand first, then the compatible ones, of the `ftyp` box at this place. */
function brands(head: Uint8Array, start: number): string[] {
  const end = start + Math.min(u32(head, start), head.length - start, 1024)
  const found = [latin1(head, start + 8, start + 12)]
  for (let at = start + 16; at + 4 <= end; at += 4) found.push(latin1(head, at, at + 4))
  return found
}

/** 0 where there are no four bytes. */
function u32(bytes: Uint8Array, at: number): number {
  return at + 4 > bytes.length
    ? 0
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readUInt32BE(at)
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end))
}
