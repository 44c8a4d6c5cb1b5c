import type { CleaningSource } from './cleaning.ts'

/** The bytes of a file by ranged reads, of which it takes few: small ones are rounded up and kept. */
export interface Ranges {
  size: number
  /** Then reading costs nothing. */
  isInMemory: boolean
  read(start: number, end: number): Promise<Buffer>
}

/** Thrown when a file has its boxes in more places than any real one does. */
export class TooManyReads extends Error {}

/** Headers are small, and what follows one is usually read next. */
const windowBytes = 16 * 1024

/** A day of recording in fragments of five seconds, each of which is read at its beginning. */
const most = { reads: 20_000, bytes: 512 * 1024 * 1024 }

export function rangesOf(source: CleaningSource): Ranges {
  if (source.bytes) return inMemory(source.bytes)
  let window = { start: 0, bytes: Buffer.alloc(0) as Buffer }
  let reads = 0
  let bytes = 0

  async function fetch(start: number, end: number): Promise<Buffer> {
    bytes += end - start
    if (++reads > most.reads || bytes > most.bytes) throw new TooManyReads()
    const range = await source.read(start, end)
    if (range.length !== end - start) throw new Error('The file is shorter than it was said to be.')
    return Buffer.from(range.buffer, range.byteOffset, range.length)
  }

  return {
    size: source.size,
    isInMemory: false,
    async read(start, end) {
      const isKnown = start >= window.start && end <= window.start + window.bytes.length
      if (!isKnown && end - start >= windowBytes) return fetch(start, end)
      if (!isKnown) window = { start, bytes: await fetch(start, Math.min(start + windowBytes, source.size)) }
      return window.bytes.subarray(start - window.start, end - window.start)
    },
  }
}

/** Millions of tiny boxes fit into a file in memory, and stepping over them would block the event loop for seconds. */
function inMemory(bytes: Uint8Array): Ranges {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  let reads = 0
  return {
    size: all.length,
    isInMemory: true,
    async read(start, end) {
      if (++reads > most.reads) throw new TooManyReads()
      return all.subarray(start, end)
    },
  }
}
