/** The bytes of a file: in memory, or in the bucket by ranged reads. */
export interface RangeSource {
  size: number
  /** Bytes from `start` up to but without `end`. */
  read(start: number, end: number): Promise<Uint8Array>
}

/** A file in memory. */
export function bytesSource(bytes: Uint8Array): RangeSource {
  return { size: bytes.length, read: async (start, end) => bytes.subarray(start, end) }
}

/** Bytes of the largest read, so that no reader has to hold more. */
export const largestRead = 1024 * 1024

/** Thrown when an index needs more reads or bytes than any real one does. */
export class TooManyReads extends Error {}

/** Limits the reads of a source, and makes a short answer an error. */
export function bounded(source: RangeSource, limits: { bytes: number; reads: number }): RangeSource {
  let bytes = 0
  let reads = 0
  return {
    size: source.size,
    async read(start, end) {
      bytes += end - start
      if (++reads > limits.reads || bytes > limits.bytes) throw new TooManyReads('The index is too large.')
      const range = await source.read(start, end)
      if (range.length !== end - start) throw new Error('The file is cut off.')
      return range
    },
  }
}

/** The first `size` bytes of a source, of which one range is in memory already. */
export function withMemory(
  source: RangeSource,
  size: number,
  { start, end, bytes }: { start: number; end: number; bytes: Uint8Array },
): RangeSource {
  return {
    size,
    async read(from, to) {
      return from >= start && to <= end ? bytes.subarray(from - start, to - start) : source.read(from, to)
    },
  }
}
