import sharp from 'sharp'
import { answerJobs } from '../sandbox/worker.ts'

// A process of its own: whatever a decoder does with hostile bytes, it does it here.

export interface WorkerJob {
  pixels: number
}

export type WorkerAnswer =
  | {
      ok: true
      width: number
      height: number
      thumb: { width: number; height: number }
      placeholder: string
    }
  | { ok: false; message: string }

const thumbSize = 320
const placeholderSize = 16

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
  { pixels }: WorkerJob,
): Promise<{ answer: WorkerAnswer; thumb: Buffer }> {
  try {
    const picture = sharp(bytes, { failOn: 'truncated', limitInputPixels: pixels })
    const { autoOrient } = await picture.metadata()
    const { data, info } = await picture
      .autoOrient()
      .resize(thumbSize, thumbSize, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 78, effort: 3 })
      .toBuffer({ resolveWithObject: true })
    const tiny = await sharp(data)
      .resize(placeholderSize, placeholderSize, { fit: 'inside' })
      .webp({ quality: 30 })
      .toBuffer()
    const answer: WorkerAnswer = {
      ok: true,
      width: autoOrient.width,
      height: autoOrient.height,
      thumb: { width: info.width, height: info.height },
      placeholder: `data:image/webp;base64,${tiny.toString('base64')}`,
    }
    return { answer, thumb: data }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { answer: { ok: false, message }, thumb: Buffer.alloc(0) }
  }
}
