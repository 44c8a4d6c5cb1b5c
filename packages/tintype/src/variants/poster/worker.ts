import { askedSource } from '../../ranges/asked-source.ts'
import { bounded, bytesSource } from '../../ranges/range-source.ts'
import { answerJobs, residentMemory } from '../../workers/worker.ts'
import { type FfmpegQuestion, findStill, type PosterJob } from './find-still.ts'
import { openDecoder } from './webcodecs.ts'

// Runs in its own process, because the bytes are hostile.

/** Milliseconds between two looks at the memory. */
const watchInterval = 20
/** Of one video: a few key frames, and the indexes that lead to them. */
const limits = { bytes: 48 * 1024 * 1024, reads: 3000 }

export type PosterAnswer = { ok: true; width: number; height: number } | { ok: false; message: string }

await answerJobs(async ({ header, body }, ask) => {
  const job = header as PosterJob
  // Frames are decoded in threads of their own, so this one is free to check the memory.
  const watch = setInterval(() => {
    if (residentMemory() > job.memory) process.exit(1)
  }, watchInterval)
  const ffmpeg = async (clip: Uint8Array) => {
    const question: FfmpegQuestion = { ffmpeg: true }
    return (await ask(question, clip)).body
  }
  try {
    const source = bounded(job.size === undefined ? bytesSource(body) : askedSource(job.size, ask), limits)
    const { png, width, height } = await findStill(source, job, {
      library: openDecoder,
      ffmpeg: job.hasFfmpeg ? ffmpeg : undefined,
      hasRoom: () => residentMemory() < job.room,
    })
    const answer: PosterAnswer = { ok: true, width, height }
    return { header: answer, body: png }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { header: { ok: false, message } satisfies PosterAnswer, body: Buffer.alloc(0) }
  } finally {
    clearInterval(watch)
  }
})
