import type { Box } from '../metadata/boxes.ts'
import type { HeifItems } from './heif-items.ts'
import type { Colour, Header } from './verdict.ts'

/**
 * The colours of the primary picture (`colr`, ISO/IEC 14496-12, section 12.1.5): code points, or where in the file its
 * profile is. A picture of tiles may leave them to its tiles.
 */
export function colourOf(
  bytes: Buffer,
  items: HeifItems,
  leaves: readonly number[],
): Pick<Header, 'colour' | 'profile'> {
  const found: Pick<Header, 'colour' | 'profile'> = {}
  for (const item of [items.primary, leaves[0] ?? items.primary]) {
    for (const box of items.propertiesOf(item)) {
      if (box.type !== 'colr' || box.end - box.start < 8) continue
      const kind = bytes.toString('latin1', box.start, box.start + 4)
      if (kind === 'nclx') found.colour ??= codePoints(bytes, box)
      else if (kind === 'prof' || kind === 'rICC') found.profile ??= { start: box.start + 4, end: box.end }
    }
  }
  return found
}

function codePoints(bytes: Buffer, box: Box): Colour {
  return { primaries: bytes.readUInt16BE(box.start + 4), transfer: bytes.readUInt16BE(box.start + 6) }
}
