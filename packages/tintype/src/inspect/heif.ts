import { type Box, boxesIn, findBox } from '../metadata/boxes.ts'
import { Damaged } from '../metadata/damaged.ts'
import { av1PassBytes } from './av1-pixels.ts'
import { colourOf } from './heif-colour.ts'
import { type HeifItems, readHeifItems } from './heif-items.ts'
import { measure } from './heif-pixels.ts'
import { tilingOf } from './heif-tiling.ts'
import { lastByte } from './sample-table.ts'
import { type Header, Unreadable } from './verdict.ts'

/**
 * Reads what a HEIF says of its primary picture (ISO/IEC 23008-12), whatever that is coded in: its size, its tiles, its
 * quarter turns and its colours. The frames of a sequence are the samples of its longest track.
 *
 * @param codings what the picture may be coded in: `av01` is AV1, `hvc1` is HEVC
 */
export function readHeif(bytes: Buffer, codings: readonly string[]): Header {
  const meta = topBox(bytes, 'meta')
  const content = meta && { start: meta.start + 4, end: meta.end }
  const items = content && readHeifItems(bytes, content)
  if (!content || !items) {
    if (topBox(bytes, 'mini')) throw new Unreadable('with a shortened header')
    if (topBox(bytes, 'moov')) throw new Unreadable('with a sequence of pictures and no still one')
    throw new Damaged('has no primary picture')
  }
  const { size, ...rest } = measure(bytes, content, items)
  const strange = rest.codings.find((coding) => !codings.includes(coding))
  // It becomes part of a sentence, which Postgres could not keep with a NUL in it.
  if (strange !== undefined && !/^[\w ]{4}$/.test(strange)) throw new Damaged('names no coding')
  if (strange !== undefined) throw new Unreadable(`coded in ${codingNames[strange] ?? strange}`)
  if (neededBytes(items) > bytes.length) throw new Damaged('is cut off')
  const own = items.propertiesOf(items.primary)
  const rotation = own.find((box) => box.type === 'irot')
  const turned = rotation !== undefined && bytes.readUInt8(rotation.start) % 2 === 1
  const tables = sampleTables(bytes)
  if (tables.some((table) => lastByte(bytes, table) > bytes.length)) throw new Damaged('is cut off')
  return {
    ...size,
    frames: Math.max(1, mostSamples(bytes, tables)),
    turned,
    pixels: rest.pixels,
    ...colourOf(bytes, items, rest.leaves),
    ...(rest.codings.includes('av01')
      ? { inPasses: true, passBytes: passBytes(bytes, items, rest.leaves) }
      : {}),
    ...(rest.codings.includes('hvc1') ? { decoder: 'libheif', tiling: tilingOf(bytes, items, rest) } : {}),
  }
}

function passBytes(bytes: Buffer, items: HeifItems, leaves: readonly number[]): number | undefined {
  const configurations = leaves.map((item) => items.propertiesOf(item).find(({ type }) => type === 'av1C'))
  return av1PassBytes(bytes, configurations)
}

/** The size that a file needs so that all its items are there. Those inside of the `meta` box need none. */
function neededBytes({ items }: HeifItems): number {
  let needed = 0
  for (const { extents } of items.values()) {
    for (const { from, start, end } of extents) {
      if (from === 'file') needed = Math.max(needed, Number.isFinite(end) ? end : start)
    }
  }
  return needed
}

/** Anything may follow the last box of the file. */
function topBox(bytes: Buffer, type: string): Box | undefined {
  for (const box of boxesIn(bytes, undefined, 'lenient')) if (box.type === type) return box
  return undefined
}

/** By the type of the item. */
const codingNames: Record<string, string> = {
  av01: 'AV1',
  avc1: 'H.264',
  hvc1: 'HEVC',
  j2k1: 'JPEG 2000',
  jpeg: 'JPEG',
  unci: 'uncompressed pixels',
  vvc1: 'VVC',
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
