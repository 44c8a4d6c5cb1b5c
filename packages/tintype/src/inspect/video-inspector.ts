import { TintypeError } from '../errors.ts'
import type { Frame } from '../workers/frames.ts'
import { moduleFolders } from '../workers/isolation.ts'
import { workerScript } from '../workers/library.ts'
import type { Serve } from '../workers/process.ts'
import { noRequester, type Requester } from '../workers/queue.ts'
import { createSandbox, type SandboxOptions } from '../workers/sandbox.ts'
import { checkVerdict } from './check-verdict.ts'
import { largestRead, type RangeSource } from './range-source.ts'
import { refuse, type Verdict } from './verdict.ts'
import type { RangeQuestion, VideoJob } from './video-worker.ts'

/** Inspects videos in child processes, which hostile files may hang or crash. */
export interface VideoInspector {
  /**
   * @param video its bytes, or a source of which only what is needed is read: for an MP4 some tens of kilobytes,
   * whatever its size
   * @throws {TintypeError} `overloaded` when no process is available in time
   * @throws what reading throws; the reason of the requester's signal
   */
  inspect(video: Uint8Array | RangeSource, requester?: Requester): Promise<Verdict>
  /** Videos in the queue. */
  readonly waiting: number
  close(): Promise<void>
}

/** Bytes up to which a child process gets a video whole; of a larger one it asks for ranges. */
const mostToChild = 32 * 1024 * 1024

export interface VideoInspectorOptions extends Omit<SandboxOptions, 'script' | 'workers'> {
  /** The worker's script. @default ours */
  script?: string
  /** Milliseconds for all reads of one video together. @default 300_000 */
  readingTime?: number
  /** Reads of one video: a recording of an hour in fragments needs thousands of them. @default 20_000 */
  mostReads?: number
  /** Bytes of all reads of one video. @default 256 MiB, four times what its reader takes */
  mostBytes?: number
}

export function createVideoInspector(options: VideoInspectorOptions): VideoInspector {
  const modules = moduleFolders('mediabunny')
  const script = workerScript('inspect/video-worker')
  const {
    readingTime = 300_000,
    mostReads = 20_000,
    mostBytes = 256 * 1024 * 1024,
    ...common
  } = { script, modules, cpuLimit: 5_000, ...options }
  const sandbox = createSandbox({ workers: 1, ...common })
  // Jobs that mostly wait for reads have processes of their own, so that those in memory don't wait for them. They come
  // after minutes of uploading: to start a process takes more of the CPU than all the rest of a gigabyte.
  const waiting = createSandbox({ workers: 2, idleTime: 600_000, ...common })

  async function inspectByRanges(video: RangeSource, requester: Requester): Promise<Verdict> {
    let failure: unknown
    let reads = 0
    let bytes = 0
    let time = 0
    const isTooMuch = () => reads > mostReads || bytes > mostBytes
    const serve: Serve = async (question) => {
      if (time > readingTime || isTooMuch()) return { header: {}, body: Buffer.alloc(0) }
      const begun = performance.now()
      const body = await readRange(video, question).catch((error: unknown) => {
        failure ??= error
        return Buffer.alloc(0)
      })
      reads++
      time += performance.now() - begun
      bytes += body.length
      return { header: {}, body: time > readingTime || isTooMuch() ? Buffer.alloc(0) : body }
    }
    const job: VideoJob = { size: video.size }
    const frame = { header: job, body: Buffer.alloc(0) }
    const verdict = await waiting.run({ frame, requester, serve, read: verdictIn })
    // A verdict on bytes that the worker never saw says nothing about the video.
    if (failure !== undefined) throw failure
    if (time > readingTime) {
      throw new TintypeError('overloaded', 'Reading the video takes too long now. Try again later.')
    }
    if (!isTooMuch()) return verdict ?? endless()
    return refuse(
      'not_decodable',
      'The index of the video lies in too many places. Convert it to an MP4 with one index.',
    )
  }

  return {
    async inspect(video, requester = noRequester) {
      if (!(video instanceof Uint8Array)) return inspectByRanges(video, requester)
      if (video.length > mostToChild) {
        const read = async (start: number, end: number) => video.subarray(start, end)
        return inspectByRanges({ size: video.length, read }, requester)
      }
      const verdict = await sandbox.run({ frame: { header: {}, body: video }, requester, read: verdictIn })
      return verdict ?? endless()
    },
    get waiting() {
      return sandbox.waiting + waiting.waiting
    },
    async close() {
      await Promise.all([sandbox.close(), waiting.close()])
    },
  }
}

/** Even a worker that was taken over gets no more than the limits allow. */
async function readRange(video: RangeSource, question: unknown): Promise<Uint8Array> {
  const { start, end } = Object(question) as RangeQuestion
  const isSound = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start < end
  if (!isSound || end > video.size || end - start > largestRead) return Buffer.alloc(0)
  return video.read(start, end)
}

function verdictIn({ header }: Frame): Verdict | undefined {
  return checkVerdict(header)
}

function endless(): Verdict {
  return refuse(
    'not_decodable',
    'The video is damaged: reading it does not come to an end. Choose another copy.',
  )
}
