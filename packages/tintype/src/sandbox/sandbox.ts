import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Frame, readerOf, readFrame, type Said, writeFrame } from './frames.ts'

/**
 * Child processes for work on hostile bytes: a job that crashes, hangs or eats its process hurts itself alone.
 * The worker's script writes one frame to descriptor 3 when it is ready, then answers each frame that it reads from
 * its standard input with one frame, after questions of its own if there is somebody to serve them, and ends when the
 * input does.
 */
export interface Sandbox {
  /**
   * @param serve answers what the worker asks for on the way, see `ask` in worker.ts. It must not throw, and its time
   * is not the job's.
   * @returns the worker's answer, or undefined when the job has crashed its process or run out of time
   * @throws {TintypeError} `overloaded` when no process gets ready, or the machine gave it no time to work;
   * `shutting_down` after `close`
   */
  run(job: Frame, serve?: Serve): Promise<Frame | undefined>
  close(): Promise<void>
}

/** Milliseconds that a process may take to get ready. */
const longestStart = 30_000

export type Serve = (question: unknown) => Promise<Frame>

export interface SandboxOptions {
  /** The worker's script. */
  script: string
  log: Log
  /** Processes at a time. @default 2 */
  workers?: number
  /** Milliseconds that one job may take. @default 20_000 */
  timeout?: number
  /** Jobs after which a process ends. @default 500 */
  jobsPerWorker?: number
  /** Bytes that a process without a job may have resident: one that has grown further ends. @default 128 MiB */
  mostIdle?: number
  /** Milliseconds without a job after which a process ends. @default 60_000 */
  idleTime?: number
  /** CPU time that a process has used, in milliseconds; undefined where nobody knows. @default as Linux tells it */
  cpuTime?: (pid: number) => number | undefined
}

interface Job {
  frame: Frame
  serve: Serve | undefined
  resolve(answer: Frame | undefined): void
  reject(error: unknown): void
}

type Worker = ReturnType<typeof startWorker>

export function createSandbox(options: SandboxOptions): Sandbox {
  const { script, log, workers: size = 2, timeout = 20_000, jobsPerWorker = 500 } = options
  const { mostIdle = 128 * 1024 * 1024, idleTime = 60_000, cpuTime = cpuTimeOnLinux } = options
  const queue: Job[] = []
  const workers = new Set<Worker>()
  let idle: Worker[] = []
  let closed = false
  /** Processes in a row that ended before they were ready: then it is the machine, not the jobs. */
  let stillborn = 0

  function next(): void {
    const job = queue[0]
    if (!job) return
    const worker = idle.pop() ?? (workers.size < size ? start() : undefined)
    if (!worker) return
    queue.shift()
    void run(worker, job)
  }

  function start(): Worker {
    const worker = startWorker(script)
    workers.add(worker)
    worker.ended.then(() => {
      workers.delete(worker)
      idle = idle.filter((other) => other !== worker)
      if (!closed) next()
    })
    return worker
  }

  async function run(worker: Worker, job: Job): Promise<void> {
    const starting = setTimeout(() => worker.kill(), longestStart)
    await worker.ready
    clearTimeout(starting)
    let isStarved = false
    const watch = startWatch(timeout, () => {
      const used = (cpuTime(worker.pid) ?? Number.POSITIVE_INFINITY) - worker.cpu
      // On a machine that has no time for it, a job that is slow by the clock says nothing about its file.
      isStarved = used < timeout / 2
      worker.kill()
    })
    const { frame, serve } = job
    const answer = await Promise.race([
      worker.run(frame, serve && ((question) => watch.pauseFor(serve(question)))),
      worker.ended,
    ])
    watch.stop()
    if (answer) {
      stillborn = 0
      job.resolve(answer)
    } else if (isStarved) {
      log.warn('sandbox.starved', { pid: worker.pid, timeout })
      job.reject(new TintypeError('overloaded', 'The server has too much to do. Try again later.'))
    } else if (worker.isReady()) {
      log.warn('sandbox.ended', { pid: worker.pid, jobs: worker.jobs, bytes: job.frame.body.length })
      job.resolve(undefined)
    } else if (++stillborn < 3 && !closed) {
      queue.unshift(job)
    } else {
      log.error('sandbox.does_not_start', { script })
      job.reject(new TintypeError('overloaded', 'Files cannot be looked into now. Try again later.'))
    }
    if (worker.jobs >= jobsPerWorker || worker.resident > mostIdle) worker.kill()
    else if (answer) rest(worker)
    next()
  }

  function rest(worker: Worker): void {
    idle.push(worker)
    const { jobs } = worker
    const timer = setTimeout(() => {
      if (worker.jobs !== jobs || !idle.includes(worker)) return
      idle = idle.filter((other) => other !== worker)
      worker.kill()
    }, idleTime)
    timer.unref()
  }

  return {
    run(frame, serve) {
      if (closed) return Promise.reject(stopping())
      const { promise, resolve, reject } = Promise.withResolvers<Frame | undefined>()
      queue.push({ frame, serve, resolve, reject })
      next()
      return promise
    },
    async close() {
      closed = true
      for (const job of queue.splice(0)) job.reject(stopping())
      const ends = [...workers].map((worker) => {
        worker.kill()
        return worker.ended
      })
      await Promise.all(ends)
    },
  }
}

/** Calls `expire` when it has run for `ms` milliseconds, pauses not counted. */
function startWatch(ms: number, expire: () => void) {
  let left = ms
  let begun = performance.now()
  let timer = setTimeout(expire, left)
  let stopped = false
  return {
    async pauseFor<T>(work: Promise<T>): Promise<T> {
      clearTimeout(timer)
      left -= performance.now() - begun
      const result = await work
      begun = performance.now()
      if (!stopped) timer = setTimeout(expire, Math.max(left, 0))
      return result
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

function stopping(): TintypeError {
  return new TintypeError('shutting_down', 'The server is stopping. Try again in a moment.')
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: utime and stime, in hundredths of a second. */
function cpuTimeOnLinux(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
    const time = (Number(fields[11]) + Number(fields[12])) * 10
    return Number.isFinite(time) ? time : undefined
  } catch {
    return undefined
  }
}

/** No environment but this: a worker that is taken over finds no secrets. */
const environment = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072' }

function startWorker(script: string) {
  const child: ChildProcess = spawn(process.execPath, ['--max-old-space-size=512', script], {
    env: environment,
    stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
  })
  const input = child.stdin as Writable
  const answers = readerOf(child.stdio[3] as Readable)
  const ended = new Promise<undefined>((resolve) => {
    child.once('exit', () => resolve(undefined))
    child.once('error', () => resolve(undefined))
  })
  // A write to a process that has just died fails; `ended` tells the rest.
  input.on('error', () => {})
  let jobs = 0
  let resident = 0
  let cpu = 0
  let isReady = false
  const ready = readFrame(answers).then(
    (frame) => {
      isReady = frame !== undefined
    },
    () => {},
  )
  return {
    pid: child.pid ?? 0,
    ended,
    /** Resolves also when it never will be. */
    ready,
    get jobs() {
      return jobs
    },
    /** Bytes, after the last job. */
    get resident() {
      return resident
    },
    /** CPU time, in milliseconds, up to the end of the last job. */
    get cpu() {
      return cpu
    },
    isReady: () => isReady,
    kill() {
      child.kill('SIGKILL')
    },
    async run(frame: Frame, serve?: Serve): Promise<Frame | undefined> {
      await ready
      if (!isReady) return ended
      for (let next = frame; ; ) {
        await writeFrame(input, next).catch(() => {})
        const reply = await readFrame(answers).catch(() => undefined)
        if (!reply) return ended
        const said = reply.header as Said
        if ('answer' in said) {
          jobs++
          resident = said.resident
          cpu = said.cpu
          return { header: said.answer, body: reply.body }
        }
        if (!serve) {
          child.kill('SIGKILL')
          return ended
        }
        next = await serve(said.ask)
      }
    },
  }
}
