import type { Size } from './variant-spec.ts'

/**
 * The size of a WebP (RFC 9649) that is one still picture and nothing else: no profile, no metadata, no frames, no bytes
 * after it. Its pixels are not decoded.
 *
 * @returns undefined when it is anything else
 */
export function plainWebpSize(bytes: Uint8Array): Size | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (file.length < 20 || file.toString('latin1', 0, 4) !== 'RIFF') return undefined
  if (file.toString('latin1', 8, 12) !== 'WEBP' || file.readUInt32LE(4) !== file.length - 8) return undefined
  const sizes: Size[] = []
  let pictures = 0
  for (let at = 12; at < file.length; ) {
    if (at + 8 > file.length) return undefined
    const name = file.toString('latin1', at, at + 4)
    const length = file.readUInt32LE(at + 4)
    const chunk = file.subarray(at + 8, at + 8 + length)
    at += 8 + length + (length % 2)
    if (name === 'ALPH') continue
    const size = chunk.length < length || length < 10 ? undefined : sizeIn(name, chunk)
    if (!size) return undefined
    sizes.push(size)
    if (name !== 'VP8X') pictures++
  }
  const [first] = sizes
  const isOne =
    pictures === 1 && sizes.every((size) => size.width === first?.width && size.height === first.height)
  return isOne ? first : undefined
}

function sizeIn(name: string, chunk: Buffer): Size | undefined {
  switch (name) {
    case 'VP8 ':
      if (chunk.readUIntBE(3, 3) !== 0x9d012a) return undefined
      return { width: chunk.readUInt16LE(6) & 0x3fff, height: chunk.readUInt16LE(8) & 0x3fff }
    case 'VP8L': {
      const bits = chunk.readUInt32LE(1)
      if (chunk[0] !== 0x2f) return undefined
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      // Of its flags, alpha alone: no profile, Exif, XMP or animation.
      if (((chunk[0] as number) & ~0x10) !== 0) return undefined
      return { width: chunk.readUIntLE(4, 3) + 1, height: chunk.readUIntLE(7, 3) + 1 }
    default:
      return undefined
  }
}
