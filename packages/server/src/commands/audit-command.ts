import { setFlagsFromString } from 'node:v8'
import { createBucket } from 'tintype/internal/bucket/bucket'
import { createBucketListing } from 'tintype/internal/bucket/listing'
import { systemClock } from 'tintype/internal/clock'
import { openRecords } from 'tintype/internal/records/records'
import { type Audit, createAudit } from 'tintype/internal/sweep/audit'
import { type Config, ConfigError, databaseOf, loadConfig } from '../config.ts'
import { createReport, type Report } from './audit-report.ts'
import { explainListing, reachBucket } from './reach-bucket.ts'
import { readArguments, UsageError } from './usage.ts'

const help = `Usage: tintype audit [--repair [--force]] [--checksums] [--grace SECONDS] [--json]

Compares the bucket with the database, whether the server runs or not, and prints what is not as promised:
objects that no record names, media whose object is missing or another, multipart uploads without an owner,
deletions that fail again and again.

  --repair         put orphans on the sweep list (the server deletes them), abort multipart uploads that nobody
                   owns; media are never touched
  --force          repair although most of the bucket is unknown to this database
  --grace SECONDS  repair only what is older; default: longer than any upload may take
  --checksums      compare SHA-256 too: one request for each original; those that came in parts are read
  --json           one JSON object a line: each finding, then a summary

Exit code: 0 nothing found, 1 something found, 2 wrong usage, 3 the audit could not be done.
Needs s3:ListBucket and s3:ListBucketMultipartUploads for the key in AUDIT_ACCESS_KEY_ID and
AUDIT_SECRET_ACCESS_KEY; without them the server's own key is tried.`

/** Up to this many orphans are repaired, however few objects the database knows. */
const fewOrphans = 100

/** `tintype audit`. @returns the exit code */
export async function run(args: string[]): Promise<number> {
  const options = parse(args)
  if (options.help) {
    console.log(help)
    return 0
  }
  // A million keys are garbage once they are compared: V8's young generation would grow to 100 MB for them.
  setFlagsFromString('--semi-space-growth-factor=1')
  const config = loadConfig()
  const { json, repair, force, checksums, grace = defaultGrace(config) } = options
  const place = await reachBucket(config)
  const records = await openRecords(databaseOf(config))
  const bucket = createBucket(place.bucket, { signReadTtl: 60, now: systemClock.now })
  const listing = createBucketListing(place.admin)
  const report = createReport({
    json,
    repair,
    write: (line) => void process.stdout.write(`${line}\n`),
    terminal: process.stderr,
    expected: await records.audit.count(),
  })
  const parts = { records, listing, bucket, clock: systemClock, grace: grace * 1000, checksums }
  try {
    if (repair && !force)
      await refuseStrangers(createAudit({ ...parts, repair: false, checksums: false }), report)
    return await audit(createAudit({ ...parts, repair }), report)
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

/**
 * Checks before anything is repaired: for a database that does not belong to this bucket, or an old copy of it,
 * everything would be an orphan.
 */
async function refuseStrangers({ findings, totals }: Audit, report: Report): Promise<void> {
  report.watch(totals)
  for await (const _ of findings());
  const { objects, visible, scheduled } = totals
  const orphans = totals.findings.orphan
  if (orphans <= Math.max(fewOrphans, visible + scheduled)) return
  throw new ConfigError(
    `Nothing was repaired: ${orphans} of ${objects} objects in the bucket are unknown to this database. Make sure ` +
      'that DATABASE_URL and S3_BUCKET belong together; --force repairs all the same.',
  )
}

async function audit({ findings, totals }: Audit, report: Report): Promise<0 | 1> {
  report.watch(totals)
  let code: 0 | 1 = 0
  for await (const finding of findings()) {
    report.finding(finding)
    code = 1
  }
  report.summary(totals)
  return code
}

/** Seconds. Uploads that began before are over, and their keys have been swept. */
function defaultGrace({ times }: Config): number {
  return Math.max(times.uploadDeadline, times.session) + times.sweepGrace
}

function parse(args: string[]) {
  const { values } = readArguments('audit', {
    args,
    options: {
      repair: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      checksums: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      grace: { type: 'string' },
    },
  })
  const { grace, ...flags } = values
  if (grace !== undefined && !/^\d{1,9}$/.test(grace)) {
    throw new UsageError(`--grace is "${grace}"; it has to be a whole number of seconds.`)
  }
  if (flags.force && !flags.repair) throw new UsageError('--force goes with --repair.')
  return { ...flags, grace: grace === undefined ? undefined : Number(grace) }
}
