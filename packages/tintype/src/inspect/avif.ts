import { type Box, boxesIn, findBox } from '../metadata/boxes.ts'
import { neededBytes } from '../metadata/item-locations.ts'
import { lastByte } from './sample-table.ts'
import { type Colour, Damaged, type Header } from './verdict.ts'

/**
 * Reads the properties of an AVIF's primary item (ISO/IEC 23008-12): `ispe` has its dimensions, `irot` its
 * quarter turns. Too many pixels may hide in another item that the decoder visits (a tile, an alpha plane), so the
 * largest `ispe` of the file counts if it is larger. The frames of a sequence are the samples of its longest track.
 */
export function readAvif(bytes: Buffer): Header {
  const meta = topBox(bytes, 'meta')
  const content = meta && { start: meta.start + 4, end: meta.end }
  const primary = content && primaryItem(bytes, content)
  const container = content && findBox(bytes, ['iprp', 'ipco'], content)
  const associations = content && findBox(bytes, ['iprp', 'ipma'], content)
  if (primary === undefined || !container || !associations) throw new Damaged('has no primary picture')

  const properties = [...boxesIn(bytes, container)]
  const own = associated(bytes, associations, primary).flatMap((index) => properties[index - 1] ?? [])
  const extent = own.find((box) => box.type === 'ispe')
  if (!extent) throw new Damaged('does not tell its size')
  const size = sizeOf(bytes, extent)
  for (const box of properties) {
    if (box.type !== 'ispe') continue
    const other = sizeOf(bytes, box)
    if (other.width * other.height > size.width * size.height) Object.assign(size, other)
  }
  if (content && neededBytes(bytes, content) > bytes.length) throw new Damaged('is cut off')
  const rotation = own.find((box) => box.type === 'irot')
  const turned = rotation !== undefined && bytes.readUInt8(rotation.start) % 2 === 1
  const tables = sampleTables(bytes)
  if (tables.some((table) => lastByte(bytes, table) > bytes.length)) throw new Damaged('is cut off')
  return { ...size, frames: Math.max(1, mostSamples(bytes, tables)), turned, colour: colourOf(bytes, own) }
}

/** Anything may follow the last box of the file. */
function topBox(bytes: Buffer, type: string): Box | undefined {
  for (const box of boxesIn(bytes, undefined, 'lenient')) if (box.type === type) return box
  return undefined
}

/** `nclx` of a `colr` property (ISO/IEC 14496-12, section 12.1.5). */
function colourOf(bytes: Buffer, own: Box[]): Colour | undefined {
  for (const { type, start, end } of own) {
    if (type !== 'colr' || end - start < 8 || bytes.toString('latin1', start, start + 4) !== 'nclx') continue
    return { primaries: bytes.readUInt16BE(start + 4), transfer: bytes.readUInt16BE(start + 6) }
  }
  return undefined
}

function sizeOf(bytes: Buffer, extent: Box): { width: number; height: number } {
  return { width: bytes.readUInt32BE(extent.start + 4), height: bytes.readUInt32BE(extent.start + 8) }
}

function primaryItem(bytes: Buffer, within: { start: number; end: number }): number | undefined {
  const box = findBox(bytes, ['pitm'], within)
  if (!box) return undefined
  return bytes.readUInt8(box.start) === 0
    ? bytes.readUInt16BE(box.start + 4)
    : bytes.readUInt32BE(box.start + 4)
}

/** One-based indices of the item's properties in the property container. */
function associated(bytes: Buffer, box: Box, item: number): number[] {
  const version = bytes.readUInt8(box.start)
  const wide = (bytes.readUInt8(box.start + 3) & 1) === 1
  const entries = bytes.readUInt32BE(box.start + 4)
  let at = box.start + 8
  for (let i = 0; i < entries && at < box.end; i++) {
    const id = version === 0 ? bytes.readUInt16BE(at) : bytes.readUInt32BE(at)
    at += version === 0 ? 2 : 4
    const count = bytes.readUInt8(at)
    const step = wide ? 2 : 1
    const first = at + 1
    at = first + count * step
    if (id !== item) continue
    return Array.from({ length: count }, (_, index) => {
      const value = bytes.readUIntBE(first + index * step, step)
      return wide ? value & 0x7fff : value & 0x7f
    })
  }
  return []
}

/** Of the tracks of a sequence. */
function sampleTables(bytes: Buffer): Box[] {
  const movie = topBox(bytes, 'moov')
  const tracks = movie ? [...boxesIn(bytes, movie)].filter(({ type }) => type === 'trak') : []
  return tracks.flatMap((track) => findBox(bytes, ['mdia', 'minf', 'stbl'], track) ?? [])
}

function mostSamples(bytes: Buffer, tables: Box[]): number {
  let most = 0
  for (const table of tables) {
    const sizes = findBox(bytes, ['stsz'], table)
    if (sizes) most = Math.max(most, bytes.readUInt32BE(sizes.start + 8))
  }
  return most
}
