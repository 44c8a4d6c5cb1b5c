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

/**
 * The same of an animated one, whose frames all lie within it.
 * @returns with how many frames it has
 */
export function plainAnimationSize(bytes: Uint8Array): (Size & { frames: number }) | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (file.length < 44 || file.toString('latin1', 0, 4) !== 'RIFF') return undefined
  if (file.toString('latin1', 8, 12) !== 'WEBP' || file.readUInt32LE(4) !== file.length - 8) return undefined
  const [head, control, ...frames] = chunksIn(file, 12) ?? []
  if (head?.name !== 'VP8X' || head.body.length !== 10 || control?.name !== 'ANIM' || frames.length === 0)
    return undefined
  // Of its flags, animation and alpha alone.
  const flags = head.body[0] as number
  if ((flags & 0x02) === 0 || (flags & ~0x12) !== 0) return undefined
  const size = { width: head.body.readUIntLE(4, 3) + 1, height: head.body.readUIntLE(7, 3) + 1 }
  return frames.every((frame) => frame.name === 'ANMF' && isFrameWithin(frame.body, size))
    ? { ...size, frames: frames.length }
    : undefined
}

function isFrameWithin(frame: Buffer, canvas: Size): boolean {
  if (frame.length < 24) return false
  const width = frame.readUIntLE(6, 3) + 1
  const height = frame.readUIntLE(9, 3) + 1
  if (frame.readUIntLE(0, 3) * 2 + width > canvas.width) return false
  if (frame.readUIntLE(3, 3) * 2 + height > canvas.height) return false
  const chunks = chunksIn(frame, 16)?.filter(({ name }) => name !== 'ALPH') ?? []
  const [picture] = chunks
  if (chunks.length !== 1 || !picture || picture.name === 'VP8X' || picture.body.length < 10) return false
  const size = sizeIn(picture.name, picture.body)
  return size?.width === width && size.height === height
}

/** The chunks that fill it to its end; undefined where they don't. */
function chunksIn(bytes: Buffer, from: number): { name: string; body: Buffer }[] | undefined {
  const chunks: { name: string; body: Buffer }[] = []
  for (let at = from; at < bytes.length; ) {
    if (at + 8 > bytes.length) return undefined
    const length = bytes.readUInt32LE(at + 4)
    const body = bytes.subarray(at + 8, at + 8 + length)
    if (body.length < length) return undefined
    chunks.push({ name: bytes.toString('latin1', at, at + 4), body })
    at += 8 + length + (length % 2)
  }
  return chunks
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
