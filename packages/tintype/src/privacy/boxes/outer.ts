import type { PlacedBox } from '../../metadata/boxes.ts'
import type { Ranges } from '../ranges.ts'

/** The box that begins here in the file; its offsets are those of the file. It may reach past its end. */
export async function outerBoxAt(file: Ranges, at: number): Promise<PlacedBox | undefined> {
  const header = await file.read(at, Math.min(at + 16, file.size))
  const type = header.toString('latin1', 4, 8)
  const short = header.readUInt32BE(0)
  // 0: up to the end of the file. 1: the size follows in 64 bits (ISO/IEC 14496-12, section 4.2).
  const isLong = short === 1 && header.length === 16
  const size = short === 0 ? file.size - at : isLong ? Number(header.readBigUInt64BE(8)) : short
  const content = isLong ? 16 : 8
  return size < content ? undefined : { type, at, start: at + content, end: at + size }
}
