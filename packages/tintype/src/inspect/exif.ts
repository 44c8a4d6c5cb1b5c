const orientationTag = 0x0112

/**
 * Whether an Exif block (a TIFF file, Exif 2.32) says that the picture has to be turned by a right angle to
 * stand upright: orientation 5 to 8. A damaged block counts as none: viewers ignore it, too.
 */
export function isTurned(exif: Buffer): boolean {
  const order = exif.toString('latin1', 0, 4)
  if (order !== 'II*\0' && order !== 'MM\0*') return false
  const little = order === 'II*\0'
  const u16 = (at: number) => (little ? exif.readUInt16LE(at) : exif.readUInt16BE(at))
  const u32 = (at: number) => (little ? exif.readUInt32LE(at) : exif.readUInt32BE(at))
  if (exif.length < 8) return false
  const directory = u32(4)
  if (directory + 2 > exif.length) return false
  const entries = Math.min(u16(directory), Math.floor((exif.length - directory - 2) / 12))
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + i * 12
    if (u16(entry) !== orientationTag) continue
    const orientation = u16(entry + 8)
    return orientation >= 5 && orientation <= 8
  }
  return false
}
