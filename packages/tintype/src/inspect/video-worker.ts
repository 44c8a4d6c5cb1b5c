import { answerJobs } from '../workers/worker.ts'
import { createBlockReader } from './block-reader.ts'
import { inspectVideo } from './video.ts'

// Runs in its own process: some files of a few kilobytes keep a container reader busy for ever.

/** The video's bytes come with the job; otherwise `size` is given, and the parent is asked for ranges. */
export type VideoJob = { size?: never } | { size: number }

/** A range of the video, from `start` up to but without `end`. The reply's body is empty if it can't be read. */
export interface RangeQuestion {
  start: number
  end: number
}

await answerJobs(async ({ header, body }, ask) => {
  const { size } = header as VideoJob
  const range = async (start: number, end: number) => {
    const question: RangeQuestion = { start, end }
    return (await ask(question)).body
  }
  const source =
    size === undefined
      ? { size: body.length, read: async (start: number, end: number) => body.subarray(start, end) }
      : createBlockReader({ size, read: range })
  return { header: await inspectVideo(source), body: Buffer.alloc(0) }
})
