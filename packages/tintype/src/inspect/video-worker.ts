import { askedSource } from '../ranges/asked-source.ts'
import { bytesSource } from '../ranges/range-source.ts'
import { answerJobs } from '../workers/worker.ts'
import { inspectVideo } from './video.ts'

// Runs in its own process: some files of a few kilobytes keep a container reader busy for ever.

/** The video's bytes come with the job; otherwise `size` is given, and the parent is asked for ranges. */
export type VideoJob = { size?: never } | { size: number }

await answerJobs(async ({ header, body }, ask) => {
  const { size } = header as VideoJob
  const source = size === undefined ? bytesSource(body) : askedSource(size, ask)
  return { header: await inspectVideo(source), body: Buffer.alloc(0) }
})
