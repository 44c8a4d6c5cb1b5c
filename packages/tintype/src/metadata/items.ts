import { type Box, boxesIn, findBox } from './boxes.ts'
import { Damaged, maxParts } from './damaged.ts'

/** An item of a HEIF file: a picture, a part of one, or what is said of one (ISO/IEC 14496-12, section 8.11). */
export interface Item {
  id: number
  /** Four letters: `hvc1`, `grid`, `Exif`, `mime`, ... */
  type: string
  /** Of an item of type `mime` its media type, of `uri ` its URI; and where that text lies in the buffer. */
  contentType?: { text: string; start: number; end: number }
  /** Of `mime`: how its bytes are compressed, where they are. */
  contentEncoding?: string
  extents: Extent[]
}

export interface Extent {
  /**
   * What the offsets count from: the file, the content of the `idat` box, or another item. `elsewhere` is another file.
   */
  from: 'file' | 'idat' | 'item' | 'elsewhere'
  start: number
  /** Infinity where the file says: up to its end. */
  end: number
}

/**
 * The items of a `meta` box and where their bytes are.
 *
 * @param meta the range of its children
 * @throws {Damaged} or a RangeError where its boxes contradict themselves
 */
export function readItems(bytes: Buffer, meta: { start: number; end: number }): Item[] {
  const items = new Map<number, Item>()
  const info = findBox(bytes, ['iinf'], meta)
  if (!info) return []
  const first = info.start + (bytes.readUInt8(info.start) === 0 ? 6 : 8)
  for (const entry of boxesIn(bytes, { start: first, end: info.end })) {
    const item = entry.type === 'infe' ? readEntry(bytes, entry) : undefined
    if (item) items.set(item.id, item)
  }
  const locations = findBox(bytes, ['iloc'], meta)
  if (!locations) return [...items.values()]
  for (const { id, extents } of readLocations(bytes, locations)) {
    const item = items.get(id) ?? { id, type: '', extents: [] }
    items.set(id, item)
    item.extents.push(...extents)
  }
  return [...items.values()]
}

/** Versions 0 and 1 of it have no type, and no writer of pictures has them. */
function readEntry(bytes: Buffer, { start, end }: Box): Item | undefined {
  const version = bytes.readUInt8(start)
  if (version < 2) return undefined
  const wide = version > 2
  const id = wide ? bytes.readUInt32BE(start + 4) : bytes.readUInt16BE(start + 4)
  const at = start + (wide ? 10 : 8)
  const item: Item = { id, type: bytes.toString('latin1', at, at + 4), extents: [] }
  if (item.type !== 'mime' && item.type !== 'uri ') return item
  const nameEnd = textEnd(bytes, at + 4, end)
  const typeEnd = textEnd(bytes, nameEnd + 1, end)
  const text = bytes.toString('latin1', nameEnd + 1, typeEnd)
  item.contentType = { text, start: Math.min(nameEnd + 1, end), end: typeEnd }
  const encoding = bytes.toString('latin1', typeEnd + 1, textEnd(bytes, typeEnd + 1, end))
  if (encoding !== '') item.contentEncoding = encoding
  return item
}

function textEnd(bytes: Buffer, start: number, end: number): number {
  const zero = bytes.indexOf(0, start)
  return zero === -1 || zero > end ? end : zero
}

const places: Record<number, Extent['from']> = { 0: 'file', 1: 'idat', 2: 'item' }

function* readLocations(bytes: Buffer, box: Box): Generator<{ id: number; extents: Extent[] }> {
  const version = bytes.readUInt8(box.start)
  const sizes = bytes.readUInt16BE(box.start + 4)
  const [offset, length, base, index] = [12, 8, 4, 0].map((shift) => (sizes >> shift) & 15) as [
    number,
    number,
    number,
    number,
  ]
  let at = box.start + 6
  const read = (width: number) => {
    at += width
    if (at > box.end || width > 8 || (width !== 2 && width % 4 !== 0)) throw new Damaged('has a damaged box')
    if (width === 0) return 0
    return width === 8 ? Number(bytes.readBigUInt64BE(at - 8)) : bytes.readUIntBE(at - width, width)
  }
  const idWidth = version < 2 ? 2 : 4
  let parts = 0
  for (let left = read(idWidth); left > 0; left--) {
    const id = read(idWidth)
    const method = version === 0 ? 0 : read(2) & 15
    const isElsewhere = read(2) !== 0
    const from = isElsewhere ? 'elsewhere' : places[method]
    if (from === undefined) throw new Damaged('has a damaged box')
    const begin = read(base)
    const extents: Extent[] = []
    for (let more = read(2); more > 0; more--) {
      if (++parts > maxParts) throw new Damaged('has too many parts')
      if (version > 0) read(index)
      const start = begin + read(offset)
      const bytesOfIt = read(length)
      // Without a length, or with 0, an extent is all there is.
      extents.push({ from, start, end: bytesOfIt === 0 ? Number.POSITIVE_INFINITY : start + bytesOfIt })
    }
    if (++parts > maxParts) throw new Damaged('has too many parts')
    yield { id, extents }
  }
}
