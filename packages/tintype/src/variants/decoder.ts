import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { ErrorCode } from '@tintype/protocol'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { readFrames, writeFrame } from './frames.ts'
import type { WorkerAnswer, WorkerJob } from './worker.ts'

/** Decodes pictures in child processes, which may crash, hang or be killed without hurting anyone else. */
export interface Decoder {
  /**
   * Decodes the whole picture and makes its thumb (320 pixels at the most, upright, WebP, no metadata) and
   * placeholder in the same read.
   * @throws {TintypeError} `overloaded` when no decoder process can be had
   */
  decode(bytes: Uint8Array, request: DecodeRequest): Promise<DecodeResult>
  close(): Promise<void>
}

export interface DecodeRequest {
  type: string
  limits: { pixels: number }
}

export type DecodeResult =
  | {
      ok: true
      /** Pixels of the upright picture. */
      width: number
      height: number
      thumb: { bytes: Uint8Array; width: number; height: number; type: 'image/webp' }
      /** A `data:` URL of a few hundred bytes. */
      placeholder: string
    }
  | { ok: false; code: ErrorCode; detail: string; limit?: number }

export interface DecoderOptions {
  log: Log
  /** Processes at a time. @default 2 */
  workers?: number
  /** Milliseconds that one picture may take. @default 20_000 */
  timeout?: number
  /** Pictures after which a process is replaced, against leaks and fragmentation. @default 500 */
  jobsPerWorker?: number
  /** The worker's script. @default the one beside this file */
  script?: string
}

interface Job {
  bytes: Uint8Array
  request: DecodeRequest
  resolve(result: DecodeResult): void
  reject(error: unknown): void
}

/** The worker is a .ts file here and a .js file in the published package, like this one. */
const workerScript = fileURLToPath(import.meta.url).replace(/decoder(\.\w+)$/, 'worker$1')

export function createDecoder(options: DecoderOptions): Decoder {
  const { log, workers: size = 2, timeout = 20_000, jobsPerWorker = 500, script = workerScript } = options
  const queue: Job[] = []
  const workers = new Set<ReturnType<typeof startWorker>>()
  let idle: ReturnType<typeof startWorker>[] = []
  let closed = false
  /** Processes in a row that ended before they were ready: then it is the machine, not the pictures. */
  let stillborn = 0

  function next(): void {
    const job = queue[0]
    if (!job) return
    const worker = idle.pop() ?? (workers.size < size ? start() : undefined)
    if (!worker) return
    queue.shift()
    run(worker, job)
  }

  function start() {
    const worker = startWorker(script)
    workers.add(worker)
    worker.ended.then(() => {
      workers.delete(worker)
      idle = idle.filter((other) => other !== worker)
      if (!closed) next()
    })
    return worker
  }

  async function run(worker: ReturnType<typeof startWorker>, job: Job): Promise<void> {
    const timer = setTimeout(() => worker.kill(), timeout)
    const answer = await Promise.race([worker.decode(job), worker.ended])
    clearTimeout(timer)
    if (answer) {
      stillborn = 0
      job.resolve(toResult(answer))
    } else if (worker.isReady()) {
      log.warn('decoder.ended', { pid: worker.pid, jobs: worker.jobs, bytes: job.bytes.length })
      job.resolve(refusal('crashes or blocks the decoder'))
    } else if (++stillborn < 3) {
      queue.unshift(job)
    } else {
      log.error('decoder.does_not_start', { script })
      job.reject(new TintypeError('overloaded', 'Pictures cannot be decoded now. Try again later.'))
    }
    if (worker.jobs >= jobsPerWorker) worker.kill()
    else if (answer) idle.push(worker)
    next()
  }

  return {
    decode(bytes, request) {
      if (closed) return Promise.reject(new TintypeError('shutting_down', 'The server is stopping.'))
      const { promise, resolve, reject } = Promise.withResolvers<DecodeResult>()
      queue.push({ bytes, request, resolve, reject })
      next()
      return promise
    },
    async close() {
      closed = true
      for (const job of queue.splice(0))
        job.reject(new TintypeError('shutting_down', 'The server is stopping.'))
      const ends = [...workers].map((worker) => {
        worker.kill()
        return worker.ended
      })
      await Promise.all(ends)
    },
  }
}

/** No environment but this: a decoder that is taken over finds no secrets. */
const environment = { MALLOC_ARENA_MAX: '2' }

function startWorker(script: string) {
  const child: ChildProcess = spawn(process.execPath, [script], {
    env: environment,
    stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
  })
  const input = child.stdin as Writable
  const answers = readFrames(child.stdio[3] as Readable)
  const ended = new Promise<undefined>((resolve) => {
    child.once('exit', () => resolve(undefined))
    child.once('error', () => resolve(undefined))
  })
  // A write to a process that has just died fails; `ended` tells the rest.
  input.on('error', () => {})
  let jobs = 0
  let isReady = false
  const ready = answers.next().then(
    ({ done }) => {
      isReady = !done
    },
    () => {},
  )
  return {
    pid: child.pid,
    ended,
    get jobs() {
      return jobs
    },
    isReady: () => isReady,
    kill() {
      child.kill('SIGKILL')
    },
    async decode({ bytes, request }: Job) {
      await ready
      if (!isReady) return ended
      const header: WorkerJob = { pixels: request.limits.pixels }
      await writeFrame(input, { header, body: bytes }).catch(() => {})
      const { value } = await answers.next().catch(() => ({ value: undefined }))
      if (!value) return ended
      jobs++
      return { answer: value.header as WorkerAnswer, thumb: value.body }
    },
  }
}

function toResult({ answer, thumb }: { answer: WorkerAnswer; thumb: Uint8Array }): DecodeResult {
  if (!answer.ok) return refusal('is damaged or cut off')
  const { width, height, placeholder } = answer
  return {
    ok: true,
    width,
    height,
    placeholder,
    thumb: { ...answer.thumb, bytes: thumb, type: 'image/webp' },
  }
}

function refusal(reason: string): DecodeResult {
  return { ok: false, code: 'not_decodable', detail: `The picture ${reason}. Choose an undamaged copy.` }
}
