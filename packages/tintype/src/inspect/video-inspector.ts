import { TintypeError } from '../errors.ts'
import { bytesSource, type RangeSource } from '../ranges/range-source.ts'
import { serveRanges } from '../ranges/serve-ranges.ts'
import type { Frame } from '../workers/frames.ts'
import { moduleFolders } from '../workers/isolation.ts'
import { workerScript } from '../workers/library.ts'
import { noRequester, type Requester } from '../workers/queue.ts'
import { createSandbox, type SandboxOptions } from '../workers/sandbox.ts'
import { checkVerdict } from './check-verdict.ts'
import { refuse, type Verdict } from './verdict.ts'
import type { VideoJob } from './video-worker.ts'

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
    const ranges = serveRanges(video, { time: readingTime, reads: mostReads, bytes: mostBytes })
    const job: VideoJob = { size: video.size }
    const frame = { header: job, body: Buffer.alloc(0) }
    const verdict = await waiting.run({ frame, requester, serve: ranges.serve, read: verdictIn })
    // A verdict on bytes that the worker never saw says nothing about the video.
    const { trouble } = ranges
    if (typeof trouble === 'object') throw trouble.failure
    if (trouble === 'too slow') {
      throw new TintypeError('overloaded', 'Reading the video takes too long now. Try again later.')
    }
    if (trouble === undefined) return verdict ?? endless()
    return refuse(
      'not_decodable',
      'The index of the video lies in too many places. Convert it to an MP4 with one index.',
    )
  }

  return {
    async inspect(video, requester = noRequester) {
      if (!(video instanceof Uint8Array)) return inspectByRanges(video, requester)
      if (video.length > mostToChild) return inspectByRanges(bytesSource(video), requester)
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

function verdictIn({ header }: Frame): Verdict | undefined {
  return checkVerdict(header)
}

function endless(): Verdict {
  return refuse(
    'not_decodable',
    'The video is damaged: reading it does not come to an end. Choose another copy.',
  )
}
