import { type Box, boxesIn, findBox } from '../metadata/boxes.ts'
import { Damaged } from './verdict.ts'

/** Bytes of a row of the tables that say something about samples or chunks. */
const widths = { stts: 8, ctts: 8, stss: 4, stsc: 12, stco: 4, co64: 8 }

/**
 * Checks the tables of a track against their boxes and against each other. Players fail on inconsistent tables, and
 * readers that trust a number of rows or samples never end.
 *
 * @throws {Damaged} where they don't fit
 */
export function checkTables(moov: Buffer, table: Box): void {
  const sizes = findBox(moov, ['stsz'], table)
  const samples = sizes ? moov.readUInt32BE(sizes.start + 8) : Number.POSITIVE_INFINITY
  for (const box of boxesIn(moov, table)) {
    if (!Object.hasOwn(widths, box.type)) continue
    const rows = rowsOf(moov, box, box.start + 4, widths[box.type as keyof typeof widths])
    if (box.type !== 'stts' && box.type !== 'ctts') continue
    let timed = 0
    for (let i = 0; i < rows; i++) timed += moov.readUInt32BE(box.start + 8 + i * 8)
    // Some writers are off by a few, none by as many again.
    if (timed > samples * 2) throw new Damaged('has a damaged index')
  }
}

/**
 * Offset of the end of a track's last sample: chunks begin at `stco` or `co64`, `stsc` says how many samples each has, `stsz`
 * how large they are (section 8.7). Linear in the size of these tables, whatever numbers they hold.
 */
export function lastByte(moov: Buffer, table: Box): number {
  const [sizes, perChunk] = [findBox(moov, ['stsz'], table), findBox(moov, ['stsc'], table)]
  const short = findBox(moov, ['stco'], table)
  const offsets = short ?? findBox(moov, ['co64'], table)
  if (!sizes || !perChunk || !offsets) return 0
  const width = short ? 4 : 8
  const chunks = rowsOf(moov, offsets, offsets.start + 4, width)
  const runs = rowsOf(moov, perChunk, perChunk.start + 4, 12)
  const fixed = moov.readUInt32BE(sizes.start + 4)
  const samples = fixed > 0 ? moov.readUInt32BE(sizes.start + 8) : rowsOf(moov, sizes, sizes.start + 8, 4)
  let last = 0
  let sample = 0
  for (let chunk = 0, run = 0; chunk < chunks && sample < samples; chunk++) {
    while (run + 1 < runs && moov.readUInt32BE(perChunk.start + 8 + (run + 1) * 12) <= chunk + 1) run++
    if (runs === 0) break
    const count = Math.min(moov.readUInt32BE(perChunk.start + 8 + run * 12 + 4), samples - sample)
    const at = offsets.start + 8 + chunk * width
    let end = width === 4 ? moov.readUInt32BE(at) : Number(moov.readBigUInt64BE(at))
    if (fixed > 0) end += fixed * count
    else for (let i = 0; i < count; i++) end += moov.readUInt32BE(sizes.start + 12 + (sample + i) * 4)
    if (count > 0) last = Math.max(last, end)
    sample += count
  }
  return last
}

/** The number of rows that a table says it has. @throws {Damaged} where they don't fit into its box */
function rowsOf(moov: Buffer, { end }: Box, countAt: number, width: number): number {
  const rows = moov.readUInt32BE(countAt)
  if (countAt + 4 + rows * width > end) throw new Damaged('has a damaged index')
  return rows
}

/**
 * The four letters of a video's first sample description (section 8.5.2). `mp4v` stands for several codecs, which its
 * decoder configuration tells apart by a number (ISO/IEC 14496-1, table 5): it is added, in hex.
 */
export function videoCodec(moov: Buffer, table: Box): string | undefined {
  const described = findBox(moov, ['stsd'], table)
  if (!described || described.end - described.start < 16) return undefined
  const [entry] = boxesIn(moov, { start: described.start + 8, end: described.end }, 'lenient')
  if (entry?.type !== 'mp4v') return moov.toString('latin1', described.start + 12, described.start + 16)
  const children = { start: entry.start + visualSampleEntry, end: entry.end }
  const esds = [...boxesIn(moov, children, 'lenient')].find((box) => box.type === 'esds')
  const number = esds && objectType(moov.subarray(esds.start + 4, esds.end))
  return number === undefined ? 'mp4v' : `mp4v.${number.toString(16)}`
}

/** Bytes before the boxes of a VisualSampleEntry. */
const visualSampleEntry = 78

/** Of the first descriptor in it (tag 4), which is in an elementary stream's (tag 3). */
function objectType(descriptors: Buffer): number | undefined {
  const inner = bodyOf(descriptors, 0, 3)
  if (inner === undefined) return undefined
  const flags = descriptors[inner + 2] ?? 0
  const optional = (flags & 0x80 ? 2 : 0) + (flags & 0x20 ? 2 : 0)
  // A URL may come between, but no writer adds one.
  const config = flags & 0x40 ? undefined : bodyOf(descriptors, inner + 3 + optional, 4)
  return config === undefined ? undefined : descriptors[config]
}

/** Behind the tag and the length, which has up to four bytes. */
function bodyOf(bytes: Buffer, at: number, tag: number): number | undefined {
  if (bytes[at] !== tag) return undefined
  let end = at + 1
  while (end < at + 4 && (bytes[end] ?? 0) & 0x80) end++
  return end + 1
}
