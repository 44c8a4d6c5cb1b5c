import { TintypeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { RangeSource } from '../../ranges/range-source.ts'
import { type RangeServer, serveRanges } from '../../ranges/serve-ranges.ts'
import type { Frame } from '../../workers/frames.ts'
import { moduleFolders } from '../../workers/isolation.ts'
import { workerScript } from '../../workers/library.ts'
import type { Serve } from '../../workers/process.ts'
import type { Requester } from '../../workers/queue.ts'
import { createSandbox, type SandboxOptions } from '../../workers/sandbox.ts'
import { type Ffmpeg, findFfmpeg } from './ffmpeg.ts'
import type { PosterJob } from './find-still.ts'
import { mostPixels } from './frame.ts'
import { webCodecsModule } from './webcodecs-module.ts'

/** Makes posters in child processes, which hostile files may hang or crash: that costs the poster, and nothing else. */
export interface PosterMaker {
  /**
   * The first good frame of a video, upright, in sRGB, as a PNG for the decoder of pictures.
   *
   * @returns undefined where none can be had: no decoder knows the codec, or decoding it takes too much
   * @throws {TintypeError} `overloaded` when no process is available in time
   * @throws the reason of the requester's signal
   */
  still(video: Uint8Array | RangeSource, request: StillRequest): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

export interface StillRequest {
  container: 'movie' | 'matroska'
  /** Pixels of the upright picture, and seconds, as the video's inspector has found them. */
  width: number
  height: number
  duration: number
  requester: Requester
  /** Bytes that it may take (see {@link posterMemory}). */
  memory: number
  /** What of them is the decoders'. */
  share: { memory: number; isUrgent: boolean }
}

export interface PosterOptions extends Omit<SandboxOptions, 'script'> {
  /** The worker's script. @default ours */
  script?: string
  /** The program: its path, or false not to use it. @default where the shell finds it, if it does */
  ffmpeg?: string | false | undefined
}

/** Pixels of the longer side of a still. */
export const stillSide = 2560
/** Bytes up to which a child process gets a video whole; of a larger one it asks for ranges. */
const mostToChild = 32 * 1024 * 1024
/** Of one video. */
const reading = { time: 20_000, reads: 3000, bytes: 64 * 1024 * 1024 }
/** Resident bytes of a process without a job: 100 MB, as the library brings a whole FFmpeg, and what 4K leaves behind. */
const idleMemory = 192 * 1024 * 1024
/** Bytes that a pixel takes at the peak, measured with H.264 and H.265 in 1080p and 4K: planes, colours and PNG. */
const bytesPerPixel = 14
/** Bytes of a process that another one doesn't share with it. */
const ownBytes = 20 * 1024 * 1024

/** The same of AV1, measured with one key frame, from 720p to 4K. */
const bytesPerPixelOfAv1 = 84

/** Pixels of a video, and its codec as its inspector has found it, such as `av01.0.08M.08`. */
export interface PosterSize {
  width: number
  height: number
  codec?: string | undefined
}

/** Estimated bytes that making a poster of such a video takes, in a process that may have to be started for it. */
export function posterMemory({ width, height, codec }: PosterSize): number {
  const each = codec?.startsWith('av01') ? bytesPerPixelOfAv1 : bytesPerPixel
  return ownBytes + Math.min(width * height, mostPixels) * each
}

export function createPosterMaker({ ffmpeg, ...options }: PosterOptions): PosterMaker {
  const { log } = options
  const library = libraryFolders()
  const hardMemory = idleMemory + posterMemory({ width: 4096, height: 2304, codec: 'av01' })
  const sandbox = createSandbox({
    script: workerScript('variants/poster/worker'),
    modules: [...moduleFolders('sharp'), ...moduleFolders('mediabunny'), ...(library ?? [])],
    addons: true,
    hardMemory,
    maxIdleMemory: idleMemory,
    workers: 1,
    cpuLimit: 5_000,
    ...options,
  })
  let program: Promise<Ffmpeg | undefined> | undefined
  const findProgram = () => {
    program ??= ffmpeg === false ? Promise.resolve(undefined) : findFfmpeg(ffmpeg)
    return program
  }
  if (library === undefined) void findProgram().then((found) => reportMissing(log, found))

  return {
    async still(video, { container, width, height, duration, requester, memory, share }) {
      if (width * height > mostPixels) return undefined
      const found = await findProgram()
      if (library === undefined && !found) return undefined
      const isWhole = video instanceof Uint8Array && video.length <= mostToChild
      const most = idleMemory + memory * 1.25
      const job: PosterJob = {
        ...{ container, width, height, duration, side: stillSide, memory: most },
        size: isWhole ? undefined : 'size' in video ? video.size : video.length,
        // The rest is for that frame, and for the picture that is made.
        room: most - width * height * bytesPerPixel,
        hasFfmpeg: found !== undefined,
      }
      const ranges = isWhole ? undefined : serveRanges(asSource(video), reading)
      const png = await sandbox.run({
        frame: { header: job, body: isWhole ? video : Buffer.alloc(0) },
        requester,
        ...share,
        largestAnswer: stillSide * stillSide * 3 + 1024 * 1024,
        serve: createServe(ranges, found),
        read: readStill,
      })
      const trouble = ranges?.trouble
      if (!png) log.info('poster.not_made', { why: typeof trouble === 'object' ? trouble.failure : trouble })
      return png || undefined
    },
    close: () => sandbox.close(),
  }
}

function createServe(ranges: RangeServer | undefined, ffmpeg: Ffmpeg | undefined): Serve {
  const nothing = { header: {}, body: Buffer.alloc(0) }
  return async (question, body) => {
    const isClip = Object(question).ffmpeg === true
    if (!isClip) return ranges ? ranges.serve(question, body) : nothing
    const frame = await ffmpeg?.decode(body)
    return frame ? { header: {}, body: frame } : nothing
  }
}

/** @returns null where the process says that there is none; undefined where its answer is no PNG */
function readStill({ header, body }: Frame): Uint8Array | null | undefined {
  const { ok } = Object(header) as { ok?: unknown }
  if (ok === false) return null
  const isPng = body.length > 33 && Buffer.from('89504e470d0a1a0a', 'hex').equals(body.subarray(0, 8))
  return ok === true && isPng ? body : undefined
}

function asSource(video: Uint8Array | RangeSource): RangeSource {
  if (!(video instanceof Uint8Array)) return video
  return { size: video.length, read: async (start, end) => video.subarray(start, end) }
}

/** Undefined where it is not installed. */
function libraryFolders(): string[] | undefined {
  try {
    return moduleFolders(webCodecsModule)
  } catch {
    return undefined
  }
}

function reportMissing(log: Log, ffmpeg: Ffmpeg | undefined): void {
  if (ffmpeg) return
  log.warn('poster.no_decoder', {
    detail: `Videos get no posters: neither ${webCodecsModule} nor ffmpeg is there. npm install ${webCodecsModule}@~1.3.1 brings one.`,
  })
}

/** Whether the reason is one that another try may not meet. */
export function isPassing(error: unknown): boolean {
  return error instanceof TintypeError && error.status === 503
}
