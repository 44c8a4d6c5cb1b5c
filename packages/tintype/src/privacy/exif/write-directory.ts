import type { Tiff, TiffEntry } from '../../metadata/tiff.ts'

/** Writes a directory that has these entries of the block, and none to follow it. The rest of it stays zero. */
export function writeDirectory(out: Buffer, tiff: Tiff, offset: number, entries: TiffEntry[]): void {
  writeU16(out, tiff, offset, entries.length)
  for (const [index, { at }] of entries.entries()) tiff.bytes.copy(out, offset + 2 + index * 12, at, at + 12)
  const end = offset + 2 + entries.length * 12
  out.fill(0, Math.min(end, out.length), Math.min(end + 4, out.length))
}

export function writeU16(
  out: Buffer,
  { littleEndian }: Pick<Tiff, 'littleEndian'>,
  at: number,
  value: number,
): void {
  if (littleEndian) out.writeUInt16LE(value, at)
  else out.writeUInt16BE(value, at)
}
