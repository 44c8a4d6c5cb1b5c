import { tiffStart } from '../../metadata/exif-block.ts'
import { prefixes } from '../../metadata/jpeg-segments.ts'
import { readTiff, type Tiff, type TiffDirectory, type TiffEntry, textOf, u32 } from '../../metadata/tiff.ts'
import type { Found } from '../cleaning.ts'
import type { Findings } from '../findings.ts'
import { bytesSayWhere } from '../says-where.ts'
import { positionOf } from './gps.ts'
import { type CleanedNote, cleanMakerNote } from './maker-notes.ts'
import { type Fate, fateOf, freeTexts, tags } from './tags.ts'
import { writeDirectory, writeU16 } from './write-directory.ts'

/**
 * Cleans an Exif block: what is known to be harmless stays where it is, and all other bytes of the block become zero,
 * those that nothing points to included. So the thumbnail goes, and what an editor left behind of a position that it
 * removed. Directories lose entries, and keep their place.
 *
 * @param block from its byte order mark on, as long as it may be
 */
export function cleanExif(block: Buffer, findings: Findings): void {
  const tiff = findings.spend('tags', 0) ? readTiff(block) : undefined
  const first = tiff?.directories[0]
  if (!tiff || first?.name !== 'IFD0' || !findings.spend('tags', entriesOf(tiff))) {
    if (block.some((byte) => byte !== 0)) findings.erase('other', 0, block.length)
    return
  }
  const position = positionOf(tiff)
  if (position) findings.position(position)
  const result = rebuild(tiff, first, findings)
  if (result.bytes.equals(block)) return
  if (result.removed.size === 0) findings.found('other')
  for (const kind of result.removed) findings.found(kind)
  if (findings.removes('other')) findings.edit(0, result.bytes)
}

/**
 * The same of an Exif item of a HEIF or an Exif box of a JPEG XL, with what comes before the block. One that names no place
 * inside becomes zero as a whole.
 */
export function cleanExifContent(content: Buffer, findings: Findings): void {
  const start = tiffStart(content)
  const before = content.subarray(4, start ?? content.length)
  const isUsual = before.length === 0 || before.equals(prefixes.exif)
  if (!isUsual && before.some((byte) => byte !== 0)) findings.erase('other', 4, before.length)
  if (start !== undefined) cleanExif(content.subarray(start), findings.at(start))
}

function entriesOf({ directories }: Tiff): number {
  return directories.reduce((sum, { entries }) => sum + entries.length, 0)
}

/** Kept values that are no longer than this are kept even where something else claims their bytes. */
const shortValue = 64

interface Rebuilt {
  bytes: Buffer
  removed: Set<keyof Found>
}

function rebuild(tiff: Tiff, first: TiffDirectory, findings: Findings): Rebuilt {
  const { bytes: block } = tiff
  const removed = new Set<keyof Found>()
  const kept = new Map<TiffDirectory, TiffEntry[]>()
  const visited = new Set<TiffDirectory>()
  let note: { entry: TiffEntry; write: NonNullable<CleanedNote['write']> } | undefined
  const erased: [start: number, end: number][] = []
  const byOffset = new Map(tiff.directories.map((one) => [one.offset, one]))
  const make = textIn(tiff, first, tags.make)
  const model = textIn(tiff, first, tags.model)
  let keptBytes = 0
  let hasNote = false

  function isKept(directory: TiffDirectory, entry: TiffEntry): boolean {
    if (directoryTags.has(entry.tag)) return isKeptPointer(entry)
    if (entry.tag === tags.makerNote && directory.name === 'Exif') return isKeptNote(entry)
    // Entries that share their bytes would make this quadratic.
    keptBytes += entry.length
    const fate = keptBytes > 2 * block.length ? 'other' : fateIn(directory, entry)
    if (fate === 'keep') return true
    removed.add(fate)
    return !findings.removes(fate)
  }

  function isKeptPointer({ offset, length }: TiffEntry): boolean {
    const target = length === 4 ? byOffset.get(u32(tiff, offset)) : undefined
    // Many cameras without a receiver write a GPS directory that has nothing but the version of its format.
    const isBare = target?.name === 'GPS' && target.entries.every(({ tag }) => tag === 0)
    if (target === undefined || target === first || meetsAnother(target)) removed.add('other')
    else if (!isBare) keep(target)
    else if (target.entries.length > 0) kept.set(target, target.entries)
    return target !== undefined && target !== first && kept.has(target)
  }

  /** One of the two would be written over the other. */
  function meetsAnother(target: TiffDirectory): boolean {
    const others = [...visited, ...kept.keys()].filter((one) => one !== target)
    return others.some(({ offset, next }) => offset < target.next && target.offset < next)
  }

  function isKeptNote(entry: TiffEntry): boolean {
    // There is one: others would be read from the same bytes.
    const { found, write } = hasNote
      ? { found: ['other'] as const }
      : cleanMakerNote(tiff, entry, make, findings.removes)
    hasNote = true
    for (const kind of found) removed.add(kind)
    if (write) note = { entry, write }
    return write !== undefined
  }

  function fateIn(directory: TiffDirectory, entry: TiffEntry): Fate {
    if (entry.tag === tags.hostComputer && model !== '' && textOf(tiff, entry) === model) return 'keep'
    const fate = fateOf(directory, entry)
    const { offset, length } = entry
    const isText = fate === 'keep' && freeTexts.has(entry.tag)
    return isText && bytesSayWhere(block.subarray(offset, offset + length), findings.spend)
      ? 'location'
      : fate
  }

  /** Nothing of a directory stays where all of its entries go: then the pointer to it goes as well. */
  function keep(directory: TiffDirectory): void {
    if (visited.has(directory)) return
    visited.add(directory)
    const entries = directory.entries.filter((entry) => isKept(directory, entry))
    if (entries.length > 0 || directory === first) kept.set(directory, entries)
    for (const entry of directory.entries) {
      if (entry.length > 4 && !entries.includes(entry))
        erased.push([entry.offset, entry.offset + entry.length])
    }
  }

  function write(): Buffer {
    const out = Buffer.alloc(block.length)
    block.copy(out, 0, 0, 8)
    const directories = [...kept.keys()].map(spanOf)
    const isClaimed = overlaps([...erased, ...directories])
    // A directory in the midst of the note would be written over it.
    const isNoteWhole = note !== undefined && !overlaps(directories)(note.entry.offset, note.entry.length)
    for (const [directory, entries] of kept) {
      const fitting = entries.filter(({ tag, offset, length }) =>
        tag === tags.makerNote ? isNoteWhole : length <= shortValue || !isClaimed(offset, length),
      )
      if (fitting.length < entries.length) removed.add('other')
      kept.set(directory, fitting)
      for (const { tag, offset, length } of fitting) {
        if (tag !== tags.makerNote && length > 4) block.copy(out, offset, offset, offset + length)
      }
    }
    if (isNoteWhole) note?.write(out)
    for (const [directory, entries] of kept) writeDirectory(out, tiff, directory.offset, entries)
    if (kept.get(first)?.length === 0 && first.entries.length > 0) writeUpright(out, tiff, first.offset)
    return out
  }

  keep(first)
  for (const { name, entries } of tiff.directories) {
    if (name === 'IFD1') removed.add('other')
    if (name === 'GPS' && entries.some(({ tag }) => tag !== 0)) removed.add('location')
  }
  return { bytes: write(), removed }
}

const directoryTags = new Set<number>([tags.exif, tags.gps, tags.interop])

function spanOf({ offset, next }: TiffDirectory): [number, number] {
  return [offset, next + 4]
}

/** In the place of the first entry: that the picture is upright, for readers that take no empty directory. */
function writeUpright(out: Buffer, tiff: Tiff, offset: number): void {
  writeU16(out, tiff, offset, 1)
  writeU16(out, tiff, offset + 2, tags.orientation)
  writeU16(out, tiff, offset + 4, 3)
  writeU16(out, tiff, offset + (tiff.littleEndian ? 6 : 8), 1)
  writeU16(out, tiff, offset + 10, 1)
}

function textIn(tiff: Tiff, { entries }: TiffDirectory, tag: number): string {
  const entry = entries.find((one) => one.tag === tag && one.type === 2)
  return entry ? textOf(tiff, entry) : ''
}

/** Tells whether a range meets any of these. */
function overlaps(ranges: [number, number][]): (offset: number, length: number) => boolean {
  const sorted = ranges.sort(([a], [b]) => a - b)
  const reach: number[] = []
  for (const [, end] of sorted) reach.push(Math.max(end, reach.at(-1) ?? 0))
  return (offset, length) => {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sorted[middle] as [number, number])[0] < offset + length) low = middle + 1
      else high = middle
    }
    return low > 0 && (reach[low - 1] as number) > offset
  }
}
