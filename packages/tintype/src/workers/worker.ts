import { createWriteStream, openSync, readSync, writeSync } from 'node:fs'
import { type Frame, frameHead, readFrame, type Said, writeFrame } from './frames.ts'
import { createCollection } from './garbage.ts'
import { createJobMemory } from './job-memory.ts'

const answerDescriptor = 3

/** Asks the parent during a job, and resolves with its reply. One question at a time. */
export type Ask = (question: unknown, body?: Uint8Array) => Promise<Frame>

/**
 * The worker's side: answers jobs one after the other until the parent is gone. The job's body ends with
 * the answer.
 *
 * Everything that a job needs has to be loaded and open before this is called: afterwards nothing can be opened.
 */
export async function answerJobs(answer: (job: Frame, ask: Ask) => Promise<Frame>): Promise<never> {
  // Ctrl-C in a terminal, and systemd when it stops a service, reach all processes at once: the job under way is for the
  // parent to finish.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  const answers = createWriteStream('', { fd: answerDescriptor })
  const say = (header: Said, body: Uint8Array = Buffer.alloc(0)) => writeFrame(answers, { header, body })
  const next = async (readBody = readInput) => (await readFrame(readInput, { readBody })) ?? process.exit(0)

  let asked: Promise<unknown> = Promise.resolve()
  const ask: Ask = (question, body) => {
    const reply = asked.then(async () => {
      await say({ ask: question }, body)
      return next()
    })
    asked = reply
    return reply
  }

  await writeFrame(answers, { header: {}, body: Buffer.alloc(0) })
  const memory = createJobMemory()
  const collect = createCollection({ resident: residentMemory })
  for (;;) {
    const job = await next((bytes) => readInto(memory.take(bytes)))
    const { header, body } = await answer(job, ask)
    memory.free(job.body)
    collect()
    await say({ answer: header, resident: residentMemory() }, body)
  }
}

/** Answers the job at once, from beside it, and ends the process: for one that has to stop what it does. */
export function endWith(answer: unknown): never {
  const said: Said = { answer, resident: residentMemory() }
  writeSync(answerDescriptor, frameHead({ header: said, body: new Uint8Array() }))
  process.exit(1)
}

const status = process.platform === 'linux' ? openSync('/proc/self/status', 'r') : undefined
const statusText = Buffer.alloc(4096)

/** Bytes that this process has resident. By a descriptor that is open already, as `process.memoryUsage()` opens one. */
export function residentMemory(): number {
  if (status === undefined) return process.memoryUsage.rss()
  const length = readSync(status, statusText, 0, statusText.length, 0)
  const kilobytes = /VmRSS:\s*(\d+) kB/.exec(statusText.toString('latin1', 0, length))?.[1]
  return Number(kilobytes) * 1024
}

const readInput = (bytes: number) => readInto(Buffer.allocUnsafeSlow(bytes))

/** Blocks: there is nothing to do without input, and it goes to where it is needed without a copy. */
function readInto(target: Buffer): Buffer | undefined {
  for (let at = 0; at < target.length; ) {
    const count = readSync(0, target, at, target.length - at, null)
    if (count === 0) return undefined
    at += count
  }
  return target
}
