/** A block of what phones of Samsung append to their photos: a name, and data. */
export interface SamsungBlock {
  /** As its entry in the directory has it: 0x0a30 is the clip of a motion photo. */
  type: number
  name: string
  /** Of its data. */
  start: number
  end: number
}

export interface SamsungTrailer {
  /** By where they begin, in that order. An entry of the directory is left out that leads to none, or into another one. */
  blocks: Map<number, SamsungBlock>
  /** Where the next block behind a place begins. */
  nextBlock(at: number): number | undefined
  /** Of the directory, which is the end of the file. */
  start: number
}

/** Phones write some ten of them, with names of some twenty letters. A directory may speak of a million, each the whole file. */
const most = { blocks: 256, nameLength: 256 }

/** `SEFH` and `SEFT`. */
const [sefh, seft] = [0x53454648, 0x53454654]

/**
 * Samsung's directory, from the end of the file: `SEFH`, version, number of blocks, for each its type, how far before
 * the directory it begins, and its length; then the directory's length and `SEFT`. (As ExifTool's documentation has it.)
 */
export function readSamsungTrailer(bytes: Buffer): SamsungTrailer | undefined {
  const tail = bytes.length - 8
  if (tail < 12 || bytes.readUInt32BE(tail + 4) !== seft) return undefined
  const start = tail - bytes.readUInt32LE(tail)
  if (start < 0 || bytes.readUInt32BE(start) !== sefh || start + 12 > tail) return undefined
  const count = Math.min(bytes.readUInt32LE(start + 8), Math.floor((tail - start - 12) / 12), most.blocks)
  const found: (SamsungBlock & { at: number })[] = []
  for (let index = 0; index < count; index++) {
    const entry = start + 12 + index * 12
    const at = start - bytes.readUInt32LE(entry + 4)
    const end = at + bytes.readUInt32LE(entry + 8)
    if (at < 0 || at + 8 > end || end > start) continue
    const data = at + 8 + bytes.readUInt32LE(at + 4)
    if (data > end || data - at - 8 > most.nameLength) continue
    const name = bytes.toString('latin1', at + 8, data)
    found.push({ at, type: bytes.readUInt16LE(entry + 2), name, start: data, end })
  }
  const blocks = new Map<number, SamsungBlock>()
  let last = 0
  for (const { at, ...block } of found.sort((a, b) => a.at - b.at)) {
    if (at < last) continue
    blocks.set(at, block)
    last = block.end
  }
  return { blocks, start, nextBlock: (from) => found.find(({ at }) => at > from && blocks.has(at))?.at }
}
