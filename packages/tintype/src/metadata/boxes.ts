import { Damaged, maxParts } from './damaged.ts'

/** A box of an ISO base media file (ISO/IEC 14496-12): its four-letter type and the range of its content. */
export interface Box {
  type: string
  start: number
  end: number
}

/** A box, and where its header begins. */
export interface PlacedBox extends Box {
  at: number
}

/**
 * The boxes of a range, in order. Each step moves on by eight bytes or more.
 *
 * @param behind what to do about bytes after the last box that are no box: cameras append data of their own, where
 * `lenient` stops
 */
export function* boxesIn(
  bytes: Buffer,
  within = { start: 0, end: bytes.length },
  behind: 'strict' | 'lenient' = 'strict',
): Generator<PlacedBox> {
  let boxes = 0
  for (let at = within.start; at + 8 <= within.end; ) {
    if (++boxes > maxParts) throw new Damaged('has too many boxes')
    let size = bytes.readUInt32BE(at)
    let header = 8
    if (size === 1 && at + 16 <= within.end) {
      size = Number(bytes.readBigUInt64BE(at + 8))
      header = 16
    } else if (size === 0) {
      size = within.end - at
    }
    if (behind === 'lenient' && (size < header || at + size > within.end)) return
    if (size < header) throw new Damaged('has a damaged box')
    if (at + size > within.end) throw new Damaged('is cut off')
    yield { type: bytes.toString('latin1', at + 4, at + 8), at, start: at + header, end: at + size }
    at += size
  }
}

/** The first box at this path of types, or nothing. */
export function findBox(
  bytes: Buffer,
  path: string[],
  within?: { start: number; end: number },
): Box | undefined {
  let range = within
  let found: Box | undefined
  for (const type of path) {
    found = undefined
    for (const box of boxesIn(bytes, range)) {
      if (box.type !== type) continue
      found = box
      break
    }
    if (!found) return undefined
    range = found
  }
  return found
}
