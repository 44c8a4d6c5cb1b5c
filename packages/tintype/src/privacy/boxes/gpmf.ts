import type { Found } from '../cleaning.ts'
import { erase, type Range, type Tree } from './tree.ts'

/** Nesting of real ones: device, stream, values. */
const maxDepth = 8

/**
 * GoPro's metadata: a key of four letters, a type, the size of a value and how many there are, then the values, padded to
 * four bytes (GPMF). What is nested has type 0.
 */
export function cleanGpmf(tree: Tree, within: Range, depth = 0): void {
  const { bytes, findings } = tree
  let at = within.start
  for (; at + 8 <= within.end; ) {
    const length = bytes.readUInt8(at + 5) * bytes.readUInt16BE(at + 6)
    const value = { start: at + 8, end: at + 8 + length }
    if (value.end > within.end) break
    const kind = kinds[bytes.toString('latin1', at, at + 4)]
    if (kind) erase(tree, kind, value)
    else if (bytes[at + 4] === 0 && depth < maxDepth) cleanGpmf(tree, value, depth + 1)
    at = value.end + (-length & 3)
  }
  if (depth === 0 && at + 8 <= within.end) findings.unsure("Its camera's settings are damaged.")
}

const kinds: Record<string, keyof Found> = {
  CASN: 'identifiers',
  MUID: 'identifiers',
  GUMI: 'identifiers',
  CPID: 'identifiers',
  CPIN: 'identifiers',
  GPS5: 'location',
  GPS9: 'location',
  GPSA: 'location',
  GPSF: 'location',
  GPSP: 'location',
  GPSU: 'location',
  GPRI: 'location',
  GLPI: 'location',
}
