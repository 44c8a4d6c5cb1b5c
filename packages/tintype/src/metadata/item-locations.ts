import { findBox } from './boxes.ts'
import { Damaged, maxParts } from './damaged.ts'

/**
 * The size that a file needs so that all items of its `meta` box are there (`iloc`, ISO/IEC 14496-12, section 8.11.3).
 * Items inside that box, or derived from other items, need none.
 */
export function neededBytes(bytes: Buffer, meta: { start: number; end: number }): number {
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
  let needed = 0
  let parts = 0
  for (let item = 0; item < items; item++) {
    read(idWidth)
    const method = version === 0 ? 0 : read(2) & 15
    const dataReference = read(2)
    const base = read(widths.base)
    const extents = read(2)
    for (let i = 0; i < extents; i++) {
      if (++parts > maxParts) throw new Damaged('has too many parts')
      if (version > 0) read(widths.index)
      const end = base + read(widths.offset) + read(widths.length)
      if (method === 0 && dataReference === 0) needed = Math.max(needed, end)
    }
    if (++parts > maxParts) throw new Damaged('has too many parts')
  }
  return needed
}
