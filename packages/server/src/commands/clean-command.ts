import { createBucket } from 'tintype/internal/bucket/bucket'
import { locate } from 'tintype/internal/bucket/locate'
import { systemClock } from 'tintype/internal/clock'
import { armCrashPoint } from 'tintype/internal/crash-points'
import { cleanAgain } from 'tintype/internal/intake/clean/clean-again'
import { createLog } from 'tintype/internal/log'
import { openRecords } from 'tintype/internal/records/records'
import { bucketOptions } from 'tintype/internal/settings/bucket'
import { type Config, databaseOf, loadConfig } from '../config.ts'
import { createCleanReport } from './clean-report.ts'
import { readArguments } from './usage.ts'

const help = `Usage: tintype clean [--dry-run] [--again] [--json]

Goes over the photos and videos that came before Tintype cleaned, and takes out of their originals what says where
they were taken, with which device and by whom, as PRIVACY_LOCATION and PRIVACY_IDENTIFIERS say. No pixel is touched.
Each gets its cleaned original in one step; its id, caption and variants stay. Servers may run meanwhile. Whatever ends
it, call it again: it goes on with what is left.

  --dry-run  say what would be done, and change nothing
  --again    look also at those that were looked at before: after a change of the policy, or with a newer version;
             what a policy or a hook has kept in them goes too, if the policy of now removes it
  --json     one JSON object a line: each media that something was found in, then a summary

Exit code: 0 all were looked at (with --dry-run: nothing is to be done), 1 some could not be read or written (with
--dry-run: something is to be done), 2 wrong usage, 3 it could not be done.`

/** `tintype clean`. @returns the exit code */
export async function run(args: string[]): Promise<number> {
  const { help: wanted, again, json, dryRun } = parse(args)
  if (wanted) {
    console.log(help)
    return 0
  }
  const config = loadConfig()
  if (config.crashAt) armCrashPoint(config.crashAt.point, config.crashAt.hits)
  const place = await reachBucket(config)
  const records = await openRecords(databaseOf(config))
  const bucket = createBucket(place.bucket, { signReadTtl: 60, now: systemClock.now })
  const report = createCleanReport({
    ...{ json, dryRun },
    write: (line) => void process.stdout.write(`${line}\n`),
    terminal: process.stderr,
    expected: await records.clean.count(again),
  })
  const { times, privacy } = config
  const { multipart = bucketOptions.multipart.default } = config.bucket ?? {}
  try {
    const outcomes = cleanAgain({
      ...{ records, bucket, policy: privacy, multipart, again, dryRun },
      clock: systemClock,
      log: createLog((line) => void process.stderr.write(`${line}\n`), systemClock.now),
      deadline: times.uploadDeadline * 1000,
      grace: times.sweepGrace * 1000,
    })
    for await (const outcome of outcomes) report.take(outcome)
    report.summary()
    const { failed, cleaned } = report.totals
    return failed > 0 || (dryRun && cleaned > 0) ? 1 : 0
  } finally {
    report.close()
    bucket.close()
    await records.close()
    await place.close()
  }
}

async function reachBucket({ bucket, directory }: Config) {
  if (!bucket) return (await import('tintype/internal/embedded')).reachEmbeddedBucket(directory)
  return { bucket: await locate(bucket), close: async () => {} }
}

function parse(args: string[]) {
  const { values } = readArguments('clean', {
    args,
    options: {
      'dry-run': { type: 'boolean', default: false },
      again: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const { 'dry-run': dryRun, ...flags } = values
  return { ...flags, dryRun }
}
