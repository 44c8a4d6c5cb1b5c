import { createWriteStream } from 'node:fs'
import sharp from 'sharp'
import { readFrames, writeFrame } from './frames.ts'

// A process of its own: whatever a decoder does with hostile bytes, it does it here. It reads jobs from its
// standard input, answers on descriptor 3, and ends when its parent does.

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

const answers = createWriteStream('', { fd: 3 })
// The first frame says that sharp has loaded.
await writeFrame(answers, { header: {}, body: Buffer.alloc(0) })
for await (const { header, body } of readFrames(process.stdin)) {
  const { answer, thumb } = await decode(body, header as WorkerJob)
  await writeFrame(answers, { header: answer, body: thumb })
}
process.exit(0)

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
