import { boxesIn, findBox, type PlacedBox } from '../../metadata/boxes.ts'

/** Where the samples of a fragment of a track lie (ISO/IEC 14496-12, sections 8.8.7 and 8.8.8). */
export interface TrackRun {
  track: number
  /** From the beginning of the file. */
  ranges: { start: number; end: number }[]
  box: PlacedBox
}

/** Bytes of a sample of each track, by its number, where its fragments don't say. */
export type DefaultSizes = Map<number, number>

export function defaultSizes(moov: Buffer, within: { start: number; end: number }): DefaultSizes {
  const sizes: DefaultSizes = new Map()
  for (const extension of boxesIn(moov, within, 'lenient')) {
    if (extension.type !== 'mvex') continue
    for (const { type, start, end } of boxesIn(moov, extension, 'lenient')) {
      if (type === 'trex' && end - start >= 20)
        sizes.set(moov.readUInt32BE(start + 4), moov.readUInt32BE(start + 16))
    }
  }
  return sizes
}

/**
 * @param moof the bytes of the box with its header, which begins at `base` of the file
 * @throws a RangeError where its boxes are too short for what they say
 */
export function trackRuns(
  moof: Buffer,
  content: { start: number; end: number },
  base: number,
  sizes: DefaultSizes,
): TrackRun[] {
  const runs: TrackRun[] = []
  // Without a place of its own, a track's data follow those of the one before it.
  let next = base
  for (const box of boxesIn(moof, content, 'lenient')) {
    if (box.type !== 'traf') continue
    const header = findBox(moof, ['tfhd'], box)
    if (!header) continue
    const flags = moof.readUInt32BE(header.start) & 0xffffff
    const track = moof.readUInt32BE(header.start + 4)
    let at = header.start + 8
    const optional = (flag: number, width: number) => {
      if ((flags & flag) === 0) return undefined
      at += width
      return width === 8 ? Number(moof.readBigUInt64BE(at - 8)) : moof.readUInt32BE(at - width)
    }
    const place = optional(0x1, 8)
    optional(0x2, 4)
    optional(0x8, 4)
    const size = optional(0x10, 4) ?? sizes.get(track) ?? 0
    const from = place ?? ((flags & 0x20000) !== 0 ? base : next)
    let end = from
    const ranges: TrackRun['ranges'] = []
    for (const run of boxesIn(moof, box, 'lenient')) {
      if (run.type !== 'trun') continue
      const range = rangeOf(moof, run, from, end, size)
      if (range.end > range.start) ranges.push(range)
      end = range.end
    }
    next = end
    runs.push({ track, ranges, box })
  }
  return runs
}

function rangeOf(moof: Buffer, run: PlacedBox, from: number, next: number, size: number) {
  const flags = moof.readUInt32BE(run.start) & 0xffffff
  const count = moof.readUInt32BE(run.start + 4)
  const start = (flags & 0x1) !== 0 ? from + moof.readInt32BE(run.start + 8) : next
  if ((flags & 0x200) === 0) return { start, end: start + count * size }
  const width = [0x100, 0x200, 0x400, 0x800].reduce((sum, flag) => sum + (flags & flag ? 4 : 0), 0)
  let row = run.start + 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0)
  if (row + count * width > run.end) throw new RangeError('The run has more rows than room.')
  row += flags & 0x100 ? 4 : 0
  let bytes = 0
  for (let i = 0; i < count; i++) bytes += moof.readUInt32BE(row + i * width)
  return { start, end: start + bytes }
}
