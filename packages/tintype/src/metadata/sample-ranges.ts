import { type Box, boxesIn, findBox } from './boxes.ts'
import { Damaged } from './damaged.ts'

/**
 * Calls back with the range of each chunk of a track, from the beginning of the file (ISO/IEC 14496-12, section 8.7):
 * chunks begin at `stco` or `co64`, `stsc` says how many samples each has, `stsz` or `stz2` how large they are. Linear in
 * the size of these tables, whatever numbers they hold.
 *
 * @param table the `stbl` box of the track
 * @param chunk returns `false` to have no more of them
 * @throws {Damaged} where the tables have more rows than their boxes have room for
 */
export function eachChunk(
  moov: Buffer,
  table: Box,
  // biome-ignore lint/suspicious/noConfusingVoidType: most callers want them all
  chunk: (start: number, end: number) => boolean | void,
): void {
  const boxes = new Map<string, Box>()
  for (const box of boxesIn(moov, table, 'lenient')) if (!boxes.has(box.type)) boxes.set(box.type, box)
  const offsets = boxes.get('stco') ?? boxes.get('co64')
  const perChunk = boxes.get('stsc')
  const sizes = sampleSizes(moov, boxes)
  if (!offsets || !perChunk || !sizes) return
  const width = offsets.type === 'stco' ? 4 : 8
  const chunks = rowsOf(moov, offsets, offsets.start + 4, width)
  const runs = rowsOf(moov, perChunk, perChunk.start + 4, 12)
  if (runs === 0) return
  let sample = 0
  for (let index = 0, run = 0; index < chunks && sample < sizes.count; index++) {
    while (run + 1 < runs && moov.readUInt32BE(perChunk.start + 8 + (run + 1) * 12) <= index + 1) run++
    const count = Math.min(moov.readUInt32BE(perChunk.start + 12 + run * 12), sizes.count - sample)
    const at = offsets.start + 8 + index * width
    const start = width === 4 ? moov.readUInt32BE(at) : Number(moov.readBigUInt64BE(at))
    const end = start + sizes.sum(sample, count)
    sample += count
    if (end > start && chunk(start, end) === false) return
  }
}

/** Bytes of each sample of a track, where all have the same; 0 where they have not. */
export function sampleBytes(moov: Buffer, table: { start: number; end: number }): number | undefined {
  const box = findBox(moov, ['stsz'], table)
  return box && box.end - box.start >= 8 ? moov.readUInt32BE(box.start + 4) : undefined
}

interface SampleSizes {
  count: number
  /** Bytes of so many samples from one of them on. */
  sum(first: number, count: number): number
}

function sampleSizes(moov: Buffer, boxes: Map<string, Box>): SampleSizes | undefined {
  const compact = boxes.get('stz2')
  const box = boxes.get('stsz') ?? compact
  if (!box) return undefined
  const rows = box.start + 12
  if (box === compact) {
    const bits = moov.readUInt8(box.start + 7)
    if (bits !== 4 && bits !== 8 && bits !== 16) throw new Damaged('has a damaged index')
    const count = rowsOf(moov, box, box.start + 8, bits / 8)
    return { count, sum: (first, many) => compactSum(moov, rows, bits, first, many) }
  }
  const fixed = moov.readUInt32BE(box.start + 4)
  if (fixed > 0) return { count: moov.readUInt32BE(box.start + 8), sum: (_, many) => fixed * many }
  const count = rowsOf(moov, box, box.start + 8, 4)
  return {
    count,
    sum(first, many) {
      let bytes = 0
      for (let i = 0; i < many; i++) bytes += moov.readUInt32BE(rows + (first + i) * 4)
      return bytes
    },
  }
}

function compactSum(moov: Buffer, rows: number, bits: number, first: number, many: number): number {
  let bytes = 0
  for (let i = first; i < first + many; i++) {
    if (bits === 16) bytes += moov.readUInt16BE(rows + i * 2)
    else if (bits === 8) bytes += moov.readUInt8(rows + i)
    else bytes += i % 2 === 0 ? moov.readUInt8(rows + (i >> 1)) >> 4 : moov.readUInt8(rows + (i >> 1)) & 15
  }
  return bytes
}

/** The number of rows that a table says it has. @throws {Damaged} where they don't fit into its box */
function rowsOf(moov: Buffer, { end }: Box, countAt: number, width: number): number {
  if (countAt + 4 > end) throw new Damaged('has a damaged index')
  const rows = moov.readUInt32BE(countAt)
  if (countAt + 4 + rows * width > end) throw new Damaged('has a damaged index')
  return rows
}
