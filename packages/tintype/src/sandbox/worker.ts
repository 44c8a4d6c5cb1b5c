import { createWriteStream } from 'node:fs'
import { type Frame, readFrames, writeFrame } from './frames.ts'

/** Asks the parent while a job is under way, and gets its frame. Questions wait for each other. */
export type Ask = (question: unknown) => Promise<Frame>

/** The worker's side: answers jobs one after the other until the parent has gone. */
export async function answerJobs(answer: (job: Frame, ask: Ask) => Promise<Frame>): Promise<never> {
  const answers = createWriteStream('', { fd: 3 })
  const frames = readFrames(process.stdin)
  const next = async () => (await frames.next()).value ?? process.exit(0)

  let asked: Promise<unknown> = Promise.resolve()
  const ask: Ask = (question) => {
    const reply = asked.then(async () => {
      await writeFrame(answers, { header: { ask: question }, body: Buffer.alloc(0) })
      return next()
    })
    asked = reply
    return reply
  }

  await writeFrame(answers, { header: {}, body: Buffer.alloc(0) })
  for (;;) await writeFrame(answers, await answer(await next(), ask))
}
