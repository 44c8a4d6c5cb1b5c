import { zeros } from '../findings.ts'
import type { Ranges } from '../ranges.ts'
import type { Guard } from './guard.ts'
import { isZero, type Range } from './tree.ts'

/** Bytes at the beginning of a gap that are read, where a file isn't in memory. */
const headBytes = 16 * 1024
/** Gaps that are looked into where each is a request to S3. Of more of them, these are spread over the file. */
const someGaps = 8
/** Blocks of a dash cam: one a second, of an hour. */
const maxBlocks = 4000
/** Empty reads in a gap that has such a block. */
const maxEmpty = 64
/** What is shorter can't hold two coordinates. */
const leastBytes = 8

interface Options {
  file: Ranges
  guard: Guard
  /** Whether something there may be sound or pictures after all: then it is not told. */
  isSoundUnsure: boolean
}

/**
 * Looks at what lies between the samples of a movie: bytes in `mdat` that none of its tables names. No player reads them,
 * and cameras seldom have any; dash cams put their positions there (`freeGPS`), which are overwritten. All else that
 * isn't zero is told.
 */
export async function lookBetween({ file, guard, isSoundUnsure }: Options): Promise<void> {
  const { findings } = guard
  const all = guard.gaps()
  if (!all) return findings.unsure('It has more parts than are looked through.')
  const gaps = all.filter(({ start, end }) => Math.min(end, file.size) - start >= leastBytes)
  let isKnown = true
  let isDashCam = false
  for (const gap of file.isInMemory ? gaps : spread(gaps, someGaps)) {
    const kind = await lookInto(file, gap, guard)
    isDashCam ||= kind === 'positions'
    isKnown &&= kind !== 'unknown'
  }
  // Then there is one a second.
  if (isDashCam && !file.isInMemory) {
    if (gaps.length > maxBlocks) isKnown = false
    else for (const gap of gaps) isKnown = (await lookInto(file, gap, guard)) !== 'unknown' && isKnown
  }
  if (!isKnown && !isSoundUnsure)
    findings.unsure('It has data between its pictures and its sound that only its camera knows.')
}

async function lookInto(file: Ranges, gap: Range, guard: Guard): Promise<'empty' | 'positions' | 'unknown'> {
  const end = Math.min(gap.end, file.size)
  let found: 'empty' | 'positions' = 'empty'
  let empty = 0
  for (let at = gap.start; at < end; ) {
    const bytes = await file.read(at, file.isInMemory ? end : Math.min(end, at + headBytes))
    const block = bytes.indexOf(signature)
    if (block < sizeBytes) {
      if (!isZero(bytes, 0, bytes.length)) return 'unknown'
      // Behind one block there may be more.
      if (found === 'empty') return found
      if (++empty > maxEmpty) return 'unknown'
      at += bytes.length
      continue
    }
    const begins = block - sizeBytes
    if (!isZero(bytes, 0, begins)) return 'unknown'
    const length = Math.max(16, Math.min(bytes.readUInt32BE(begins), end - at - begins))
    takePositions(guard, at + begins, Math.min(length, end - at - begins))
    found = 'positions'
    at += begins + length
  }
  return found
}

/** Of a box that is named so, behind its length. */
const signature = Buffer.from('freeGPS', 'latin1')
const sizeBytes = 4

function takePositions({ findings, overwriteMedia }: Guard, start: number, length: number): void {
  findings.found('location')
  if (findings.removes('location')) overwriteMedia(start + 8, zeros(length - 8))
}

function spread<T>(all: T[], most: number): T[] {
  if (all.length <= most) return all
  return Array.from(
    { length: most },
    (_, index) => all[Math.floor((index * (all.length - 1)) / (most - 1))] as T,
  )
}
