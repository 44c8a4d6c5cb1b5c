import type { KnownType } from '@tintype/protocol'
import { decodeMemory } from './decode-memory.ts'
import { readDetails } from './details/read-details.ts'
import { readGif } from './gif.ts'
import { readHeif } from './heif.ts'
import { readJpeg } from './jpeg.ts'
import { readJxl } from './jxl.ts'
import { bytesFor, headBytes, type MediaLimits, megabytes, megapixels } from './limits.ts'
import { readPng } from './png.ts'
import { describeRefused } from './refused.ts'
import { kindOf, sniff } from './sniff.ts'
import { type Coding, Damaged, type Header, refuse, Unreadable, type Verdict } from './verdict.ts'
import type { VideoInspector } from './video-inspector.ts'
import { readWebp } from './webp.ts'

export type { MediaLimits } from './limits.ts'
export type { Verdict } from './verdict.ts'

/**
 * Inspects a whole file by its bytes alone: type, size, dimensions, frames, and whether its structure is consistent.
 * Too many pixels or frames are refused by what the headers claim, before any decoder sees them. A sound structure
 * does not mean that the picture can be decoded: the decoder finds that out.
 *
 * Never throws for bad media. Linear in the size, with hardly any memory.
 *
 * @example
 * const verdict = await inspect(bytes, defaultLimits, createVideoInspector({ log }))
 * if (!verdict.ok) throw new TintypeError(verdict.code, verdict.detail, { limit: verdict.limit })
 */
export async function inspect(
  bytes: Uint8Array,
  limits: MediaLimits,
  videos: Pick<VideoInspector, 'inspect'>,
): Promise<Verdict> {
  if (bytes.length === 0) return refuse('empty_file', 'The file is empty. Choose another one.')
  const head = bytes.subarray(0, headBytes)
  const type = sniff(head)
  if (!type || !limits.accept.has(type)) {
    return refuse('unsupported_type', describeRefused(head, limits))
  }
  const limit = bytesFor(type, limits)
  if (bytes.length > limit) return refuse('too_large', `The file has more than ${megabytes(limit)}.`, limit)
  if (kindOf(type) === 'image') return inspectImage(type as ImageType, bytes, limits)
  return videos.inspect(bytes)
}

type ImageType = Extract<KnownType, `image/${string}`>

const formats: Record<ImageType, { name: string; ext: string; read: (bytes: Buffer) => Header }> = {
  'image/jpeg': { name: 'a JPEG', ext: 'jpg', read: readJpeg },
  'image/png': { name: 'a PNG', ext: 'png', read: readPng },
  'image/webp': { name: 'a WebP', ext: 'webp', read: readWebp },
  'image/gif': { name: 'a GIF', ext: 'gif', read: readGif },
  'image/avif': { name: 'an AVIF', ext: 'avif', read: (bytes) => readHeif(bytes, ['av01']) },
  'image/heic': { name: 'a HEIC photo', ext: 'heic', read: (bytes) => readHeif(bytes, ['hvc1', 'av01']) },
  'image/heif': { name: 'a HEIF picture', ext: 'heif', read: (bytes) => readHeif(bytes, ['hvc1', 'av01']) },
  'image/jxl': { name: 'a JPEG XL', ext: 'jxl', read: readJxl },
}

function inspectImage(type: ImageType, bytes: Uint8Array, limits: MediaLimits): Verdict {
  const { name, ext, read } = formats[type]
  let header: Header
  try {
    header = read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    if (header.width < 1 || header.height < 1) throw new Damaged('has no pixels')
  } catch (error) {
    if (error instanceof Unreadable) {
      const detail = `The file is ${name} ${error.message}, which cannot be read here. Save it as an ordinary JPEG.`
      return refuse('not_decodable', detail)
    }
    // Reading past the end of a Buffer is a RangeError: the file breaks off there.
    const reason =
      error instanceof Damaged ? error.message : error instanceof RangeError ? 'is cut off' : undefined
    if (reason === undefined) throw error
    return refuse('not_decodable', `The file is ${name} that ${reason}. Choose an undamaged copy.`)
  }
  const { width, height, frames, turned, colour, pixels = width * height } = header
  if (pixels > limits.pixels) {
    return refuse(
      'too_many_pixels',
      `The picture has ${megapixels(pixels)} (${width} x ${height}); at most ${megapixels(limits.pixels)} are taken. Send a smaller one.`,
      limits.pixels,
    )
  }
  if (frames > limits.frames) {
    return refuse(
      'too_many_frames',
      `The picture has ${frames} frames; at most ${limits.frames} are taken. Send a shorter one.`,
      limits.frames,
    )
  }
  const isShownAsStored = (turned && header.isShownAsStored) || undefined
  const shown = turned && !isShownAsStored ? { width: height, height: width } : { width, height }
  const memory = decodeMemory(type, header, bytes.length)
  const coding = codingOf(header)
  return {
    ok: true,
    kind: 'image',
    type,
    ext,
    ...shown,
    frames,
    colour,
    coding,
    isShownAsStored,
    decodeMemory: memory,
    details: readDetails(type, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)),
  }
}

function codingOf({ decoder, profile, tiling }: Header): Coding | undefined {
  return decoder && { decoder, profile, tiling }
}
