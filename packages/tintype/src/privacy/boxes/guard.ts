import { Damaged } from '../../metadata/damaged.ts'
import type { Edit, Embedded } from '../cleaning.ts'
import type { Findings } from '../findings.ts'
import { redirect } from '../redirect.ts'
import { gapsOf, type OnRange } from './gaps.ts'

/** More than any camera's file needs: telemetry is counted apart. */
const maxEdits = 100_000

/**
 * Keeps what is to be overwritten until it is certain that no picture and no sound is among it. In a sound file they
 * never touch; in a hostile one, a sample may lie in the index. Then nothing is overwritten.
 */
export interface Guard {
  findings: Findings
  /** A box of pictures and sound, or one that is unused: `mdat`, `free`. */
  area(start: number, end: number, isMedia?: boolean): void
  /**
   * Overwrites bytes that an index says are somewhere in the file. Only where they are in such a box: a hostile index
   * may point at itself.
   */
  overwriteMedia(offset: number, bytes: Uint8Array): void
  /** Ranges that must not change, told when all edits are known. They may be millions. */
  keep(ranges: (range: OnRange) => void): void
  /** Ranges that are named, too, but may be overwritten: of metadata in such a box. */
  named(start: number, end: number): void
  /** What in boxes of pictures and sound nothing names. Nothing where it can't be told. */
  gaps(): Range[] | undefined
  /** Passes all edits on, or none. */
  finish(): void
}

export function createGuard(findings: Findings): Guard {
  const edits: Edit[] = []
  const embedded: Embedded[] = []
  const inMedia: Edit[] = []
  const areas: Range[] = []
  const media: Range[] = []
  const named: Range[] = []
  const manifests: { content: Buffer; parts: Edit[] }[] = []
  const kept: ((range: OnRange) => void)[] = []
  const here = redirect(findings, {
    edit(offset, bytes) {
      if (edits.length >= maxEdits) throw new Damaged('has too many parts')
      if (bytes.length > 0) edits.push({ offset, bytes })
    },
    embed: (one) => void embedded.push(one),
    manifest: (content, parts) => void manifests.push({ content, parts }),
  })
  return {
    findings: here,
    area(start, end, isMedia = false) {
      areas.push({ start, end })
      if (isMedia) media.push({ start, end })
    },
    named: (start, end) => void named.push({ start, end }),
    gaps() {
      const others = [
        ...named,
        ...inMedia.map(({ offset, bytes }) => ({ start: offset, end: offset + bytes.length })),
      ]
      return gapsOf(merged(media), [
        ...kept,
        (range) => void others.every(({ start, end }) => range(start, end)),
      ])
    },
    overwriteMedia: (offset, bytes) => void (bytes.length > 0 && inMedia.push({ offset, bytes })),
    keep: (ranges) => void kept.push(ranges),
    finish() {
      const allowed = merged(areas)
      const isInside = ({ offset, bytes }: Edit) => contains(allowed, offset, offset + bytes.length)
      const inside = inMedia.filter(isInside)
      if (inside.length < inMedia.length) findings.unsure('Its index points to where no metadata can be.')
      for (const edit of inside) edits.push(edit)
      const touched = merged([
        ...[...edits, ...manifests.flatMap(({ parts }) => parts)].map(({ offset, bytes }) => ({
          start: offset,
          end: offset + bytes.length,
        })),
        ...embedded.map(({ offset, length }) => ({ start: offset, end: offset + length })),
      ])
      let isSafe = true
      const check: OnRange = (start, end) => {
        isSafe &&= !touches(touched, start, end)
        return isSafe
      }
      for (const ranges of touched.length > 0 ? kept : []) if (isSafe) ranges(check)
      if (!isSafe) {
        findings.unsure('Its pictures or its sound lie among its metadata.')
        return
      }
      for (const { offset, bytes } of edits) findings.edit(offset, bytes)
      for (const one of embedded) findings.embed(one)
      for (const { content, parts } of manifests) findings.manifest(content, parts)
    },
  }
}

interface Range {
  start: number
  end: number
}

function merged(ranges: Range[]): Range[] {
  const result: Range[] = []
  for (const { start, end } of ranges.sort((a, b) => a.start - b.start)) {
    const last = result.at(-1)
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else result.push({ start, end })
  }
  return result
}

/** Whether one of the ranges, which are in order and apart, has a byte of this one. */
function touches(ranges: Range[], start: number, end: number): boolean {
  const next = following(ranges, start)
  return next !== undefined && next.start < end
}

/** Whether one of them has all of its bytes. */
function contains(ranges: Range[], start: number, end: number): boolean {
  const next = following(ranges, start)
  return next !== undefined && next.start <= start && next.end >= end
}

/** The first that ends behind this offset. */
function following(ranges: Range[], start: number): Range | undefined {
  let [low, high] = [0, ranges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranges[middle] as Range).end <= start) low = middle + 1
    else high = middle
  }
  return ranges[low]
}
