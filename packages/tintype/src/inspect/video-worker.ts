import { answerJobs } from '../sandbox/worker.ts'
import { inspectVideo } from './video.ts'

// A process of its own: there are files of a few kilobytes that keep a reader of containers busy for ever.

await answerJobs(async ({ body }) => {
  const source = { size: body.length, read: async (start: number, end: number) => body.subarray(start, end) }
  return { header: await inspectVideo(source), body: Buffer.alloc(0) }
})
