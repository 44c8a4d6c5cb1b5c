import { boxesIn, type PlacedBox } from '../../metadata/boxes.ts'
import type { Found } from '../cleaning.ts'
import type { Findings } from '../findings.ts'

/** A box that was read whole. Offsets in its bytes are those of its findings. */
export interface Tree {
  bytes: Buffer
  /** Where they begin in the file. */
  base: number
  findings: Findings
}

export interface Range {
  start: number
  end: number
}

/** The boxes of a range, and the bytes behind the last of them, which are none. */
export function childrenOf(bytes: Buffer, within: Range): { boxes: PlacedBox[]; rest: Range } {
  const boxes = [...boxesIn(bytes, within, 'lenient')]
  return { boxes, rest: { start: boxes.at(-1)?.end ?? within.start, end: within.end } }
}

/** Overwrites a range with zeros, unless that is what it holds, or the policy keeps its kind. */
export function erase({ bytes, findings }: Tree, kind: keyof Found, { start, end }: Range): void {
  if (!isZero(bytes, start, end)) findings.erase(kind, start, end - start)
}

/** Makes a box one that readers pass over (`free`, section 8.1.2), and overwrites what is in it. */
export function blank(tree: Tree, kinds: (keyof Found)[], box: PlacedBox): void {
  for (const kind of kinds) tree.findings.found(kind)
  if (!kinds.some((kind) => tree.findings.removes(kind))) return
  tree.findings.edit(box.at + 4, free)
  eraseAll(tree, box)
}

/** Overwrites a range with zeros, even of a kind that the policy keeps. */
export function eraseAll({ bytes, findings }: Tree, { start, end }: Range): void {
  if (!isZero(bytes, start, end)) findings.edit(start, Buffer.alloc(end - start))
}

export function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false
  return true
}

export const free = Buffer.from('free', 'latin1')

/** A box of zeros that readers pass over, of eight bytes or more. */
export function padding(length: number): Buffer {
  const box = Buffer.alloc(length)
  box.writeUInt32BE(length, 0)
  box.write('free', 4, 'latin1')
  return box
}

/** A type as people may read it. */
export function printable(type: string): string {
  return type.replaceAll(/[^\x20-\x7e]/g, '?')
}
