import type { KnownType } from '@tintype/protocol'
import type { Header } from './verdict.ts'

const mebibyte = 1024 * 1024
/** Bytes for decoding the smallest picture: line buffers, the thumb, and growth of the process. */
const least = 24 * mebibyte

/**
 * Bytes for each pixel that a decoder has to hold at a time, measured with sharp 0.35 on 12 and 24 megapixels of noise
 * and rounded up. For AVIF the header mostly knows it better (`av1PassBytes`). libheif-js 1.23 takes 4 to 7 for photos of phones, @jsquash/jxl 1.3 unpacks to floats. JPEG and PNG go row by row, unless their rows come in several passes.
 */
const perPixel: Partial<Record<KnownType, { inPasses: number; otherwise: number }>> = {
  'image/jpeg': { inPasses: 6, otherwise: 0 },
  'image/png': { inPasses: 10, otherwise: 0 },
  'image/webp': { inPasses: 4, otherwise: 4 },
  'image/gif': { inPasses: 6, otherwise: 6 },
  'image/avif': { inPasses: 27, otherwise: 27 },
  'image/heic': { inPasses: 8, otherwise: 8 },
  'image/heif': { inPasses: 19, otherwise: 19 },
  'image/jxl': { inPasses: 36, otherwise: 36 },
}

/**
 * Rows of a PNG that are unpacked at a time to make a small thumb: negligible for most pictures, but 100 MB for one
 * that is 30,000 pixels wide. JPEG and WebP are shrunk while they are unpacked.
 */
const rowsAtATime = 800

/** Bytes for each pixel of a tile that is decoded by itself: the decoder keeps two, and its colours are converted. */
const tilePixel = 16

/** An estimate of what decoding a picture adds to a process, in bytes, the file itself included. */
export function decodeMemory(type: KnownType, header: Header, bytes: number): number {
  const { width, height, inPasses, passBytes, pixelBytes = 0, pixels = width * height, tiling } = header
  // The decoder has the file once more, in its own memory.
  if (tiling) return least + bytes * 2 + tiling.tile.width * tiling.tile.height * tilePixel
  const usual = perPixel[type]
  const cost = (inPasses ? (passBytes ?? usual?.inPasses) : usual?.otherwise) ?? 0
  const rows = width * Math.min(height, rowsAtATime) * pixelBytes
  return least + bytes + rows + pixels * cost
}
