import fc from 'fast-check'
import { anyPlace } from './fuzz.ts'

// Files changed at random: bits, lengths, pieces that are lost, doubled or nested.

export type Change =
  | { kind: 'bit' | 'byte' | 'near'; at: number; value: number }
  | { kind: 'size'; at: number; value: number }
  | { kind: 'cut' | 'lose' | 'double'; at: number; length: number }
  | { kind: 'nest'; type: string; depth: number }

const at = anyPlace
const sizes = [0, 1, 7, 8, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff, 0x10000, 0x1000000]
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('bit' as const, 'byte' as const, 'near' as const),
    at,
    value: fc.nat(255),
  }),
  fc.record({ kind: fc.constant('size' as const), at, value: fc.constantFrom(...sizes) }),
  fc.record({
    kind: fc.constantFrom('cut' as const, 'lose' as const, 'double' as const),
    at,
    length: fc.nat(300),
  }),
  fc.record({
    kind: fc.constant('nest' as const),
    type: fc.constantFrom('moov', 'trak', 'meta', 'iprp', 'moof'),
    depth: fc.integer({ min: 1, max: 2000 }),
  }),
)
/** Indexes and headers are a small part of most files: half of all changes go to the first kilobyte. */
export const changes = fc.array(fc.tuple(change, fc.boolean()), { minLength: 1, maxLength: 4 })

export function changed(file: Buffer, all: [Change, boolean][]): Buffer {
  let bytes = Buffer.from(file)
  for (const [one, isEarly] of all) {
    if (one.kind === 'nest') {
      bytes = Buffer.concat([bytes, nested(one.type, one.depth)])
      continue
    }
    const place = Math.floor(one.at * Math.min(bytes.length, isEarly ? 1024 : bytes.length))
    const word = Math.min(place, bytes.length - 4)
    if (word < 0) continue
    if ('value' in one) {
      if (one.kind === 'bit') bytes[place] = (bytes[place] ?? 0) ^ (1 << (one.value & 7))
      else if (one.kind === 'byte') bytes[place] = one.value
      else if (one.kind === 'near')
        bytes.writeUInt32BE((bytes.readUInt32BE(word) + one.value - 128) >>> 0, word)
      else if (one.kind === 'size') bytes.writeUInt32BE(one.value, word)
    } else if (one.kind === 'cut') bytes = bytes.subarray(0, place)
    else {
      const piece = bytes.subarray(place, place + one.length)
      const rest = one.kind === 'lose' ? place + piece.length : place
      bytes = Buffer.concat([
        bytes.subarray(0, place),
        ...(one.kind === 'double' ? [piece] : []),
        bytes.subarray(rest),
      ])
    }
  }
  return bytes
}

/** Boxes in boxes. */
function nested(type: string, depth: number): Buffer {
  const bytes = Buffer.alloc(8 * depth)
  for (let i = 0; i < depth; i++) {
    bytes.writeUInt32BE(8 * (depth - i), 8 * i)
    bytes.write(type, 8 * i + 4)
  }
  return bytes
}
