import { largestRead, type RangeSource } from './range-source.ts'

/** Bytes fetched by a small read: a box's header and usually what is read next. */
const blockBytes = 8 * 1024
/** Cached blocks, for readers that walk through the same headers twice: 32 MiB. */
const maxBlocks = 4096

/**
 * A cache for a source whose every read is a request over the network. Container readers read a few bytes in many
 * places: such reads are rounded to blocks, each fetched once. Large reads are passed on in pieces.
 */
export function createBlockReader(source: RangeSource): RangeSource {
  const blocks = new Map<number, Promise<Uint8Array>>()

  function block(index: number): Promise<Uint8Array> {
    const known = blocks.get(index)
    if (known) return known
    if (blocks.size === maxBlocks) blocks.delete(blocks.keys().next().value as number)
    const start = index * blockBytes
    const fetched = source.read(start, Math.min(start + blockBytes, source.size))
    blocks.set(index, fetched)
    return fetched
  }

  return {
    size: source.size,
    async read(start, end) {
      const first = Math.floor(start / blockBytes)
      const last = Math.floor((end - 1) / blockBytes)
      if (last - first > 1) return inPieces(start, end)
      const at = start - first * blockBytes
      const bytes = await Promise.all(first === last ? [block(first)] : [block(first), block(last)])
      return joined(bytes).subarray(at, at + end - start)
    },
  }

  async function inPieces(start: number, end: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    for (let at = start; at < end; at += largestRead) {
      pieces.push(await source.read(at, Math.min(at + largestRead, end)))
    }
    return joined(pieces)
  }
}

function joined(pieces: Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces)
}
