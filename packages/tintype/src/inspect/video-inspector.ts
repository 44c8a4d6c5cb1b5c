import { fileURLToPath } from 'node:url'
import type { Frame } from '../sandbox/frames.ts'
import { createSandbox, type SandboxOptions, type Serve } from '../sandbox/sandbox.ts'
import { largestRead } from './block-reader.ts'
import { refuse, type Verdict } from './verdict.ts'
import type { RangeSource } from './video.ts'
import type { RangeQuestion, VideoJob } from './video-worker.ts'

/** Judges videos in child processes, which hostile files may hang or crash. */
export interface VideoInspector {
  /**
   * @param video its bytes, or where they are: of those only what is needed is read, for an MP4 some tens of
   * kilobytes, whatever its size
   * @throws {TintypeError} `overloaded` when no process can be had; what reading throws
   */
  inspect(video: Uint8Array | RangeSource): Promise<Verdict>
  close(): Promise<void>
}

/** The worker is a .ts file here and a .js file in the published package, like this one. */
const script = fileURLToPath(import.meta.url).replace(/video-inspector(\.\w+)$/, 'video-worker$1')

export function createVideoInspector(options: Omit<SandboxOptions, 'script'>): VideoInspector {
  const sandbox = createSandbox({ script, workers: 1, timeout: 5_000, ...options })
  return {
    async inspect(video) {
      if (video instanceof Uint8Array) return verdictOf(await sandbox.run({ header: {}, body: video }))
      let failure: unknown
      const serve: Serve = async (question) => {
        const body = await readRange(video, question as RangeQuestion).catch((error: unknown) => {
          failure ??= error
          return Buffer.alloc(0)
        })
        return { header: {}, body }
      }
      const job: VideoJob = { size: video.size }
      const answer = await sandbox.run({ header: job, body: Buffer.alloc(0) }, serve)
      // What the worker made of bytes that it never saw says nothing about the video.
      if (failure !== undefined) throw failure
      return verdictOf(answer)
    },
    close: () => sandbox.close(),
  }
}

/** Whatever the worker has become, it gets no more than it should ask for. */
async function readRange(video: RangeSource, { start, end }: RangeQuestion): Promise<Uint8Array> {
  const isSound = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start < end
  if (!isSound || end > video.size || end - start > largestRead) return Buffer.alloc(0)
  return video.read(start, end)
}

function verdictOf(answer: Frame | undefined): Verdict {
  if (answer) return answer.header as Verdict
  return refuse(
    'not_decodable',
    'The video is damaged: reading it does not come to an end. Choose another copy.',
  )
}
