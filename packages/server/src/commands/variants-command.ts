import { createBucket } from 'tintype/internal/bucket/bucket'
import { locate } from 'tintype/internal/bucket/locate'
import { systemClock } from 'tintype/internal/clock'
import { createConfigured } from 'tintype/internal/derive/configured'
import { createDerivation } from 'tintype/internal/derive/derive'
import type { RebuildTotals } from 'tintype/internal/derive/rebuild'
import { createVideoInspector } from 'tintype/internal/inspect/video-inspector'
import { createPosters } from 'tintype/internal/intake/poster'
import type { Log } from 'tintype/internal/log'
import { createBudget, divideMemory } from 'tintype/internal/memory/budget'
import { createDecoderMemory } from 'tintype/internal/memory/decoder-memory'
import { openRecords } from 'tintype/internal/records/records'
import { tintypeOptions } from 'tintype/internal/settings/options'
import { createDecoder } from 'tintype/internal/variants/decoder'
import { type Config, databaseOf, loadConfig } from '../config.ts'
import { createProgressLine } from './progress-line.ts'
import { readArguments, UsageError } from './usage.ts'

const help = `Usage: tintype variants --rebuild [--dry-run] [--json]

Makes the smaller copies of all photos anew that VARIANTS has changed or added, and posters of videos that have none,
whether the server runs or not, and removes those that it does not name any more. Sizes that are made on demand stay.
Ended half-way, it goes on where it was.

  --dry-run  say what would be made and removed, and do neither
  --json     one JSON object at the end

Exit code: 0 done, 1 some could not be made (docs/pictures.md), 2 wrong usage, 3 it could not be done.
An app with variants of its own calls tintype.rebuildVariants() instead: this command knows VARIANTS alone.`

/** `tintype variants`. @returns the exit code */
export async function run(args: string[]): Promise<number> {
  const { help: isHelp, rebuild, 'dry-run': dryRun, json } = parse(args)
  if (isHelp) {
    console.log(help)
    return 0
  }
  if (!rebuild) throw new UsageError('Say --rebuild: there is nothing else that this command does.')
  const begun = performance.now()
  let seen: Readonly<RebuildTotals> | undefined
  const bar = createProgressLine(process.stderr, () => {
    if (!seen) return undefined
    const { photos, allPhotos, made } = seen
    const rate = (made / ((performance.now() - begun) / 1000)).toFixed(1)
    return {
      done: photos,
      all: allPhotos,
      text: `${photos} of ${allPhotos} photos, ${made} made, ${rate}/s`,
    }
  })
  const stop = new AbortController()
  const end = () => stop.abort()
  process.once('SIGINT', end).once('SIGTERM', end)
  let failures = 0
  const log: Log = {
    info() {},
    warn() {},
    error(event, fields) {
      if (event === 'variants.given_up') failures++
      bar.clear()
      console.error(`tintype: ${event} ${JSON.stringify(fields?.id ?? '')} ${String(fields?.error ?? '')}`)
    },
  }
  const { derivation, close } = await open(loadConfig(), log)
  try {
    const onProgress = (totals: Readonly<RebuildTotals>) => {
      seen = totals
    }
    const totals = await derivation.rebuild({ dryRun, onProgress, signal: stop.signal })
    bar.clear()
    console.log(json ? JSON.stringify({ ...totals, failures }) : inWords(totals, { dryRun, failures }))
    return failures > 0 ? 1 : stop.signal.aborted ? 3 : 0
  } finally {
    bar.close()
    await close()
  }
}

async function open(config: Config, log: Log) {
  const { limits, times, variants, directory } = config
  const place = config.bucket
    ? { bucket: await locate(config.bucket), close: async () => {} }
    : await (await import('tintype/internal/embedded')).reachEmbeddedBucket(directory)
  const records = await openRecords(databaseOf(config))
  const bucket = createBucket(place.bucket, { signReadTtl: 60, now: systemClock.now })
  const clock = systemClock
  const share = divideMemory(limits.memory)
  const budget = createBudget({ bytes: share.uploads, wait: 60_000, queue: share.queue, clock })
  const decoder = createDecoder({
    log,
    clock,
    workers: share.decoders,
    memory: share.pictures,
    largest: share.pictures + share.uploads,
  })
  const videos = createVideoInspector({ log, clock })
  const memory = createDecoderMemory({ bytes: share.pictures, uploads: budget, clock })
  const configured = createConfigured(variants)
  const { ffmpeg } = config
  const posters = createPosters({ decoder, memory, specs: configured.atOnce, ffmpeg, clock, log })
  const derivation = createDerivation({
    configured,
    records,
    bucket,
    decoder,
    videos,
    posters,
    budget,
    memory,
    limits: { ...limits, accept: tintypeOptions.accept.default },
    // This process does nothing else.
    isBackground: false,
    // The server's sweeper deletes what is due; where none runs, the next one does.
    sweeper: { wake() {} },
    clock,
    log,
    deadline: times.uploadDeadline * 1000,
    grace: times.sweepGrace * 1000,
  })
  return {
    derivation,
    async close() {
      await derivation.stop()
      await Promise.all([decoder.close(), videos.close(), posters.close()])
      bucket.close()
      await records.close()
      await place.close()
    },
  }
}

function inWords(
  { photos, outdated, made, removed }: RebuildTotals,
  { dryRun, failures }: { dryRun: boolean; failures: number },
): string {
  const of = `of ${photos} photos and videos`
  if (dryRun) return `${outdated} variants ${of} would be made, ${removed} removed.`
  const failed = failures > 0 ? ` ${failures} of them have some that could not be made.` : ''
  return `${made} variants ${of} made, ${removed} removed.${failed}`
}

function parse(args: string[]) {
  return readArguments('variants', {
    args,
    options: {
      rebuild: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  }).values
}
