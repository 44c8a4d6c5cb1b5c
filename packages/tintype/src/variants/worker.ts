import sharp, { type Sharp } from 'sharp'
import { answerJobs, residentMemory } from '../workers/worker.ts'
import { type Colour, toSrgb } from './colour.ts'
import { decodable } from './decodable.ts'
import { placeholderSize, thumbSize } from './sizes.ts'

// A process of its own: whatever a decoder does with hostile bytes, it does it here.

export interface WorkerJob {
  pixels: number
  /** Bytes that the process may have resident while it decodes; it ends itself above them. */
  memory: number
  /** What the picture's numbers mean, where it has no profile. */
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

/** An effort of 3 or 4 takes twice as long for some percent of the bytes. */
const thumbWebp = { quality: 78, effort: 2 }
/** Milliseconds between two looks at the memory. Decoders fill about a megabyte in one. */
const watchInterval = 20
/** What libjpeg and nsgif say of damage, rather than of oddities. */
const damage = /premature end|bad Huffman code|instead of RST|Invalid frame data|pixel limit/

/** What libvips and libheif say of codecs that this build of them lacks, rather than of damage. */
const unknown = /not been built in|unsupported (?!marker)/i

// libvips knows many formats, some through large libraries: only the five that are taken can be reached.
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
  // libvips works on threads of its own, so this one is free to watch. A few kilobytes of AVIF can take gigabytes.
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
 * Decodes at the strictest level first: only there does libjpeg tell of a scan that breaks off or of codes that make
 * no sense. But it also complains of what cameras are known to write (the scan parameters of some Samsung phones,
 * stray bytes before a marker), so whatever isn't damage gets a second chance, where only cut off files fail.
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
  const pixels = () => sharp(data, { raw: { width, height, channels } })
  const thumb = await pixels().webp(thumbWebp).toBuffer()
  const tiny = await pixels()
    .resize(placeholderSize, placeholderSize, { fit: 'inside' })
    .webp({ quality: 30 })
    .toBuffer()
  const answer: WorkerAnswer = {
    ok: true,
    width: autoOrient.width,
    height: autoOrient.height,
    placeholder: `data:image/webp;base64,${tiny.toString('base64')}`,
  }
  return { answer, thumb }
}
