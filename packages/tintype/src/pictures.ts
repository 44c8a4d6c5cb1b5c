import type { Clock } from './clock.ts'
import { createCredentialsJudge } from './credentials/judge.ts'
import type { Configured } from './derive/configured.ts'
import { createEarlyVariants } from './derive/early.ts'
import type { MediaLimits } from './inspect/limits.ts'
import { createVideoInspector } from './inspect/video-inspector.ts'
import { createExamine, createExamineStored } from './intake/examine.ts'
import { createPosters } from './intake/poster.ts'
import { createPrepare } from './intake/prepare.ts'
import { createTransform } from './intake/transform.ts'
import type { Log } from './log.ts'
import { type Budget, type divideMemory, largestInMemory } from './memory/budget.ts'
import { createDecoderMemory } from './memory/decoder-memory.ts'
import type { Settings } from './settings/options.ts'
import { traceExamine, traceExamineStored } from './traces/observe.ts'
import { createDecoder } from './variants/decoder.ts'

export interface PicturesOptions {
  given: Pick<Settings, 'ffmpeg' | 'privacy'>
  limits: MediaLimits
  share: ReturnType<typeof divideMemory>
  budget: Budget
  /** What is made of each picture before its upload is answered, and afterwards. */
  configured: Pick<Configured, 'atOnce' | 'afterwards'>
  clock: Clock
  log: Log
}

/** All that looks into files: inspectors and decoders in child processes, within their share of the memory. */
export function createPictures({ given, limits, share, budget, configured, clock, log }: PicturesOptions) {
  const { atOnce: specs, afterwards } = configured
  const { ffmpeg, privacy } = given
  const decoder = createDecoder({
    log,
    clock,
    workers: share.decoders,
    memory: share.pictures,
    largest: share.pictures + share.uploads,
  })
  const videos = createVideoInspector({ log, clock })
  const memory = createDecoderMemory({ bytes: share.pictures, uploads: budget, clock })
  const posters = createPosters({ decoder, memory, specs, ffmpeg, clock, log })
  const credentials = createCredentialsJudge({ log, clock })
  const early = createEarlyVariants({ specs: afterwards, budget, clock })
  const examine = traceExamine(createExamine({ limits, decoder, videos, memory, posters, early, specs }))
  return {
    decoders: { decoder, videos, memory, posters },
    prepare: createPrepare({
      examine,
      transform: createTransform({ examine, log }),
      transformedBytes: largestInMemory(share.uploads, true),
      privacy,
      credentials,
    }),
    examineStored: traceExamineStored(createExamineStored({ videos, posters })),
    /** For the metrics. */
    workers: { pictures: [decoder, memory], videos: [videos] },
    async close(): Promise<void> {
      await Promise.all([decoder.close(), videos.close(), posters.close(), credentials.close()])
    },
  }
}
