import { type Clock, systemClock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Frame } from './frames.ts'
import {
  bare,
  type Confinement,
  forgetIsolation,
  type Isolation,
  isolation,
  longestLife,
} from './isolation.ts'
import { type Serve, startProcess, type WorkerProcess } from './process.ts'
import { createJobQueue, jobTime, type Requester } from './queue.ts'
import { cpuTimeOnLinux, startWatch } from './watch.ts'

/**
 * Child processes for work on hostile bytes: a job that crashes, hangs or takes over its process harms no other job.
 * The worker's script writes one frame to descriptor 3 when it is ready. It answers each frame on its standard input
 * with one frame, possibly after questions that `serve` answers, and ends when the input ends.
 */
export interface Sandbox {
  /**
   * Waits in the queue, then runs the job. Once this is over, nothing reads the job's memory any more.
   *
   * @returns the parsed answer, or undefined when the job crashed its process, exceeded its CPU time or gave an
   * invalid answer
   * @throws {TintypeError} `overloaded` when no process starts, the turn would come too late, or the machine was too
   * busy to run the job; `shutting_down` after `close`
   * @throws the reason of the requester's signal
   */
  run<T>(job: Job<T>): Promise<T | undefined>
  /** Jobs in the queue. */
  readonly waiting: number
  close(): Promise<void>
}

export interface Job<T> {
  frame: Frame
  requester: Requester
  /** Bytes that it takes of {@link SandboxOptions.memory}. @default 0 */
  memory?: number
  /** Goes before all waiting jobs. @default false */
  isUrgent?: boolean
  /** Comes after all that somebody waits for. @default false */
  isBackground?: boolean
  /** Answers the worker's questions, see `ask` in worker.ts. Must not throw. Its time is not counted as the job's. */
  serve?: Serve
  /** Bytes of its answer, at the most. @default 1 MiB */
  largestAnswer?: number
  /** Validates the answer, which is not to be trusted. Undefined: it is invalid, and its process is killed. */
  read(answer: Frame): T | undefined
}

export interface SandboxOptions extends Confinement {
  log: Log
  clock?: Clock
  /** Processes that may work at a time. @default 2 */
  workers?: number
  /** Bytes that running jobs may take together. @default no limit */
  memory?: number
  /** Milliseconds of CPU time that one job may use. @default 20_000 */
  cpuLimit?: number
  /** Jobs after which a process ends. @default 500 */
  jobsPerWorker?: number
  /** Resident bytes of an idle process above which it is replaced. @default 128 MiB */
  maxIdleMemory?: number
  /** Milliseconds after which an idle process is ended. @default 60_000 */
  idleTime?: number
  /** Idle processes that are kept. @default 0 */
  spare?: number
  /** CPU time that a process has used, in milliseconds; undefined where unknown. @default from Linux's /proc */
  cpuTime?: (pid: number) => number | undefined
}

/** Milliseconds in which a process has to be ready. */
const startLimit = 30_000
/** Starts in a row before giving up; the last one goes without isolation other than Node's own. */
const maxStarts = 3
/**
 * Milliseconds that a job may go on after its requester has gone: about what it takes to start another process. So
 * the total is at most twice the cheaper of the two, letting it finish and killing it at once.
 */
const startTime = 250
/** Milliseconds of CPU time after which a process is replaced, long before the system would kill it. */
const retireAfter = (longestLife * 1000) / 2

export function createSandbox(options: SandboxOptions): Sandbox {
  const { script, log, clock = systemClock, workers: slots = 2, memory, cpuLimit = 20_000 } = options
  const { jobsPerWorker = 500, maxIdleMemory = 128 * 1024 * 1024, idleTime = 60_000, spare = 0 } = options
  const { cpuTime = cpuTimeOnLinux } = options
  const queue = createJobQueue({ slots, capacity: memory, leadTime: jobTime, clock })
  const workers = new Set<WorkerProcess>()
  let idle: WorkerProcess[] = []
  let closed = false
  /** Processes in a row that ended before they were ready: the cause is the machine, not the jobs. */
  let failedStarts = 0

  function start(allowed: Isolation): WorkerProcess {
    const worker = startProcess(options, allowed)
    workers.add(worker)
    worker.ended.then(() => {
      workers.delete(worker)
      idle = idle.filter((other) => other !== worker)
    })
    return worker
  }

  /** @returns a process that is ready. @throws {TintypeError} `overloaded` */
  async function take(): Promise<WorkerProcess> {
    for (;;) {
      const allowed = await isolation()
      if (closed) throw stopping()
      const resting = idle.pop()
      // A machine may refuse isolation that it allowed in the probe. Taking no files at all would be worse.
      const isBare = !resting && failedStarts === maxStarts - 1
      const worker = resting ?? start(isBare ? bare : allowed)
      worker.hold(true)
      const starting = setTimeout(worker.kill, startLimit)
      await worker.ready
      clearTimeout(starting)
      if (worker.isReady()) {
        if (isBare) log.error('sandbox.not_isolated', { script, pid: worker.pid })
        failedStarts = 0
        return worker
      }
      worker.kill()
      forgetIsolation()
      if (++failedStarts >= maxStarts) {
        log.error('sandbox.does_not_start', { script })
        throw new TintypeError('overloaded', 'Files cannot be looked into now. Try again later.')
      }
    }
  }

  /** Waits for the process until the requester goes or its time is over. */
  async function inTime<T>(taking: Promise<T>, { signal, timeLeft }: Requester): Promise<T> {
    const { promise: never, reject } = Promise.withResolvers<never>()
    const leave = () => reject(signal.reason)
    const cancelTimer = clock.after(timeLeft(), () => reject(tooMuchToDo()))
    signal.addEventListener('abort', leave)
    try {
      signal.throwIfAborted()
      return await Promise.race([taking, never])
    } finally {
      cancelTimer()
      signal.removeEventListener('abort', leave)
    }
  }

  function putBack(worker: WorkerProcess): void {
    const isOld = worker.jobs >= jobsPerWorker || (cpuTime(worker.pid) ?? 0) > retireAfter
    if (isOld || worker.resident > maxIdleMemory) replace(worker)
    else rest(worker)
  }

  function rest(worker: WorkerProcess): void {
    idle.push(worker)
    worker.hold(false)
    const { jobs } = worker
    const timer = setTimeout(() => {
      if (worker.jobs !== jobs || !idle.includes(worker) || idle.length <= spare) return
      idle = idle.filter((other) => other !== worker)
      worker.kill()
    }, idleTime)
    timer.unref()
  }

  /** Kills the process, and starts another one ahead of the next job. */
  function replace(worker: WorkerProcess): void {
    worker.kill()
    void isolation().then((allowed) => {
      if (!closed && idle.length === 0) rest(start(allowed))
    })
  }

  async function work<T>(
    worker: WorkerProcess,
    { frame, requester, serve, largestAnswer, read }: Job<T>,
  ): Promise<T | undefined> {
    const { signal } = requester
    let end: 'cpu' | 'clock' | 'gone' | undefined
    const endBy = (why: typeof end) => {
      end ??= why
      worker.kill()
    }
    const watch = startWatch({
      cpuLimit,
      clockLimit: requester.timeLeft(),
      cpuTime: () => cpuTime(worker.pid),
      clock,
      onLimit: endBy,
    })
    let cancelGrace = () => {}
    const leave = () => {
      cancelGrace = clock.after(startTime, () => endBy('gone'))
    }
    signal.addEventListener('abort', leave)
    const asked: Serve | undefined = serve && ((...said) => watch.pauseFor(serve(...said)))
    const answer = await worker.run(frame, { serve: asked, largestAnswer })
    watch.stop()
    cancelGrace()
    signal.removeEventListener('abort', leave)

    const result = answer && read(answer)
    if (result !== undefined) {
      // Its answer may come from a process that was killed a moment before: the next job would end with it.
      if (end === undefined) putBack(worker)
      else replace(worker)
      return result
    }
    replace(worker)
    if (end === 'gone') throw signal.reason
    if (closed) throw stopping()
    const { pid, jobs } = worker
    log.warn(answer ? 'sandbox.invalid_answer' : 'sandbox.ended', {
      pid,
      jobs,
      bytes: frame.body.length,
      limit: end,
    })
    if (end === 'clock') throw tooMuchToDo()
    return undefined
  }

  return {
    async run(job) {
      if (closed) throw stopping()
      const leave = await queue.enter(job.requester, job)
      const taking = take()
      let worker: WorkerProcess
      try {
        worker = await inTime(taking, job.requester)
      } catch (error) {
        // The process holds its slot until it is ready, and then serves the next job.
        void taking.then(putBack, () => {}).finally(leave)
        throw error
      }
      return work(worker, job).finally(leave)
    },
    get waiting() {
      return queue.waiting
    },
    async close() {
      closed = true
      queue.clear(stopping())
      const ends = [...workers].map((worker) => {
        worker.hold(true)
        worker.kill()
        return worker.ended
      })
      await Promise.all(ends)
    },
  }
}

function tooMuchToDo(): TintypeError {
  return new TintypeError('overloaded', 'The server has too much to do. Try again later.')
}

function stopping(): TintypeError {
  return new TintypeError('shutting_down', 'The server is stopping. Try again in a moment.')
}
