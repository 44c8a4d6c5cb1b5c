import { findBox } from './boxes.ts'
import { Damaged, maxParts } from './damaged.ts'

/** Where the data of an item are (`iloc`, ISO/IEC 14496-12, section 8.11.3). */
export interface ItemLocation {
  id: number
  /** In the file itself, or relative to the content of `idat`. Others are made of other items, or are in other files. */
  within: 'file' | 'idat' | 'elsewhere'
  extents: { start: number; end: number }[]
}

/**
 * The size that a file needs so that all items of its `meta` box are there. Items inside that box, or derived from other
 * items, need none.
 */
export function neededBytes(bytes: Buffer, meta: { start: number; end: number }): number {
  let needed = 0
  for (const { within, extents } of itemLocations(bytes, meta)) {
    if (within === 'file') for (const { end } of extents) needed = Math.max(needed, end)
  }
  return needed
}

/** Of all items of a `meta` box, in order. An extent may reach beyond the file. */
export function* itemLocations(bytes: Buffer, meta: { start: number; end: number }): Generator<ItemLocation> {
  const box = findBox(bytes, ['iloc'], meta)
  if (!box) throw new Damaged('does not tell where its picture is')
  const version = bytes.readUInt8(box.start)
  const sizes = bytes.readUInt16BE(box.start + 4)
  const widths = {
    offset: sizes >> 12,
    length: (sizes >> 8) & 15,
    base: (sizes >> 4) & 15,
    index: sizes & 15,
  }
  let at = box.start + 6
  const read = (width: number) => {
    at += width
    if (at > box.end) throw new Damaged('has a damaged box')
    if (width === 0) return 0
    return width === 8 ? Number(bytes.readBigUInt64BE(at - 8)) : bytes.readUIntBE(at - width, width as 2 | 4)
  }
  for (const width of Object.values(widths))
    if (width > 8 || width % 4 !== 0) throw new Damaged('has a damaged box')
  const idWidth = version < 2 ? 2 : 4
  const items = read(idWidth)
  let parts = 0
  for (let item = 0; item < items; item++) {
    const id = read(idWidth)
    const method = version === 0 ? 0 : read(2) & 15
    const dataReference = read(2)
    const base = read(widths.base)
    const count = read(2)
    const extents: ItemLocation['extents'] = []
    for (let i = 0; i < count; i++) {
      if (++parts > maxParts) throw new Damaged('has too many parts')
      if (version > 0) read(widths.index)
      const start = base + read(widths.offset)
      extents.push({ start, end: start + read(widths.length) })
    }
    if (++parts > maxParts) throw new Damaged('has too many parts')
    const within = dataReference !== 0 || method > 1 ? 'elsewhere' : method === 1 ? 'idat' : 'file'
    yield { id, within, extents }
  }
}
