import { createWriteStream, readSync } from 'node:fs'
import { type Frame, readFrame, type Said, writeFrame } from './frames.ts'

/** Asks the parent while a job is under way, and gets its frame. Questions wait for each other. */
export type Ask = (question: unknown) => Promise<Frame>

/**
 * The worker's side: answers jobs one after the other until the parent has gone. The job's body is freed with the
 * answer, so that what a process takes does not depend on when V8 collects it.
 */
export async function answerJobs(answer: (job: Frame, ask: Ask) => Promise<Frame>): Promise<never> {
  const answers = createWriteStream('', { fd: 3 })
  const say = (header: Said, body: Uint8Array = Buffer.alloc(0)) => writeFrame(answers, { header, body })
  const next = async () => (await readFrame(readInput)) ?? process.exit(0)

  let asked: Promise<unknown> = Promise.resolve()
  const ask: Ask = (question) => {
    const reply = asked.then(async () => {
      await say({ ask: question })
      return next()
    })
    asked = reply
    return reply
  }

  await writeFrame(answers, { header: {}, body: Buffer.alloc(0) })
  for (;;) {
    const job = await next()
    const { header, body } = await answer(job, ask)
    const memory = job.body.buffer as ArrayBuffer
    memory.transfer(0)
    await say({ answer: header, resident: process.memoryUsage.rss() }, body)
  }
}

/** Blocks: there is nothing to do without input, and it goes to where it is needed without a copy. */
function readInput(bytes: number): Buffer | undefined {
  const target = Buffer.allocUnsafeSlow(bytes)
  for (let at = 0; at < bytes; ) {
    const count = readSync(0, target, at, bytes - at, null)
    if (count === 0) return undefined
    at += count
  }
  return target
}
