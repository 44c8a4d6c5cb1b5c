import type { Box } from '../metadata/boxes.ts'

/**
 * Bytes that decoding one pixel of an AV1 picture takes, measured as in `decode-memory.ts` with libaom and libheif as
 * sharp 0.35 has them: by its bits, and by how many samples it has beside the lightness.
 *
 * @param boxes of its configuration (`av1C`, AV1 in ISOBMFF 1.3, section 2.3.3), one for each picture it is made of
 * @returns of the dearest one; undefined where one of them says nothing
 */
export function av1PassBytes(bytes: Buffer, boxes: readonly (Box | undefined)[]): number | undefined {
  let most = 0
  for (const box of boxes) {
    if (!box || box.end - box.start < 4) return undefined
    const flags = bytes.readUInt8(box.start + 2)
    const isDeep = (flags & 0x40) !== 0
    const isSubsampled = (flags & bothWays) === bothWays
    most = Math.max(most, isDeep ? (isSubsampled ? 20 : 27) : isSubsampled ? 17 : 20)
  }
  return most || undefined
}

/** Its colours have half as many columns and rows, or it has none. */
const bothWays = 0x0c
