import { setFlagsFromString } from 'node:v8'
import { createBucket } from 'tintype/internal/bucket/bucket'
import { createBucketListing } from 'tintype/internal/bucket/listing'
import { systemClock } from 'tintype/internal/clock'
import { armCrashPoint } from 'tintype/internal/crash-points'
import { openRecords } from 'tintype/internal/records/records'
import { createRestore, type Restore } from 'tintype/internal/sweep/restore'
import { type Config, ConfigError, databaseOf, loadConfig } from '../config.ts'
import { explainListing, reachBucket } from './reach-bucket.ts'
import { createRestoreReport, type RestoreReport } from './restore-report.ts'
import { readArguments, UsageError } from './usage.ts'

const help = `Usage: tintype restore [--check [--at TIME]] [--grace SECONDS] [--checksums] [--force] [--json]

Run it once when the database was put back to an older state, or the bucket from a copy. It makes the two agree again:
what came after the database's state is put on the sweep list, and deleted after the grace period; photos and videos
whose objects are gone are taken out of sight and kept on record; what the database had scheduled for deletion, and what
it had removed, gets the grace period anew. Until it has run, servers on such a database delete nothing. Whatever ends it,
call it again. docs/backup.md has all of it.

  --check          change nothing: say what of the database the bucket can serve, what is lost and since when, and to
                   which moment one can go back
  --at TIME        only what the database needed at that moment, such as 2026-11-28T14:03Z
  --grace SECONDS  after which what is newer is deleted; default: a week, or UNDO_WINDOW if that is longer
  --checksums      compare SHA-256 too: one request for each original; those that came in parts are read
  --force          go on although most of the bucket is unknown to this database, or most of the media are lost
  --json           one JSON object a line: each finding, then a summary

Exit code: 0 all that the database needs is there, 1 something is lost, 2 wrong usage, 3 it could not be done.
Needs s3:ListBucket and s3:ListBucketMultipartUploads, as tintype audit does.`

/** This many are dealt with, however few the database knows. */
const few = 100
/** Seconds. */
const week = 604_800

/** `tintype restore`. @returns the exit code */
export async function run(args: string[]): Promise<number> {
  const options = parse(args)
  if (options.help) {
    console.log(help)
    return 0
  }
  // As for the audit: keys are garbage once they are compared.
  setFlagsFromString('--semi-space-growth-factor=1')
  const config = loadConfig()
  if (config.crashAt) armCrashPoint(config.crashAt.point, config.crashAt.hits)
  const { json, check, force, checksums, at, grace = defaultGrace(config) } = options
  const place = await reachBucket(config)
  const records = await openRecords(databaseOf(config))
  const bucket = createBucket(place.bucket, { signReadTtl: 60, now: systemClock.now })
  const listing = createBucketListing(place.admin)
  const report = createRestoreReport({
    ...{ json, isCheck: check, at },
    write: (line) => void process.stdout.write(`${line}\n`),
    terminal: process.stderr,
    expected: await records.audit.count(),
  })
  const parts = { records, listing, bucket, clock: systemClock, grace: grace * 1000, at }
  try {
    if (!check && !force)
      await refuseOthers(createRestore({ ...parts, checksums: false, isCheck: true }), report)
    return await restore(createRestore({ ...parts, checksums, isCheck: check }), report)
  } catch (error) {
    throw explainListing(error)
  } finally {
    report.close()
    listing.close()
    bucket.close()
    await records.close()
    await place.close()
  }
}

/** Checks before anything is changed: of another bucket, everything would be lost, and everything in it unknown. */
async function refuseOthers({ findings, totals }: Restore, report: RestoreReport): Promise<void> {
  report.watch(totals)
  for await (const _ of findings());
  const { visible, scheduled, restorable, objects } = totals.audit
  const { newer, lost } = totals.findings
  const known = visible + scheduled + restorable
  const together = 'Make sure that DATABASE_URL and S3_BUCKET belong together; --force goes on all the same.'
  if (newer > Math.max(few, known))
    throw new ConfigError(
      `Nothing was changed: ${newer} of ${objects} objects in the bucket are unknown to this database. ${together}`,
    )
  if (lost > Math.max(few, visible))
    throw new ConfigError(
      `Nothing was changed: ${lost} photos and videos of this database are not in the bucket. ${together}`,
    )
}

async function restore({ findings, totals }: Restore, report: RestoreReport): Promise<0 | 1> {
  report.watch(totals)
  for await (const finding of findings()) report.finding(finding)
  report.summary(totals)
  return totals.lost > 0 ? 1 : 0
}

/** Seconds: generous, since it is also how long one can go on to a newer dump. */
function defaultGrace({ times }: Config): number {
  return Math.max(week, times.undo, times.session)
}

function parse(args: string[]) {
  const { values } = readArguments('restore', {
    args,
    options: {
      check: { type: 'boolean', default: false },
      at: { type: 'string' },
      grace: { type: 'string' },
      checksums: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const { grace, at, ...flags } = values
  if (grace !== undefined && !/^\d{1,9}$/.test(grace))
    throw new UsageError(`--grace is "${grace}"; it has to be a whole number of seconds.`)
  if (at !== undefined && !flags.check) throw new UsageError('--at goes with --check.')
  return { ...flags, grace: grace === undefined ? undefined : Number(grace), at: momentIn(at) }
}

/** With its offset: a time without one would be another moment on another machine. */
function momentIn(at: string | undefined): number | undefined {
  if (at === undefined) return undefined
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(at)
    ? Date.parse(at)
    : Number.NaN
  if (Number.isNaN(time))
    throw new UsageError(`--at is "${at}"; it has to be a time with its offset, such as 2026-11-28T14:03Z.`)
  if (time > systemClock.now()) throw new UsageError(`--at is "${at}", which is yet to come.`)
  return time
}
