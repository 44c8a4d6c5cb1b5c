import { applyEdits, type Edit } from '../../privacy/cleaning.ts'

/** A part of the object that is put together anew. */
export interface RewritePart {
  /** From 1. */
  number: number
  start: number
  /** The first byte after it. */
  end: number
  /** What is overwritten in it: then its bytes come by here. A part without is copied inside S3. */
  edits: readonly Edit[]
}

export interface PartLimits {
  /** Bytes of the smallest part that may stand before another one. */
  smallest: number
  /** Bytes that are copied at a time. */
  largestCopy: number
}

const mebibyte = 1024 ** 2
/** S3's: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const smallestPart = 5 * mebibyte
const mostParts = 10_000

/** Large enough that an object of this size fits into the parts that S3 takes, wherever its edits are. */
export function partLimits(size: number): PartLimits {
  return {
    smallest: Math.max(smallestPart, Math.ceil((size * 3) / mostParts)),
    largestCopy: Math.max(512 * mebibyte, Math.ceil((size * 10) / mostParts)),
  }
}

/** Bytes of the largest part that comes by here: what {@link planRewrite} needs in memory at a time. */
export function largestWrite({ smallest }: PartLimits): number {
  return smallest * 2 - 1
}

/**
 * The parts of an object of which some bytes are overwritten: as little as can be comes by here, and S3 copies the rest.
 *
 * @param edits in order, none of them overlapping
 */
export function planRewrite(
  size: number,
  edits: readonly Edit[],
  limits: PartLimits = partLimits(size),
): RewritePart[] {
  const parts: RewritePart[] = []
  const add = (start: number, end: number, inside: readonly Edit[]) =>
    void parts.push({ number: parts.length + 1, start, end, edits: inside })
  let at = 0
  for (const { start, end } of windowsOf(size, edits, limits.smallest)) {
    for (const [from, to] of pieces(at, start, limits.largestCopy)) add(from, to, [])
    const count = Math.max(1, Math.floor((end - start) / limits.smallest))
    for (let i = 0; i < count; i++) {
      const from = start + Math.floor(((end - start) * i) / count)
      const to = start + Math.floor(((end - start) * (i + 1)) / count)
      add(from, to, editsIn(edits, from, to))
    }
    at = end
  }
  for (const [from, to] of pieces(at, size, limits.largestCopy)) add(from, to, [])
  return parts
}

/** Overwrites in the bytes of a part, which begin at `start` in the object. */
export function editPart(bytes: Uint8Array, { start, edits }: Pick<RewritePart, 'start' | 'edits'>): void {
  applyEdits(
    bytes,
    edits.map((edit) => ({ offset: edit.offset - start, bytes: edit.bytes })),
  )
}

/** Ranges that hold all edits, each as large as a part has to be, and so far from the next that a part fits in between. */
function windowsOf(size: number, edits: readonly Edit[], smallest: number): { start: number; end: number }[] {
  const windows: { start: number; end: number }[] = []
  for (const { offset, bytes } of edits) {
    const last = windows.at(-1)
    const end = Math.min(size, Math.max(offset + bytes.length, offset + smallest))
    if (offset - (last?.end ?? 0) >= smallest) windows.push({ start: offset, end })
    else if (last) last.end = Math.max(last.end, offset < last.end ? offset + bytes.length : end)
    else windows.push({ start: 0, end: Math.min(size, Math.max(offset + bytes.length, smallest)) })
  }
  return windows
}

/** Of almost equal size, none larger than `most`. */
function pieces(start: number, end: number, most: number): [from: number, to: number][] {
  const count = Math.ceil((end - start) / most)
  return Array.from({ length: count }, (_, i) => [
    start + Math.floor(((end - start) * i) / count),
    start + Math.floor(((end - start) * (i + 1)) / count),
  ])
}

/** Cut to the range. */
export function editsIn(edits: readonly Edit[], start: number, end: number): Edit[] {
  return edits.flatMap(({ offset, bytes }) => {
    const from = Math.max(offset, start)
    const to = Math.min(offset + bytes.length, end)
    return from < to ? [{ offset: from, bytes: bytes.subarray(from - offset, to - offset) }] : []
  })
}
