import type { RangeSource } from './range-source.ts'

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

/**
 * How many bytes the file needs to have for its pictures and sound to be there, or 0 where it doesn't say. Players do
 * without the seek index (`Cues`) behind them. Reads the first kilobytes, up to the first cluster.
 */
export async function neededByWebm(source: RangeSource): Promise<number> {
  const head = await source.read(0, Math.min(source.size, 64 * 1024))
  const header = vint(head, 4)
  const segment = header && elementAt(head, header.end + header.value)
  if (segment?.id !== ids.segment || segment.unknown) return 0
  let cues: number | undefined
  for (const { id, start, end } of elementsIn(head, segment.start, head.length)) {
    if (id === ids.cluster) {
      const areLast = cues !== undefined && cues > start - segment.start
      return areLast ? segment.start + (cues as number) : segment.end
    }
    if (id === ids.seekHead) cues ??= positionOfCues(head, start, Math.min(end, head.length))
  }
  return 0
}

function positionOfCues(head: Uint8Array, from: number, to: number): number | undefined {
  for (const seek of elementsIn(head, from, to)) {
    let target: number | undefined
    let position: number | undefined
    for (const { id, start, end } of elementsIn(head, seek.start, Math.min(seek.end, to))) {
      if (id === ids.seekId) target = number(head, start, end)
      if (id === ids.seekPosition) position = number(head, start, end)
    }
    if (target === ids.cues) return position
  }
  return undefined
}

interface Element {
  id: number
  start: number
  end: number
  unknown: boolean
}

function* elementsIn(bytes: Uint8Array, from: number, to: number): Generator<Element> {
  for (let at = from; at < to; ) {
    const element = elementAt(bytes, at)
    if (!element) return
    yield element
    at = element.end
  }
}

/** Each is two bytes long at the least. */
function elementAt(bytes: Uint8Array, at: number): Element | undefined {
  const length = vintLength(bytes[at])
  if (length > 4 || at + length > bytes.length) return undefined
  const size = vint(bytes, at + length)
  if (!size) return undefined
  const { value, end: start, unknown } = size
  return { id: number(bytes, at, at + length), start, end: start + value, unknown }
}

function number(bytes: Uint8Array, start: number, end: number): number {
  return bytes.subarray(start, Math.min(end, start + 8)).reduce((value, byte) => value * 256 + byte, 0)
}

/** RFC 8794 and RFC 9559. */
const ids = {
  docType: 0x4282,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  seekId: 0x53ab,
  seekPosition: 0x53ac,
  cluster: 0x1f43b675,
  cues: 0x1c53bb6b,
}
