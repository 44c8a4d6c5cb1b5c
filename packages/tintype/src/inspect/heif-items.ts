import { type Box, boxesIn, findBox } from '../metadata/boxes.ts'
import { Damaged, maxParts } from '../metadata/damaged.ts'
import { type Item, readItems } from '../metadata/items.ts'

/** What the `meta` box of a HEIF says about its items (ISO/IEC 23008-12): pictures, their tiles, Exif, depth maps. */
export interface HeifItems {
  primary: number
  /** By their numbers. Of type `hvc1` is a picture in HEVC, `av01` one in AV1, `grid` one of tiles. */
  items: ReadonlyMap<number, Item>
  /** `dimg`: what a derived item is made of. `auxl`: the pictures that an auxiliary one, such as alpha, belongs to. */
  references: Reference[]
  /** In the order in which they apply. */
  propertiesOf(item: number): Box[]
}

export interface Reference {
  type: string
  from: number
  to: number[]
}

/** @returns undefined where there is no primary picture, or nothing is told about it */
export function readHeifItems(bytes: Buffer, meta: { start: number; end: number }): HeifItems | undefined {
  const primary = primaryItem(bytes, meta)
  const container = findBox(bytes, ['iprp', 'ipco'], meta)
  const all = findBox(bytes, ['iprp'], meta)
  if (primary === undefined || !container || !all) return undefined
  const properties = [...boxesIn(bytes, container)]
  const associated = new Map<number, number[]>()
  for (const box of boxesIn(bytes, all)) if (box.type === 'ipma') readAssociations(bytes, box, associated)
  return {
    primary,
    items: new Map(readItems(bytes, meta).map((item) => [item.id, item])),
    references: readReferences(bytes, meta),
    propertiesOf: (item) => (associated.get(item) ?? []).flatMap((index) => properties[index - 1] ?? []),
  }
}

function primaryItem(bytes: Buffer, meta: { start: number; end: number }): number | undefined {
  const box = findBox(bytes, ['pitm'], meta)
  if (!box) return undefined
  return bytes.readUInt8(box.start) === 0
    ? bytes.readUInt16BE(box.start + 4)
    : bytes.readUInt32BE(box.start + 4)
}

/** Of each item, the one-based indices of its properties in the property container. The first entry for an item counts. */
function readAssociations(bytes: Buffer, box: Box, found: Map<number, number[]>): void {
  const isLong = bytes.readUInt8(box.start) !== 0
  const isWide = (bytes.readUInt8(box.start + 3) & 1) === 1
  const entries = bytes.readUInt32BE(box.start + 4)
  let at = box.start + 8
  for (let i = 0; i < entries && at < box.end; i++) {
    if (i >= maxParts) throw new Damaged('has too many parts')
    const id = isLong ? bytes.readUInt32BE(at) : bytes.readUInt16BE(at)
    at += isLong ? 4 : 2
    const count = bytes.readUInt8(at)
    const step = isWide ? 2 : 1
    const first = at + 1
    at = first + count * step
    if (found.has(id)) continue
    const indices = Array.from({ length: count }, (_, index) => {
      const value = bytes.readUIntBE(first + index * step, step)
      return isWide ? value & 0x7fff : value & 0x7f
    })
    found.set(id, indices)
  }
}

function readReferences(bytes: Buffer, meta: { start: number; end: number }): Reference[] {
  const box = findBox(bytes, ['iref'], meta)
  if (!box) return []
  const wide = bytes.readUInt8(box.start) === 0 ? 2 : 4
  const references: Reference[] = []
  let parts = 0
  for (const { type, start, end } of boxesIn(bytes, { start: box.start + 4, end: box.end })) {
    const count = bytes.readUInt16BE(start + wide)
    const first = start + wide + 2
    if (first + count * wide > end) throw new Damaged('has a damaged box')
    parts += count
    if (parts > maxParts) throw new Damaged('has too many parts')
    const to = Array.from({ length: count }, (_, i) => bytes.readUIntBE(first + i * wide, wide))
    references.push({ type, from: bytes.readUIntBE(start, wide), to })
  }
  return references
}
