import { createWriteStream } from 'node:fs'
import { type Frame, readFrames, writeFrame } from './frames.ts'

/** The worker's side: answers jobs one after the other until the parent has gone. */
export async function answerJobs(answer: (job: Frame) => Promise<Frame>): Promise<never> {
  const answers = createWriteStream('', { fd: 3 })
  await writeFrame(answers, { header: {}, body: Buffer.alloc(0) })
  for await (const job of readFrames(process.stdin)) await writeFrame(answers, await answer(job))
  process.exit(0)
}
