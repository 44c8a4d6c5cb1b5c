import type { Range } from './tree.ts'

/** Gives back `false` when it has heard enough. */
export type OnRange = (start: number, end: number) => boolean

/** Samples and items of real files: a day of recording has some hundred thousand chunks. */
const maxRanges = 500_000

/**
 * What lies in some ranges of a file (its `mdat` boxes) and in none of those that its tables name. Nothing where these are
 * more than can be looked through.
 *
 * @param areas in order, apart from each other
 */
export function gapsOf(areas: Range[], named: ((range: OnRange) => void)[]): Range[] | undefined {
  const starts: number[] = []
  const ends: number[] = []
  const note: OnRange = (start, end) => {
    if (end > start) {
      starts.push(start)
      ends.push(end)
    }
    return starts.length <= maxRanges
  }
  for (const ranges of named) ranges(note)
  if (starts.length > maxRanges) return undefined
  // Numbers alone are sorted natively: behind as many starts as ends, nothing is named.
  const sorted = { starts: Float64Array.from(starts).sort(), ends: Float64Array.from(ends).sort() }
  const gaps = [...between(sorted.starts, sorted.ends)]
  const found: Range[] = []
  let first = 0
  for (const { start, end } of areas) {
    while (first < gaps.length && (gaps[first] as Range).end <= start) first++
    for (let index = first; index < gaps.length; index++) {
      const gap = gaps[index] as Range
      if (gap.start >= end) break
      found.push({ start: Math.max(gap.start, start), end: Math.min(gap.end, end) })
    }
  }
  return found
}

function* between(starts: Float64Array, ends: Float64Array): Generator<Range> {
  let free = 0
  let begun = 0
  for (let ended = 0; begun < starts.length; ) {
    const next = starts[begun] as number
    if (next > free) yield { start: free, end: next }
    do {
      while (begun < starts.length && (starts[begun] as number) <= (ends[ended] as number)) begun++
      free = ends[ended] as number
      ended++
    } while (ended < begun)
  }
  yield { start: free, end: Number.POSITIVE_INFINITY }
}
