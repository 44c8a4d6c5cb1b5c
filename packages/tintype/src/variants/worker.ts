import sharp, { type Sharp } from 'sharp'
import { answerJobs, residentMemory } from '../workers/worker.ts'
import { type Colour, toSrgb } from './colour.ts'
import { decodable } from './decodable.ts'
import { shrink } from './shrink.ts'
import { placeholderSize, thumbSize } from './sizes.ts'

// Runs in its own process, because the bytes are hostile.

export interface WorkerJob {
  pixels: number
  /** Resident bytes above which the process ends itself while it decodes. */
  memory: number
  /** The picture's colour space, where it has no profile. */
  colour?: Colour | undefined
}

export type WorkerAnswer =
  | {
      ok: true
      width: number
      height: number
      placeholder: string
    }
  | { ok: false; message: string; isUnreadable: boolean }

/** About the bytes of a photo by sharp's own choice (quality 80, effort 4), for a third of the time. */
const thumbWebp = { quality: 76, effort: 0 }
/** Milliseconds between two looks at the memory. Decoders fill about a megabyte in one. */
const watchInterval = 20
/** Messages of libjpeg and nsgif that mean damage, not mere oddities. */
const damage = /premature end|bad Huffman code|instead of RST|Invalid frame data|pixel limit/

/** Messages of libvips and libheif that mean a codec missing in this build, not damage. */
const unknown = /not been built in|unsupported (?!marker)/i

// libvips knows many formats, some through large libraries: all but the five that are accepted are blocked.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadHeifBuffer',
  ],
})
sharp.cache(false)
sharp.concurrency(1)

await answerJobs(async ({ header, body }) => {
  const { answer, thumb } = await decode(body, header as WorkerJob)
  return { header: answer, body: thumb }
})

/** Making the thumb reads the whole picture, so it is the decode check as well. */
async function decode(
  bytes: Uint8Array,
  { pixels, memory, colour }: WorkerJob,
): Promise<{ answer: WorkerAnswer; thumb: Buffer }> {
  // libvips has its own threads, so this one is free to check the memory. A few kilobytes of AVIF can take gigabytes.
  const watch = setInterval(() => {
    if (residentMemory() > memory) process.exit(1)
  }, watchInterval)
  try {
    const readable = decodable(bytes)
    return await strictly((failOn) => render(sharp(readable, { failOn, limitInputPixels: pixels }), colour))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { answer: { ok: false, message, isUnreadable: unknown.test(message) }, thumb: Buffer.alloc(0) }
  } finally {
    clearInterval(watch)
  }
}

/**
 * Decodes at the strictest level first: only there does libjpeg report a truncated scan or invalid codes. But it also
 * reports what some cameras write (scan parameters of Samsung phones, extra bytes before a marker), so an error that
 * isn't damage gets a second attempt, in which only truncated files fail.
 */
async function strictly<T>(attempt: (failOn: 'warning' | 'truncated') => Promise<T>): Promise<T> {
  try {
    return await attempt('warning')
  } catch (error) {
    if (error instanceof Error && damage.test(error.message)) throw error
    return attempt('truncated')
  }
}

async function render(
  picture: Sharp,
  colour: Colour | undefined,
): Promise<{ answer: WorkerAnswer; thumb: Buffer }> {
  const { autoOrient, icc, depth } = await picture.metadata()
  // sharp leaves the profile of a picture of 16 bits aside, unless it is told to work in sRGB from the beginning.
  if (icc && depth === 'ushort') picture.pipelineColourspace('srgb')
  // Pixels first: thumb and placeholder are both made of them, and neither is decoded again.
  const { data, info } = await picture
    .autoOrient()
    .resize(thumbSize, thumbSize, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  if (colour && !icc) toSrgb(data, channels, colour)
  const thumb = await sharp(data, { raw: { width, height, channels } }).webp(thumbWebp).toBuffer()
  const { data: few, ...raw } = shrink({ data, width, height, channels }, placeholderSize)
  const tiny = await sharp(few, { raw }).webp({ quality: 30 }).toBuffer()
  const answer: WorkerAnswer = {
    ok: true,
    width: autoOrient.width,
    height: autoOrient.height,
    placeholder: `data:image/webp;base64,${tiny.toString('base64')}`,
  }
  return { answer, thumb }
}
