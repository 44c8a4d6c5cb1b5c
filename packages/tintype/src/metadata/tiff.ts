/**
 * The directories of an Exif block, which is a TIFF file (Exif 2.32, TIFF 6.0). All offsets count from the beginning of
 * the block: in a JPEG that is behind `Exif\0\0`.
 *
 * Written for hostile bytes: never throws, reads each directory once, takes time and memory in proportion to the block.
 */
export interface Tiff {
  bytes: Buffer
  littleEndian: boolean
  /** In the order in which they were met: IFD0 first, each followed by what it points to. */
  directories: TiffDirectory[]
  /** What contradicts the format, where something does. What could be read all the same is there. */
  damage?: string
}

/** `Sub` is any other directory that an entry points to; `IFD2` any that follows IFD1. */
export type DirectoryName = 'IFD0' | 'IFD1' | 'IFD2' | 'Exif' | 'GPS' | 'Interop' | 'Sub'

export interface TiffDirectory {
  name: DirectoryName
  /** Of its number of entries: two bytes. */
  offset: number
  entries: TiffEntry[]
  /** Of the four bytes behind its entries that name the next directory. They may lie behind the end of the block. */
  next: number
}

export interface TiffEntry {
  tag: number
  /** 2 is text, 5 and 10 are rationals, ...; see `unitBytes`. */
  type: number
  count: number
  /** Of its twelve bytes in the directory. */
  at: number
  /** Of its value: in the entry itself when it has four bytes at most. The value lies in the block, whole. */
  offset: number
  length: number
}

/** The tags by which directories are found. */
export const pointers: Record<number, DirectoryName> = {
  34665: 'Exif',
  34853: 'GPS',
  40965: 'Interop',
  330: 'Sub',
}

/** Bytes of one value, by its type. Types 13 (a directory's offset) and 129 (UTF-8, Exif 3.0) are newer than TIFF 6.0. */
export const unitBytes: Record<number, number> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  129: 1,
}
const directoryType = 13

/** The byte order, 42, and where the first directory is, which comes behind them (TIFF 6.0, section 2). */
const headerBytes = 8

/** More than any camera writes. */
const maxDirectories = 64
const maxEntries = 10_000

/** Nothing where the block doesn't begin as a TIFF file. */
export function readTiff(bytes: Buffer): Tiff | undefined {
  const order = bytes.toString('latin1', 0, 4)
  if (bytes.length < headerBytes || (order !== 'II*\0' && order !== 'MM\0*')) return undefined
  const tiff: Tiff = { bytes, littleEndian: order === 'II*\0', directories: [] }
  const seen = new Set<number>()
  let entries = 0

  function visit(offset: number, name: DirectoryName): void {
    if (offset === 0 || seen.has(offset)) return
    seen.add(offset)
    if (offset < headerBytes) {
      damaged(tiff, 'has a directory in its header')
      return
    }
    const directory = readDirectory(tiff, offset, name)
    if (!directory) return
    entries += directory.entries.length
    if (seen.size > maxDirectories || entries > maxEntries) {
      damaged(tiff, 'has too many directories or entries')
      return
    }
    tiff.directories.push(directory)
    for (const entry of directory.entries) {
      const pointsTo = pointers[entry.tag] ?? (entry.type === directoryType ? 'Sub' : undefined)
      if (pointsTo) for (const to of numbersOf(tiff, entry, maxDirectories)) visit(to, pointsTo)
    }
    const following = followers[name]
    if (following && directory.next + 4 <= bytes.length) visit(u32(tiff, directory.next), following)
  }

  visit(u32(tiff, 4), 'IFD0')
  return tiff
}

const followers: Partial<Record<DirectoryName, DirectoryName>> = { IFD0: 'IFD1', IFD1: 'IFD2', IFD2: 'IFD2' }

/**
 * One directory, such as that of a maker note, whose offsets count from the beginning of `tiff.bytes` too. Notes in
 * `tiff.damage` what lies outside of the block.
 */
export function readDirectory(tiff: Tiff, offset: number, name: DirectoryName): TiffDirectory | undefined {
  const { bytes } = tiff
  if (offset + 2 > bytes.length) {
    damaged(tiff, 'has a directory outside of its bytes')
    return undefined
  }
  const count = u16(tiff, offset)
  const there = Math.min(count, Math.floor((bytes.length - offset - 2) / 12))
  if (there < count) damaged(tiff, 'has a directory that is cut off')
  const entries: TiffEntry[] = []
  for (let index = 0; index < there; index++) {
    const at = offset + 2 + index * 12
    const entry = { tag: u16(tiff, at), type: u16(tiff, at + 2), count: u32(tiff, at + 4), at }
    const length = (unitBytes[entry.type] ?? 0) * entry.count
    const value = length <= 4 ? at + 8 : u32(tiff, at + 8)
    if (value + length <= bytes.length) entries.push({ ...entry, offset: value, length })
    else damaged(tiff, 'has a value outside of its bytes')
  }
  return { name, offset, entries, next: offset + 2 + count * 12 }
}

/** An entry's text up to its first zero byte, without spaces around it. Latin-1 where it isn't UTF-8. */
export function textOf({ bytes }: Tiff, { offset, length }: TiffEntry): string {
  const value = bytes.subarray(offset, offset + length)
  const end = value.indexOf(0)
  const text = end === -1 ? value : value.subarray(0, end)
  const asUtf8 = text.toString('utf8')
  return (asUtf8.includes('\ufffd') ? text.toString('latin1') : asUtf8).trim()
}

/** An entry's numbers, the first `most` of them. A rational is divided: by zero, it is NaN or infinite. */
export function numbersOf(tiff: Tiff, entry: TiffEntry, most = 16): number[] {
  const size = unitBytes[entry.type]
  const read = readers[entry.type]
  if (!size || !read) return []
  const count = Math.min(most, Math.floor(entry.length / size))
  return Array.from({ length: count }, (_, index) => read(tiff, entry.offset + index * size))
}

export function u16({ bytes, littleEndian }: Tiff, at: number): number {
  return littleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)
}

export function u32({ bytes, littleEndian }: Tiff, at: number): number {
  return littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
}

function i32({ bytes, littleEndian }: Tiff, at: number): number {
  return littleEndian ? bytes.readInt32LE(at) : bytes.readInt32BE(at)
}

const readers: Record<number, (tiff: Tiff, at: number) => number> = {
  1: ({ bytes }, at) => bytes.readUInt8(at),
  3: u16,
  4: u32,
  5: (tiff, at) => u32(tiff, at) / u32(tiff, at + 4),
  6: ({ bytes }, at) => bytes.readInt8(at),
  7: ({ bytes }, at) => bytes.readUInt8(at),
  8: ({ bytes, littleEndian }, at) => (littleEndian ? bytes.readInt16LE(at) : bytes.readInt16BE(at)),
  9: i32,
  10: (tiff, at) => i32(tiff, at) / i32(tiff, at + 4),
  11: ({ bytes, littleEndian }, at) => (littleEndian ? bytes.readFloatLE(at) : bytes.readFloatBE(at)),
  12: ({ bytes, littleEndian }, at) => (littleEndian ? bytes.readDoubleLE(at) : bytes.readDoubleBE(at)),
  13: u32,
}

function damaged(tiff: Tiff, why: string): void {
  tiff.damage ??= why
}
