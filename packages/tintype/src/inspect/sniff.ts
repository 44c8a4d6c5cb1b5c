import type { KnownType, MediaKind } from '@tintype/protocol'

/**
 * The media type by magic bytes; `undefined` for whatever is not one of the eight types that Tintype knows.
 * The declared type and the file's name have no say. A few comparisons, no allocation worth the name.
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
  if (text(0, 4) === '\x1aE\xdf\xa3') return docType(head) === 'webm' ? 'video/webm' : undefined
  if (text(4, 8) === 'ftyp') return typeOfBrands(brands(head))
  // QuickTime before 2001 had no ftyp box: such files begin with their index or their data.
  if (/^(moov|mdat|wide)$/.test(text(4, 8))) return 'video/quicktime'
  return undefined
}

export function kindOf(type: KnownType): MediaKind {
  return type.startsWith('video/') ? 'video' : 'image'
}

/** The file name extension that goes with a type, without a dot. */
export function extensionOf(type: KnownType): string {
  return { 'image/jpeg': 'jpg', 'video/quicktime': 'mov' }[type as string] ?? type.slice('image/'.length)
}

/** Whether the first bytes are those of a HEIF still coded in HEVC, what iPhones call HEIC. */
export function isHeic(head: Uint8Array): boolean {
  if (latin1(head, 4, 8) !== 'ftyp' || sniff(head)) return false
  return brands(head).some((brand) => /^(hei[csmx]|hev[cmsx]|mif1|msf1)$/.test(brand))
}

/** Brands of pictures, as the HEIF and AVIF specifications register them (ISO/IEC 23008-12, AVIF 1.1). */
const avif = /^avi[fs]$/
const heif = /^(mif[12]|msf1|miaf|hei[csmx]|hev[cmsx])$/
/** Brands of videos: ISO/IEC 14496-12 and -14, 3GPP, Apple's, DASH and CMAF, Sony's. */
const mp4 =
  /^(iso[2-9a-m]|mp4[12]|mp71|avc1|hvc1|hev1|av01|M4V[ HP]|3g[2egprs][a-z1-9]|dash|msdh|msix|cmf[2cfls]|MSNV|XAVC|F4V )$/
const audio = /^(M4[ABP] |F4[AB] )$/

function typeOfBrands([major = '', ...compatible]: string[]): KnownType | undefined {
  if (avif.test(major) || (heif.test(major) && compatible.some((brand) => avif.test(brand))))
    return 'image/avif'
  if (heif.test(major) || audio.test(major)) return undefined
  if (major === 'qt  ') return 'video/quicktime'
  if (mp4.test(major) || compatible.some((brand) => mp4.test(brand))) return 'video/mp4'
  return undefined
}

/** Major brand first, then the compatible ones, of the `ftyp` box that the file begins with. */
function brands(head: Uint8Array): string[] {
  const size = Math.min(
    Buffer.from(head.buffer, head.byteOffset, head.length).readUInt32BE(0),
    head.length,
    1024,
  )
  const found = [latin1(head, 8, 12)]
  for (let at = 16; at + 4 <= size; at += 4) found.push(latin1(head, at, at + 4))
  return found
}

/** DocType of an EBML header (RFC 8794); element ids and sizes are variable-length integers. */
function docType(head: Uint8Array): string | undefined {
  const header = vint(head, 4)
  if (!header) return undefined
  const end = Math.min(header.end + header.value, head.length)
  for (let at = header.end; at + 2 < end; ) {
    const idLength = vintLength(head[at])
    const size = vint(head, at + idLength)
    if (!size) return undefined
    const isDocType = idLength === 2 && head[at] === 0x42 && head[at + 1] === 0x82
    if (isDocType) return latin1(head, size.end, Math.min(size.end + size.value, end)).replace(/\0+$/, '')
    at = size.end + size.value
  }
  return undefined
}

function vint(bytes: Uint8Array, at: number): { value: number; end: number } | undefined {
  const length = vintLength(bytes[at])
  if (length > 8 || at + length > bytes.length) return undefined
  let value = (bytes[at] as number) & (0xff >> length)
  for (let i = 1; i < length; i++) value = value * 256 + (bytes[at + i] as number)
  return { value, end: at + length }
}

function vintLength(first: number | undefined): number {
  return first ? Math.clz32(first) - 23 : 9
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end))
}
