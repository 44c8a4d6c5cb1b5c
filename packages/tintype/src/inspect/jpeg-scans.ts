import { maxParts } from './verdict.ts'

/**
 * Whether the scans from this one on hold every component of a JPEG, and of a progressive one every coefficient to its
 * last bit (ITU-T T.81, annex G). A file that ends between two scans decodes without an error, but blurred or grey.
 *
 * @param start of the first scan's marker
 */
export function hasAllScans(
  bytes: Buffer,
  start: number,
  { inPasses, components }: { inPasses: boolean; components: number },
): boolean {
  const seen = new Map<number, Uint8Array>()
  let at = start
  for (let segments = 0; at + 4 <= bytes.length && segments < maxParts; segments++) {
    const end = at + 2 + bytes.readUInt16BE(at + 2)
    if (end > bytes.length) return false
    if (bytes[at + 1] !== startOfScan) at = end
    else if (!note(bytes.subarray(at + 4, end), seen)) return false
    else at = nextMarker(bytes, end)
  }
  if (seen.size < components) return false
  return !inPasses || [...seen.values()].every((bits) => bits.every((left) => left === 0))
}

const startOfScan = 0xda
const notYet = 255

/** Records how many low bits of each coefficient are still missing after this scan. */
function note(scan: Buffer, seen: Map<number, Uint8Array>): boolean {
  const count = scan[0] ?? 0
  if (scan.length < 4 + count * 2) return false
  const [first = 0, last = 0, bits = 0] = scan.subarray(1 + count * 2)
  for (let i = 0; i < count; i++) {
    const component = scan[1 + i * 2] as number
    const left = seen.get(component) ?? new Uint8Array(64).fill(notYet)
    seen.set(component, left.fill(bits & 0x0f, first, last + 1))
  }
  return true
}

/** In a scan 0xff is followed by 0, by the number of a restart, or by what ends it. */
function nextMarker(bytes: Buffer, start: number): number {
  for (
    let at = bytes.indexOf(0xff, start);
    at !== -1 && at + 1 < bytes.length;
    at = bytes.indexOf(0xff, at + 1)
  ) {
    const next = bytes[at + 1] as number
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at
  }
  return bytes.length
}
