import { createWriteStream, openSync, readSync, writeSync } from 'node:fs'
import { type Frame, frameHead, readFrame, type Said, writeFrame } from './frames.ts'

const answerDescriptor = 3

/** Asks the parent during a job, and resolves with its reply. One question at a time. */
export type Ask = (question: unknown, body?: Uint8Array) => Promise<Frame>

/**
 * The worker's side: answers jobs one after the other until the parent is gone. The job's body is freed with the
 * answer, so that the memory of a process does not depend on garbage collection.
 *
 * Everything that a job needs has to be loaded and open before this is called: afterwards nothing can be opened.
 */
export async function answerJobs(answer: (job: Frame, ask: Ask) => Promise<Frame>): Promise<never> {
  // Ctrl-C in a terminal, and systemd when it stops a service, reach all processes at once: the job under way is for the
  // parent to finish.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  const answers = createWriteStream('', { fd: answerDescriptor })
  const say = (header: Said, body: Uint8Array = Buffer.alloc(0)) => writeFrame(answers, { header, body })
  const next = async () => (await readFrame(readInput)) ?? process.exit(0)

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
  for (;;) {
    const job = await next()
    const { header, body } = await answer(job, ask)
    const memory = job.body.buffer as ArrayBuffer
    memory.transfer(0)
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
