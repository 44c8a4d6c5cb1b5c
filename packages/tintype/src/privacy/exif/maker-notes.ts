import { readDirectory, type Tiff, type TiffEntry, u16, u32 } from '../../metadata/tiff.ts'
import type { Found } from '../cleaning.ts'
import { type Maker, makers } from './makers.ts'
import { writeDirectory } from './write-directory.ts'

export interface CleanedNote {
  /** What of it is not to stay. */
  found: Set<keyof Found>
  /** Writes what stays into the block; nothing stays without it. */
  write?: (block: Buffer) => void
}

/**
 * A maker note is a maker's own directory in the Exif block, without a published format. Of makers that others have
 * described well, the tags that are known to be harmless stay, and the lens among them; of all other notes nothing does.
 *
 * @param removes whether the policy wants what is of this kind gone
 */
export function cleanMakerNote(
  tiff: Tiff,
  entry: TiffEntry,
  make: string,
  removes: (kind: keyof Found) => boolean,
): CleanedNote {
  const found = new Set<keyof Found>()
  const note = tiff.bytes.subarray(entry.offset, entry.offset + entry.length)
  const maker = makers.find((one) => one.begins(note, make))
  const place = maker && entry.length > 4 ? placeOf(maker, tiff, entry) : undefined
  if (!maker || !place || place.at + 2 > tiff.bytes.length - place.base) return { found: found.add('other') }

  // Its values are taken where they lie in the note; elsewhere they are something else's, or of another maker.
  const view = { bytes: tiff.bytes.subarray(place.base), littleEndian: place.littleEndian, directories: [] }
  const start = entry.offset - place.base
  const end = start + entry.length
  if (u16(view, place.at) > mostEntries) return { found: found.add('other') }
  const directory = readDirectory(view, place.at, 'Sub')
  const entries = (directory?.entries ?? []).filter(({ tag, at, offset, length }) => {
    if (at + 12 > end) return false
    const isInside = offset >= start && offset + length <= end && length > 0
    const kind = maker.identifiers.has(tag)
      ? 'identifiers'
      : maker.kept.has(tag) && isInside
        ? 'keep'
        : 'other'
    if (kind === 'keep') return true
    found.add(kind)
    return isInside && !removes(kind)
  })
  if (entries.length === 0) return { found: found.add('other') }
  return {
    found,
    write(block) {
      const out = block.subarray(place.base)
      const header = Math.min(place.base + place.at, entry.offset + longestHeader)
      tiff.bytes.copy(block, entry.offset, entry.offset, header)
      for (const { offset, length } of entries) {
        if (length > 4) view.bytes.copy(out, offset, offset, offset + length)
      }
      writeDirectory(out, view, place.at, entries)
    },
  }
}

/** Makers write some hundred. */
const mostEntries = 2000

/** Of a maker note, before its directory. */
const longestHeader = 18

interface Place {
  /** What its offsets count from, in the block. */
  base: number
  /** Of its directory, from the base. */
  at: number
  littleEndian: boolean
}

function placeOf(maker: Maker, tiff: Tiff, { offset, length }: TiffEntry): Place | undefined {
  if (length < maker.directory + 2) return undefined
  switch (maker.offsets) {
    case 'block':
      return { base: 0, at: offset + maker.directory, littleEndian: tiff.littleEndian }
    case 'note': {
      const littleEndian =
        maker.order === 'little' || (maker.order === 'marked' && marked(tiff, offset + maker.directory))
      return { base: offset, at: maker.directory, littleEndian }
    }
    case 'inner block': {
      // A block of its own, with a byte order mark and the offset of its directory.
      const base = offset + maker.directory
      if (length < maker.directory + 8) return undefined
      const littleEndian = tiff.bytes[base] === 0x49
      const inner = { ...tiff, littleEndian }
      const at = u32(inner, base + 4)
      return u16(inner, base + 2) === 42 && at + maker.directory + 2 <= length
        ? { base, at, littleEndian }
        : undefined
    }
  }
}

/** By the two letters before the directory, of which some makers write a version between. */
function marked({ bytes }: Tiff, directory: number): boolean {
  return bytes.toString('latin1', directory - 4, directory).includes('II')
}
