import { endOfScan, type JpegSegment, jpegSegments } from '../metadata/jpeg-segments.ts'
import { maxParts } from './verdict.ts'

/**
 * Whether the scans of a JPEG hold every component of it, and of a progressive one every coefficient to its last bit
 * (ITU-T T.81, annex G). A file that ends between two scans decodes without an error, but blurred or grey.
 */
export function hasAllScans(
  bytes: Buffer,
  { inPasses, components }: { inPasses: boolean; components: number },
): boolean {
  const seen = new Map<number, Uint8Array>()
  let at = 2
  for (let scans = 0; scans < maxParts; scans++) {
    const { segments, ending, end } = jpegSegments(bytes, at)
    if (ending !== 'scan') break
    if (!note(bytes.subarray((segments.at(-1) as JpegSegment).body, end), seen)) return false
    at = endOfScan(bytes, end)
  }
  if (seen.size < components) return false
  return !inPasses || [...seen.values()].every((bits) => bits.every((left) => left === 0))
}

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
