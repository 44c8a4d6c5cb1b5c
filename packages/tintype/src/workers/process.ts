import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { type Frame, readerOf, readFrame, type Said, writeFrame } from './frames.ts'
import { type Confinement, closeDescriptors, confinedCommand, type Isolation } from './isolation.ts'

/** Answers a question of the process, which may come with bytes. */
export type Serve = (question: unknown, body: Uint8Array) => Promise<Frame>

/** One child process, which does one job at a time. */
export interface WorkerProcess {
  pid: number
  /** Resolves when the process is ready for jobs, or has ended before that. */
  ready: Promise<void>
  ended: Promise<void>
  isReady(): boolean
  /** Jobs that it has done. */
  readonly jobs: number
  /** Resident bytes after the last job, as reported by the process. */
  readonly resident: number
  /**
   * @param options.serve answers its questions
   * @param options.largestAnswer bytes
   * @returns its answer, or undefined when it ended without one. Nothing reads the job's body any more
   */
  run(
    job: Frame,
    options?: { serve?: Serve | undefined; largestAnswer?: number | undefined },
  ): Promise<Frame | undefined>
  /** Whether it keeps the server process alive. */
  hold(isHeld: boolean): void
  kill(): void
}

/** Bytes of an answer, where the job says nothing else: the thumb of a picture in noise takes a tenth of it. */
const usualAnswer = 1024 * 1024

export function startProcess(confinement: Confinement, isolation: Isolation): WorkerProcess {
  const { command, args, options } = confinedCommand(confinement, isolation)
  const child: ChildProcess = spawn(command, args, {
    ...options,
    stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
  })
  const input = child.stdin as Writable
  const output = child.stdio[3] as Readable
  const answers = readerOf(output)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  // A write to a process that has just died fails; `ended` tells the rest.
  input.on('error', () => {})
  let jobs = 0
  let resident = 0
  let isReady = false
  const ready = readFrame(answers, { most: usualAnswer }).then(
    async (frame) => {
      // Before it gets the first byte of a file.
      isReady = frame !== undefined && (await closeDescriptors(child.pid ?? 0, isolation))
    },
    () => {},
  )

  async function talk(
    job: Frame,
    serve: Serve | undefined,
    largestAnswer: number,
  ): Promise<Frame | undefined> {
    for (let next = job; ; ) {
      // Waited for, even when the process has died: until then the system may read the body.
      await writeFrame(input, next).catch(() => {})
      const reply = await readFrame(answers, { most: largestAnswer }).catch(() => undefined)
      const said = reply?.header
      if (!reply || !isSaid(said)) return undefined
      if ('answer' in said) {
        jobs++
        resident = said.resident
        return { header: said.answer, body: reply.body }
      }
      const served = serve && (await Promise.race([serve(said.ask, reply.body), ended]))
      if (!served) return undefined
      next = served
    }
  }

  return {
    pid: child.pid ?? 0,
    ready,
    ended,
    isReady: () => isReady,
    get jobs() {
      return jobs
    },
    get resident() {
      return resident
    },
    async run(job, { serve, largestAnswer = usualAnswer } = {}) {
      const answer = await talk(job, serve, largestAnswer)
      if (answer) return answer
      child.kill('SIGKILL')
      await ended
      return undefined
    },
    hold(isHeld) {
      for (const one of [child, input, output] as { ref?(): void; unref?(): void }[]) {
        if (isHeld) one.ref?.()
        else one.unref?.()
      }
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

function isSaid(header: unknown): header is Said {
  return typeof header === 'object' && header !== null && ('answer' in header || 'ask' in header)
}
