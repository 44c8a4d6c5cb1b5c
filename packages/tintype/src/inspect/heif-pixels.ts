import { type Box, findBox } from '../metadata/boxes.ts'
import { Damaged } from '../metadata/damaged.ts'
import type { HeifItems } from './heif-items.ts'
import { hevcPixels } from './hevc-size.ts'

export interface Measure {
  /** Of the primary picture, as stored. */
  size: { width: number; height: number }
  /** Pixels that the decoder visits to show it: its tiles', its alpha's, or its own, whichever are more. */
  pixels: number
  /** Types of the items that hold coded pictures. */
  codings: string[]
  /** Those items. */
  leaves: number[]
  /** What the primary picture is made of, where it is a picture of tiles. */
  grid: Grid | undefined
}

/** What an item of tiles says of itself. */
export interface Grid {
  width: number
  height: number
  columns: number
  rows: number
}

/** Items that one picture is made of. A picture of 100 megapixels in tiles of 512 x 512 takes 400. */
const mostItems = 20_000

/**
 * Adds up the items that the primary picture is made of: itself, its tiles (`dimg`), and the alpha of each (`auxl`).
 * Thumbnails, depth and gain maps and other pictures of the file are not decoded.
 */
export function measure(bytes: Buffer, meta: { start: number; end: number }, items: HeifItems): Measure {
  const size = sizeOf(bytes, items.propertiesOf(items.primary))
  if (!size) throw new Damaged('does not tell its size')
  const madeOf = index(bytes, items)
  const seen = new Set<number>([items.primary])
  const codings = new Set<string>()
  const leaves: number[] = []
  let most = 0
  let coded = 0
  let grid: Grid | undefined
  for (const item of seen) {
    if (seen.size > mostItems) throw new Damaged('has too many tiles')
    const pixels = pixelsOf(bytes, items.propertiesOf(item))
    most = Math.max(most, pixels)
    const type = items.items.get(item)?.type ?? ''
    if (isDerived(type)) {
      if (type === 'grid') {
        const found = readGrid(bytes, meta, items, item)
        most = Math.max(most, found.width * found.height)
        if (item === items.primary) grid = found
      }
    } else {
      if (type === '') throw new Damaged('does not tell what its picture is coded in')
      coded += pixels
      codings.add(type)
      leaves.push(item)
    }
    for (const other of madeOf.get(item) ?? []) seen.add(other)
  }
  // The last row and column of tiles may stand out, and alpha doubles them.
  if (coded > 4 * most + (1 << 22)) throw new Damaged('has more tiles than its picture needs')
  return { size, pixels: Math.max(most, coded / 2), codings: [...codings], leaves, grid }
}

function isDerived(type: string): boolean {
  return type === 'grid' || type === 'iovl' || type === 'iden'
}

/** What each item is made of, and its alpha. */
function index(bytes: Buffer, { references, propertiesOf }: HeifItems): Map<number, number[]> {
  const found = new Map<number, number[]>()
  const add = (item: number, others: number[]) => found.set(item, [...(found.get(item) ?? []), ...others])
  for (const { type, from, to } of references) {
    if (type === 'dimg') add(from, to)
    else if (type === 'auxl' && isAlpha(bytes, propertiesOf(from))) for (const item of to) add(item, [from])
  }
  return found
}

/** As the item says it, or the parameters of its codec, by which the decoder goes. */
function pixelsOf(bytes: Buffer, properties: Box[]): number {
  const own = sizeOf(bytes, properties)
  const parameters = properties.find(({ type }) => type === 'hvcC')
  return Math.max(own ? own.width * own.height : 0, parameters ? hevcPixels(bytes, parameters) : 0)
}

/** Two names for it: that of HEVC's specification, and that of MIAF, which AVIF goes by. */
const alpha = /^urn:mpeg:(hevc:2015:auxid:1|mpegB:cicp:systems:auxiliary:alpha)\0/

function isAlpha(bytes: Buffer, properties: Box[]): boolean {
  const kind = properties.find(({ type }) => type === 'auxC')
  return (
    kind !== undefined &&
    alpha.test(bytes.toString('latin1', kind.start + 4, Math.min(kind.end, kind.start + 68)))
  )
}

export function sizeOf(bytes: Buffer, properties: Box[]): { width: number; height: number } | undefined {
  const extent = properties.find((box) => box.type === 'ispe')
  return (
    extent && { width: bytes.readUInt32BE(extent.start + 4), height: bytes.readUInt32BE(extent.start + 8) }
  )
}

/** What the grid itself says (ISO/IEC 23008-12, section 6.6.2.3.2), and whether it has all its tiles. */
function readGrid(bytes: Buffer, meta: { start: number; end: number }, items: HeifItems, item: number): Grid {
  const at = dataOf(bytes, meta, items, item)
  if (at === undefined) throw new Damaged('does not tell where its tiles are')
  const isWide = (bytes.readUInt8(at + 1) & 1) === 1
  const [rows, columns] = [bytes.readUInt8(at + 2) + 1, bytes.readUInt8(at + 3) + 1]
  const given = items.references.find(({ type, from }) => type === 'dimg' && from === item)?.to.length ?? 0
  if (given < rows * columns) throw new Damaged('lacks some of its tiles')
  const [width, height] = isWide
    ? [bytes.readUInt32BE(at + 4), bytes.readUInt32BE(at + 8)]
    : [bytes.readUInt16BE(at + 4), bytes.readUInt16BE(at + 6)]
  return { width, height, columns, rows }
}

/** Where the data of the item begin. */
function dataOf(
  bytes: Buffer,
  meta: { start: number; end: number },
  { items }: HeifItems,
  item: number,
): number | undefined {
  const [first] = items.get(item)?.extents ?? []
  if (first?.from === 'file') return first.start
  const data = first?.from === 'idat' ? findBox(bytes, ['idat'], meta) : undefined
  return data && first && data.start + first.start
}
