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
import { createLine, jobTime, type Requester } from './line.ts'
import { type Serve, startProcess, type WorkerProcess } from './process.ts'
import { cpuTimeOnLinux, startWatch } from './watch.ts'

/**
 * Child processes for work on hostile bytes: a job that crashes, hangs or eats its process hurts itself alone.
 * The worker's script writes one frame to descriptor 3 when it is ready, then answers each frame that it reads from
 * its standard input with one frame, after questions of its own if there is somebody to serve them, and ends when the
 * input does.
 */
export interface Sandbox {
  /**
   * Does the job when it is its requester's turn. When this has ended, nothing reads the job's memory any more.
   *
   * @returns what was read off the worker's answer, or undefined when the job has crashed its process, used more CPU
   * time than it may, or answered nonsense
   * @throws {TintypeError} `overloaded` when no process gets ready, the turn would come too late, or the machine gave
   * the job no time to work; `shutting_down` after `close`; the reason of the requester's signal
   */
  run<T>(job: Job<T>): Promise<T | undefined>
  /** Jobs that wait for their turn. */
  readonly waiting: number
  close(): Promise<void>
}

export interface Job<T> {
  frame: Frame
  requester: Requester
  /** Bytes that it may take of {@link SandboxOptions.memory}. @default 0 */
  memory?: number
  /** Whether it comes before all others that wait. @default false */
  isUrgent?: boolean
  /** Answers what the worker asks for on the way, see `ask` in worker.ts. It must not throw, and its time is not the job's. */
  serve?: Serve
  /** Believes nothing: undefined for an answer that is not of the right kind, and the process that gave it is ended. */
  read(answer: Frame): T | undefined
}

export interface SandboxOptions extends Confinement {
  log: Log
  clock?: Clock
  /** Processes at a time. @default 2 */
  workers?: number
  /** Bytes that the jobs under way may take together. @default no limit */
  memory?: number
  /** Milliseconds of CPU time that one job may use. @default 20_000 */
  cpuLimit?: number
  /** Jobs after which a process ends. @default 500 */
  jobsPerWorker?: number
  /** Bytes that a process without a job may have resident: one that has grown further ends. @default 128 MiB */
  mostIdle?: number
  /** Milliseconds without a job after which a process ends. @default 60_000 */
  idleTime?: number
  /** Processes that stay however long there is no job. @default 0 */
  spare?: number
  /** CPU time that a process has used, in milliseconds; undefined where nobody knows. @default as Linux tells it */
  cpuTime?: (pid: number) => number | undefined
}

/** Milliseconds that a process may take to get ready. */
const longestStart = 30_000
/** How often a process is started, the last time with no more than Node's own isolation. */
const longestTry = 3
/**
 * How long a job goes on whose requester has gone, in milliseconds: about what it takes to start another process. So
 * it costs at most twice what would have been cheaper, to wait for its end or to end it at once.
 */
const startTime = 250
/** Milliseconds of CPU time after which a process ends, long before the system would end it. */
const oldAge = (longestLife * 1000) / 2

export function createSandbox(options: SandboxOptions): Sandbox {
  const { script, log, clock = systemClock, workers: slots = 2, memory, cpuLimit = 20_000 } = options
  const { jobsPerWorker = 500, mostIdle = 128 * 1024 * 1024, idleTime = 60_000, spare = 0 } = options
  const { cpuTime = cpuTimeOnLinux } = options
  const line = createLine({ slots, capacity: memory, leadTime: jobTime, clock })
  const workers = new Set<WorkerProcess>()
  let idle: WorkerProcess[] = []
  let closed = false
  /** Processes in a row that ended before they were ready: then it is the machine, not the jobs. */
  let stillborn = 0

  function start(allowed: Isolation): WorkerProcess {
    const worker = startProcess(options, allowed)
    workers.add(worker)
    worker.ended.then(() => {
      workers.delete(worker)
      idle = idle.filter((other) => other !== worker)
    })
    return worker
  }

  /** One that is ready. @throws {TintypeError} `overloaded` */
  async function take(): Promise<WorkerProcess> {
    for (;;) {
      const allowed = await isolation()
      if (closed) throw stopping()
      const resting = idle.pop()
      // A machine may refuse what it allowed when it was tried. To take no files any more would be worse.
      const isBare = !resting && stillborn === longestTry - 1
      const worker = resting ?? start(isBare ? bare : allowed)
      worker.hold(true)
      const starting = setTimeout(worker.kill, longestStart)
      await worker.ready
      clearTimeout(starting)
      if (worker.isReady()) {
        if (isBare) log.error('sandbox.not_isolated', { script, pid: worker.pid })
        stillborn = 0
        return worker
      }
      worker.kill()
      forgetIsolation()
      if (++stillborn >= longestTry) {
        log.error('sandbox.does_not_start', { script })
        throw new TintypeError('overloaded', 'Files cannot be looked into now. Try again later.')
      }
    }
  }

  /** Waits for the process, unless the requester goes or its time is over first. */
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
    const isOld = worker.jobs >= jobsPerWorker || (cpuTime(worker.pid) ?? 0) > oldAge
    if (isOld || worker.resident > mostIdle) replace(worker)
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

  /** Ends it. The next job needs not wait until another one has started. */
  function replace(worker: WorkerProcess): void {
    worker.kill()
    void isolation().then((allowed) => {
      if (!closed && idle.length === 0) rest(start(allowed))
    })
  }

  async function work<T>(
    worker: WorkerProcess,
    { frame, requester, serve, read }: Job<T>,
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
    const answer = await worker.run(frame, serve && ((question) => watch.pauseFor(serve(question))))
    watch.stop()
    cancelGrace()
    signal.removeEventListener('abort', leave)

    const result = answer && read(answer)
    if (result !== undefined) {
      putBack(worker)
      return result
    }
    replace(worker)
    if (end === 'gone') throw signal.reason
    if (closed) throw stopping()
    const { pid, jobs } = worker
    log.warn(answer ? 'sandbox.nonsense' : 'sandbox.ended', {
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
      const leave = await line.enter(job.requester, job)
      const taking = take()
      let worker: WorkerProcess
      try {
        worker = await inTime(taking, job.requester)
      } catch (error) {
        // Its place is taken until it is ready, and then it is there for the next one.
        void taking.then(putBack, () => {}).finally(leave)
        throw error
      }
      return work(worker, job).finally(leave)
    },
    get waiting() {
      return line.waiting
    },
    async close() {
      closed = true
      line.clear(stopping())
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
