/** A variable-length integer (RFC 8794, section 4), and where it ends. All ones: the size is unknown. */
export function vint(
  bytes: Uint8Array,
  at: number,
): { value: number; end: number; unknown: boolean } | undefined {
  const length = vintLength(bytes[at])
  if (length > 8 || at + length > bytes.length) return undefined
  const mask = 0xff >> length
  let value = (bytes[at] as number) & mask
  let unknown = value === mask
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] as number
    value = value * 256 + byte
    unknown &&= byte === 0xff
  }
  return { value, end: at + length, unknown }
}

/** Bytes of the integer that begins with this one; 9 where none does. */
export function vintLength(first: number | undefined): number {
  return first ? Math.clz32(first) - 23 : 9
}

/** DocType of the EBML header that a file begins with: `webm`, `matroska`. */
export function docType(head: Uint8Array): string | undefined {
  const header = vint(head, 4)
  if (!header) return undefined
  const end = Math.min(header.end + header.value, head.length)
  for (const element of elementsIn(head, header.end, end)) {
    if (element.id !== ids.docType) continue
    return String.fromCharCode(...head.subarray(element.start, Math.min(element.end, end))).replace(
      /\0+$/,
      '',
    )
  }
  return undefined
}

/** An element of Matroska: its id, and where its content lies. */
export interface Element {
  id: number
  start: number
  end: number
  unknown: boolean
}

/** The elements side by side in a range, up to what isn't one. */
export function* elementsIn(bytes: Uint8Array, from: number, to: number): Generator<Element> {
  for (let at = from; at < to; ) {
    const element = elementAt(bytes, at)
    if (!element) return
    yield element
    at = element.end
  }
}

/** Each is two bytes long at the least. */
export function elementAt(bytes: Uint8Array, at: number): Element | undefined {
  const length = vintLength(bytes[at])
  if (length > 4 || at + length > bytes.length) return undefined
  const size = vint(bytes, at + length)
  if (!size) return undefined
  const { value, end: start, unknown } = size
  return { id: numberAt(bytes, at, at + length), start, end: start + value, unknown }
}

/** A whole number of up to eight bytes. */
export function numberAt(bytes: Uint8Array, start: number, end: number): number {
  return bytes.subarray(start, Math.min(end, start + 8)).reduce((value, byte) => value * 256 + byte, 0)
}

/** RFC 8794 and RFC 9559. */
export const ids = {
  docType: 0x4282,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  seekId: 0x53ab,
  seekPosition: 0x53ac,
  cluster: 0x1f43b675,
  cues: 0x1c53bb6b,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackType: 0x83,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  contentEncodings: 0x6d80,
  contentEncryption: 0x5035,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  cropBottom: 0x54aa,
  cropTop: 0x54bb,
  cropLeft: 0x54cc,
  cropRight: 0x54dd,
  displayWidth: 0x54b0,
  displayHeight: 0x54ba,
  projection: 0x7670,
  projectionRoll: 0x7675,
}
